//! A piece of work that may be over before it is done, and what a thread works on.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(feature = "postgres")]
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[cfg(feature = "postgres")]
use super::backend::Backend;
use crate::error::{Error, Result};

thread_local! {
    /// The task that this thread works on.
    static TASK: RefCell<Option<Task>> = const { RefCell::new(None) };
    /// The time by which that must be done.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Tells whether the task of this thread is over.
pub(super) fn is_over() -> bool {
    let cancelled =
        TASK.try_with(|task| task.try_borrow().is_ok_and(|task| task.as_ref().is_some_and(Task::is_cancelled)));
    let late = || DEADLINE.try_with(|deadline| deadline.get().is_some_and(|deadline| deadline <= Instant::now()));
    cancelled.unwrap_or_default() || late().unwrap_or_default()
}

/// Works on this thread for no longer than `limit`.
pub(super) fn within<T>(limit: Duration, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Instant>);
    impl Drop for Restore {
        fn drop(&mut self) {
            DEADLINE.set(self.0);
        }
    }
    let _restore = Restore(DEADLINE.replace(Some(Instant::now() + limit)));
    work()
}

/// A piece of work that may be over before it is done.
#[derive(Clone, Default)]
pub(super) struct Task(pub(super) Arc<State>);

#[derive(Default)]
pub(super) struct State {
    pub(super) cancelled: AtomicBool,
    pub(super) begun: AtomicBool,
    pub(super) done: AtomicBool,
    /// The place where it runs, while it does.
    #[cfg(feature = "postgres")]
    at: Mutex<At>,
}

/// The place where a task runs.
#[cfg(feature = "postgres")]
#[derive(Default)]
pub(super) struct At {
    /// The server's process, while it runs.
    pub(super) backend: Option<Backend>,
    /// True once a cancel request was sent to the server. The connection is not used again: the request may come late.
    pub(super) cancel_sent: bool,
}

impl Task {
    fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// Works on this thread, unless the task is over already.
    ///
    /// # Errors
    /// Errors of `work`; [`Error::Unavailable`] when no caller waits any more.
    pub(super) fn during<T>(
        &self,
        #[cfg(feature = "postgres")] backend: Option<&Backend>,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        #[cfg(feature = "postgres")]
        {
            self.at().backend = backend.cloned();
        }
        self.0.begun.store(true, Ordering::SeqCst);
        // Also where the work panics: the thread serves others after it.
        let _end = End(self);
        if self.0.cancelled.load(Ordering::SeqCst) {
            return Err(Error::late());
        }
        TASK.replace(Some(self.clone()));
        work()
    }

    /// Locks the place where it runs, until the guard is dropped.
    #[cfg(feature = "postgres")]
    pub(super) fn at(&self) -> MutexGuard<'_, At> {
        self.0.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of a task.
struct End<'a>(&'a Task);

impl Drop for End<'_> {
    fn drop(&mut self) {
        TASK.replace(None);
        self.0.0.done.store(true, Ordering::SeqCst);
        #[cfg(feature = "postgres")]
        {
            self.0.at().backend = None;
        }
    }
}
