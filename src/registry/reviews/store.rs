//! The storage and the queries of reviews.

use diesel::prelude::*;
use serde_json::{Map, Value, json};

use super::model::{Rating, Review};
use crate::auth::Role;
use crate::db::schema::{project_nations, reviews};
use crate::db::{DbConn, in_list};
use crate::error::Result;
use crate::registry::Resource;
use crate::registry::facet::{Form, facet_filters};
use crate::registry::findings::Concerned;
use crate::registry::query::{Filter, Sort, any_of, date_range, sort};
use crate::registry::search::SearchFields;
use crate::values::{Code, NationCode, example};

impl Resource for Review {
    const COLLECTION: &'static str = "reviews";
    const SINGULAR: &'static str = "review";
    const ABOUT: &'static str = "Status reviews: where a project stood on a day.";
    const WRITTEN_BY: Role = Role::Editor;
    const SLUG_FIELD: &'static str = "project";
    const SEARCH_FIELDS: SearchFields =
        SearchFields { title: "code", names: &["code", "project"], texts: &["summary", "reviewer"] };

    fn default_code(document: &Map<String, Value>) -> Option<String> {
        let text = |name| document.get(name).and_then(Value::as_str);
        crate::values::joined_code(text("project")?, text("reviewed_on")?)
    }

    fn example() -> Self {
        example(json!({
            "code": "trishna-2026-06-15",
            "project": "trishna",
            "reviewed_on": "2026-06-15",
            "rating": "at_risk",
            "summary": "The launch slot moved by a quarter; the instrument is delivered.",
            "reviewer": "Programme board",
        }))
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

    fn specific_sorts() -> Vec<Sort<reviews::table>> {
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
}
