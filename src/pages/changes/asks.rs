//! The questions of the page of changes to the API: the differences, and the names of the records that differ.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, Months, NaiveDate};
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::http::{State, encode, join_list};
use crate::limits::FILTER_VALUES;
use crate::pages::cells::text;
use crate::pages::frame::Context;
use crate::pages::kinds::{self, KindView};
use crate::pages::params::Params;
use crate::pages::reading::{Nth, Reading};
use crate::registry::ResourceInfo;

/// The questions.
pub(super) struct Asks {
    /// The parameters of `GET /changes/summary`.
    pub(super) asked: Params,
    /// The earlier moment.
    pub(super) from: String,
    pub(super) summary: Nth,
    pub(super) nations: Nth,
    pub(super) areas: Nth,
}

impl Asks {
    /// Asks the questions of the page. The earlier moment is a year ago by default.
    ///
    /// # Errors
    /// Errors of the API about the parameters.
    pub(super) fn plan(context: &Context, reading: &mut Reading<'_>, day: NaiveDate) -> Result<Self> {
        let year_before = day.checked_sub_months(Months::new(12)).or_else(|| day.checked_sub_days(Days::new(365)));
        let default = year_before.unwrap_or(day).to_string();
        let from = context.params.get("from").unwrap_or(&default).to_owned();
        let asked = context.params.setting("from", &from);
        Ok(Self {
            summary: reading.ask("/changes/summary", &asked.api())?,
            nations: reading.ask("/nations", &format!("limit=200&sort={}", context.t.name_field()))?,
            areas: reading.ask("/cooperation-areas", "limit=200&sort=position")?,
            asked,
            from,
        })
    }
}

/// Records as they were at the later moment, by collection and code: those that differ, and those that they name.
#[derive(Default)]
pub(super) struct Known(BTreeMap<String, Map<String, Value>>);

impl Known {
    /// Returns a record.
    pub(super) fn get(&self, collection: &str, code: &str) -> Option<&Value> {
        self.0.get(collection)?.get(code)
    }

    /// Returns the records that records of a kind name, in the form of `expand`.
    pub(super) fn expanded(&self, kind: &KindView) -> Value {
        let named = |from: &str| self.0.get(from).cloned().map(Value::Object).unwrap_or_default();
        let all: Map<String, Value> =
            kind.expansions.iter().map(|(name, from)| ((*name).to_owned(), named(from))).collect();
        json!({ "expanded": all })
    }

    fn add(&mut self, collection: &str, record: &Value) {
        let code = text(record, "code").to_owned();
        self.0.entry(collection.to_owned()).or_default().insert(code, record.clone());
    }
}

/// Reads the records that the page shows and that are still there.
///
/// # Errors
/// Errors of the API.
pub(super) async fn known(state: &State, context: &Context, items: &[Value]) -> Result<Known> {
    let mut wanted: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for collection in collections() {
        let of_kind = items.iter().filter(|item| text(item, "resource") == collection);
        let there = of_kind.filter(|item| text(item, "action") != "deleted").take(3 * SHOWN);
        wanted.entry(collection).or_default().extend(there.map(|item| text(item, "code").to_owned()));
    }
    // A review or a document is called by its project.
    let named = items.iter().filter(|item| ["reviews", "documents"].contains(&text(item, "resource")));
    let projects = named.take(3 * SHOWN).filter_map(|item| value(item, "project")).map(str::to_owned);
    wanted.entry("projects").or_default().extend(projects);
    let mut reading = Reading::new(state, context.params.get("to"));
    let mut asked = Vec::new();
    for (collection, codes) in wanted.iter().filter(|(_, codes)| !codes.is_empty()) {
        let Some(kind) = kinds::of(collection) else { continue };
        let codes: Vec<String> = codes.iter().take(FILTER_VALUES).cloned().collect();
        let (codes, expand) = (join_list(&codes), kind.expand());
        let mut query = vec![("code", codes.as_str()), ("limit", "200")];
        if !expand.is_empty() {
            query.push(("expand", expand.as_str()));
        }
        if kind.filters.contains(&"code") {
            asked.push((kind, reading.ask(&format!("/{collection}"), &encode(query))?));
        }
    }
    // A nation or area of an earlier version may be in no record any more. There are few of them: all are read.
    let places = [
        ("nations", reading.ask("/nations", "limit=200")?),
        ("cooperation-areas", reading.ask("/cooperation-areas", "limit=200")?),
    ];
    let answers = reading.run().await?;
    let mut known = Known::default();
    for (kind, nth) in asked {
        for item in answers.items(nth) {
            known.add(kind.collection, item);
            for (name, from) in &kind.expansions {
                let named = item.pointer(&format!("/expanded/{name}")).and_then(Value::as_object);
                named.into_iter().flat_map(Map::values).for_each(|record| known.add(from, record));
            }
        }
    }
    for (collection, nth) in places {
        answers.items(nth).iter().for_each(|record| known.add(collection, record));
    }
    Ok(known)
}

/// The number of records of a collection and an action that are shown; the files have all of them.
pub(super) const SHOWN: usize = 40;

/// The collections that people ask about first.
const FIRST: [&str; 8] = [
    "projects",
    "agreements",
    "reviews",
    "nations",
    "organisations",
    "documents",
    "cooperation-areas",
    "partner-types",
];

/// Returns the collections, what people ask about first.
pub(super) fn collections() -> impl Iterator<Item = &'static str> {
    FIRST.into_iter().chain(ResourceInfo::collections().filter(|name| !FIRST.contains(name)))
}

/// Returns the value of a field that differs: what it is, else what it was.
pub(super) fn value<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    let fields = item.get("changed").and_then(Value::as_array)?;
    let field = fields.iter().find(|field| text(field, "field") == name)?;
    ["after", "before"].into_iter().find_map(|side| field.get(side)?.as_str())
}
