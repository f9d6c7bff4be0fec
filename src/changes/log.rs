//! The rows of the log: what each says, its hash, and how one is appended.

use aws_lc_rs::digest::{SHA256, digest};
use diesel::prelude::*;
use serde_json::Value;

use crate::db::schema::changes;
use crate::db::{DbConn, on};
use crate::error::{Error, Result};
use crate::values::{hex, text_enum};

text_enum! {
    /// The kind of a change to a record.
    pub enum Action {
        /// It was not there before.
        Created = "created",
        /// It was, and has changed.
        Updated = "updated",
        /// It is gone; the document is what it was.
        Deleted = "deleted",
    }
}

/// One row of the log.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = changes)]
#[diesel(treat_none_as_default_value = false)]
pub struct Change {
    /// 1, 2, 3 … in commit order, without gaps.
    pub revision: i64,
    /// When, in the form of [`crate::clock::stamp`]; never before the row before.
    pub at: String,
    /// The author: a user name, or the command line.
    pub actor: String,
    /// The kind of the change.
    pub action: Action,
    /// The collection: `projects`.
    pub resource: String,
    /// The record's code.
    pub key: String,
    /// The id that changes made together share (an import), if this is one of several.
    pub batch: Option<String>,
    /// The full record after the change; before it, for a deletion. JSON.
    pub document: String,
    /// SHA-256 over the hash before and this row, in hexadecimal.
    pub hash: String,
    /// The version that a restore wrote again, if this was one.
    pub restored_from: Option<i64>,
}

impl Change {
    /// The document as JSON.
    ///
    /// # Errors
    /// [`Error::Internal`] when the log has been tampered with.
    pub fn document(&self) -> Result<Value> {
        self.parse(&self.document)
    }

    pub(super) fn parse(&self, document: &str) -> Result<Value> {
        serde_json::from_str(document)
            .map_err(|error| Error::internal(format!("the document of revision {} is not JSON", self.revision), error))
    }

    /// Computes the hash of this row, which follows a row with the hash `before`.
    pub fn compute_hash(&self, before: &str) -> String {
        // A JSON array of strings: no two different rows read alike.
        let revision = self.revision.to_string();
        let mut content = vec![
            Some(before),
            Some(&revision),
            Some(&self.at),
            Some(&self.actor),
            Some(self.action.as_str()),
            Some(&self.resource),
            Some(&self.key),
            self.batch.as_deref(),
            Some(&self.document),
        ];
        // Only a restore has a tenth: rows from before restores were told keep their hash.
        let restored_from = self.restored_from.map(|revision| revision.to_string());
        content.extend(restored_from.as_deref().map(Some));
        // Texts are always written.
        let content = serde_json::to_vec(&content).unwrap_or_default();
        hex(digest(&SHA256, &content).as_ref())
    }
}

/// The hash before the first row.
pub(super) const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The last revision and its hash; 0 and zeros in an empty log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last revision.
    pub revision: i64,
    /// When it was made; empty in an empty log.
    pub at: String,
    /// Its hash.
    pub hash: String,
}

/// The last revision and its hash.
///
/// # Errors
/// Errors of the database.
pub fn head(conn: &mut DbConn) -> Result<Head> {
    head_at(conn, i64::MAX)
}

/// The last revision up to this one, and its hash.
pub(super) fn head_at(conn: &mut DbConn, revision: i64) -> Result<Head> {
    let last = changes::table
        .filter(changes::revision.le(revision))
        .select((changes::revision, changes::at, changes::hash))
        .order(changes::revision.desc())
        .limit(1);
    let last = on!(conn, conn => last.get_result::<(i64, String, String)>(conn)).optional()?;
    Ok(match last {
        Some((revision, at, hash)) => Head { revision, at, hash },
        None => Head { revision: 0, at: String::new(), hash: ZEROS.to_owned() },
    })
}

/// The hash of a revision; zeros before the first.
///
/// # Errors
/// Errors of the database.
pub fn hash_of(conn: &mut DbConn, revision: i64) -> Result<String> {
    let row = changes::table.filter(changes::revision.eq(revision)).select(changes::hash);
    Ok(on!(conn, conn => row.get_result(conn)).optional()?.unwrap_or_else(|| ZEROS.to_owned()))
}

/// The last revision: what every ETag of more than one record says.
///
/// # Errors
/// Errors of the database.
pub fn revision(conn: &mut DbConn) -> Result<i64> {
    let last = changes::table.select(diesel::dsl::max(changes::revision));
    Ok(on!(conn, conn => last.get_result::<Option<i64>>(conn))?.unwrap_or(0))
}

/// Appends one row after `head`, and moves `head` to it.
pub(crate) fn append(conn: &mut DbConn, head: &mut Head, mut change: Change) -> Result<()> {
    change.revision = head.revision + 1;
    change.hash = change.compute_hash(&head.hash);
    on!(conn, conn => diesel::insert_into(changes::table).values(&change).execute(conn))?;
    *head = Head { revision: change.revision, at: change.at, hash: change.hash };
    Ok(())
}

/// How many changes a record has seen up to the revision `newest`.
///
/// # Errors
/// Errors of the database.
pub fn count(conn: &mut DbConn, resource: &str, key: &str, newest: i64) -> Result<i64> {
    Ok(changes::table
        .filter(changes::resource.eq(resource))
        .filter(changes::key.eq(key))
        .filter(changes::revision.le(newest))
        .count()
        .get_result(conn)?)
}

/// The change of a record with exactly this revision.
///
/// # Errors
/// Errors of the database.
pub fn find(conn: &mut DbConn, resource: &str, key: &str, revision: i64) -> Result<Option<Change>> {
    Ok(changes::table
        .filter(changes::revision.eq(revision))
        .filter(changes::resource.eq(resource))
        .filter(changes::key.eq(key))
        .select(Change::as_select())
        .get_result(conn)
        .optional()?)
}
