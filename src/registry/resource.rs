//! The trait that defines a kind of record: its fields, its filters, its table and its rules.

use chrono::NaiveDate;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::facet::Dimension;
use super::findings::concerned::Concerned;
use super::links::Expansion;
use super::query::{Condition, Filter, FilterSet, Sort, filter};
use super::query_schema::QuerySchema;
use super::references::{Reference, references_in};
use super::search::fields::SearchFields;
use super::search::predicate::SearchPredicate;
use super::search::query::SearchQuery;
use super::table_record::TableRecord;
use crate::auth::Role;
use crate::db::DbConn;
use crate::error::{Defect, Result};
use crate::values::PartialDate;

/// One kind of record in the registry.
///
/// Implement it and add it to the list in `resource_info.rs`: the API, the change log, import and export, the
/// command line and the OpenAPI document know the new kind.
///
/// The type that is written is the document in the change log; [`super::Stored`] adds what the registry knows, and is
/// what is read. There is no other form of a record.
pub trait Resource:
    TableRecord + serde::Serialize + Clone + PartialEq + Send + Sync + std::fmt::Debug + 'static
{
    /// The collection's path segment: `cooperation-areas`.
    const COLLECTION: &'static str;
    /// One record in words, as in operation ids and messages: `cooperation_area`.
    const SINGULAR: &'static str;
    /// The content of the collection, for the OpenAPI tag.
    const ABOUT: &'static str;
    /// The least role that writes it.
    const WRITTEN_BY: Role;
    /// The fields that say which record it is. Where one of them cannot be read, rules between fields are not checked.
    const IDENTITY: &'static [&'static str] = &["code"];
    /// The field whose slug is the code when none is sent.
    const SLUG_FIELD: &'static str;
    /// Fields that are derived when the record is read.
    const DERIVED: &'static [Derived<Self>] = &[];
    /// The fields that a search looks into.
    const SEARCH_FIELDS: SearchFields;
    /// The dates that a calendar of the collection shows; it has none where there are none.
    const CALENDAR: &'static [CalendarDate<Self>] = &[];
    /// The fields that refer to records of the same kind, one after the other, and may make no circle.
    const CHAINS: &'static [&'static str] = &[];
    /// The expansions that `expand` offers beside the records that the fields refer to.
    const EXPANSIONS: &'static [Expansion<Self>] = &[];

    /// Returns every expansion that `expand` offers.
    fn expansions() -> impl Iterator<Item = &'static Expansion<Self>> {
        Self::REFERRED.iter().chain(Self::EXPANSIONS)
    }

    /// Tells whether there is anything to expand.
    fn expands() -> bool {
        Self::expansions().next().is_some()
    }

    /// Returns the code of a record that is sent without one.
    fn default_code(document: &serde_json::Map<String, Value>) -> Option<String> {
        document.get(Self::SLUG_FIELD).and_then(Value::as_str).and_then(crate::values::slug_of)
    }

    /// Rules between fields that the types cannot hold: every defect.
    fn check(&self, _defects: &mut Vec<Defect>) {}

    /// Returns the codes that a document refers to, each with its place, whether or not it is a valid record. A kind
    /// whose records say themselves which collection a code is of says here how.
    fn references_of(document: &Value) -> Vec<Reference> {
        references_in(Self::OUTGOING_REFS, document)
    }

    /// Returns the codes that this record refers to, each with its place.
    fn references(&self) -> Vec<Reference> {
        serde_json::to_value(self).map(|document| Self::references_of(&document)).unwrap_or_default()
    }

    /// Returns some of the records of this kind that refer to a record of a collection.
    ///
    /// # Errors
    /// Errors of the database.
    fn referring(conn: &mut DbConn, collection: &str, code: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for refers in Self::INCOMING_REFS.iter().filter(|refers| refers.to == collection) {
            found.extend((refers.find)(conn, code)?);
        }
        Ok(found)
    }

    /// Returns the text by which the record is compared with others of its kind, to find those that are kept twice: two
    /// with the same one are likely the same. `None` for a record that is not compared.
    fn likeness(&self) -> Option<String> {
        None
    }

    /// Makes an example for the documentation; it is valid in the sample registry.
    fn example() -> Self;

    /// Builds the filters that only this collection has.
    fn specific_filters() -> Vec<Filter<Self::Table>>;

    /// Builds the sorts of the collection.
    fn specific_sorts() -> Vec<Sort<Self::Table>>;

    /// Builds the dimensions that summaries count by.
    fn specific_dimensions() -> Vec<Dimension> {
        Vec::new()
    }

    /// Returns the filters, sorts and dimensions of the collection, built when they are first needed.
    fn query_schema() -> &'static QuerySchema<Self::Table> {
        Self::query_schema_cell().get_or_init(|| {
            let mut filters = Self::specific_filters();
            filters.push(filter::<_, SearchQuery>("q", Q, false, |filter_set| {
                filter_set.values::<SearchQuery>("q").first().map(Self::search_predicate)
            }));
            QuerySchema { filters, sorts: Self::specific_sorts(), dimensions: Self::specific_dimensions() }
        })
    }

    /// Returns the filters of the collection: its own, and `q`.
    fn filters() -> &'static [Filter<Self::Table>] {
        &Self::query_schema().filters
    }

    /// Returns the sorts of the collection.
    fn sorts() -> &'static [Sort<Self::Table>] {
        &Self::query_schema().sorts
    }

    /// Returns the dimensions that summaries count by.
    fn dimensions() -> &'static [Dimension] {
        &Self::query_schema().dimensions
    }

    /// Returns the condition that a search finds the record.
    fn search_predicate(question: &SearchQuery) -> Condition<Self::Table> {
        Box::new(SearchPredicate::among(Self::CODE_COLUMN, Self::COLLECTION, question))
    }

    /// Returns the day that derived fields and filters are about.
    fn day(filter_set: &FilterSet) -> NaiveDate {
        filter_set.today
    }

    /// Returns the records about which [`super::findings`] know something that follows from this one, as it is kept.
    ///
    /// # Errors
    /// Errors of the database.
    fn concerns(_conn: &mut DbConn, _code: &str) -> Result<Concerned> {
        Ok(Concerned::default())
    }

    /// Tells whether the values that are kept beside the records for a day, to sort and filter by, hold on the day
    /// that is asked about. Where nothing is kept, it does not.
    ///
    /// # Errors
    /// Errors of the database.
    fn is_kept(_conn: &mut DbConn, _asked: &FilterSet) -> Result<bool> {
        Ok(false)
    }

    /// Brings the derived data of at most `limit` records up to a day. The log does not change.
    ///
    /// # Errors
    /// Errors of the database.
    fn keep(_conn: &mut DbConn, _day: NaiveDate, _limit: i64) -> Result<()> {
        Ok(())
    }
}

/// The description of the filter `q`.
const Q: &str = "Found by a full text search, as `GET /search` describes it; the order stays that of `sort`.";

/// A field that is derived when a record is read, for a day.
#[derive(Debug)]
pub struct Derived<R> {
    /// Its name.
    pub name: &'static str,
    /// Its meaning.
    pub doc: &'static str,
    /// Its value on a day, a text; none where it has none.
    pub value: fn(&R, NaiveDate) -> Option<String>,
    /// Its schema, given the description.
    pub schema: fn(&str) -> RefOr<Schema>,
    /// Named schemas that the schema refers to.
    pub components: fn(&mut Vec<(String, RefOr<Schema>)>),
}

/// A date of a record that a calendar shows.
#[derive(Debug)]
pub struct CalendarDate<R> {
    /// The field.
    pub field: &'static str,
    /// The event of that day, in a word that a title follows: `Signed`.
    pub what: &'static str,
    /// The date, for the day asked about: where it is known, and is one.
    pub date: fn(&R, NaiveDate) -> Option<PartialDate>,
    /// True if it is an end: a date known to the month or the year ends on the last day of it.
    pub ends: bool,
    /// The number of days before it at which an alarm rings.
    pub alarm: Option<u16>,
}
