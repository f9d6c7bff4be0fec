//! Bounds on concurrent work, and on how long a request waits for it.

use std::time::Duration;

/// The milliseconds that the commit of another process may go unnoticed by default.
pub const STALENESS_MILLIS: u64 = 100;

/// The limits of work at once, and of waiting.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Threads that serve requests and read on their own (SQLite).
    pub workers: usize,
    /// Reads and writes at once in the blocking pool.
    pub blocking: usize,
    /// Requests that may wait for a place there; one more is refused.
    pub waiting: usize,
    /// The time that a request waits for what it reads.
    pub read: Duration,
    /// The time that a request waits for a commit (PostgreSQL).
    pub commit: Duration,
    /// The time that another process's commit may go unnoticed (PostgreSQL).
    pub staleness: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let (read, commit) = (Duration::from_secs(30), Duration::from_secs(15));
        Self { workers: 2, blocking: 8, waiting: 256, read, commit, staleness: Duration::from_millis(STALENESS_MILLIS) }
    }
}
