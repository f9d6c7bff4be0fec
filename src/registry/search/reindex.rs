//! The values that the program derives from each record (search rows, sort keys): made for records that have none yet,
//! compared on demand.

use std::collections::HashMap;

use diesel::prelude::*;

use super::pending_rows::Entry;
use crate::clock;
use crate::db::schema::search_index;
use crate::db::{DbConn, in_list, lock_log, migrate_and, write_transaction};
use crate::error::Result;
use crate::registry::findings::Pending;
use crate::registry::query::{CHUNK, RowQuery};
use crate::registry::resource::Resource;
use crate::registry::resource_info::{ResourceInfo, ResourceVisitor, keep, visit_resources};
use crate::registry::stored::Stored;
use crate::registry::tables::{Before, Tables};

/// Brings a database up to this program: its tables, and what is derived from each record, where the search index is
/// not whole: a migration that adds a column which the program fills empties it. Returns the migrations that were
/// applied.
///
/// # Errors
/// As [`crate::db::migrate`].
pub fn migrate(conn: &mut DbConn) -> Result<Vec<String>> {
    migrate_and(conn, |conn| {
        write_transaction(conn, |conn| {
            // Two instances that start together must not fill it together.
            lock_log(conn)?;
            if is_whole(conn)? { keep(conn, clock::today(), i64::MAX) } else { rebuild(conn) }
        })
    })
}

/// Tells whether the index has as many rows as there are records. One that was emptied, and not filled because the
/// program was killed, can have those rows that an older program has written since.
fn is_whole(conn: &mut DbConn) -> Result<bool> {
    struct Count<'a>(&'a mut DbConn);
    impl ResourceVisitor for Count<'_> {
        type Output = Result<i64>;

        fn visit<R: Resource>(&mut self) -> Result<i64> {
            R::count(self.0, Vec::new())
        }
    }
    let rows: i64 = search_index::table.count().get_result(conn)?;
    let records = visit_resources(&mut Count(conn)).sum::<Result<i64>>()?;
    Ok(rows >= records)
}

/// Makes the whole index anew, and writes every record again with its sort keys. Its lists are left alone: nothing in
/// them is derived. Call it in a transaction that holds [`lock_log`].
///
/// # Errors
/// Errors of the database.
pub fn rebuild(conn: &mut DbConn) -> Result<()> {
    struct Fill<'a> {
        conn: &'a mut DbConn,
        pending: Pending,
    }
    impl ResourceVisitor for Fill<'_> {
        type Output = Result<()>;

        fn visit<R: Resource>(&mut self) -> Result<()> {
            let pending = &mut self.pending;
            pieces::<R>(self.conn, &mut |conn, records| {
                let mut tables = Tables::of(conn, pending);
                records.iter().try_for_each(|stored| tables.save(stored, Before::Stale(&stored.record)))
            })
        }
    }
    diesel::delete(search_index::table).execute(conn)?;
    let mut fill = Fill { conn, pending: Pending::default() };
    visit_resources(&mut fill).collect::<Result<()>>()?;
    fill.pending.settle(fill.conn)
}

/// How the index differs from the registry at a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A record is not in the index.
    Missing(&'static str, String),
    /// A row of the index differs from the record.
    Different(&'static str, String),
    /// The index holds a record that does not exist.
    Orphaned(String, String),
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(collection, code) => write!(f, "{collection}/{code} is missing from the search index"),
            Self::Different(collection, code) => write!(f, "{collection}/{code} differs in the search index"),
            Self::Orphaned(collection, code) => {
                write!(f, "{collection}/{code} is in the search index and not in the registry")
            }
        }
    }
}

/// Every difference between the index and the registry. None is as it should be.
///
/// # Errors
/// Errors of the database.
pub fn differences(conn: &mut DbConn) -> Result<Vec<Difference>> {
    struct Compare<'a>(&'a mut DbConn, Vec<Difference>);
    impl ResourceVisitor for Compare<'_> {
        type Output = Result<()>;

        fn visit<R: Resource>(&mut self) -> Result<()> {
            let found = &mut self.1;
            pieces::<R>(self.0, &mut |conn, records| {
                found.extend(differences_of(conn, records)?);
                Ok(())
            })
        }
    }
    let mut compare = Compare(conn, Vec::new());
    visit_resources(&mut compare).collect::<Result<()>>()?;
    let Compare(conn, mut found) = compare;
    found.extend(orphaned(conn)?);
    Ok(found)
}

/// The work on each piece of a collection.
type Work<'a, R> = &'a mut dyn FnMut(&mut DbConn, &[Stored<R>]) -> Result<()>;

/// The records of a kind, in pieces of [`CHUNK`].
fn pieces<R: Resource>(conn: &mut DbConn, each: Work<'_, R>) -> Result<()> {
    let limit = i64::try_from(CHUNK).unwrap_or(i64::MAX);
    let mut after: Option<String> = None;
    loop {
        let beyond = after
            .take()
            .map(|code| -> crate::registry::query::Condition<R::Table> { Box::new(R::code_key().gt(code)) });
        let records = R::load(conn, RowQuery::by_code(beyond.into_iter().collect(), limit))?;
        let Some(last) = records.last() else { return Ok(()) };
        after = Some(last.record.code().to_owned());
        each(conn, &records)?;
    }
}

/// The differences between the index and these records.
///
/// # Errors
/// Errors of the database.
pub fn differences_of<R: Resource>(conn: &mut DbConn, records: &[Stored<R>]) -> Result<Vec<Difference>> {
    let codes: Vec<&str> = records.iter().map(|stored| stored.record.code()).collect();
    let rows: Vec<(String, String, String, Option<String>)> = search_index::table
        .filter(search_index::resource.eq(R::COLLECTION))
        .filter(in_list(search_index::key, codes))
        .select((search_index::key, search_index::names, search_index::texts, search_index::likeness))
        .load(conn)?;
    let entry = |names, texts, likeness| Entry { names, texts, likeness };
    let mut rows: HashMap<String, Entry> =
        rows.into_iter().map(|(key, names, texts, likeness)| (key, entry(names, texts, likeness))).collect();
    let mut found = Vec::new();
    for stored in records {
        let code = stored.record.code();
        match rows.remove(code) {
            None => found.push(Difference::Missing(R::COLLECTION, code.to_owned())),
            Some(entry) if entry != Entry::of(&stored.record)? => {
                found.push(Difference::Different(R::COLLECTION, code.to_owned()));
            }
            Some(_) => {}
        }
    }
    Ok(found)
}

/// The rows of the index whose records do not exist.
///
/// # Errors
/// Errors of the database.
pub fn orphaned(conn: &mut DbConn) -> Result<Vec<Difference>> {
    let mut found = Vec::new();
    let mut after = 0_i64;
    loop {
        let rows: Vec<(i64, String, String)> = search_index::table
            .filter(search_index::id.gt(after))
            .order(search_index::id)
            .limit(i64::try_from(CHUNK).unwrap_or(i64::MAX))
            .select((search_index::id, search_index::resource, search_index::key))
            .load(conn)?;
        let Some((last, ..)) = rows.last() else { return Ok(found) };
        after = *last;
        let mut collections: Vec<&str> = rows.iter().map(|(_, collection, _)| collection.as_str()).collect();
        collections.sort_unstable();
        collections.dedup();
        for collection in collections {
            let here = rows.iter().filter(|(_, other, _)| other == collection);
            let codes: Vec<&str> = here.map(|(.., code)| code.as_str()).collect();
            let existing = match ResourceInfo::find(collection) {
                Some(kind) => (kind.existing_codes)(conn, &codes)?,
                None => Vec::new(),
            };
            let lost = codes.into_iter().filter(|code| !existing.iter().any(|known| known == code));
            found.extend(lost.map(|code| Difference::Orphaned(collection.to_owned(), code.to_owned())));
        }
    }
}
