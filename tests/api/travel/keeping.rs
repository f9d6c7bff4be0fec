//! How past states are made and kept.

use std::sync::Arc;

use futures_util::future::join_all;
use partnership_registry::db::ReadClass;
use partnership_registry::db::schema::partner_types;
use partnership_registry::error::Error;
use partnership_registry::snapshots::{AsOf, Snapshot, Snapshots};
use partnership_registry::values::FromText as _;
use serde_json::json;

use crate::support::{Options, TestApp};

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

fn state(snapshots: &Snapshots, revision: i64) -> Arc<Snapshot> {
    wait(snapshots.state(revision)).unwrap()
}

/// Adds partner types: each is a revision.
fn add(app: &TestApp, codes: std::ops::Range<usize>) {
    for n in codes {
        app.admin().post("/partner-types", &json!({ "code": format!("t{n}"), "name_en": "T" })).expect(201);
    }
}

fn count(state: &Snapshot) -> i64 {
    use diesel::prelude::*;
    state.db().read_blocking(|conn| Ok(partner_types::table.count().get_result(conn)?)).unwrap()
}

#[test]
fn simultaneous_readers_share_one_state() {
    let app = TestApp::spawn();
    add(&app, 0..5);
    let states = wait(join_all((0..12).map(|n| app.snapshots.state(2 + n % 2))));
    let states: Vec<_> = states.into_iter().map(Result::unwrap).collect();
    for (n, one) in states.iter().enumerate() {
        assert!(Arc::ptr_eq(one, &states[n % 2]), "{n}");
        assert_eq!((one.revision(), count(one)), (2 + n as i64 % 2, 2 + n as i64 % 2));
    }
    assert!(Arc::ptr_eq(&state(&app.snapshots, 3), &states[1]), "it is kept");
    let over_http: Vec<_> = (0..4)
        .map(|_| {
            let viewer = app.viewer();
            std::thread::spawn(move || viewer.get("/partner-types?as_of=r4").expect(200).body)
        })
        .collect();
    let bodies: Vec<_> = over_http.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(app.snapshots.cached(), [2, 3, 4]);
}

#[test]
fn the_states_used_last_are_kept_and_the_others_go_with_their_files() {
    let app = TestApp::with(Options { snapshots: 2, ..Options::default() });
    add(&app, 0..5);
    let path = |state: Arc<Snapshot>| state.path().to_owned();
    let first = path(state(&app.snapshots, 1));
    let second = state(&app.snapshots, 2);
    assert!(first.exists());
    let third = path(state(&app.snapshots, 3));
    assert_eq!(app.snapshots.cached(), [2, 3]);
    assert!(!first.exists(), "the first is not kept");
    state(&app.snapshots, 2);
    assert_eq!(app.snapshots.cached(), [3, 2]);
    let again = path(state(&app.snapshots, 1));
    assert_eq!(app.snapshots.cached(), [2, 1]);
    assert_ne!(again, first, "a file is never taken up again");
    assert!(!third.exists() && again.exists());

    state(&app.snapshots, 4);
    assert_eq!(app.snapshots.cached(), [1, 4]);
    assert!(second.path().exists(), "who still reads it keeps it");
    assert_eq!(count(&second), 2);
    let second = path(second);
    assert!(!second.exists());

    let folder = again.parent().unwrap().to_owned();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
    app.snapshots.clear();
    assert!(!folder.exists(), "nothing is left at the end");
    assert_eq!(count(&state(&app.snapshots, 2)), 2);
}

#[test]
fn too_many_at_once_are_refused_and_can_be_asked_for_again() {
    let app = TestApp::with(Options { snapshots: 30, ..Options::default() });
    add(&app, 0..25);
    let states = wait(join_all((1..25).map(|revision| app.snapshots.state(revision))));
    let refused = states.iter().filter(|state| matches!(state, Err(Error::Unavailable(_)))).count();
    assert_eq!((refused, states.iter().filter(|state| state.is_ok()).count()), (6, 18));
    assert_eq!(count(&state(&app.snapshots, 24)), 24);
}

#[test]
fn a_tidied_temporary_folder_does_no_harm() {
    let app = TestApp::spawn();
    add(&app, 0..4);
    let kept = state(&app.snapshots, 2);
    let folder = kept.path().parent().unwrap().to_owned();
    drop(kept);
    std::fs::remove_dir_all(&folder).unwrap();
    for revision in [2, 3] {
        assert_eq!(count(&state(&app.snapshots, revision)), revision);
        app.viewer().get(&format!("/partner-types?as_of=r{revision}")).expect(200);
    }
    assert!(!folder.exists());
    app.snapshots.clear();
}

#[test]
fn a_state_is_readable_by_its_owner_alone_and_never_written() {
    let app = TestApp::spawn();
    add(&app, 0..2);
    let state = state(&app.snapshots, 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(state.path()), mode(state.path().parent().unwrap())), (0o600, 0o700));
    }
    use diesel::prelude::*;
    let delete = state.db().read_blocking(|conn| Ok(diesel::delete(partner_types::table).execute(conn)?));
    assert!(delete.is_err());
    let write = state.db().write_blocking(|_| Ok(()));
    assert!(matches!(write, Err(Error::Internal { .. })), "{write:?}");
    assert_eq!(count(&state), 1);
}

#[test]
fn the_present_that_has_become_past_is_not_mistaken_for_it() {
    let app = TestApp::spawn();
    add(&app, 0..3);
    let as_of = AsOf::parse("r3").unwrap();
    let moment = wait(app.snapshots.at(Some(&as_of))).unwrap();
    let look = || {
        wait(moment.read(ReadClass::Inline, |conn, seen| {
            use diesel::prelude::*;
            Ok((seen.revision(conn)?, partner_types::table.count().get_result::<i64>(conn)?))
        }))
    };
    assert_eq!(look().unwrap(), (3, 3));
    assert_eq!(app.snapshots.cached(), [0; 0], "the present is read where it is");
    add(&app, 3..4);
    assert_eq!(look().unwrap(), (3, 3));
    assert_eq!(app.snapshots.cached(), [3]);
}

/// The last revision is the present when it is asked for, and past a moment later: the answer is one all the same.
#[test]
fn the_past_does_not_change_while_others_write() {
    let app = TestApp::spawn();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let (client, stop) = (app.admin(), &stop);
            scope.spawn(move || {
                let at = format!("/partner-types/w{writer}");
                for n in 0.. {
                    if stop.load(std::sync::atomic::Ordering::Relaxed) {
                        break;
                    }
                    client.put(&at, &json!({ "name_en": format!("W {n}") }));
                }
            });
        }
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let client = app.viewer();
                scope.spawn(move || {
                    for _ in 0..12 {
                        let revision = client.get("/changes/head").expect(200).json()["revision"].clone();
                        let path = format!("/partner-types?as_of=r{revision}");
                        let first = client.get(&path).expect(200);
                        let page = first.json();
                        let versions = page["items"].as_array().unwrap().iter().map(|one| one["version"].as_i64());
                        assert_eq!(versions.max().flatten().unwrap_or(0), revision.as_i64().unwrap());
                        let again = client.get(&path).expect(200);
                        assert_eq!((first.etag(), first.text()), (again.etag(), again.text()));
                    }
                })
            })
            .collect();
        let read: Vec<_> = readers.into_iter().map(|reader| reader.join()).collect();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(read.iter().all(Result::is_ok));
    });
}

/// On SQLite a state near the present begins as a copy of the whole file.
#[test]
fn a_past_state_holds_no_account_and_no_log() {
    use diesel::prelude::*;
    let app = TestApp::spawn();
    let person =
        json!({ "username": "eve-of-the-harbour", "role": "viewer", "password": "nine otters in the harbour" });
    app.admin().post("/users", &person).expect(201);
    add(&app, 0..60);
    let state = state(&app.snapshots, 59);
    assert_eq!(count(&state), 59);
    let changes = partnership_registry::db::schema::changes::table.count();
    assert_eq!(state.db().read_blocking(|conn| Ok(changes.get_result::<i64>(conn)?)).unwrap(), 0);
    let bytes = std::fs::read(state.path()).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("t58") && !holds("eve-of-the-harbour") && !holds("$argon2"));
}
