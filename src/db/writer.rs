//! SQLite's writer: one thread that takes what waits and commits it together, each job in a savepoint of its own.
//! An answered write is on the disk, and many writes share a sync.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use diesel::Connection as _;
use tokio::sync::oneshot;

use super::commits::Commits;
use super::connection::DbConn;
use super::dialect::write_transaction;
use super::vital::vital_thread;
use crate::error::{Error, Result};

/// How many jobs share a commit at most.
const BATCH: usize = 128;

/// Runs a job in its savepoint; what it returns answers the caller once the commit is done, or failed.
type Job = Box<dyn FnOnce(&mut DbConn) -> Reply + Send>;
type Reply = Box<dyn FnOnce(Commit)>;

/// How the commit went that a job was part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Commit {
    Done,
    /// The disk filled up: the write-ahead log is written at the commit. Nothing of it is kept.
    StorageFull,
    Failed,
}

/// The handle of the writer thread, which ends when the handle is dropped and all waiting jobs are done.
pub(super) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(conn: DbConn, waiting: usize, commits: Arc<Commits>) -> Result<Self> {
        let (jobs, queue) = sync_channel(waiting);
        let thread = vital_thread("registry-writer", move || run(conn, &queue, &commits))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Queues a job; the answer comes after its commit.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (answer, receiver) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            let result = in_savepoint(conn, write);
            Box::new(move |commit| {
                let result = match commit {
                    Commit::Done => result,
                    Commit::StorageFull => result.and(Err(Error::StorageFull)),
                    Commit::Failed => result.and(Err(not_committed())),
                };
                // A caller that has gone away needs no answer.
                let _ = answer.send(result);
            })
        });
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

fn not_committed() -> Error {
    Error::Unavailable("the write could not be committed; read before you try again".to_owned())
}

#[allow(clippy::disallowed_methods, reason = "a savepoint inside the writer's own transaction")]
fn in_savepoint<T>(conn: &mut DbConn, write: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
    conn.transaction(|conn| {
        catch_unwind(AssertUnwindSafe(|| write(conn)))
            .unwrap_or_else(|_| Err(Error::internal("a write panicked", "see the log before this line")))
    })
}

fn run(mut conn: DbConn, queue: &Receiver<Job>, commits: &Commits) {
    let mut replies: Vec<Reply> = Vec::with_capacity(BATCH);
    while let Ok(first) = queue.recv() {
        let mut job = Some(first);
        let outcome = write_transaction(&mut conn, |conn| {
            while let Some(next) = job.take() {
                replies.push(next(conn));
                if replies.len() < BATCH {
                    job = queue.try_recv().ok();
                }
            }
            Ok(())
        });
        let commit = match &outcome {
            Ok(()) => {
                commits.ring();
                Commit::Done
            }
            Err(error) => {
                log::error!("a commit of {} writes failed: {error}", replies.len());
                if matches!(error, Error::StorageFull) { Commit::StorageFull } else { Commit::Failed }
            }
        };
        // When even BEGIN fails the job has not run: dropping it tells its caller.
        for reply in replies.drain(..) {
            reply(commit);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;
    use std::sync::mpsc::channel;

    use futures_util::FutureExt as _;

    use crate::db::{DatabaseUrl, Db, Limits};

    const CHILD: &str = "REGISTRY_TEST_WRITER";

    /// The answer to a job, which panics when nobody is there to take it: beside the job, in the thread itself.
    struct Answer;

    impl Drop for Answer {
        fn drop(&mut self) {
            panic!("nobody takes the answer");
        }
    }

    /// This very test in a process of its own. Fails when `vital_thread` catches nothing: then the process lives on, and every
    /// further write is refused.
    #[test]
    fn a_panic_of_the_thread_ends_the_process() {
        if std::env::var_os(CHILD).is_some() {
            return panic_in_the_thread();
        }
        let this = std::thread::current().name().unwrap().to_owned();
        let mut child = Command::new(std::env::current_exe().unwrap());
        let ended = child.args([&this, "--exact", "--nocapture"]).env(CHILD, "1").output().unwrap();
        assert_eq!(ended.status.signal(), Some(6), "it aborts: {ended:?}");
    }

    fn panic_in_the_thread() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        let db = Db::open(&url, Limits::default()).unwrap();
        let (gone, goes) = channel();
        let mut write = Box::pin(db.write(move |_| {
            goes.recv().unwrap();
            Ok(Answer)
        }));
        assert!(write.as_mut().now_or_never().is_none());
        drop(write);
        gone.send(()).unwrap();
        let _ = db.write_here(|_| Ok(()));
    }
}
