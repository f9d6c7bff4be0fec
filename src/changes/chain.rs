//! The chain of hashes, checked: what a row says, its place and the rows before it cannot be changed unseen.

use diesel::prelude::*;

use super::log::{Change, Head, head_at, revision};
use crate::db::DbConn;
use crate::db::schema::changes;
use crate::error::Result;

/// The number of rows that are in memory at once.
const PAGE: i64 = 500;

/// A revision and its hash that were noted down elsewhere. The chain alone cannot tell a log that was made again from
/// its first change on, or cut at its end: a note can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The revision.
    pub revision: i64,
    /// Its hash.
    pub hash: String,
}

/// An error in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainError {
    /// The revision at which it shows.
    pub revision: i64,
    /// The error.
    pub detail: String,
}

/// Walks the log after a revision, up to another, and tells each flaw. The row before is taken for what it says: it is
/// the last one of another walk.
///
/// # Errors
/// Errors of the database and of `on_error`.
pub fn verify_chain(
    conn: &mut DbConn,
    after: i64,
    upto: i64,
    on_error: &mut dyn FnMut(ChainError) -> Result<()>,
) -> Result<()> {
    let mut head = head_at(conn, after)?;
    let mut last = after;
    while last < upto {
        let rows: Vec<Change> = changes::table
            .filter(changes::revision.gt(last))
            .filter(changes::revision.le(upto))
            .order(changes::revision)
            .limit(PAGE)
            .select(Change::as_select())
            .load(conn)?;
        let Some(end) = rows.last() else { break };
        last = end.revision;
        for row in rows {
            let mut wrong = |detail: String| on_error(ChainError { revision: row.revision, detail });
            let missing = head.revision + 1..row.revision;
            if !missing.is_empty() {
                wrong(format!("{} of the revisions before it are missing", missing.end - missing.start))?;
            }
            if row.compute_hash(&head.hash) != row.hash {
                wrong("its hash is not that of its content after the row before".to_owned())?;
            }
            if row.at < head.at {
                wrong(format!("its time, {}, is before that of the row before, {}", row.at, head.at))?;
            }
            head = Head { revision: row.revision, at: row.at, hash: row.hash };
        }
    }
    Ok(())
}

/// Compares the log with a revision and its hash that were noted down.
///
/// # Errors
/// Errors of the database.
pub fn verify_checkpoint(conn: &mut DbConn, checkpoint: &Checkpoint) -> Result<Option<ChainError>> {
    let row = head_at(conn, checkpoint.revision)?;
    let detail = if row.revision != checkpoint.revision {
        format!("noted, and not there: the last is {}", revision(conn)?)
    } else if row.hash != checkpoint.hash {
        format!("its hash is {}; noted was {}", row.hash, checkpoint.hash)
    } else {
        return Ok(None);
    };
    Ok(Some(ChainError { revision: checkpoint.revision, detail }))
}
