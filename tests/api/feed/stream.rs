//! The feed as a stream of events.

use std::time::Duration;

use diesel::prelude::*;
use partnership_registry::app::Timeouts;
use partnership_registry::db::schema::sessions;
use partnership_registry::registry::nations::Nation;
use partnership_registry::registry::{Author, decode, write_batch_blocking};
use serde_json::{Value, json};

use super::page;
use crate::identity::about_to_expire;
use crate::support::{EventStream, Options, TestApp, records};

/// A time that no test waits for.
const LONG: Duration = Duration::from_secs(3600);
/// A time that every test can wait for.
const SHORT: Duration = Duration::from_millis(20);

fn service(keep_alive: Duration, unread: Duration) -> TestApp {
    TestApp::with(Options { timeouts: Timeouts { keep_alive, unread, ..Timeouts::default() }, ..Options::default() })
}

fn open(app: &TestApp, query: &str, headers: &[&str]) -> EventStream {
    EventStream::open(app.address(), app.viewer().token().unwrap(), query, headers)
}

fn head(app: &TestApp) -> i64 {
    app.viewer().get("/changes/head").json()["revision"].as_i64().unwrap()
}

/// The nations with these numbers, written together: as many revisions.
fn import(app: &TestApp, numbers: std::ops::Range<usize>, notes: &str) -> i64 {
    let nation = |number: usize| -> Nation {
        let nation = rust_iso3166::ALL[number];
        let document =
            json!({ "code": nation.alpha2, "alpha3": nation.alpha3, "name_en": nation.name, "notes": notes });
        decode(document).unwrap()
    };
    let nations: Vec<_> = numbers.map(nation).collect();
    let write = move |tx: &mut partnership_registry::registry::Tx<'_>| {
        nations.into_iter().try_for_each(|nation| {
            let before = tx.find::<Nation>(nation.code.as_str())?;
            tx.put(nation, before).map(drop)
        })
    };
    write_batch_blocking(&app.db, Author::user("importer"), write).unwrap();
    head(app)
}

#[test]
fn a_stream_begins_now_or_at_a_given_revision_and_shows_what_the_feed_shows() {
    let app = service(LONG, LONG);
    let last = import(&app, 0..9, "first");
    let mut now = open(&app, "", &[]);
    let heading = now.head.to_ascii_lowercase();
    for line in ["content-type: text/event-stream\r\n", "cache-control: no-store\r\n", "x-accel-buffering: no\r\n"] {
        assert!(heading.contains(line), "{heading}");
    }
    let first = now.block().unwrap();
    assert_eq!((first.id, first.data, first.event), (Some(last), None, None));
    assert!(first.retry.is_some());
    let mut from_start = open(&app, "since=0", &[]);
    assert_eq!(from_start.block().unwrap().id, Some(0));
    let mut resumed = open(&app, "since=0", &["Last-Event-ID: 5"]);
    let mut one = open(&app, "since=3&key=IN&resource=nations", &[]);

    let end = import(&app, 9..12, "second");
    records::nation(&app, "IN");
    let (all, _) = page(&app.viewer(), "limit=200");
    assert_eq!(all.len(), 13);
    let from = |revision: i64| all[usize::try_from(revision).unwrap()..].to_vec();
    assert_eq!(now.changes_to(end + 1), from(last));
    assert_eq!(from_start.changes_to(end + 1), from(0));
    assert_eq!(resumed.changes_to(end + 1), from(5), "where the header and since differ, the header is newer");
    assert_eq!(one.change().unwrap(), all[12], "filters hold");
    app.editor().delete("/nations/IN").expect(204);
    assert_eq!(one.change().unwrap()["action"], "deleted");
}

/// A new change is chosen in memory, one in the log by SQL: they choose alike.
#[test]
fn a_filter_keeps_the_same_in_a_stream_as_in_the_feed() {
    let app = service(LONG, LONG);
    let filters = [
        "",
        "resource=projects",
        "key=heard",
        "resource=nations&key=heard",
        "actor=editor",
        "actor=importer&resource=nations",
        "action=deleted",
        "action=updated&actor=admin",
        "batch=",
        "batch=nothing",
    ];
    let mut live: Vec<_> = filters.iter().map(|filter| open(&app, filter, &[])).collect();
    live.iter_mut().for_each(|stream| drop(stream.block()));
    import(&app, 0..4, "imported");
    app.editor().put("/projects/heard", &json!({ "name": "Heard", "status": "proposed" })).expect(201);
    app.admin().patch("/projects/heard", &json!({ "acronym": "H" })).expect(200);
    app.admin().put("/cooperation-areas/heard", &json!({ "name_en": "Heard" })).expect(201);
    app.editor().delete("/projects/heard").expect(204);
    let batch = format!("batch={}", page(&app.viewer(), "limit=1").0[0]["batch"].as_str().unwrap());
    let (mut expected, last) = page(&app.viewer(), "");
    assert_eq!(last, 8);
    let mut late = open(&app, &format!("since=0&{batch}"), &[]);
    for (filter, stream) in filters.iter().zip(&mut live) {
        expected = page(&app.viewer(), filter).0;
        for item in &expected {
            assert_eq!(stream.change().as_ref(), Some(item), "{filter}");
        }
    }
    assert_eq!(expected, Vec::<Value>::new());
    assert_eq!(late.changes_to(4), page(&app.viewer(), &batch).0);
    app.broadcaster.end();
    for (filter, stream) in filters.iter().zip(&mut live) {
        assert_eq!(stream.change(), None, "{filter} keeps no more than the feed");
    }
}

#[test]
fn a_silent_stream_says_that_it_is_alive() {
    let app = service(SHORT, LONG);
    let mut stream = open(&app, "actor=nobody", &[]);
    assert!(stream.block().unwrap().retry.is_some());
    for _ in 0..3 {
        let block = stream.block().unwrap();
        assert!(block.comment && block.data.is_none() && block.id.is_none(), "{block:?}");
    }
}

#[test]
fn a_malformed_last_event_id_is_refused() {
    let app = TestApp::spawn();
    let viewer = app.viewer();
    for id in ["x", "-1", "1.5", "", "99999999999999999999"] {
        let answer = viewer.request("GET", "/changes/stream").header("Last-Event-ID", id).send();
        let problem = answer.problem(400, "bad-request");
        assert!(problem["detail"].as_str().unwrap().contains("Last-Event-ID"), "{problem}");
    }
    let twice = viewer.request("GET", "/changes/stream").header("Last-Event-ID", "1").header("Last-Event-ID", "2");
    twice.send().problem(400, "bad-request");
    viewer.get("/changes/stream?since=x").assert_bad_parameter("since", &["whole number"]);
    viewer.get("/changes/stream?limit=5").assert_bad_parameter("limit", &["since", "resource"]);
    let head = viewer.head("/changes/stream").expect(200);
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
}

type Operation = fn(&TestApp);

/// Ways to end the right to listen, done to the viewer.
const ENDS: [(&str, Operation); 4] = [
    ("the user is disabled", |app| {
        app.admin().patch("/users/viewer", &json!({ "disabled": true })).expect(200);
    }),
    ("the user gets another role", |app| {
        app.admin().patch("/users/viewer", &json!({ "role": "editor" })).expect(200);
    }),
    ("the user is deleted", |app| {
        app.admin().delete("/users/viewer").expect(204);
    }),
    ("the session is over", |app| {
        let mut conn = app.database.connect();
        let mine = sessions::table.filter(sessions::username.eq("viewer"));
        diesel::update(mine).set(sessions::expires_at.eq("2026-01-01T00:00:00.000000Z")).execute(&mut conn).unwrap();
    }),
];

#[test]
fn a_stream_ends_with_the_right_to_hear_it_though_nothing_happens() {
    for (what, end) in ENDS {
        let app = service(SHORT, LONG);
        let mut stream = open(&app, "", &[]);
        stream.block().unwrap();
        assert!(stream.block().unwrap().comment);
        end(&app);
        while let Some(block) = stream.block() {
            assert!(block.comment, "{what}");
        }
    }
}

#[test]
fn a_listener_who_has_lost_the_right_hears_no_further_change() {
    for (what, end) in ENDS {
        let app = service(LONG, LONG);
        let (mut stream, mut other) =
            (open(&app, "", &[]), EventStream::open(app.address(), app.admin().token().unwrap(), "", &[]));
        records::nation(&app, "IN");
        assert!(stream.change().is_some());
        end(&app);
        records::nation(&app, "US");
        assert_eq!(stream.change(), None, "{what}");
        assert_eq!(other.changes_to(2).len(), 2, "others hear on");
    }
}

#[test]
fn a_stream_ends_when_its_token_does() {
    let app = service(SHORT, LONG);
    let token = about_to_expire(&app, &app.sign_in("viewer"));
    let mut stream = EventStream::open(app.address(), &token, "", &[]);
    assert!(stream.block().unwrap().retry.is_some());
    while let Some(block) = stream.block() {
        assert!(block.comment);
    }
    app.viewer().with_token(&token).get("/changes").problem(401, "unauthenticated");
}

#[test]
fn streams_end_as_they_should_when_the_service_stops() {
    let app = service(LONG, LONG);
    let mut streams: Vec<_> = (0..8).map(|_| open(&app, "", &[])).collect();
    app.broadcaster.end();
    for stream in &mut streams {
        assert!(stream.block().unwrap().retry.is_some());
        assert_eq!(stream.block(), None);
    }
}

#[test]
fn every_stream_gets_every_change_once() {
    let app = service(LONG, LONG);
    let mut streams: Vec<_> = (0..200).map(|_| open(&app, "", &[])).collect();
    assert_eq!(app.broadcaster.subscribers(), 200);
    for n in 0..5 {
        import(&app, n * 4..n * 4 + 4, "all");
    }
    let (all, last) = page(&app.viewer(), "limit=200");
    for stream in &mut streams {
        assert_eq!(stream.changes_to(last), all);
    }
}

#[test]
fn a_late_reader_misses_nothing() {
    let app = service(LONG, LONG);
    let mut stream = open(&app, "", &[]);
    // More than is kept for listeners, in number and in bytes, and more than a connection holds.
    let mut last = 0;
    for round in 0..12 {
        last = import(&app, 0..200, &format!("{round} {}", "x".repeat(3_900)));
    }
    let revisions: Vec<_> = stream.changes_to(last).iter().map(|change| change["revision"].as_i64().unwrap()).collect();
    assert_eq!(revisions, (1..=2400).collect::<Vec<_>>());
}

#[test]
fn a_listener_that_does_not_read_is_dropped() {
    // A listener that has gone away is noticed when something is sent.
    let app = service(SHORT, Duration::from_secs(1));
    let mut narrow = EventStream::narrow(app.address(), app.viewer().token().unwrap());
    narrow.block().unwrap();
    let mut reads = open(&app, "", &[]);
    let last = import(&app, 0..200, &"x".repeat(3_900));
    assert_eq!(reads.changes_to(last).len(), 200);
    drop(reads);
    // There is no other listener: this waits for the connection that is not read.
    actix_web::rt::System::new().block_on(app.broadcaster.wait_idle());
    assert_eq!(app.broadcaster.subscribers(), 0);
    assert_eq!(app.viewer().get("/changes/head").expect(200).json()["revision"], Value::from(last));
}

#[test]
fn changes_made_through_another_service_are_heard() {
    let options =
        Options { timeouts: Timeouts { keep_alive: LONG, unread: LONG, ..Timeouts::default() }, ..Options::default() };
    let app = TestApp::with(options);
    let other = app.beside(options);
    let (mut here, mut there) = (open(&app, "", &[]), open(&other, "", &[]));
    for (n, service) in [&other, &app, &other].into_iter().enumerate() {
        let last = import(service, n..n + 1, "from somewhere");
        assert_eq!(here.change().unwrap()["revision"], last);
        assert_eq!(there.change().unwrap()["revision"], last);
    }
}
