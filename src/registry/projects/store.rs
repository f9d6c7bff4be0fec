//! The storage of projects.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::model::Project;
use crate::auth::Role;
use crate::db::schema::{agreement_projects, documents, projects, reviews};
use crate::db::{DbConn, in_list, on};
use crate::error::{Defect, Result};
use crate::registry::facet::Dimension;
use crate::registry::findings::Concerned;
use crate::registry::likeness::likeness;
use crate::registry::links::{Expansion, referring};
use crate::registry::query::{CHUNK, Filter, FilterSet, Sort, sort};
use crate::registry::search::SearchFields;
use crate::registry::{Resource, Stored};
use crate::values::example;

impl Resource for Project {
    const COLLECTION: &'static str = "projects";
    const SINGULAR: &'static str = "project";
    const ABOUT: &'static str =
        "Joint projects: missions, instruments, programmes, with the nations, areas and organisations in them.";
    const WRITTEN_BY: Role = Role::Editor;
    const SLUG_FIELD: &'static str = "name";
    const SEARCH_FIELDS: SearchFields =
        SearchFields { title: "name", names: &["code", "name", "acronym"], texts: &["summary"] };
    const EXPANSIONS: &'static [Expansion<Self>] = &[
        referring!("agreements", agreement_projects.project => agreement),
        referring!("documents", documents.project => code),
        Expansion { name: "latest_review", from: "reviews", codes: latest_reviews_of },
    ];

    fn check(&self, defects: &mut Vec<Defect>) {
        self.check_rules(defects);
    }

    fn example() -> Self {
        example(json!({
            "code": "trishna",
            "name": "TRISHNA",
            "summary": "Thermal infrared satellite for water stress of plants and urban heat.",
            "status": "in_development",
            "launch_date": "2026",
            "url": "https://trishna.cnes.fr",
            "source": "CNES, project site",
            "nations": [{ "nation": "FR", "role": "lead" }, { "nation": "IN", "role": "partner" }],
            "areas": ["climate"],
            "organisations": [{ "organisation": "isro", "role": "partner" }],
        }))
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

    fn specific_dimensions() -> Vec<Dimension> {
        super::filters::dimensions()
    }

    fn specific_sorts() -> Vec<Sort<projects::table>> {
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
}

/// Returns the latest review of each project by the day asked about: the last day, and the greatest code of that day.
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
