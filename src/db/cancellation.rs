//! Work that ends before it is done: the caller has gone away, or it takes longer than it may (rules.md 28).
//!
//! A client that waits holds a [`Waiting`], the work a [`Task`]. When the former is dropped first the latter is over.
//! On SQLite the thread that runs a statement asks now and then ([`super::progress`]); on PostgreSQL the server gets a
//! cancel request ([`super::canceller`]).

use std::sync::atomic::Ordering;

#[cfg(feature = "postgres")]
use super::canceller::Canceller;
use super::task::Task;

/// Held by the caller that waits for work: when it is dropped before the work is done, the work is needed no more.
pub(super) struct Waiting {
    task: Task,
    #[cfg(feature = "postgres")]
    canceller: Option<Canceller>,
}

impl Waiting {
    /// Makes a client that waits for a task that has not begun.
    pub(super) fn new(#[cfg(feature = "postgres")] canceller: Option<Canceller>) -> Self {
        Self {
            task: Task::default(),
            #[cfg(feature = "postgres")]
            canceller,
        }
    }

    /// Returns the task.
    pub(super) fn task(&self) -> Task {
        self.task.clone()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let state = &self.task.0;
        if state.done.load(Ordering::SeqCst) {
            return;
        }
        // In this order, and the other way round in `during`: one of the two sees the other.
        state.cancelled.store(true, Ordering::SeqCst);
        #[cfg(feature = "postgres")]
        if state.begun.load(Ordering::SeqCst)
            && let Some(canceller) = &self.canceller
        {
            canceller.end(self.task.clone());
        }
    }
}
