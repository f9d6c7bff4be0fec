//! PostgreSQL as a server that does not do its work: a commit that hangs, a connection that is lost, statements that
//! take too long (rules.md 8). Only there.

use std::sync::mpsc::channel;
use std::time::Duration;

use diesel::RunQueryDsl as _;
use futures_util::FutureExt as _;
use partnership_registry::db::{Db, DbConn, Limits, ReadClass, Trouble};
use partnership_registry::error::{Error, Result};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::database::{Database, run};
use crate::support::{Options, TestApp};

/// The advisory lock that holds things up. Any number.
const BARRIER: u32 = 1_207_362;

const UNKNOWN: &str = "the outcome is unknown: read before you try again";
const LATE: &str = "the database does not answer in time; try again";

fn on_postgres(database: &Database) -> Option<DbConn> {
    Some(database.connect()).filter(|conn| matches!(conn, DbConn::Postgres(_)))
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

fn project() -> Value {
    json!({ "name": "Project", "status": "proposed" })
}

/// Has every commit of a new project do something.
fn at_commit(conn: &mut DbConn, operation: &str) {
    run(
        conn,
        &format!(
            "CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {operation}; RETURN NULL; END $$"
        ),
    );
    run(
        conn,
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON projects DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION at_commit()",
    );
}

/// Fails without `WriteDeadline::commit`: then the client waits for as long as the commit does. It must not fail the
/// write: the commit goes on.
#[test]
fn a_commit_that_hangs_is_answered_and_goes_on() {
    let app = TestApp::with(Options { commit: Duration::from_secs(1), ..Options::default() });
    let Some(mut conn) = on_postgres(&app.database) else { return };
    let (editor, viewer) = (app.editor(), app.viewer());
    // As a commit that waits for a standby, this one knows no time-out for locks.
    let wait = format!("PERFORM set_config('lock_timeout', '0', true); PERFORM pg_advisory_xact_lock({BARRIER})");
    at_commit(&mut conn, &wait);
    run(&mut conn, &format!("SELECT pg_advisory_lock({BARRIER})"));
    let commits = app.db.commits();
    let rung = commits.wait(u64::MAX, None);
    let answer = editor.put("/projects/late", &project());
    assert_eq!(answer.problem(503, "unavailable")["detail"], UNKNOWN);
    assert_eq!(app.db.troubles(), [Trouble::CommitsHang]);
    viewer.get("/projects/late").problem(404, "not-found");
    run(&mut conn, &format!("SELECT pg_advisory_unlock({BARRIER})"));
    commits.wait(rung, None);
    viewer.get("/projects/late").expect(200);
    assert_eq!(editor.put("/projects/late", &project()).expect(200).json()["version"], 1, "PUT again is safe");
    editor.put("/projects/another", &project()).expect(201);
    assert_eq!(app.db.troubles(), []);
}

/// Fails when a lost connection is an error like any other at a commit: "try again" would be wrong there.
#[test]
fn a_connection_that_is_lost_at_a_commit_leaves_the_outcome_unknown() {
    let app = TestApp::spawn();
    let Some(mut conn) = on_postgres(&app.database) else { return };
    let editor = app.editor();
    at_commit(&mut conn, "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(20)");
    let answer = editor.put("/projects/lost", &project());
    assert_eq!(answer.problem(503, "unavailable")["detail"], UNKNOWN);
    run(&mut conn, "DROP FUNCTION at_commit() CASCADE");
    editor.get("/projects/lost").problem(404, "not-found");
    editor.put("/projects/lost", &project()).expect(201);
}

/// Fails when the two are errors like any other: a 500.
#[test]
fn a_statement_that_takes_too_long_is_no_fault_of_the_service() {
    let app = TestApp::spawn();
    let Some(mut conn) = on_postgres(&app.database) else { return };
    run(&mut conn, &format!("SELECT pg_advisory_lock({BARRIER} + 1)"));
    let wait = |limit: &'static str, statement: String| {
        move |conn: &mut DbConn| -> Result<()> {
            diesel::sql_query(limit).execute(conn)?;
            Ok(diesel::sql_query(statement).execute(conn).map(drop)?)
        }
    };
    let slow = wait("SET LOCAL statement_timeout = '1ms'", "SELECT pg_sleep(20)".to_owned());
    let locked = wait("SET LOCAL lock_timeout = '1ms'", format!("SELECT pg_advisory_xact_lock({BARRIER} + 1)"));
    for late in [app.db.read_blocking(slow), app.db.write_blocking(locked)] {
        let Err(Error::Unavailable(text)) = late else { panic!("{late:?}") };
        assert_eq!(text, LATE);
    }
}

/// Fails where a write waits for locks as long as by itself: then it is answered after its time.
#[test]
fn a_write_waits_for_locks_within_its_time() {
    let app = TestApp::with(Options { commit: Duration::from_millis(600), ..Options::default() });
    if on_postgres(&app.database).is_none() {
        return;
    }
    let timeout = "SELECT setting::bigint AS value FROM pg_settings WHERE name = 'lock_timeout'";
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        value: i64,
    }
    let asked = move |conn: &mut DbConn| Ok(diesel::sql_query(timeout).get_result::<Row>(conn)?.value);
    let limit = app.db.write_blocking(asked).unwrap();
    assert!((1..=400).contains(&limit), "{limit} ms");
}

/// Fails without `BlockingPool::writes`: then nothing is read before a write ends.
#[test]
fn writes_that_hang_leave_places_for_reading() {
    let database = Database::create();
    if on_postgres(&database).is_none() {
        return;
    }
    let limits = Limits { blocking: 2, read: Duration::from_secs(5), ..Limits::default() };
    let db = Db::open(database.url(), limits).unwrap();
    let runtime = runtime();
    let _inside = runtime.enter();
    let (mut writes, mut ends) = (Vec::new(), Vec::new());
    for _ in 0..limits.blocking {
        let (end, ended) = channel::<()>();
        let mut write = Box::pin(db.write(move |_| {
            // An error here is the other end dropped: the same message.
            let _ = ended.recv();
            Ok(())
        }));
        assert!(write.as_mut().now_or_never().is_none());
        writes.push(write);
        ends.push(end);
    }
    runtime.block_on(db.read(ReadClass::Pooled, |_| Ok(()))).unwrap();
    drop(ends);
    writes.into_iter().for_each(|write| runtime.block_on(write).unwrap());
}
