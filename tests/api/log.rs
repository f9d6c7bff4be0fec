//! The change log: append-only, gapless, sealed, and enough to make the tables from.

use diesel::prelude::*;
use partnership_registry::changes::{Action, Change};
use partnership_registry::db::DbConn;
use partnership_registry::db::schema::changes;
use partnership_registry::registry::reviews::Review;
use partnership_registry::registry::{Resource, TableRecord as _};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::support::operations::{kinds, operation, perform};
use crate::support::{Replica, TestApp, records, registry};

fn log(conn: &mut DbConn) -> Vec<Change> {
    changes::table.order(changes::revision).select(Change::as_select()).load(conn).unwrap()
}

/// The chain of hashes and the row of revisions are whole, and time does not go back.
#[track_caller]
fn is_whole(log: &[Change]) {
    let (mut hash, mut at) = ("0".repeat(64), "");
    for (change, revision) in log.iter().zip(1..) {
        assert_eq!(change.revision, revision, "no gap");
        assert_eq!(change.hash, change.compute_hash(&hash), "the seal of revision {revision}");
        assert!(change.at.as_str() >= at);
        (hash, at) = (change.hash.clone(), &change.at);
    }
}

#[test]
fn the_database_itself_refuses_to_change_the_log() {
    let app = TestApp::spawn();
    records::fill(&app);
    let mut conn = app.database.connect();
    let before = log(&mut conn);
    assert!(before.len() >= 8);
    is_whole(&before);
    let columns = "revision, at, actor, action, resource, key, batch, document, hash";
    let row = |revision: &str| {
        format!(
            "SELECT {revision}, at, 'somebody', action, resource, key, batch, document, hash FROM changes WHERE revision = 1"
        )
    };
    let mut attempts = vec![
        "UPDATE changes SET actor = 'somebody'".to_owned(),
        "UPDATE changes SET revision = revision + 1000".to_owned(),
        "DELETE FROM changes WHERE revision = 1".to_owned(),
        "DELETE FROM changes".to_owned(),
        format!("INSERT INTO changes ({columns}) {}", row("1")),
        format!("INSERT INTO changes ({columns}) {}", row("1000")),
        format!("INSERT INTO changes ({columns}) {} ON CONFLICT (revision) DO UPDATE SET actor = 'somebody'", row("1")),
    ];
    match conn {
        DbConn::Sqlite(_) => attempts.extend([
            format!("REPLACE INTO changes ({columns}) {}", row("1")),
            "UPDATE OR REPLACE changes SET revision = 2 WHERE revision = 1".to_owned(),
        ]),
        #[cfg(feature = "postgres")]
        DbConn::Postgres(_) => attempts.push("TRUNCATE changes".to_owned()),
    }
    for sql in attempts {
        assert!(diesel::sql_query(&sql).execute(&mut conn).is_err(), "{sql}");
    }
    assert_eq!(log(&mut conn), before);
}

/// The registry that the log describes.
fn replay(log: &[Change]) -> Replica {
    let mut copy = Replica::default();
    for change in log {
        let document = change.document().unwrap();
        copy.apply(&json!({
            "revision": change.revision, "at": change.at, "action": change.action.as_str(),
            "resource": change.resource, "key": change.key, "document": document,
        }));
    }
    copy
}

#[test]
fn replaying_the_log_gives_the_tables_whatever_was_done() {
    let app = TestApp::spawn();
    records::fill(&app);
    let kinds = kinds();
    let mut conn = app.database.connect();
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let operations = proptest::collection::vec(operation(kinds.len()), 1..40);
    let outcome = runner.run(&operations, |operations| {
        operations.iter().for_each(|operation| perform(&app, &kinds, operation));
        let log = log(&mut app.database.connect());
        is_whole(&log);
        prop_assert_eq!(replay(&log), registry(&app));
        Ok(())
    });
    outcome.unwrap();
    let log = log(&mut conn);
    for action in Action::ALL {
        assert!(log.iter().filter(|change| change.action == *action).count() > 10, "{action} happened often enough");
    }
}

#[test]
fn a_refused_write_leaves_no_trace() {
    let app = TestApp::spawn();
    records::fill(&app);
    let before = log(&mut app.database.connect());
    let admin = app.admin();
    admin.delete("/nations/IN").problem(409, "in-use");
    admin.post("/projects", &json!({ "name": "X", "status": "proposed", "areas": ["nowhere"] })).expect(422);
    admin.patch("/projects/trishna", &json!({ "nations": [{ "nation": "ZA" }] })).expect(422);
    admin
        .request("DELETE", &format!("/reviews/{}", Review::example().code()))
        .header("If-Match", "\"v0\"")
        .send()
        .expect(412);
    assert_eq!(log(&mut app.database.connect()), before);
}
