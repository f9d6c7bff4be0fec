//! The changes between two revisions: the records that were written, and each before and after.

use std::collections::BTreeMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::entry::{Entry, entries};
use super::log::{Action, Change};
use crate::db::DbConn;
use crate::db::schema::changes;
use crate::error::Result;

/// The number of rows of the log that are read at once.
const PAGE: i64 = 5_000;
/// The number of revisions that a query names.
const CHUNK: usize = 500;

diesel::alias! {
    const LATER: Alias<LaterWrites> = changes as later_writes;
}

/// A record that was written between two revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Its collection.
    pub resource: String,
    /// Its code.
    pub key: String,
    /// Its first change after the earlier revision.
    pub first: i64,
    /// Its last change up to the later one.
    pub last: i64,
    /// The users who wrote it, each once, in the order of their first writes.
    pub actors: Vec<String>,
}

/// A record at the earlier revision and at the later one. JSON; `None` where it does not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transition {
    /// The record at the earlier revision.
    pub before: Option<String>,
    /// The record at the later one.
    pub after: Option<String>,
}

/// Finds the records of a collection, or of all, that were written after the revision `after` and up to `upto`.
///
/// # Errors
/// Errors of the database.
pub fn touched(conn: &mut DbConn, after: i64, upto: i64, resource: Option<&str>) -> Result<Vec<Touched>> {
    let mut found: BTreeMap<(String, String), Touched> = BTreeMap::new();
    let mut page = after;
    loop {
        let mut query = changes::table
            .filter(changes::revision.gt(page))
            .filter(changes::revision.le(upto))
            .order(changes::revision)
            .limit(PAGE)
            .select((changes::revision, changes::resource, changes::key, changes::actor))
            .into_boxed();
        if let Some(resource) = resource {
            query = query.filter(changes::resource.eq(resource.to_owned()));
        }
        let rows: Vec<(i64, String, String, String)> = query.load(conn)?;
        let Some((last, ..)) = rows.last() else { return Ok(found.into_values().collect()) };
        page = *last;
        for (revision, resource, key, actor) in rows {
            let one = found.entry((resource.clone(), key.clone())).or_insert_with(|| Touched {
                resource,
                key,
                first: revision,
                last: revision,
                actors: Vec::new(),
            });
            one.last = revision;
            if !one.actors.contains(&actor) {
                one.actors.push(actor);
            }
        }
    }
}

/// Reads each of these records before and after, in their order. Call it with some hundreds at a time.
///
/// # Errors
/// Errors of the database.
pub fn transitions(conn: &mut DbConn, touched: &[Touched]) -> Result<Vec<Transition>> {
    let mut revisions: Vec<i64> = touched.iter().flat_map(|one| [one.first, one.last]).collect();
    revisions.sort_unstable();
    revisions.dedup();
    let mut rows: BTreeMap<i64, Entry> = BTreeMap::new();
    for revisions in revisions.chunks(CHUNK) {
        let found: Vec<Entry> = entries().filter(changes::revision.eq_any(revisions.to_vec())).load(conn)?;
        rows.extend(found.into_iter().map(|entry| (entry.change.revision, entry)));
    }
    let transition = |one: &Touched| Transition {
        before: rows.get(&one.first).and_then(|entry| match entry.change.action {
            // A deletion tells what there was.
            Action::Deleted => Some(entry.change.document.clone()),
            Action::Updated => entry.before.clone(),
            Action::Created => None,
        }),
        after: rows.get(&one.last).and_then(document),
    };
    Ok(touched.iter().map(transition).collect())
}

fn document(entry: &Entry) -> Option<String> {
    (entry.change.action != Action::Deleted).then(|| entry.change.document.clone())
}

/// Returns the documents of these records of a collection as they were at a revision, by code.
///
/// # Errors
/// Errors of the database.
pub fn documents_at(conn: &mut DbConn, resource: &str, keys: &[&str], upto: i64) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for keys in keys.chunks(CHUNK) {
        let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
        let rows: Vec<Change> =
            last_writes(resource, upto).filter(changes::key.eq_any(keys)).select(Change::as_select()).load(conn)?;
        let there = rows.into_iter().filter(|change| change.action != Action::Deleted);
        found.extend(there.map(|change| (change.key, change.document)));
    }
    Ok(found)
}

/// Returns the documents of all records of a collection as they were at a revision, in the order of their codes.
///
/// # Errors
/// Errors of the database.
pub fn last_documents(conn: &mut DbConn, resource: &str, upto: i64) -> Result<Vec<(String, String)>> {
    Ok(last_writes(resource, upto)
        .filter(changes::action.ne(Action::Deleted))
        .order(changes::key)
        .select((changes::key, changes::document))
        .load(conn)?)
}

/// Returns the last change of each record of a collection up to a revision.
fn last_writes<'a>(resource: &str, upto: i64) -> changes::BoxedQuery<'a, crate::db::DbBackend> {
    let later = LATER
        .filter(LATER.field(changes::resource).eq(changes::resource))
        .filter(LATER.field(changes::key).eq(changes::key))
        .filter(LATER.field(changes::revision).gt(changes::revision))
        .filter(LATER.field(changes::revision).le(upto));
    changes::table
        .filter(changes::resource.eq(resource.to_owned()))
        .filter(changes::revision.le(upto))
        .filter(not(exists(later)))
        .into_boxed()
}
