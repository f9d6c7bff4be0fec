//! The storage and the queries of dismissals.

use diesel::prelude::*;
use serde_json::{Map, Value, json};

use super::model::{Dismissal, RecordKey};
use crate::auth::Role;
use crate::db::schema::dismissals;
use crate::db::{DbConn, in_list};
use crate::error::Result;
use crate::registry::findings::RuleName;
use crate::registry::links::NAMED;
use crate::registry::query::{Filter, Sort, any_of, sort};
use crate::registry::search::SearchFields;
use crate::registry::{Collection, Reference, Resource, ResourceInfo};
use crate::values::example;

impl Resource for Dismissal {
    const COLLECTION: &'static str = "dismissals";
    const SINGULAR: &'static str = "dismissal";
    const ABOUT: &'static str = "Findings that are meant to be so, each with the reason: `GET /findings` leaves them \
        out and counts them apart.";
    const WRITTEN_BY: Role = Role::Editor;
    const SLUG_FIELD: &'static str = "rule";
    const SEARCH_FIELDS: SearchFields = SearchFields { title: "code", names: &["code", "key"], texts: &["reason"] };

    fn default_code(document: &Map<String, Value>) -> Option<String> {
        let text = |name| document.get(name).and_then(Value::as_str);
        crate::values::joined_code(text("rule")?, text("key")?)
    }

    fn references_of(document: &Value) -> Vec<Reference> {
        let text = |name| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let kind = text("resource").and_then(|name| ResourceInfo::find(name));
        let reference = |to, code: &str| Reference { pointer: "/key".to_owned(), to, code: code.to_owned() };
        kind.zip(text("key")).map(|(kind, code)| reference(kind.collection, code)).into_iter().collect()
    }

    fn referring(conn: &mut DbConn, collection: &str, code: &str) -> Result<Vec<String>> {
        Ok(dismissals::table
            .filter(dismissals::resource.eq(collection.to_owned()))
            .filter(dismissals::key.eq(code.to_owned()))
            .order(dismissals::code)
            .limit(NAMED)
            .select(dismissals::code)
            .load::<String>(conn)?)
    }

    fn example() -> Self {
        example(json!({
            "code": "end-unknown-in-2018-vision",
            "rule": "end-unknown",
            "resource": "agreements",
            "key": "in-2018-vision",
            "reason": "A statement of intent: it was never meant to end on a day.",
        }))
    }

    fn specific_filters() -> Vec<Filter<dismissals::table>> {
        vec![
            any_of::<_, RuleName>("rule", "Of findings by any of these rules.", |rules| {
                Box::new(in_list(dismissals::rule, rules))
            }),
            any_of::<_, Collection>("resource", "About records of any of these collections.", |collections| {
                Box::new(in_list(dismissals::resource, collections))
            }),
            any_of::<_, RecordKey>("key", "About records with any of these codes.", |keys| {
                Box::new(in_list(dismissals::key, keys))
            }),
        ]
    }

    fn specific_sorts() -> Vec<Sort<dismissals::table>> {
        vec![sort!("code", dismissals::code), sort!("updated_at", dismissals::updated_at)]
    }
}
