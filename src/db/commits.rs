//! Who waits for commits: those of this process wake them at once, those of other processes are asked for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::connection::DbConn;
#[cfg(feature = "postgres")]
use super::dialect::LOG_CHANNEL;
use super::dialect::read_transaction;
use super::tally;
use crate::error::Result;
use crate::measure::{Distribution, Histogram};

/// The bounds between which records of a commit are counted: one write, writes that share a commit, imports.
const RECORDS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 1_000, 10_000, 100_000];

/// A bell that rings after each commit of this process.
#[derive(Debug)]
pub struct Commits {
    rung: Mutex<u64>,
    ringing: Condvar,
    made: AtomicU64,
    records: Histogram,
}

impl Default for Commits {
    fn default() -> Self {
        let records = Histogram::new(&RECORDS);
        Self { rung: Mutex::default(), ringing: Condvar::default(), made: AtomicU64::default(), records }
    }
}

impl Commits {
    /// Counts a commit that this thread has made, and rings.
    pub(super) fn made(&self) {
        self.made.fetch_add(1, Ordering::Relaxed);
        let records = tally::records();
        if records > 0 {
            self.records.observe(records);
        }
        self.ring();
    }

    /// How many commits were made, and how many records each wrote, of those that wrote any.
    pub(super) fn stats(&self) -> (u64, Distribution) {
        (self.made.load(Ordering::Relaxed), self.records.read())
    }

    /// Wakes who waits.
    pub fn ring(&self) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        *rung = rung.wrapping_add(1);
        drop(rung);
        self.ringing.notify_all();
    }

    /// How often it has rung.
    pub(super) fn count(&self) -> u64 {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it has rung more often than `heard`, for so long at most; tells how often it has rung.
    pub fn wait(&self, heard: u64, at_most: Option<Duration>) -> u64 {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let silent = |rung: &mut u64| *rung == heard;
        match at_most {
            None => *self.ringing.wait_while(rung, silent).unwrap_or_else(PoisonError::into_inner),
            Some(time) => {
                *self.ringing.wait_timeout_while(rung, time, silent).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }
}

/// A connection that tells whether other processes have written. Asking costs next to nothing.
pub struct Elsewhere {
    conn: DbConn,
    seen: Seen,
}

enum Seen {
    /// `PRAGMA data_version`, which changes with every commit of another connection.
    Version(i64),
    /// When something was said last: a notification can be lost with its connection, so that silence is not trusted.
    #[cfg(feature = "postgres")]
    At {
        at: std::time::Instant,
        /// How long silence is trusted.
        trust: Duration,
    },
}

impl Elsewhere {
    /// Listens on a connection. Where a lost notification is possible (PostgreSQL), silence is trusted for `trust`.
    pub(super) fn listen(mut conn: DbConn, trust: Duration) -> Result<Self> {
        #[cfg(not(feature = "postgres"))]
        let _ = trust;
        let seen = match &mut conn {
            DbConn::Sqlite(_) => Seen::Version(0),
            #[cfg(feature = "postgres")]
            DbConn::Postgres(inner) => {
                diesel::sql_query(format!("LISTEN {LOG_CHANNEL}")).execute(inner)?;
                Seen::At { at: std::time::Instant::now(), trust }
            }
        };
        Ok(Self { conn, seen })
    }

    /// Whether somebody may have written since this was asked last.
    ///
    /// # Errors
    /// When the database does not answer; then a new connection is needed.
    pub fn wrote(&mut self) -> Result<bool> {
        match (&mut self.conn, &mut self.seen) {
            (DbConn::Sqlite(inner), Seen::Version(seen)) => {
                let version = data_version(inner)?;
                Ok(std::mem::replace(seen, version) != version)
            }
            #[cfg(feature = "postgres")]
            (DbConn::Postgres(inner), Seen::At { at, trust }) => {
                let mut told = false;
                for notification in inner.notifications_iter() {
                    notification?;
                    told = true;
                }
                let wrote = told || at.elapsed() >= *trust;
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
    /// What `read` says.
    pub fn read<T>(&mut self, read: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
        read_transaction(&mut self.conn, read)
    }
}

fn data_version(conn: &mut SqliteConnection) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        data_version: i64,
    }
    Ok(diesel::sql_query("PRAGMA data_version").get_result::<Row>(conn)?.data_version)
}
