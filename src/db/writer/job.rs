//! A write that waits for its turn, and for the commit that it shares with others.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::Connection as _;

use crate::db::connection::DbConn;
use crate::error::{Error, Result};

/// Runs a job in its savepoint, or is told why it cannot be.
pub(super) type Job = Box<dyn FnOnce(Result<&mut DbConn>) -> Ran + Send>;
/// Answers the caller once it is known how the commit went.
pub(super) type Reply = Box<dyn FnOnce(Commit)>;

/// A job that has run and is not committed yet.
pub(super) struct Ran {
    pub(super) reply: Reply,
    /// True if it failed for want of space.
    pub(super) storage_full: bool,
    /// True if it has met damage of the database. Then not even the others are committed.
    pub(super) damaged: bool,
}

/// How the commit went that a job was part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Commit {
    Done,
    /// The disk filled up: the write-ahead log is written at the commit. Nothing of it is kept.
    StorageFull,
    /// SQLite took the whole transaction back because of one job. Nothing of it is kept.
    RolledBack,
    Failed,
}

/// Runs a job so that its failure takes back what it wrote, and no more.
#[expect(clippy::disallowed_methods, reason = "a savepoint inside the writer's own transaction")]
pub(super) fn in_savepoint<T>(conn: &mut DbConn, write: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
    let mut failed = None;
    let result = conn.transaction(|conn| {
        let result = catch_unwind(AssertUnwindSafe(|| write(conn)))
            .unwrap_or_else(|_| Err(Error::internal("a write panicked", "see the log before this line")));
        result.map_err(|error| {
            failed = Some(error);
            Error::internal("a write failed", "its own error says why")
        })
    });
    // Where the whole transaction is gone, diesel complains of the savepoint: the job's own error is the cause.
    match failed {
        Some(error) => Err(error),
        None => result,
    }
}
