//! The chain of hashes, checked: what a row says, its place and the rows before it cannot be changed unseen.

use diesel::prelude::*;

use super::{Change, Head, ZEROS};
use crate::db::DbConn;
use crate::db::schema::changes;
use crate::error::Result;

/// How many rows are in memory at once.
const PAGE: i64 = 500;

/// A revision and its hash that were noted down elsewhere. The chain alone cannot tell a log that was made anew from its
/// first change on, or cut at its end: a note can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The revision.
    pub revision: i64,
    /// Its hash.
    pub hash: String,
}

/// What is wrong with the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The revision at which it shows.
    pub revision: i64,
    /// What is wrong.
    pub detail: String,
}

/// Walks the whole log, tells each flaw, and tells `walked` how far it is. Gives the end of the log.
///
/// # Errors
/// What the database says; what `flaw` says.
pub fn check(
    conn: &mut DbConn,
    noted: Option<&Noted>,
    walked: &mut dyn FnMut(i64),
    flaw: &mut dyn FnMut(Flaw) -> Result<()>,
) -> Result<Head> {
    let mut head = Head { revision: 0, at: String::new(), hash: ZEROS.to_owned() };
    let mut found = noted.is_none_or(|noted| noted.revision == 0 && noted.hash == ZEROS);
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
            let mut wrong = |detail: String| flaw(Flaw { revision: row.revision, detail });
            let missing = head.revision + 1..row.revision;
            if !missing.is_empty() {
                wrong(format!("{} of the revisions before it are missing", missing.end - missing.start))?;
            }
            if row.seal(&head.hash) != row.hash {
                wrong("its hash is not that of its content after the row before".to_owned())?;
            }
            if row.at < head.at {
                wrong(format!("its time, {}, is before that of the row before, {}", row.at, head.at))?;
            }
            if let Some(noted) = noted.filter(|noted| noted.revision == row.revision) {
                found = true;
                if noted.hash != row.hash {
                    wrong(format!("its hash is {}; noted was {}", row.hash, noted.hash))?;
                }
            }
            head = Head { revision: row.revision, at: row.at, hash: row.hash };
        }
        walked(head.revision);
    }
    if let Some(noted) = noted.filter(|_| !found) {
        flaw(Flaw {
            revision: noted.revision,
            detail: format!("noted, and not there: the last is {}", head.revision),
        })?;
    }
    Ok(head)
}
