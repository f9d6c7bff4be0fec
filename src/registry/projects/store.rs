//! How projects are kept.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Project, ProjectNation, ProjectOrganisation, ProjectStatus};
use crate::auth::Role;
use crate::db::schema::{
    agreement_projects, documents, project_areas, project_nations, project_organisations, projects, reviews,
};
use crate::db::{DbConn, in_list, on};
use crate::error::{Defect, Result};
use crate::registry::facet::Dimension;
use crate::registry::findings::Concerned;
use crate::registry::likeness::likeness;
use crate::registry::links::{incoming_ref, load_links, referring, take};
use crate::registry::query::{CHUNK, Filter, FilterSet, RowQuery, Sort, load_rows, sort, table_queries};
use crate::registry::search::SearchFields;
use crate::registry::tables::{save_links, save_row};
use crate::registry::{Before, Expansion, IncomingRef, Resource, Stored, Tables, codes_of};
use crate::values::fold::sort_key;
use crate::values::{Code, FromText as _, Name, PartialDate, Text, Url};

/// The columns of a project; its lists are rows of link tables.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = projects, primary_key(code), treat_none_as_default_value = false)]
struct Row {
    code: Code,
    name: Name,
    acronym: Option<Name>,
    summary: Option<Text>,
    status: ProjectStatus,
    start_date: Option<PartialDate>,
    launch_date: Option<PartialDate>,
    end_date: Option<PartialDate>,
    responsible: Option<Code>,
    url: Option<Url>,
    source: Option<Text>,
}

impl Resource for Project {
    const COLLECTION: &'static str = "projects";
    const SINGULAR: &'static str = "project";
    const ABOUT: &'static str =
        "Joint projects: missions, instruments, programmes, with the nations, areas and organisations in them.";
    const WRITTEN_BY: Role = Role::Editor;
    const SLUG_FIELD: &'static str = "name";
    const SEARCH_FIELDS: SearchFields =
        SearchFields { title: "name", names: &["code", "name", "acronym"], texts: &["summary"] };
    const OUTGOING_REFS: &'static [(&'static str, &'static str)] = &[
        ("/nations/*/nation", "nations"),
        ("/areas/*", "cooperation-areas"),
        ("/organisations/*/organisation", "organisations"),
        ("/responsible", "organisations"),
    ];
    const INCOMING_REFS: &'static [IncomingRef] = &[
        incoming_ref!("nations", project_nations.nation, project),
        incoming_ref!("cooperation-areas", project_areas.area, project),
        incoming_ref!("organisations", project_organisations.organisation, project),
        incoming_ref!("organisations", projects.responsible, code),
    ];
    const EXPANSIONS: &'static [Expansion<Self>] = &[
        Expansion {
            name: "nations",
            from: "nations",
            codes: |_, items, _| {
                codes_of(items, |project| project.nations.iter().map(|m| m.nation.to_string()).collect())
            },
        },
        Expansion {
            name: "areas",
            from: "cooperation-areas",
            codes: |_, items, _| codes_of(items, |project| project.areas.iter().map(ToString::to_string).collect()),
        },
        Expansion {
            name: "organisations",
            from: "organisations",
            codes: |_, items, _| {
                codes_of(items, |project| project.organisations.iter().map(|m| m.organisation.to_string()).collect())
            },
        },
        Expansion {
            name: "responsible",
            from: "organisations",
            codes: |_, items, _| {
                codes_of(items, |project| project.responsible.iter().map(ToString::to_string).collect())
            },
        },
        Expansion { name: "agreements", from: "agreements", codes: agreements_of },
        Expansion { name: "documents", from: "documents", codes: documents_of },
        Expansion { name: "latest_review", from: "reviews", codes: latest_reviews_of },
    ];

    table_queries!(projects, Row);

    fn code(&self) -> &str {
        self.code.as_str()
    }

    fn is_valid_code(text: &str) -> bool {
        Code::parse(text).is_ok_and(|code| code.as_str() == text)
    }

    fn check(&self, defects: &mut Vec<Defect>) {
        self.check_rules(defects);
    }

    fn example() -> Self {
        Self::sample()
    }

    fn day(filter_set: &FilterSet) -> NaiveDate {
        super::filters::day(filter_set)
    }

    fn likeness(&self) -> Option<String> {
        likeness("", self.name.as_str())
    }

    fn specific_filters() -> Vec<Filter<projects::table>> {
        super::filters::filters()
    }

    fn dimensions() -> Vec<Dimension> {
        super::filters::dimensions()
    }

    fn sorts() -> Vec<Sort<projects::table>> {
        vec![
            sort!("code", projects::code),
            sort!("name", projects::name_sort),
            sort!("status", projects::status),
            sort!("start_date", projects::start_date_asc, projects::start_date_desc),
            sort!("launch_date", projects::launch_date_asc, projects::launch_date_desc),
            sort!("end_date", projects::end_date_asc, projects::end_date_desc),
            sort!("updated_at", projects::updated_at),
        ]
    }

    fn concerns(conn: &mut DbConn, code: &str) -> Result<Concerned> {
        let naming = agreement_projects::table
            .filter(agreement_projects::project.eq(code.to_owned()))
            .select(agreement_projects::agreement);
        let naming = on!(conn, conn => naming.load::<String>(conn))?;
        Ok(Concerned { projects: vec![code.to_owned()], agreements: naming, partner: false })
    }

    fn load(conn: &mut DbConn, rows: RowQuery<projects::table>) -> Result<Vec<Stored<Self>>> {
        let rows = load_rows!(conn, projects, Row, rows);
        let codes: Vec<String> = rows.iter().map(|(row, _)| row.code.to_string()).collect();
        let mut nations = load_links!(conn, codes, project_nations.project, (nation, role) => |(nation, role)| {
            ProjectNation { nation, role }
        });
        let mut areas = load_links!(conn, codes, project_areas.project, (area) => |(area,): (Code,)| area);
        let mut organisations = load_links!(conn, codes, project_organisations.project, (organisation, role) => |(organisation, role)| {
            ProjectOrganisation { organisation, role }
        });
        let whole = rows.into_iter().map(|(row, known)| {
            let code = row.code.to_string();
            let project = Project {
                code: row.code,
                name: row.name,
                acronym: row.acronym,
                summary: row.summary,
                status: row.status,
                start_date: row.start_date,
                launch_date: row.launch_date,
                end_date: row.end_date,
                responsible: row.responsible,
                url: row.url,
                source: row.source,
                nations: take(&mut nations, &code),
                areas: take(&mut areas, &code),
                organisations: take(&mut organisations, &code),
            };
            Stored::from((project, known))
        });
        Ok(whole.collect())
    }

    fn save(tables: &mut Tables<'_>, stored: &Stored<Self>, before: Before<'_, Self>) -> Result<()> {
        let project = stored.record.clone();
        let code = project.code.to_string();
        let row = Row {
            code: project.code,
            name: project.name,
            acronym: project.acronym,
            summary: project.summary,
            status: project.status,
            start_date: project.start_date,
            launch_date: project.launch_date,
            end_date: project.end_date,
            responsible: project.responsible,
            url: project.url,
            source: project.source,
        };
        save_row!(tables, before, projects, &row, stored, name_sort = sort_key(row.name.as_str()));
        save_links!(tables, before, project_nations.project = code, project.nations, nation, role);
        save_links!(tables, before, project_areas.project = code, project.areas, area);
        save_links!(tables, before, project_organisations.project = code, project.organisations, organisation, role);
        Ok(())
    }
}

/// The agreements that name each project.
fn agreements_of(conn: &mut DbConn, items: &[Stored<Project>], _: &FilterSet) -> Result<Vec<Vec<String>>> {
    let codes: Vec<String> = items.iter().map(|stored| stored.record.code.to_string()).collect();
    Ok(referring!(conn, codes, agreement_projects.project => agreement))
}

/// The documents of each project.
fn documents_of(conn: &mut DbConn, items: &[Stored<Project>], _: &FilterSet) -> Result<Vec<Vec<String>>> {
    let codes: Vec<String> = items.iter().map(|stored| stored.record.code.to_string()).collect();
    Ok(referring!(conn, codes, documents.project => code))
}

/// The latest review of each project by the day asked about: the last day, and the greatest code of that day.
fn latest_reviews_of(conn: &mut DbConn, items: &[Stored<Project>], filter_set: &FilterSet) -> Result<Vec<Vec<String>>> {
    let codes: Vec<String> = items.iter().map(|stored| stored.record.code.to_string()).collect();
    let day = Project::day(filter_set).to_string();
    let mut latest = std::collections::HashMap::new();
    for codes in codes.chunks(CHUNK) {
        let rows = reviews::table
            .filter(in_list(reviews::project, codes))
            .filter(reviews::reviewed_on_first.le(day.clone()))
            .order((reviews::reviewed_on_first, reviews::code))
            .select((reviews::project, reviews::code))
            .load::<(String, String)>(conn)?;
        latest.extend(rows);
    }
    Ok(codes.iter().map(|code| latest.remove(code).into_iter().collect()).collect())
}
