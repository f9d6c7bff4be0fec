//! Rows of the search index that are still to be written: many at once, since SQLite's full text index writes its words
//! down at the end of each statement.

use std::collections::BTreeMap;

use diesel::RunQueryDsl;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use serde_json::json;

use crate::db::{DbConn, on};
use crate::error::Result;

/// The row of a record in the index: each field between bars, `| venus | etats unis |`, so that no phrase spans two;
/// and the text by which likely duplicates are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) names: String,
    pub(super) texts: String,
    pub(super) likeness: Option<String>,
}

/// Rows of the search index that are still to be written, by the collection and the code of their records.
#[derive(Debug, Default)]
pub(in crate::registry) struct PendingRows(BTreeMap<(&'static str, String), Entry>);

impl PendingRows {
    /// Adds the row of a record, in place of one that waits.
    pub(super) fn add(&mut self, collection: &'static str, code: &str, entry: Entry) {
        self.0.insert((collection, code.to_owned()), entry);
    }

    /// The row of a record, if it waits.
    pub(super) fn get(&self, collection: &'static str, code: &str) -> Option<&Entry> {
        self.0.get(&(collection, code.to_owned()))
    }

    /// Forgets the row of a record.
    pub(super) fn remove(&mut self, collection: &'static str, code: &str) -> Option<Entry> {
        self.0.remove(&(collection, code.to_owned()))
    }

    /// How many wait.
    pub(in crate::registry) fn len(&self) -> usize {
        self.0.len()
    }

    /// Writes them all.
    ///
    /// # Errors
    /// Errors of the database.
    pub(in crate::registry) fn write(&mut self, conn: &mut DbConn) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.0).into_iter();
        let rows = rows.map(|((resource, key), Entry { names, texts, likeness })| {
            json!({ "resource": resource, "key": key, "names": names, "texts": texts, "likeness": likeness })
        });
        let upsert = UpsertRows(rows.collect::<serde_json::Value>().to_string());
        on!(conn, conn => upsert.execute(conn))?;
        Ok(())
    }
}

/// The statement that writes rows, given as an array in JSON.
#[derive(Debug, QueryId)]
struct UpsertRows(String);

impl<Conn> RunQueryDsl<Conn> for UpsertRows {}

const INSERT: &str = "INSERT INTO search_index (resource, key, names, texts, likeness) ";
const UPDATE: &str = " ON CONFLICT (resource, key) DO UPDATE SET \
    names = excluded.names, texts = excluded.texts, likeness = excluded.likeness";

impl QueryFragment<Sqlite> for UpsertRows {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(INSERT);
        out.push_sql(
            "SELECT value ->> 'resource', value ->> 'key', value ->> 'names', value ->> 'texts', value ->> 'likeness' \
             FROM json_each(",
        );
        out.push_bind_param::<Text, _>(&self.0)?;
        // Without a condition, ON would be read as that of a join.
        out.push_sql(") WHERE true");
        out.push_sql(UPDATE);
        Ok(())
    }
}

#[cfg(feature = "postgres")]
impl QueryFragment<diesel::pg::Pg> for UpsertRows {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, diesel::pg::Pg>) -> QueryResult<()> {
        out.push_sql(INSERT);
        out.push_sql("SELECT resource, key, names, texts, likeness FROM json_to_recordset(");
        out.push_bind_param::<Text, _>(&self.0)?;
        out.push_sql("::json) AS rows (resource text, key text, names text, texts text, likeness text)");
        out.push_sql(UPDATE);
        Ok(())
    }
}
