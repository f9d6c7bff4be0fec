//! The revisions at which the answer to one request is read: how new they must be, and how new they were.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

tokio::task_local! {
    static READING: Arc<Reading>;
}

/// The revisions at which the answer to one request is read. Reads within its scope may go to a read replica.
#[derive(Debug)]
pub struct Reading {
    known: Option<i64>,
    least: AtomicI64,
    oldest: AtomicI64,
}

impl Reading {
    /// Returns the reading of a request that comes when `known` is the last revision, as far as is known, and wants to
    /// be answered at `least` or later.
    pub fn new(known: Option<i64>, least: i64) -> Self {
        Self { known, least: AtomicI64::new(least), oldest: AtomicI64::new(i64::MAX) }
    }

    /// Does `work` with this as the reading of its task.
    pub async fn scope<T>(self: Arc<Self>, work: impl Future<Output = T>) -> T {
        READING.scope(self, work).await
    }

    /// Returns the reading of this task.
    pub fn current() -> Option<Arc<Self>> {
        READING.try_with(Clone::clone).ok()
    }

    /// Wants what this task reads to be of `revision` or later.
    pub fn require(revision: i64) {
        let _ = READING.try_with(|reading| reading.least.fetch_max(revision, Ordering::Relaxed));
    }

    /// Returns the last revision when the request came, as far as was known.
    pub fn known(&self) -> Option<i64> {
        self.known
    }

    /// Returns whether data of this revision is new enough.
    pub fn admits(&self, revision: i64) -> bool {
        revision >= self.least.load(Ordering::Relaxed)
    }

    /// Notes the revision of something that was read.
    pub fn note(&self, revision: i64) {
        self.oldest.fetch_min(revision, Ordering::Relaxed);
    }

    /// Returns the revision of the oldest thing that was noted.
    pub fn oldest(&self) -> Option<i64> {
        Some(self.oldest.load(Ordering::Relaxed)).filter(|oldest| *oldest < i64::MAX)
    }
}
