//! Signals of commits: those of this process come at once, those of other processes are asked for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::connection::DbConn;
#[cfg(feature = "postgres")]
use super::dialect::LOG_CHANNEL;
use super::dialect::read_transaction;
use super::raw_sql::RawSql;
use super::tally;
use crate::error::Result;
use crate::measure::{Distribution, Histogram};

/// The bounds between which records of a commit are counted: one write, writes that share a commit, imports.
const RECORDS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 1_000, 10_000, 100_000];

/// A bell that rings after each commit of this process.
#[derive(Debug)]
pub struct CommitSignal {
    generation: Mutex<u64>,
    changed: Condvar,
    made: AtomicU64,
    records: Histogram,
}

impl Default for CommitSignal {
    fn default() -> Self {
        let records = Histogram::new(&RECORDS);
        Self { generation: Mutex::default(), changed: Condvar::default(), made: AtomicU64::default(), records }
    }
}

impl CommitSignal {
    /// Counts a commit that this thread has made, and rings.
    pub(super) fn record(&self) {
        self.made.fetch_add(1, Ordering::Relaxed);
        let records = tally::records();
        if records > 0 {
            self.records.observe(records);
        }
        self.notify();
    }

    /// Returns the number of commits, and the numbers of records of those that wrote any.
    pub(super) fn stats(&self) -> (u64, Distribution) {
        (self.made.load(Ordering::Relaxed), self.records.read())
    }

    /// Wakes who waits.
    pub fn notify(&self) {
        let mut generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        *generation = generation.wrapping_add(1);
        drop(generation);
        self.changed.notify_all();
    }

    /// Returns the number of signals so far.
    pub(super) fn generation(&self) -> u64 {
        *self.generation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it has rung more often than `seen`, for so long at most; tells how often it has rung.
    pub fn wait(&self, seen: u64, at_most: Option<Duration>) -> u64 {
        let generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        let unchanged = |generation: &mut u64| *generation == seen;
        match at_most {
            None => *self.changed.wait_while(generation, unchanged).unwrap_or_else(PoisonError::into_inner),
            Some(time) => {
                *self.changed.wait_timeout_while(generation, time, unchanged).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }
}

/// A connection that tells whether other processes have written. Asking costs next to nothing.
pub struct ForeignWrites {
    conn: DbConn,
    seen: LastSeen,
}

enum LastSeen {
    /// `PRAGMA data_version`, which changes with every commit of another connection.
    Version(i64),
    /// The time of the last message: a notification can be lost with its connection, so that silence is not trusted.
    #[cfg(feature = "postgres")]
    At {
        at: std::time::Instant,
        /// The time that silence is trusted.
        trust: Duration,
    },
}

impl ForeignWrites {
    /// Listens on a connection. Where a lost notification is possible (PostgreSQL), silence is trusted for `trust`.
    pub(super) fn listen(mut conn: DbConn, trust: Duration) -> Result<Self> {
        #[cfg(not(feature = "postgres"))]
        let _ = trust;
        let seen = match &mut conn {
            DbConn::Sqlite(_) => LastSeen::Version(0),
            #[cfg(feature = "postgres")]
            DbConn::Postgres(inner) => {
                diesel::sql_query(format!("LISTEN {LOG_CHANNEL}")).execute(inner)?;
                LastSeen::At { at: std::time::Instant::now(), trust }
            }
        };
        Ok(Self { conn, seen })
    }

    /// Tells whether another process may have written since the last call.
    ///
    /// # Errors
    /// When the database does not answer; then a new connection is needed.
    pub fn changed(&mut self) -> Result<bool> {
        match (&mut self.conn, &mut self.seen) {
            (conn @ DbConn::Sqlite(_), LastSeen::Version(seen)) => {
                let version = data_version(conn)?;
                Ok(std::mem::replace(seen, version) != version)
            }
            #[cfg(feature = "postgres")]
            (DbConn::Postgres(inner), LastSeen::At { at, trust }) => {
                let mut notified = false;
                for notification in inner.notifications_iter() {
                    notification?;
                    notified = true;
                }
                let wrote = notified || at.elapsed() >= *trust;
                if wrote {
                    *at = std::time::Instant::now();
                }
                Ok(wrote)
            }
            #[cfg(feature = "postgres")]
            _ => Ok(true),
        }
    }

    /// Reads in one snapshot.
    ///
    /// # Errors
    /// Errors of `read`.
    pub fn read<T>(&mut self, read: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
        read_transaction(&mut self.conn, read)
    }
}

fn data_version(conn: &mut DbConn) -> Result<i64> {
    // Diesel keeps this statement prepared, which it does not do for `sql_query`.
    let (version,) = RawSql::new("PRAGMA data_version").returning::<(BigInt,)>().get_result::<(i64,)>(conn)?;
    Ok(version)
}
