//! Batches of writes, and what takes one back.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::sync::mpsc::channel;

use futures_util::FutureExt as _;

use diesel::RunQueryDsl as _;
use diesel::connection::{Connection, SimpleConnection as _, TransactionManager as _};

use super::file::shorten;
use crate::db::connection::{DbConn, WAL_KEPT};
use crate::db::dialect::write_transaction;
use crate::db::file::wal;
use crate::db::{DatabaseUrl, Db, Limits};
use crate::error::Error;

const CHILD: &str = "REGISTRY_TEST_WRITER";

/// The answer to a job, which panics when no caller takes it: beside the job, in the thread itself.
struct Answer;

impl Drop for Answer {
    fn drop(&mut self) {
        panic!("no caller takes the answer");
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

fn transaction_depth(conn: &mut DbConn) -> u32 {
    let status = <DbConn as Connection>::TransactionManager::transaction_manager_status_mut(conn);
    status.transaction_depth().ok().flatten().map_or(0, |depth| depth.get())
}

/// In a savepoint a statement costs as much as the pages that were changed before it.
#[test]
fn a_write_of_many_records_has_a_transaction_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
    let mut conn = Db::connect(&url).unwrap();
    conn.batch_execute("CREATE TABLE t (x INTEGER PRIMARY KEY)").unwrap();
    let db = Db::open(&url, Limits::default()).unwrap();
    let insert = |x: i64, good: bool| {
        move |conn: &mut DbConn| {
            diesel::sql_query(format!("INSERT INTO t VALUES ({x})")).execute(conn)?;
            let depth = transaction_depth(conn);
            if good { Ok(depth) } else { Err(Error::late()) }
        }
    };
    let (begin, begins) = channel::<()>();
    let mut first = Box::pin(db.write(move |_| begins.recv().map_err(|_| Error::late())));
    assert!(first.as_mut().now_or_never().is_none());
    let mut shared = [1, 5].map(|x| Box::pin(db.write(insert(x, true))));
    assert!(shared[0].as_mut().now_or_never().is_none());
    let mut many = [(2, true), (3, false), (4, true)].map(|(x, good)| Box::pin(db.write_many(insert(x, good))));
    assert!(many.iter_mut().all(|write| write.as_mut().now_or_never().is_none()));
    assert!(shared[1].as_mut().now_or_never().is_none());
    begin.send(()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(first).unwrap();
    let depths = shared.map(|write| runtime.block_on(write).unwrap());
    assert!(depths.iter().all(|depth| *depth > 1), "{depths:?}");
    assert_eq!(many.map(|write| runtime.block_on(write).ok()), [Some(1), None, Some(1)]);
    let rows = diesel::sql_query("DELETE FROM t").execute(&mut conn).unwrap();
    assert_eq!(rows, 4);
}
