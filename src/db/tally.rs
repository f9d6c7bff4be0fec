//! The number of records that a transaction writes, counted by thread. A write runs on one thread from its beginning to
//! its commit, and the functions that it calls know neither the transaction nor the counter of commits.

use std::cell::Cell;

thread_local! {
    static RECORDS: Cell<u64> = const { Cell::new(0) };
}

/// Begins a transaction on this thread.
pub(super) fn begin() {
    RECORDS.set(0);
}

/// Adds records that the transaction of this thread has written, for the metrics.
pub fn wrote(records: usize) {
    RECORDS.set(RECORDS.get().saturating_add(u64::try_from(records).unwrap_or(u64::MAX)));
}

/// Returns the number of records that the transaction of this thread has written.
pub(super) fn records() -> u64 {
    RECORDS.get()
}
