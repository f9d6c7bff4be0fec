//! SQLite's writer: one thread that takes what waits and commits it together, each job in a savepoint of its own.
//! An answered write is on the disk, and many writes share a sync.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, RunQueryDsl as _};
use tokio::sync::oneshot;

use super::commit_signal::CommitSignal;
use super::connection::{DbConn, WAL_KEPT};
use super::dialect::write_transaction;
use super::file::{Watch, wal};
use super::thread::spawn_critical;
use crate::error::{Error, Result};

/// How many jobs share a commit at most.
const BATCH: usize = 128;
/// How often an idle writer looks whether its files are still there.
const LOOK: Duration = Duration::from_secs(1);

/// Runs a job in its savepoint.
type Job = Box<dyn FnOnce(&mut DbConn) -> Ran + Send>;
/// Answers the caller once it is known how the commit went.
type Reply = Box<dyn FnOnce(Commit)>;

/// A job that has run and is not committed yet.
struct Ran {
    reply: Reply,
    /// True if it failed for want of space.
    storage_full: bool,
    /// True if it has met damage of the database. Then not even the others are committed.
    damaged: bool,
}

/// How the commit went that a job was part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Commit {
    Done,
    /// The disk filled up: the write-ahead log is written at the commit. Nothing of it is kept.
    StorageFull,
    /// SQLite took the whole transaction back because of one job. Nothing of it is kept.
    RolledBack,
    Failed,
}

/// The handle of the writer thread, which ends when the handle is dropped and all waiting jobs are done.
pub(super) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread; `file` is what `conn` has open.
    pub(super) fn start(mut conn: DbConn, file: &Path, waiting: usize, commits: Arc<CommitSignal>) -> Result<Self> {
        diesel::sql_query("SELECT count(*) FROM sqlite_schema").execute(&mut conn)?;
        let (watch, wal) = (Watch::begin(file), wal(file));
        let (jobs, queue) = sync_channel(waiting);
        let thread = spawn_critical("registry-writer", move || run(conn, &queue, &commits, &watch, &wal))?;
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
            let storage_full = matches!(result, Err(Error::StorageFull));
            let damaged = matches!(result, Err(Error::Damaged(_)));
            let reply: Reply = Box::new(move |commit| {
                let result = match commit {
                    Commit::Done => result,
                    Commit::StorageFull => result.and(Err(Error::StorageFull)),
                    Commit::RolledBack => result.and(Err(rolled_back())),
                    Commit::Failed => result.and(Err(not_committed())),
                };
                // A caller that has gone away needs no answer.
                let _ = answer.send(result);
            });
            Ran { reply, storage_full, damaged }
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

fn rolled_back() -> Error {
    Error::Unavailable("the write was not made, as another one beside it failed; try again in a second".to_owned())
}

fn not_committed() -> Error {
    Error::Unavailable("the write could not be committed; read before you try again".to_owned())
}

/// Runs a job so that its failure takes back what it wrote, and no more.
#[expect(clippy::disallowed_methods, reason = "a savepoint inside the writer's own transaction")]
fn in_savepoint<T>(conn: &mut DbConn, write: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
    let mut failed = None;
    let result = conn.transaction(|conn| {
        let result = catch_unwind(AssertUnwindSafe(|| write(conn)))
            .unwrap_or_else(|_| Err(Error::internal("a write panicked", "see the log before this line")));
        result.map_err(|error| {
            failed = Some(error);
            Error::internal("a write failed", "its own error says why")
        })
    });
    // Where the whole transaction is gone, diesel complains of the savepoint: the job's own error is the cause.
    match failed {
        Some(error) => Err(error),
        None => result,
    }
}

/// Begins what [`stands`] asks for.
const MARK: &str = "SAVEPOINT batch";

/// Fails where the transaction is not the one that [`MARK`] was set in. Some errors (no space, I/O) make SQLite take
/// back the whole transaction, not the statement (rules.md 11b). What runs after that runs outside it, and commits by
/// itself. SQLite tells by `sqlite3_get_autocommit`, which only unsafe code can call; the savepoint tells the same, as
/// it is gone with its transaction. Diesel then looks at autocommit itself, and knows that it is in no transaction any
/// more.
fn stands(conn: &mut DbConn) -> Result<()> {
    Ok(conn.batch_execute("RELEASE batch; SAVEPOINT batch")?)
}

fn run(mut conn: DbConn, queue: &Receiver<Job>, commits: &CommitSignal, watch: &Watch, wal: &Path) {
    let mut replies: Vec<Reply> = Vec::with_capacity(BATCH);
    loop {
        let first = match queue.recv_timeout(LOOK) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => {
                stop_where_lost(watch);
                shorten(&mut conn, wal);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let commit = run_batch(&mut conn, first, queue, &mut replies);
        // Before anything is acknowledged.
        stop_where_lost(watch);
        if commit == Commit::Done {
            commits.record();
        }
        // When even BEGIN fails the job has not run: dropping it tells its caller.
        for reply in replies.drain(..) {
            reply(commit);
        }
    }
}

/// Runs what waits in one transaction, up to the first job that takes it back: the rest waits for the next one.
fn run_batch(conn: &mut DbConn, first: Job, queue: &Receiver<Job>, replies: &mut Vec<Reply>) -> Commit {
    let (mut job, mut stood, mut storage_full) = (Some(first), true, false);
    let outcome = write_transaction(conn, |conn| {
        conn.batch_execute(MARK)?;
        while let Some(next) = job.take() {
            let ran = next(conn);
            replies.push(ran.reply);
            storage_full = ran.storage_full;
            stood = false;
            if ran.damaged {
                return Err(Error::Damaged("a write of this transaction has met it".to_owned()));
            }
            stands(conn)?;
            stood = true;
            if replies.len() < BATCH {
                job = queue.try_recv().ok();
            }
        }
        Ok(())
    });
    let Err(error) = outcome else { return Commit::Done };
    log::error!("a transaction of {} writes failed, and none of them was made: {error}", replies.len());
    match error {
        Error::StorageFull => Commit::StorageFull,
        _ if !stood && storage_full => Commit::StorageFull,
        _ if !stood => Commit::RolledBack,
        _ => Commit::Failed,
    }
}

/// Ends the process where what it writes is lost: then nothing must be acknowledged, and what was read may be old.
fn stop_where_lost(watch: &Watch) {
    if let Some(lost) = watch.lost() {
        log::error!("{lost} while this process had it open: what is written now would be lost; stopping");
        crate::logging::abort();
    }
}

/// Cuts off what a large import has left of the write-ahead log. The next write would do it; there may be none for
/// days. Readers are not waited for.
fn shorten(conn: &mut DbConn, wal: &Path) {
    if std::fs::metadata(wal).is_ok_and(|about| about.len() > WAL_KEPT) {
        let shortened = conn
            .batch_execute("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)")
            .and(conn.batch_execute("PRAGMA busy_timeout = 10000"));
        if let Err(error) = shortened {
            log::warn!("the write-ahead log could not be shortened: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;
    use std::sync::mpsc::channel;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::db::{DatabaseUrl, Db, Limits};

    const CHILD: &str = "REGISTRY_TEST_WRITER";

    /// The answer to a job, which panics when nobody is there to take it: beside the job, in the thread itself.
    struct Answer;

    impl Drop for Answer {
        fn drop(&mut self) {
            panic!("nobody takes the answer");
        }
    }

    /// This very test in a process of its own. Fails when `spawn_critical` catches nothing: then the process lives on,
    /// and every further write is refused.
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

    /// A writer whose jobs of one transaction are told: the first waits until all the others wait behind it. Answers
    /// with how each of them ended, by number, and the rows that are there then.
    fn batch(jobs: usize, sql: impl Fn(usize) -> String) -> (Vec<Result<(), Error>>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        let mut conn = Db::connect(&url).unwrap();
        conn.batch_execute(
            "CREATE TABLE t (x INTEGER PRIMARY KEY); CREATE TABLE large (x TEXT);
             CREATE TRIGGER takes_all_back BEFORE INSERT ON t WHEN NEW.x < 0 BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END",
        )
        .unwrap();
        let db = Db::open(&url, Limits::default()).unwrap();
        let (begin, begins) = channel::<()>();
        let mut waiting = vec![Box::pin(db.write(move |_| begins.recv().map_err(|_| Error::late())))];
        assert!(waiting[0].as_mut().now_or_never().is_none());
        let mut answers: Vec<_> = (1..=jobs)
            .map(|n| {
                let sql = sql(n);
                let write = move |conn: &mut DbConn| Ok(diesel::sql_query(sql).execute(conn).map(drop)?);
                let mut answer = Box::pin(db.write(write));
                assert!(answer.as_mut().now_or_never().is_none());
                answer
            })
            .collect();
        begin.send(()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let first = runtime.block_on(waiting.remove(0));
        let mut ended = vec![first];
        ended.extend(answers.iter_mut().map(|answer| runtime.block_on(answer)));
        drop(answers);
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            x: i64,
        }
        let rows = diesel::sql_query("SELECT x FROM t ORDER BY x").load::<Row>(&mut conn).unwrap();
        (ended, rows.into_iter().map(|row| row.x.to_string()).collect())
    }

    fn ok(ended: &[Result<(), Error>]) -> Vec<bool> {
        ended.iter().map(Result::is_ok).collect()
    }

    /// Fails without `stands`: then 4 and 5 are refused, and there all the same.
    #[test]
    fn what_is_refused_is_not_made_where_sqlite_takes_the_whole_transaction_back() {
        let (ended, rows) = batch(5, |n| format!("INSERT INTO t VALUES ({})", if n == 3 { -3 } else { n as i64 }));
        // The first one wrote nothing; it shared the transaction of 1 to 3.
        assert_eq!(ok(&ended), [false, false, false, false, true, true], "{ended:?}");
        assert_eq!(rows, ["4", "5"], "those that were acknowledged, and no others");
        for told in &ended[..3] {
            assert!(told.as_ref().unwrap_err().to_string().starts_with("the write was not made"), "{told:?}");
        }
        assert!(ended[3].as_ref().unwrap_err().to_string().contains("all of it"), "its own reason: {:?}", ended[3]);
    }

    /// An error that takes back a statement is of its job alone: the harness of the test before can tell the two apart.
    #[test]
    fn a_job_that_fails_by_itself_takes_no_other_with_it() {
        let (ended, rows) = batch(5, |n| format!("INSERT INTO t VALUES ({})", if n == 3 { 2 } else { n }));
        assert_eq!(ok(&ended), [true, true, true, false, true, true], "{ended:?}");
        assert_eq!(rows, ["1", "2", "4", "5"]);
    }

    #[test]
    fn the_writer_goes_on_after_each_of_many_rollbacks() {
        let (ended, rows) = batch(42, |n| format!("INSERT INTO t VALUES ({})", if n % 4 == 0 { -1 } else { n as i64 }));
        assert_eq!(rows, ["41", "42"], "all others share a transaction with one that takes it back");
        let acknowledged: Vec<String> = (1..=42).filter(|n| ended[*n].is_ok()).map(|n| n.to_string()).collect();
        assert_eq!(acknowledged, rows);
    }

    #[test]
    fn the_log_that_a_large_write_left_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("registry.db");
        let url = DatabaseUrl::Sqlite(file.clone());
        let mut conn = Db::connect(&url).unwrap();
        conn.batch_execute("CREATE TABLE t (x BLOB)").unwrap();
        let length = || std::fs::metadata(wal(&file)).unwrap().len();
        write_transaction(&mut conn, |conn| Ok(conn.batch_execute("INSERT INTO t VALUES (randomblob(20000000))")?))
            .unwrap();
        assert!(length() > WAL_KEPT);
        let mut reader = url.open(crate::db::connection::Access::Read).unwrap();
        reader.batch_execute("BEGIN; SELECT count(*) FROM t").unwrap();
        shorten(&mut conn, &wal(&file));
        reader.batch_execute("COMMIT").unwrap();
        shorten(&mut conn, &wal(&file));
        assert_eq!(length(), 0);
        write_transaction(&mut conn, |conn| Ok(conn.batch_execute("INSERT INTO t VALUES (1)")?)).unwrap();
        assert!((1..WAL_KEPT).contains(&length()));
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
        let _ = db.write_blocking(|_| Ok(()));
    }
}
