//! A write that waits for its turn, and for the commit that it shares with others.

use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "postgres")]
use std::sync::mpsc::RecvError;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use diesel::Connection as _;

use crate::db::connection::DbConn;
use crate::error::{Error, Result};

/// Runs a job, or takes the reason why it cannot run.
type Run = Box<dyn FnOnce(Result<&mut DbConn>) -> Ran + Send>;

/// A write that is to be made.
pub(super) struct Job {
    /// True if it has a transaction of its own, since it writes much. In a savepoint SQLite keeps every page that it
    /// changes in memory as it was, and goes through all of them at the end of each statement.
    pub(super) alone: bool,
    /// The work.
    pub(super) run: Run,
}

/// Answers the caller once it is known how the commit went.
pub(super) type Reply = Box<dyn FnOnce(Commit)>;

/// A job that has run and is not committed yet.
pub(super) struct Ran {
    pub(super) reply: Reply,
    /// True if it failed.
    pub(super) failed: bool,
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

/// The jobs that wait.
pub(super) struct Queue<'a> {
    jobs: &'a Receiver<Job>,
    /// The first of them, where it was taken out too early.
    first: Option<Job>,
}

impl<'a> Queue<'a> {
    pub(super) fn new(jobs: &'a Receiver<Job>) -> Self {
        Self { jobs, first: None }
    }

    /// Waits for a job.
    #[cfg(feature = "postgres")]
    pub(super) fn recv(&mut self) -> std::result::Result<Job, RecvError> {
        self.first.take().map_or_else(|| self.jobs.recv(), Ok)
    }

    /// Waits for a job until the time is over.
    pub(super) fn recv_timeout(&mut self, timeout: Duration) -> std::result::Result<Job, RecvTimeoutError> {
        self.first.take().map_or_else(|| self.jobs.recv_timeout(timeout), Ok)
    }

    /// Takes a job that waits and shares a transaction.
    pub(super) fn try_recv_shared(&mut self) -> Option<Job> {
        let job = self.jobs.try_recv().ok()?;
        if job.alone {
            self.first = Some(job);
            return None;
        }
        Some(job)
    }
}

/// Runs a job; a panic is its failure.
pub(super) fn catch<T>(conn: &mut DbConn, write: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(|| write(conn)))
        .unwrap_or_else(|_| Err(Error::internal("a write panicked", "see the log before this line")))
}

/// Runs a job so that its failure takes back what it wrote, and no more.
#[expect(clippy::disallowed_methods, reason = "a savepoint inside the writer's own transaction")]
pub(super) fn in_savepoint<T>(conn: &mut DbConn, write: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
    let mut failed = None;
    let result = conn.transaction(|conn| {
        catch(conn, write).map_err(|error| {
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
