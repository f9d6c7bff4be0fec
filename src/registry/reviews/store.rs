//! How reviews are kept and asked for.

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::model::{Rating, Review};
use crate::auth::Role;
use crate::db::schema::{project_nations, reviews};
use crate::db::{DbConn, in_list};
use crate::error::Result;
use crate::registry::facet::{Form, facet_filters};
use crate::registry::findings::Concerned;
use crate::registry::links::incoming_ref;
use crate::registry::query::{Filter, RowQuery, Sort, any_of, date_range, load_rows, sort, table_queries};
use crate::registry::search::SearchFields;
use crate::registry::tables::save_row;
use crate::registry::{Before, Expansion, IncomingRef, Resource, Stored, Tables, codes_of};
use crate::values::{Code, FromText as _, NationCode};

impl Resource for Review {
    const COLLECTION: &'static str = "reviews";
    const SINGULAR: &'static str = "review";
    const ABOUT: &'static str = "Status reviews: where a project stood on a day.";
    const WRITTEN_BY: Role = Role::Editor;
    const SLUG_FIELD: &'static str = "project";
    const SEARCH_FIELDS: SearchFields =
        SearchFields { title: "code", names: &["code", "project"], texts: &["summary", "reviewer"] };
    const OUTGOING_REFS: &'static [(&'static str, &'static str)] = &[("/project", "projects")];
    const INCOMING_REFS: &'static [IncomingRef] = &[incoming_ref!("projects", reviews.project, code)];
    const EXPANSIONS: &'static [Expansion<Self>] = &[Expansion {
        name: "project",
        from: "projects",
        codes: |_, items, _| codes_of(items, |review| vec![review.project.to_string()]),
    }];

    table_queries!(reviews, Review);

    fn code(&self) -> &str {
        self.code.as_str()
    }

    fn is_valid_code(text: &str) -> bool {
        Code::parse(text).is_ok_and(|code| code.as_str() == text)
    }

    fn default_code(document: &Map<String, Value>) -> Option<String> {
        let text = |name| document.get(name).and_then(Value::as_str);
        crate::values::joined_code(text("project")?, text("reviewed_on")?)
    }

    fn example() -> Self {
        Self::sample()
    }

    fn specific_filters() -> Vec<Filter<reviews::table>> {
        let mut filters = vec![
            any_of::<_, Code>("project", "Of any of these projects.", |codes| {
                Box::new(in_list(reviews::project, codes))
            }),
            any_of::<_, Rating>("rating", "With any of these ratings.", |ratings| {
                Box::new(in_list(reviews::rating, ratings))
            }),
        ];
        filters.extend(facet_filters::<_, NationCode>(
            ("nation", "Of projects with any of these nations. Empty: of projects without one."),
            (
                "nation__all",
                "As `nation`, but of projects with every one of the nations; both may be given, and both hold then.",
            ),
            Form {
                any: |_, nations| {
                    let links = project_nations::table.filter(in_list(project_nations::nation, nations));
                    Box::new(reviews::project.eq_any(links.select(project_nations::project)))
                },
                some: |_| Box::new(reviews::project.eq_any(project_nations::table.select(project_nations::project))),
            },
            None,
        ));
        date_range!(filters, reviews, "reviewed_on__gte" on reviewed_on_first, "reviewed_on__lte" on reviewed_on_first);
        filters
    }

    fn sorts() -> Vec<Sort<reviews::table>> {
        vec![
            sort!("reviewed_on", reviews::reviewed_on_first),
            sort!("project", reviews::project),
            sort!("updated_at", reviews::updated_at),
        ]
    }

    fn concerns(conn: &mut DbConn, code: &str) -> Result<Concerned> {
        let project = reviews::table.find(code.to_owned()).select(reviews::project).first::<String>(conn).optional()?;
        Ok(Concerned { projects: project.into_iter().collect(), ..Concerned::default() })
    }

    fn load(conn: &mut DbConn, rows: RowQuery<reviews::table>) -> Result<Vec<Stored<Self>>> {
        Ok(load_rows!(conn, reviews, Review, rows).into_iter().map(Stored::from).collect())
    }

    fn save(tables: &mut Tables<'_>, stored: &Stored<Self>, before: Before<'_, Self>) -> Result<()> {
        save_row!(tables, before, reviews, &stored.record, stored);
        Ok(())
    }
}
