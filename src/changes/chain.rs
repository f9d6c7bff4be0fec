//! The chain of hashes, checked: what a row says, its place and the rows before it cannot be changed unseen.

use diesel::prelude::*;

use super::log::{Change, Head, ZEROS};
use crate::db::DbConn;
use crate::db::schema::changes;
use crate::error::Result;

/// How many rows are in memory at once.
const PAGE: i64 = 500;

/// A revision and its hash that were noted down elsewhere. The chain alone cannot tell a log that was made anew from
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

/// Walks the whole log, tells each flaw, and tells `on_progress` how far it is. Gives the end of the log.
///
/// # Errors
/// Errors of the database and of `on_error`.
pub fn verify_chain(
    conn: &mut DbConn,
    checkpoint: Option<&Checkpoint>,
    on_progress: &mut dyn FnMut(i64),
    on_error: &mut dyn FnMut(ChainError) -> Result<()>,
) -> Result<Head> {
    let mut head = Head { revision: 0, at: String::new(), hash: ZEROS.to_owned() };
    let mut found = checkpoint.is_none_or(|checkpoint| checkpoint.revision == 0 && checkpoint.hash == ZEROS);
    loop {
        let rows: Vec<Change> = changes::table
            .filter(changes::revision.gt(head.revision))
            .order(changes::revision)
            .limit(PAGE)
            .select(Change::as_select())
            .load(conn)?;
        if rows.is_empty() {
            break;
        }
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
            if let Some(checkpoint) = checkpoint.filter(|checkpoint| checkpoint.revision == row.revision) {
                found = true;
                if checkpoint.hash != row.hash {
                    wrong(format!("its hash is {}; noted was {}", row.hash, checkpoint.hash))?;
                }
            }
            head = Head { revision: row.revision, at: row.at, hash: row.hash };
        }
        on_progress(head.revision);
    }
    if let Some(checkpoint) = checkpoint.filter(|_| !found) {
        on_error(ChainError {
            revision: checkpoint.revision,
            detail: format!("noted, and not there: the last is {}", head.revision),
        })?;
    }
    Ok(head)
}
