//! The reachability of a server: not every request waits for one that cannot be reached.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;

/// The time that a server that could not be reached is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// The reachability of a server, as its last connection showed it.
#[derive(Debug, Default)]
pub(super) struct Reach(Mutex<Option<Outage>>);

/// The times of the first and the last failed attempt since one succeeded.
#[derive(Clone, Copy, Debug)]
struct Outage {
    first: Instant,
    last: Instant,
}

impl Reach {
    /// Notes whether a connection could be opened.
    pub(super) fn note<T>(&self, connection: Result<T>) -> Result<T> {
        let mut outage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let first = outage.map_or(now, |outage| outage.first);
        *outage = connection.is_err().then_some(Outage { first, last: now });
        drop(outage);
        connection
    }

    /// Returns whether it answered within this time, as far as is known.
    pub(super) fn is_recent(&self, limit: Duration) -> bool {
        let outage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        outage.is_none_or(|outage| outage.first.elapsed() < limit)
    }

    /// Returns whether to try: after a failure one does, once a second, and the others do not wait with it.
    pub(super) fn is_worth_trying(&self) -> bool {
        let mut outage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *outage {
            Some(outage) if outage.last.elapsed() < PAUSE => false,
            Some(outage) => {
                outage.last = Instant::now();
                true
            }
            None => true,
        }
    }
}
