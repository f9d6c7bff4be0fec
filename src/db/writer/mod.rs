//! A writer: one thread that takes what waits and commits it together, each job in a savepoint of its own. An answered
//! write is on the disk, and many writes share a sync.

mod batch;
mod file;
mod job;
#[cfg(feature = "postgres")]
mod server;
#[cfg(test)]
mod tests;

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use tokio::sync::oneshot;

use super::connection::DbConn;
use super::thread::spawn_critical;
use crate::error::{Error, Result};
use job::{Commit, Job, Ran, Reply, catch, in_savepoint};

/// The handle of the writer thread, which ends when the handle is dropped and all waiting jobs are done.
pub(in crate::db) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread, which runs `run` with the jobs that are to be done.
    fn start(waiting: usize, run: impl FnOnce(&Receiver<Job>) + Send + 'static) -> Result<Self> {
        let (jobs, queue) = sync_channel(waiting);
        let thread = spawn_critical("registry-writer", move || run(&queue))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Queues a job; the answer comes after the commit that it shares with others.
    pub(in crate::db) fn submit<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        self.queue(false, |conn| in_savepoint(conn, write))
    }

    /// Queues a job that writes much; the answer comes after a commit of its own.
    pub(in crate::db) fn submit_alone<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        self.queue(true, |conn| catch(conn, write))
    }

    fn queue<T: Send + 'static>(
        &self,
        alone: bool,
        run: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (answer, receiver) = oneshot::channel();
        let run = Box::new(move |conn: Result<&mut DbConn>| {
            let result = conn.and_then(run);
            let failed = result.is_err();
            let storage_full = matches!(result, Err(Error::StorageFull));
            let damaged = matches!(result, Err(Error::Damaged(_)));
            let reply: Reply = Box::new(move |commit| {
                let result = match commit {
                    Commit::Done => result,
                    Commit::StorageFull => result.and(Err(Error::StorageFull)),
                    Commit::RolledBack => result.and(Err(rolled_back())),
                    Commit::Failed => result.and(Err(Error::unknown_outcome())),
                };
                // A caller that has gone away needs no answer.
                let _ = answer.send(result);
            });
            Ran { reply, failed, storage_full, damaged }
        });
        let job = Job { alone, run };
        match self.jobs.as_ref().map(|jobs| jobs.try_send(job)) {
            Some(Ok(())) => Ok(receiver),
            Some(Err(TrySendError::Full(_))) => {
                Err(Error::Unavailable("too many writes are waiting; try again in a second".to_owned()))
            }
            Some(Err(TrySendError::Disconnected(_))) | None => {
                Err(Error::Unavailable("the service is stopping".to_owned()))
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            // It never ends by a panic.
            let _ = thread.join();
        }
    }
}

fn rolled_back() -> Error {
    Error::Unavailable("the write was not made, as another one beside it failed; try again in a second".to_owned())
}
