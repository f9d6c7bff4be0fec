//! Work ends when its caller stops waiting, on both databases (rules.md 28): it would keep its place, and the database
//! busy.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use diesel::RunQueryDsl as _;
use futures_util::FutureExt as _;
use partnership_registry::db::{Db, DbConn, Limits, ReadClass};
use partnership_registry::error::Result;
use serde_json::json;

use crate::support::database::run;
use crate::support::{Database, TestApp};

/// A number that no database ever finds.
const ENDLESS: &str = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n)";
const LATE: &str = "the database does not answer in time; try again";

/// Longer than anything takes that is ended.
const FOREVER: Duration = Duration::from_secs(60);

fn endless(conn: &mut DbConn) -> Result<()> {
    Ok(diesel::sql_query(format!("SELECT {ENDLESS}")).execute(conn).map(drop)?)
}

fn db(database: &Database, read: Duration) -> Db {
    Db::open(database.url(), Limits { read, blocking: 2, ..Limits::default() }).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

/// Fails where the future alone ends: then the statement goes on.
#[test]
fn a_read_over_its_time_ends_its_query() {
    let database = Database::create();
    let db = db(&database, Duration::from_millis(50));
    let said = loop {
        let (end, ended) = channel();
        let reading = db.read(ReadClass::Pooled, move |conn| {
            end.send(endless(conn).unwrap_err().to_string()).unwrap();
            Ok(())
        });
        assert_eq!(runtime().block_on(reading).unwrap_err().to_string(), LATE);
        match ended.recv_timeout(FOREVER) {
            // On a busy machine its time is over before it has begun.
            Err(RecvTimeoutError::Disconnected) => {}
            said => break said.expect("the query ends"),
        }
    };
    assert_eq!(said, LATE);
    // The connection, or another one, serves the next.
    assert_eq!(runtime().block_on(db.read(ReadClass::Unbounded, |_| Ok("next"))).unwrap(), "next");
}

/// On SQLite it runs on the thread that serves others. Fails without a deadline there.
#[test]
fn a_short_read_that_is_not_short_ends() {
    let database = Database::create();
    let db = db(&database, Duration::from_millis(50));
    assert_eq!(runtime().block_on(db.read(ReadClass::Inline, endless)).unwrap_err().to_string(), LATE);
    assert_eq!(runtime().block_on(db.read(ReadClass::Unbounded, |_| Ok("next"))).unwrap(), "next");
}

/// Fails on PostgreSQL where the cancellation is sent once: between two statements the server does not listen.
#[test]
fn work_ends_when_its_caller_stops_waiting() {
    let database = Database::create();
    let db = db(&database, FOREVER);
    let runtime = runtime();
    let _inside = runtime.enter();
    let (begin, begun) = channel();
    let (tell, dropped) = channel();
    let (end, ended) = channel();
    let mut reading = Box::pin(db.read(ReadClass::Unbounded, move |conn| {
        begin.send(()).unwrap();
        // Nothing runs at the moment when it is cancelled.
        dropped.recv().unwrap();
        end.send(endless(conn).unwrap_err().to_string()).unwrap();
        Ok(())
    }));
    assert!(reading.as_mut().now_or_never().is_none());
    begun.recv().unwrap();
    drop(reading);
    tell.send(()).unwrap();
    assert_eq!(ended.recv_timeout(FOREVER).expect("it ends"), LATE);
}

/// Makes every look at the nations take for ever.
fn never_end(app: &TestApp) {
    app.editor().put("/nations/IN", &json!({ "alpha3": "IND", "name_en": "India" })).expect(201);
    let mut conn = app.database.connect();
    run(&mut conn, "ALTER TABLE nations RENAME TO kept_nations");
    run(&mut conn, &format!("CREATE VIEW nations AS SELECT * FROM kept_nations WHERE {ENDLESS} > 0"));
}

/// Fails where a handler goes on for a client that has closed its connection.
#[test]
fn a_client_that_goes_away_ends_its_query() {
    let app = TestApp::spawn();
    let token = app.viewer().token().unwrap().to_owned();
    never_end(&app);
    for target in ["/api/v1/nations?format=csv", "/api/v1/partnerships"] {
        let mut client = TcpStream::connect(app.address()).unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n\r\n");
        client.write_all(request.as_bytes()).unwrap();
        let is_running = || app.db.stats().running > 0;
        while !is_running() {
            std::thread::yield_now();
        }
        drop(client);
        while is_running() {
            std::thread::yield_now();
        }
        assert_eq!(app.db.stats().exports, 0, "{target}");
    }
    app.viewer().get("/organisations").expect(200);
}
