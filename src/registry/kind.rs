//! The list of kinds, and what can be asked of a kind by the name of its collection.

use serde_json::Value;

use super::agreements::Agreement;
use super::cooperation_areas::CooperationArea;
use super::dismissals::Dismissal;
use super::documents::Document;
use super::list::conditions;
use super::nations::Nation;
use super::organisations::Organisation;
use super::partner_types::PartnerType;
use super::projects::Project;
use super::query::{Asked, CHUNK, Rows};
use super::resource::{Reference, Resource};
use super::reviews::Review;
use super::search::{Question, Searched};
use super::view::View;
use crate::db::{DbConn, Fragment};
use crate::error::{Error, Referrer, Result};
use crate::values::Parsed as _;
use crate::values::fold::fold;

/// So many records that hold all words of a name are looked at.
const CANDIDATES: i64 = 500;

/// Something done for every kind of record.
pub trait Visitor {
    /// Does it for one kind.
    fn visit<R: Resource>(&mut self);
}

/// Every kind, each after those it refers to: the order in which a registry is filled.
pub fn each(visitor: &mut impl Visitor) {
    visitor.visit::<PartnerType>();
    visitor.visit::<CooperationArea>();
    visitor.visit::<Nation>();
    visitor.visit::<Organisation>();
    visitor.visit::<Project>();
    visitor.visit::<Agreement>();
    visitor.visit::<Document>();
    visitor.visit::<Review>();
    visitor.visit::<Dismissal>();
}

/// Reads full records by their codes, as JSON.
pub type Full = fn(&mut DbConn, &[&str], &Asked) -> Result<Vec<(String, Value)>>;

/// Finds the records, at most so many, that have a text as a name: their codes and titles.
pub type ByName = fn(&mut DbConn, &str, usize) -> Result<Vec<(String, String)>>;

/// What can be asked of a kind without its type.
#[derive(Clone, Debug)]
pub struct Kind {
    /// The collection.
    pub collection: &'static str,
    /// The name of the schema of its records.
    pub schema: &'static str,
    /// Which fields are searched.
    pub searched: Searched,
    /// Some of its records that refer to a record of a collection.
    pub referring: fn(&mut DbConn, &str, &str) -> Result<Vec<String>>,
    /// The collections whose records its records name.
    pub names: Vec<&'static str>,
    /// The codes that a document refers to.
    pub references: fn(&Value) -> Vec<Reference>,
    /// The codes of the records that satisfy filters of the collection, as a query within another; `None` where it has no
    /// such filter.
    pub narrowed: fn(&Asked) -> Option<Fragment>,
    /// Which of these codes exist.
    pub existing: fn(&mut DbConn, &[&str]) -> Result<Vec<String>>,
    /// The full records with these codes, as JSON.
    pub full: Full,
    /// The records that have a text as a name.
    pub named: ByName,
}

impl Kind {
    /// The kind of a type.
    pub fn of<R: Resource>() -> Self {
        Self {
            collection: R::COLLECTION,
            schema: R::SCHEMA,
            searched: R::SEARCHED,
            referring: R::referring,
            names: R::REFERENCES.iter().map(|(_, collection)| *collection).collect(),
            references: R::references_of,
            narrowed: narrowed::<R>,
            existing: R::existing,
            full: full::<R>,
            named: named::<R>,
        }
    }

    /// Every kind.
    pub fn all() -> Vec<Self> {
        struct Collect(Vec<Kind>);
        impl Visitor for Collect {
            fn visit<R: Resource>(&mut self) {
                self.0.push(Kind::of::<R>());
            }
        }
        let mut all = Collect(Vec::new());
        each(&mut all);
        all.0
    }
}

fn full<R: Resource>(conn: &mut DbConn, codes: &[&str], asked: &Asked) -> Result<Vec<(String, Value)>> {
    let mut records = Vec::with_capacity(codes.len());
    for codes in codes.chunks(CHUNK) {
        let limit = i64::try_from(codes.len()).unwrap_or(i64::MAX);
        for stored in R::load(conn, Rows::by_code(vec![R::with_codes(codes)], limit))? {
            let view = serde_json::to_value(View::full(&stored, asked.today))
                .map_err(|error| Error::internal("a record cannot be written as JSON", error))?;
            records.push((stored.record.code().to_owned(), view));
        }
    }
    Ok(records)
}

/// Case, accents and what stands between words do not count, as in a search.
fn named<R: Resource>(conn: &mut DbConn, text: &str, limit: usize) -> Result<Vec<(String, String)>> {
    let wanted = fold(text);
    let Ok(question) = Question::parse(&wanted) else { return Ok(Vec::new()) };
    let candidates = R::load(conn, Rows::by_code(vec![R::found_by(&question)], CANDIDATES))?;
    let mut found = Vec::new();
    for stored in candidates {
        let document = serde_json::to_value(&stored.record)
            .map_err(|error| Error::internal("a record cannot be written as JSON", error))?;
        let is_wanted = |value: &Value| value.as_str().is_some_and(|name| fold(name) == wanted);
        let has_name = R::SEARCHED.names.iter().filter_map(|name| document.get(*name)).any(|value| match value {
            Value::Array(names) => names.iter().any(is_wanted),
            name => is_wanted(name),
        });
        if has_name && found.len() < limit {
            let title = document.get(R::SEARCHED.title).and_then(Value::as_str).unwrap_or_default();
            found.push((stored.record.code().to_owned(), title.to_owned()));
        }
    }
    Ok(found)
}

fn narrowed<R: Resource>(asked: &Asked) -> Option<Fragment> {
    let filters = R::filters();
    let known = |name: &&'static str| filters.iter().any(|filter| filter.name == *name);
    asked.filters.keys().all(known).then(|| R::matching(conditions::<R>(asked)))
}

/// Some of the records, of every kind, that refer to a record.
pub(super) fn referrers(conn: &mut DbConn, collection: &str, code: &str) -> Result<Vec<Referrer>> {
    let mut referrers = Vec::new();
    for kind in Kind::all() {
        for found in (kind.referring)(conn, collection, code)? {
            let referrer = Referrer { collection: kind.collection, code: found };
            if !referrers.contains(&referrer) {
                referrers.push(referrer);
            }
        }
    }
    Ok(referrers)
}
