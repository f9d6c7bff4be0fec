//! Writes that wait for their turn are committed together; each succeeds or fails alone.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
#[cfg(feature = "postgres")]
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use partnership_registry::db::{Db, DbConn};
use partnership_registry::error::{Error, Result};
use partnership_registry::registry::cooperation_areas::CooperationArea;
use partnership_registry::registry::{Author, write};
use serde_json::json;

#[cfg(feature = "postgres")]
use crate::support::Options;
use crate::support::TestApp;
use crate::support::database::texts;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

/// A write that, once it has begun, keeps the writer until the sender ends it.
fn hold(db: &Db) -> (impl Future<Output = Result<()>> + use<>, Receiver<()>, Sender<()>) {
    let ((begin, begun), (end, ends)) = (channel(), channel::<()>());
    let db = db.clone();
    let write = async move {
        db.write_grouped(move |_: &mut DbConn| {
            begin.send(()).unwrap();
            // An error here is the other end dropped: the same message.
            let _ = ends.recv();
            Ok(())
        })
        .await
    };
    (write, begun, end)
}

/// Creates an area, or fails for its name once it has been written.
async fn area(db: &Db, code: String) -> Result<()> {
    write(db, Author::user("editor"), move |tx| {
        let area = tx.accept::<CooperationArea>(json!({ "code": code, "name_en": "Area" }))?;
        tx.put(area, None)?;
        if code.starts_with("wrong") { Err(Error::bad_request("wrong")) } else { Ok(()) }
    })
    .await
}

#[test]
fn writes_that_wait_share_a_transaction_and_fail_alone() {
    let app = TestApp::spawn();
    let (runtime, (held, begun, end)) = (runtime(), hold(&app.db));
    let _inside = runtime.enter();
    let mut held = Box::pin(held);
    assert!(held.as_mut().now_or_never().is_none());
    begun.recv().unwrap();
    let codes = ["one", "wrong-1", "two", "wrong-2", "three"];
    let mut areas = Box::pin(join_all(codes.map(|code| area(&app.db, code.to_owned()))));
    assert!(areas.as_mut().now_or_never().is_none(), "they wait for the one that is held");
    let is_sqlite = matches!(app.database.connect(), DbConn::Sqlite(_));
    let mut numbers = Box::pin(join_all((0..3).map(|_| transaction(&app.db))));
    assert!(is_sqlite || numbers.as_mut().now_or_never().is_none());
    drop(end);
    let ended = runtime.block_on(areas);
    let numbers = (!is_sqlite).then(|| runtime.block_on(numbers));
    let made: Vec<_> = codes.iter().zip(&ended).filter(|(_, ended)| ended.is_ok()).map(|(code, _)| *code).collect();
    assert_eq!(made, ["one", "two", "three"]);
    runtime.block_on(held).unwrap();
    let mut conn = app.database.connect();
    let log = texts(&mut conn, "SELECT revision || ' ' || key AS value FROM changes");
    assert_eq!(log.into_iter().collect::<Vec<_>>(), ["1 one", "2 two", "3 three"], "no revision is left out");
    if let Some(numbers) = numbers {
        let numbers = numbers.into_iter().map(Result::unwrap).collect::<BTreeSet<_>>();
        assert_eq!(numbers.len(), 1, "one transaction: {numbers:?}");
    }
}

/// The number of the transaction that a write is made in (PostgreSQL).
async fn transaction(db: &Db) -> Result<BTreeSet<String>> {
    db.write_grouped(|conn| Ok(texts(conn, "SELECT pg_current_xact_id()::text AS value"))).await
}

/// On SQLite a write waits for as long as the writer takes.
#[cfg(feature = "postgres")]
#[test]
fn a_write_that_was_given_up_is_not_made() {
    let app = TestApp::with(Options { commit: Duration::from_millis(300), ..Options::default() });
    if let DbConn::Sqlite(_) = app.database.connect() {
        return;
    }
    let (runtime, (held, begun, end)) = (runtime(), hold(&app.db));
    runtime.block_on(async {
        let held = tokio::task::spawn_blocking({
            let handle = tokio::runtime::Handle::current();
            move || handle.block_on(held)
        });
        begun.recv().unwrap();
        let late = area(&app.db, "late".to_owned()).await.unwrap_err();
        assert_eq!(late.to_string(), "the database does not answer in time; try again");
        drop(end);
        // Its answer may have been given up, too.
        let _ = held.await.unwrap();
        area(&app.db, "next".to_owned()).await.unwrap();
    });
    app.viewer().get("/cooperation-areas/late").problem(404, "not-found");
    app.viewer().get("/cooperation-areas/next").expect(200);
}
