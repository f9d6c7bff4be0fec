//! The centre of the house: what a kind of record is.

use chrono::NaiveDate;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::facet::Dimension;
use super::findings::concerned::Concerned;
use super::query::{Condition, Filter, FilterSet, RowQuery, Sort, SortKey, TextKey, filter};
use super::search::fields::SearchFields;
use super::search::query::SearchQuery;
use super::tables::{Before, Tables};
use crate::auth::Role;
use crate::db::{DbConn, SqlFragment};
use crate::error::{Defect, Result};
use crate::values::{PartialDate, Record};

/// One kind of record in the registry.
///
/// Implement it and add a line to [`super::for_each_resource`]: the API, the change log, import and export, the
/// command line and the OpenAPI document know the new kind.
///
/// The type that is written is the document in the change log; [`Stored`] adds what the registry knows about it, and is
/// what is read. There is no other form of a record.
pub trait Resource: Record + serde::Serialize + Clone + PartialEq + Send + Sync + std::fmt::Debug + 'static {
    /// The collection's path segment: `cooperation-areas`.
    const COLLECTION: &'static str;
    /// One record in words, as in operation ids and messages: `cooperation_area`.
    const SINGULAR: &'static str;
    /// The content of the collection, for the OpenAPI tag.
    const ABOUT: &'static str;
    /// The least role that writes it.
    const WRITTEN_BY: Role;
    /// The field whose slug is the code when none is sent.
    const SLUG_FIELD: &'static str;
    /// Fields that are derived when the record is read.
    const DERIVED: &'static [Derived<Self>] = &[];
    /// Where codes of other records stand in a record, and their collection: `("/areas/*", "cooperation-areas")`.
    const OUTGOING_REFS: &'static [(&'static str, &'static str)] = &[];
    /// The same from the other side: how to find the records of this kind that refer to one.
    const INCOMING_REFS: &'static [IncomingRef] = &[];
    /// Which fields searching looks into.
    const SEARCH_FIELDS: SearchFields;
    /// The dates that a calendar of the collection shows; it has none where there are none.
    const CALENDAR: &'static [CalendarDate<Self>] = &[];
    /// The fields that refer to records of the same kind, one after the other, and may make no circle.
    const CHAINS: &'static [&'static str] = &[];
    /// The expansions that `expand` offers.
    const EXPANSIONS: &'static [Expansion<Self>] = &[];
    /// The diesel table, over which [`Filter`]s and [`Sort`]s are expressions.
    type Table: diesel::query_source::QuerySource + 'static;

    /// The natural key.
    fn code(&self) -> &str;

    /// Tells whether a text can be the key of such a record at all; a record with another key is not found.
    fn is_valid_code(text: &str) -> bool;

    /// The code of a record that is sent without one.
    fn default_code(document: &serde_json::Map<String, Value>) -> Option<String> {
        document.get(Self::SLUG_FIELD).and_then(Value::as_str).and_then(crate::values::slug_of)
    }

    /// Rules between fields that the types cannot hold: every defect.
    fn check(&self, _defects: &mut Vec<Defect>) {}

    /// The codes that a document refers to, each with its place, whether or not it is a valid record. A kind whose
    /// records say themselves which collection a code is of says here how.
    fn references_of(document: &Value) -> Vec<Reference> {
        references_in(Self::OUTGOING_REFS, document)
    }

    /// The codes that this record refers to, each with its place.
    fn references(&self) -> Vec<Reference> {
        serde_json::to_value(self).map(|document| Self::references_of(&document)).unwrap_or_default()
    }

    /// Some of the records of this kind that refer to a record of a collection.
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

    /// The text by which the record is compared with others of its kind, to find those that are kept twice: two with
    /// the same one are likely the same. `None` for a record that is not compared.
    fn likeness(&self) -> Option<String> {
        None
    }

    /// An example for the documentation; it is valid in the sample registry.
    fn example() -> Self;

    /// The filters that only this collection has.
    fn specific_filters() -> Vec<Filter<Self::Table>>;

    /// The filters of the collection: its own, and `q`.
    fn filters() -> Vec<Filter<Self::Table>> {
        let mut filters = Self::specific_filters();
        filters.push(filter::<_, SearchQuery>("q", Q, false, |filter_set| {
            filter_set.values::<SearchQuery>("q").first().map(Self::search_predicate)
        }));
        filters
    }

    /// The sorts of the collection.
    fn sorts() -> Vec<Sort<Self::Table>>;

    /// The dimensions that summaries count by.
    fn dimensions() -> Vec<Dimension> {
        Vec::new()
    }

    /// The day that derived fields and filters are about.
    fn day(filter_set: &FilterSet) -> NaiveDate {
        filter_set.today
    }

    /// The records about which [`super::findings`] know something that follows from this one, as it is kept.
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

    /// Brings what is kept beside the records up to a day, of at most so many records. What the log says stays.
    ///
    /// # Errors
    /// Errors of the database.
    fn keep(_conn: &mut DbConn, _day: NaiveDate, _limit: i64) -> Result<()> {
        Ok(())
    }

    /// How many records satisfy all conditions.
    ///
    /// # Errors
    /// Errors of the database.
    fn count(conn: &mut DbConn, conditions: Vec<Condition<Self::Table>>) -> Result<i64>;

    /// The records that satisfy all conditions, in order.
    ///
    /// # Errors
    /// Errors of the database.
    fn load(conn: &mut DbConn, rows: RowQuery<Self::Table>) -> Result<Vec<Stored<Self>>>;

    /// The codes of the records that satisfy all conditions, as a query within another.
    fn code_subquery(conditions: Vec<Condition<Self::Table>>) -> SqlFragment;

    /// The condition that the code is one of these.
    fn with_codes(codes: &[&str]) -> Condition<Self::Table>;

    /// The condition that a search finds the record.
    fn search_predicate(question: &SearchQuery) -> Condition<Self::Table>;

    /// The query of rows, for a look at how the database answers it.
    #[cfg(test)]
    fn plan(rows: RowQuery<Self::Table>) -> SqlFragment;

    /// The code as a key: the last one of every order.
    fn code_key() -> TextKey<Self::Table>;

    /// Which of these codes exist.
    ///
    /// # Errors
    /// Errors of the database.
    fn existing_codes(conn: &mut DbConn, codes: &[&str]) -> Result<Vec<String>>;

    /// Reads the sort key of a record, in the text form of cursors.
    ///
    /// # Errors
    /// Errors of the database.
    fn sort_key_value(conn: &mut DbConn, code: &str, key: SortKey<Self::Table>) -> Result<String>;

    /// Writes a record over what was there before, with what it links to.
    ///
    /// # Errors
    /// Errors of the database.
    fn save(tables: &mut Tables<'_>, stored: &Stored<Self>, before: Before<'_, Self>) -> Result<()>;

    /// Removes a record with its own links. Nothing refers to it any more.
    ///
    /// # Errors
    /// Errors of the database.
    fn remove(tables: &mut Tables<'_>, code: &str) -> Result<()>;
}

/// The description of the filter `q`.
const Q: &str = "Found by a full text search, as `GET /search` describes it; the order stays that of `sort`.";

/// A record as it is kept: with what the registry knows about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored<R> {
    /// The record.
    pub record: R,
    /// The revision of its last change.
    pub version: i64,
    /// When it was created.
    pub created_at: String,
    /// When it was changed last.
    pub updated_at: String,
}

/// The read-only fields that every record carries.
pub const READ_ONLY: [&str; 3] = ["version", "created_at", "updated_at"];

impl<R> From<(R, (i64, String, String))> for Stored<R> {
    fn from((record, (version, created_at, updated_at)): (R, (i64, String, String))) -> Self {
        Self { record, version, created_at, updated_at }
    }
}

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
    /// How many days before it an alarm rings.
    pub alarm: Option<u16>,
}

/// A code in a record that must exist in a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it stands.
    pub pointer: String,
    /// The collection it must exist in.
    pub to: &'static str,
    /// The code.
    pub code: String,
}

impl Reference {
    /// The defect that it refers to nothing.
    pub fn unknown(&self) -> Defect {
        let detail = format!("there is no {} among the {}", crate::values::quote(&self.code), self.to);
        Defect::pointer(self.pointer.clone(), "unknown_reference", detail)
    }
}

/// The references in a document, whether or not it is a valid record: every text at one of the places.
pub fn references_in(places: &[(&str, &'static str)], document: &Value) -> Vec<Reference> {
    let mut references = Vec::new();
    for (place, to) in places {
        let mut at = vec![(String::new(), document)];
        for step in place.split('/').skip(1) {
            at = at.into_iter().flat_map(|(pointer, value)| descend(&pointer, value, step)).collect();
        }
        let codes =
            at.into_iter().filter_map(|(pointer, value)| Some((pointer, value.as_str().filter(|c| !c.is_empty())?)));
        references.extend(codes.map(|(pointer, code)| Reference { pointer, to, code: code.to_owned() }));
    }
    references
}

fn descend<'v>(pointer: &str, value: &'v Value, step: &str) -> Vec<(String, &'v Value)> {
    match (step, value) {
        ("*", Value::Array(items)) => {
            items.iter().enumerate().map(|(index, item)| (format!("{pointer}/{index}"), item)).collect()
        }
        (field, Value::Object(fields)) => {
            fields.get(field).map(|value| (format!("{pointer}/{field}"), value)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// One way in which records of a kind refer to others.
#[derive(Debug)]
pub struct IncomingRef {
    /// The collection referred to.
    pub to: &'static str,
    /// The codes of (some of) the records that refer to a code.
    pub find: fn(&mut DbConn, &str) -> Result<Vec<String>>,
}

/// The codes to put under `expanded`, a list for each of the records.
pub type ExpansionCodes<R> = fn(&mut DbConn, &[Stored<R>], &FilterSet) -> Result<Vec<Vec<String>>>;

/// One thing that `expand` offers.
#[derive(Debug)]
pub struct Expansion<R: 'static> {
    /// Its name in `expand=`.
    pub name: &'static str,
    /// The collection its records come from.
    pub from: &'static str,
    /// Which records those are.
    pub codes: ExpansionCodes<R>,
}

/// Tells the codes of each record alone: an expansion that needs no query.
pub fn codes_of<R>(records: &[Stored<R>], codes: impl Fn(&R) -> Vec<String>) -> Result<Vec<Vec<String>>> {
    Ok(records.iter().map(|stored| codes(&stored.record)).collect())
}
