//! The view of commits that callers of the database have: its own, and those of other processes.

use std::sync::Arc;
use std::time::Duration;

use super::commit_signal::{CommitSignal, ForeignWrites};
use super::connection::Access;
use super::pool::{Db, Writers};
use crate::error::Result;

/// The time that the listener of new changes trusts silence: a notification can be lost with its connection.
const TRUST: Duration = Duration::from_secs(1);

impl Db {
    /// Rings after each commit through this value.
    pub fn commits(&self) -> Arc<CommitSignal> {
        self.inner.commits.clone()
    }

    /// Returns a connection of its own that tells of other processes' commits.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn foreign_writes(&self) -> Result<ForeignWrites> {
        ForeignWrites::listen(self.inner.url.open(Access::Read)?, TRUST)
    }

    /// Returns a number that moves whenever the log may have moved: at once for commits of this process, and on SQLite
    /// for all; on PostgreSQL within [`super::Limits::staleness`] for those of others.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn log_generation(&self) -> Result<u64> {
        let trust = self.inner.limits.staleness;
        self.inner
            .generations
            .current(&self.inner.commits, || ForeignWrites::listen(self.inner.url.open(Access::Read)?, trust))
    }

    /// Returns a number that moves with every commit, of any process and of any table. `None` where the database does
    /// not tell (PostgreSQL), or does not answer: then nothing read before may be believed.
    pub fn generation(&self) -> Option<u64> {
        match self.inner.writers {
            Writers::File(_) => self.log_generation().ok(),
            Writers::ReadOnly => None,
            #[cfg(feature = "postgres")]
            Writers::Server { .. } => None,
        }
    }
}
