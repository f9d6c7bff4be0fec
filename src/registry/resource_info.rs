//! The list of kinds, and what can be asked of a kind by the name of its collection.

use chrono::NaiveDate;
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::agreements::Agreement;
use super::collection::Collection;
use super::conditions::{all_of, probes};
use super::cooperation_areas::CooperationArea;
use super::dismissals::Dismissal;
use super::documents::Document;
use super::nations::Nation;
use super::organisations::Organisation;
use super::partner_types::PartnerType;
use super::projects::Project;
use super::query::{CHUNK, FilterSet, RowQuery};
use super::references::Reference;
use super::resource::Resource;
use super::reviews::Review;
use super::search::fields::SearchFields;
use super::view::View;
use crate::db::{DbConn, RawSql};
use crate::error::{Error, Referrer, Result};
use crate::values::{FromText, ParseError, quote};

/// Work on a kind of record that needs its type. Work without the type uses [`RESOURCES`].
pub trait ResourceVisitor {
    /// The result of a visit.
    type Output;

    /// Does the work for one kind.
    fn visit<R: Resource>(&mut self) -> Self::Output;
}

/// Declares the kinds, each after those it refers to: the order in which a registry is filled.
macro_rules! resources {
    ($($record:ty),+ $(,)?) => {
        /// The kinds, each after those it refers to.
        pub static RESOURCES: &[ResourceInfo] = &[$(ResourceInfo::of::<$record>()),+];

        /// Returns the visits of a visitor to the kinds, in the order of [`RESOURCES`].
        fn visits<V: ResourceVisitor>() -> impl Iterator<Item = fn(&mut V) -> V::Output> {
            [$(V::visit::<$record> as fn(&mut V) -> V::Output),+].into_iter()
        }
    };
}

resources! {
    PartnerType,
    CooperationArea,
    Nation,
    Organisation,
    Project,
    Agreement,
    Document,
    Review,
    Dismissal,
}

/// Visits the kinds in the order of [`RESOURCES`], each when the iterator comes to it: to stop is to visit no more.
pub fn visit_resources<V: ResourceVisitor>(visitor: &mut V) -> impl Iterator<Item = V::Output> {
    visits::<V>().map(move |visit| visit(visitor))
}

/// Visits the kind of a collection; `None` if there is no such collection.
pub fn visit_resource<V: ResourceVisitor>(collection: &str, visitor: &mut V) -> Option<V::Output> {
    let (_, visit) = RESOURCES.iter().zip(visits::<V>()).find(|(kind, _)| kind.collection == collection)?;
    Some(visit(visitor))
}

/// Brings the derived data of at most `limit` records of each kind up to a day ([`Resource::keep`]).
///
/// # Errors
/// Errors of the database.
pub(super) fn keep(conn: &mut DbConn, day: NaiveDate, limit: i64) -> Result<()> {
    struct Keep<'a>(&'a mut DbConn, NaiveDate, i64);
    impl ResourceVisitor for Keep<'_> {
        type Output = Result<()>;

        fn visit<R: Resource>(&mut self) -> Result<()> {
            R::keep(self.0, self.1, self.2)
        }
    }
    visit_resources(&mut Keep(conn, day, limit)).collect()
}

/// Reads full records by their codes, as JSON.
pub type LoadJson = fn(&mut DbConn, &[&str], &FilterSet) -> Result<Vec<(String, Value)>>;

/// The titles of records with these codes.
pub type Titles = fn(&mut DbConn, &[&str]) -> Result<Vec<(String, String)>>;

/// The facts about a kind that need no type.
#[derive(Clone, Debug)]
pub struct ResourceInfo {
    /// The collection.
    pub collection: &'static str,
    /// The tables that hold its records and their links.
    pub tables: &'static [&'static str],
    /// The name of the schema of its records.
    pub schema: &'static str,
    /// The fields that are searched.
    pub search_fields: SearchFields,
    /// Some of its records that refer to a record of a collection.
    pub referring: fn(&mut DbConn, &str, &str) -> Result<Vec<String>>,
    /// The places where its records name others: the place in a document, and the collection.
    pub outgoing_refs: &'static [(&'static str, &'static str)],
    /// The codes that a document refers to.
    pub references: fn(&Value) -> Vec<Reference>,
    /// The condition that a row that has been found satisfies filters of the collection; `None` where it has no such
    /// filter.
    pub narrowing: fn(&FilterSet) -> Option<RawSql>,
    /// Finds those of the codes that exist.
    pub existing_codes: fn(&mut DbConn, &[&str]) -> Result<Vec<String>>,
    /// The full records with these codes, as JSON.
    pub load_json: LoadJson,
    /// The titles of the records with these codes.
    pub titles: Titles,
}

impl ResourceInfo {
    /// Returns the kind of a type.
    pub const fn of<R: Resource>() -> Self {
        Self {
            collection: R::COLLECTION,
            tables: R::TABLES,
            schema: R::SCHEMA,
            search_fields: R::SEARCH_FIELDS,
            referring: R::referring,
            outgoing_refs: R::OUTGOING_REFS,
            references: R::references_of,
            narrowing: narrowing::<R>,
            existing_codes: R::existing_codes,
            load_json: load_json::<R>,
            titles: titles::<R>,
        }
    }

    /// Returns the kind of a collection.
    pub fn find(collection: &str) -> Option<&'static Self> {
        RESOURCES.iter().find(|kind| kind.collection == collection)
    }

    /// Returns whether its records name records of a collection.
    pub fn refers_to(&self, collection: &str) -> bool {
        self.outgoing_refs.iter().any(|(_, to)| *to == collection)
    }

    /// Returns the names of all collections.
    pub fn collections() -> impl Iterator<Item = &'static str> {
        RESOURCES.iter().map(|kind| kind.collection)
    }
}

fn load_json<R: Resource>(conn: &mut DbConn, codes: &[&str], filter_set: &FilterSet) -> Result<Vec<(String, Value)>> {
    // No record has a code that is none; a database may refuse its characters, such as NUL.
    let codes: Vec<&str> = codes.iter().copied().filter(|code| R::is_valid_code(code)).collect();
    let mut records = Vec::with_capacity(codes.len());
    for codes in codes.chunks(CHUNK) {
        let limit = i64::try_from(codes.len()).unwrap_or(i64::MAX);
        for stored in R::load(conn, RowQuery::by_code(vec![R::with_codes(codes)], limit))? {
            let view = serde_json::to_value(View::full(&stored, filter_set.today))
                .map_err(|error| Error::internal("a record cannot be written as JSON", error))?;
            records.push((stored.record.code().to_owned(), view));
        }
    }
    Ok(records)
}

fn titles<R: Resource>(conn: &mut DbConn, codes: &[&str]) -> Result<Vec<(String, String)>> {
    let limit = i64::try_from(codes.len()).unwrap_or(i64::MAX);
    let mut titles = Vec::with_capacity(codes.len());
    for stored in R::load(conn, RowQuery::by_code(vec![R::with_codes(codes)], limit))? {
        let document = serde_json::to_value(&stored.record)
            .map_err(|error| Error::internal("a record cannot be written as JSON", error))?;
        let title = document.get(R::SEARCH_FIELDS.title).and_then(Value::as_str).unwrap_or_default();
        titles.push((stored.record.code().to_owned(), title.to_owned()));
    }
    Ok(titles)
}

fn narrowing<R: Resource>(filter_set: &FilterSet) -> Option<RawSql> {
    let filters = R::filters();
    let known = |name: &&'static str| filters.iter().any(|filter| filter.name == *name);
    filter_set.filters.keys().all(known).then(|| all_of(probes::<R>(filter_set)))
}

/// Returns some of the records, of every kind, that refer to a record.
pub(super) fn referrers(conn: &mut DbConn, collection: &str, code: &str) -> Result<Vec<Referrer>> {
    let mut referrers = Vec::new();
    for kind in RESOURCES {
        for found in (kind.referring)(conn, collection, code)? {
            let referrer = Referrer { collection: kind.collection, code: found };
            if !referrers.contains(&referrer) {
                referrers.push(referrer);
            }
        }
    }
    Ok(referrers)
}

impl FromText for Collection {
    fn parse(text: &str) -> Result<Self, ParseError> {
        if ResourceInfo::find(text).is_some() {
            return Ok(Self::known(text));
        }
        let names: Vec<&str> = ResourceInfo::collections().collect();
        Err(ParseError::new("unknown_value", format!("{} is none of {}", quote(text), names.join(", "))))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(ResourceInfo::collections()))
    }

    fn schema_name() -> Option<&'static str> {
        Some("Collection")
    }
}
