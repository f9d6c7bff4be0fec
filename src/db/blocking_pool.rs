//! The places in the pool of blocking threads. Whatever runs in one keeps it to its own end: a thread cannot be
//! stopped, and the caller may go away meanwhile. Held by the request, places would come free while the work goes
//! on, and nothing would bound how many queries run.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::limits::Limits;
use super::work_queue::WorkQueue;
use crate::error::{Error, Result};

/// The number of exports that may be under way for each place: most of them are being sent.
const EXPORTS: usize = 4;

/// The number of imports that may be under way: most of them are still arriving.
const IMPORTS: usize = 8;

/// The places in the pool of blocking threads.
pub(super) struct BlockingPool {
    limits: Limits,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Each has a file of its own from the beginning of the reading to the end of the sending. At most half of the
    /// blocking pool reads, so that everything else goes on.
    pub(super) exports: WorkQueue,
    /// Each has a file of its own while it arrives. One is in memory at a time: there is one writer anyway.
    pub(super) imports: WorkQueue,
    /// Writes to PostgreSQL, whose commits can hang: at most half of the blocking pool, so that reading goes on.
    #[cfg(feature = "postgres")]
    pub(super) writes: WorkQueue,
}

impl BlockingPool {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            running: Arc::new(Semaphore::new(limits.blocking)),
            waiting: Arc::new(Semaphore::new(limits.blocking + limits.waiting)),
            exports: WorkQueue::new("exports", limits.blocking * EXPORTS, (limits.blocking / 2).max(1)),
            imports: WorkQueue::new("imports", IMPORTS, 1),
            #[cfg(feature = "postgres")]
            writes: WorkQueue::new("writes", limits.blocking + limits.waiting, (limits.blocking / 2).max(1)),
        }
    }

    /// Returns the number of pieces of work that run, and of those that wait for a place.
    pub(super) fn load(&self) -> (usize, usize) {
        let Limits { blocking, waiting, .. } = self.limits;
        let running = blocking.saturating_sub(self.running.available_permits());
        let all = (blocking + waiting).saturating_sub(self.waiting.available_permits());
        (running, all.saturating_sub(running))
    }

    /// Runs what blocks, as soon as there is a place.
    ///
    /// # Errors
    /// Errors of `work`; [`Error::Unavailable`] when too many wait.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let overloaded = |_| Error::Unavailable("the service is busy; try again in a second".to_owned());
        let waiting = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| overloaded(()))?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| overloaded(()))?;
        let work = move || {
            let _permits = (waiting, running);
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| Error::internal("a task failed", error))?
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use futures_util::FutureExt as _;

    use super::*;

    /// Fails when `run` keeps the permits in its future: then the second begins beside the first.
    #[tokio::test]
    async fn cancelled_request_keeps_its_permit_until_the_work_ends() {
        let blocking_pool = BlockingPool::new(Limits { workers: 1, blocking: 1, waiting: 1, ..Limits::default() });
        let (began, begins) = channel();
        let (end, ends) = channel::<()>();
        let mut first = Box::pin(blocking_pool.run(move || {
            began.send(()).unwrap();
            ends.recv().unwrap();
            Ok(())
        }));
        assert!(first.as_mut().now_or_never().is_none());
        begins.recv().unwrap();
        drop(first);
        assert_eq!(blocking_pool.running.available_permits(), 0, "the first still has the only place");
        let mut second = Box::pin(blocking_pool.run(|| Ok("the second")));
        assert!(second.as_mut().now_or_never().is_none());
        end.send(()).unwrap();
        assert_eq!(second.await.unwrap(), "the second");
    }
}
