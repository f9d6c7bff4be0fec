//! The feed of changes: what it shows, from where, of what; and that who follows it ends with the same registry.

mod follow;
mod stream;

use diesel::prelude::*;
use diesel::sql_types::Text;
use partnership_registry::registry::nations::Nation;
use partnership_registry::registry::{Author, Tx, decode, write_batch_blocking};
use serde_json::{Value, json};

use crate::support::{Client, TestApp, records};

/// The items and `last` of a page of the feed.
fn page(client: &Client, query: &str) -> (Vec<Value>, i64) {
    let page = client.get(&format!("/changes?{query}")).expect(200).json();
    (page["items"].as_array().unwrap().clone(), page["last"].as_i64().unwrap())
}

fn revisions(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["revision"].as_i64().unwrap()).collect()
}

/// A registry with the examples and, after them, changes of every kind to one project.
fn filled() -> TestApp {
    let app = TestApp::spawn();
    records::fill(&app);
    app.editor().put("/projects/feed", &json!({ "name": "Feed", "status": "proposed" })).expect(201);
    app.admin().patch("/projects/feed", &json!({ "acronym": "F" })).expect(200);
    app.editor().delete("/projects/feed").expect(204);
    app
}

#[test]
fn the_head_of_an_empty_log_is_what_the_first_change_is_sealed_to() {
    let app = TestApp::spawn();
    let answer = app.viewer().get("/changes/head").expect(200);
    assert_eq!(answer.json(), json!({ "revision": 0, "hash": "0".repeat(64), "at": null }));
    assert_eq!(app.viewer().get("/changes").expect(200).json(), json!({ "items": [], "last": 0 }));
    records::nation(&app, "IN");
    let changed =
        app.viewer().request("GET", "/changes/head").header("If-None-Match", &answer.etag()).send().expect(200);
    let history = app.viewer().get("/nations/IN/history").json();
    let head = changed.json();
    for field in ["revision", "hash", "at"] {
        assert_eq!(head[field], history["items"][0][field]);
    }
    app.viewer().request("GET", "/changes/head").header("If-None-Match", &changed.etag()).send().expect(304);
}

#[test]
fn asking_again_from_the_last_shows_every_change_once() {
    let app = filled();
    let viewer = app.viewer();
    let head = viewer.get("/changes/head").json()["revision"].as_i64().unwrap();
    let (all, last) = page(&viewer, "limit=200");
    assert_eq!(revisions(&all), (1..=head).collect::<Vec<_>>());
    assert_eq!(last, head);
    for limit in 1..=4 {
        let (mut seen, mut since) = (Vec::new(), 0);
        loop {
            let (items, last) = page(&viewer, &format!("since={since}&limit={limit}"));
            assert!(items.len() <= limit && last >= since);
            if items.is_empty() {
                assert_eq!(last, head);
                break;
            }
            seen.extend(items);
            since = last;
        }
        assert_eq!(seen, all, "limit={limit}");
    }
    let history = viewer.get("/projects/feed/history").json();
    let newest_first: Vec<_> = all.iter().rev().take(3).cloned().collect();
    assert_eq!(history["items"], json!(newest_first), "the history shows the same");
    let answer = viewer.get("/changes").expect(200);
    let again = viewer.request("GET", "/changes").header("If-None-Match", &answer.etag());
    again.send().expect(304);
}

/// A copy that knows more than the registry is of another past: it must not wait for changes that it will never get.
/// Fails where a revision beyond the head is an empty page, and where a stream begins there.
#[test]
fn a_follower_learns_that_it_knows_more_than_there_is() {
    let app = filled();
    let viewer = app.viewer();
    let head = viewer.get("/changes/head").json()["revision"].as_i64().unwrap();
    assert_eq!(page(&viewer, &format!("since={head}")), (Vec::new(), head));
    for path in ["/changes", "/changes/stream"] {
        for since in [head + 1, head + 1_000, i64::MAX] {
            let refused = viewer.get(&format!("{path}?since={since}&resource=nations"));
            refused.assert_bad_parameter("since", &[&since.to_string(), &format!("which is {head}:")]);
            assert_eq!(refused.defects(400, "bad-request"), [("since".to_owned(), "beyond_head".to_owned())]);
        }
    }
    let beyond = (head + 1).to_string();
    let refused = viewer.request("GET", "/changes/stream?since=0").header("Last-Event-ID", &beyond).send();
    let detail = refused.problem(400, "bad-request")["detail"].to_string();
    assert!(detail.contains("Last-Event-ID") && detail.contains(&format!("which is {head}:")), "{detail}");
    viewer.request("HEAD", "/changes/stream").header("Last-Event-ID", &beyond).send().expect(400);
    let etag = viewer.get("/changes").etag();
    let known = viewer.request("GET", &format!("/changes?since={beyond}")).header("If-None-Match", &etag).send();
    known.problem(400, "bad-request");
}

#[test]
fn each_filter_keeps_its_own_and_last_passes_over_the_rest() {
    let app = filled();
    let viewer = app.viewer();
    let head = viewer.get("/changes/head").json()["revision"].as_i64().unwrap();
    let (all, _) = page(&viewer, "limit=200");
    type Keeps = fn(&Value) -> bool;
    let filters: [(&str, Keeps); 8] = [
        ("resource=projects", |item| item["resource"] == "projects"),
        ("key=trishna", |item| item["key"] == "trishna"),
        ("resource=projects&key=feed", |item| item["key"] == "feed"),
        ("actor=editor", |item| item["actor"] == "editor"),
        ("actor=nobody", |_| false),
        ("action=deleted", |item| item["action"] == "deleted"),
        ("batch=", |item| item["batch"].is_null()),
        ("actor=admin&resource=projects&action=updated", |item| item["action"] == "updated"),
    ];
    for (filter, keeps) in filters {
        let wanted: Vec<_> = all.iter().filter(|item| keeps(item)).cloned().collect();
        assert_eq!(page(&viewer, &format!("{filter}&limit=200")), (wanted.clone(), head), "{filter}");
        let (mut seen, mut since) = (Vec::new(), 0);
        for _ in 0..=wanted.len() {
            let (items, last) = page(&viewer, &format!("{filter}&since={since}&limit=1"));
            seen.extend(items);
            since = last;
        }
        assert_eq!((seen, since), (wanted, head), "{filter}");
    }
}

#[test]
fn the_feed_refuses_wrong_and_unknown_parameters() {
    let app = TestApp::spawn();
    let viewer = app.viewer();
    for since in ["-1", "x", "1.5", "+1", "", "99999999999999999999"] {
        viewer.get(&format!("/changes?since={since}")).assert_bad_parameter("since", &["whole number"]);
    }
    for limit in ["0", "201"] {
        viewer.get(&format!("/changes?limit={limit}")).assert_bad_parameter("limit", &["200"]);
    }
    viewer.get("/changes?resource=users").assert_bad_parameter("resource", &["projects", "partner-types"]);
    viewer.get("/changes?action=renamed").assert_bad_parameter("action", &["created", "updated", "deleted"]);
    viewer
        .get("/changes?cursor=x")
        .assert_bad_parameter("cursor", &["since", "limit", "resource", "key", "actor", "batch", "action"]);
    viewer.get("/changes/head?since=1").assert_bad_parameter("since", &["none"]);
}

#[test]
fn an_import_is_many_revisions_of_one_batch() {
    fn nation(code: &str) -> Nation {
        let alpha3 = rust_iso3166::from_alpha2(code).unwrap().alpha3;
        decode(json!({ "code": code, "alpha3": alpha3, "name_en": code })).unwrap()
    }
    let app = filled();
    let viewer = app.viewer();
    let before = viewer.get("/changes/head").json()["revision"].as_i64().unwrap();
    let import = |tx: &mut Tx<'_>| ["BR", "CA", "CL"].iter().try_for_each(|code| tx.put(nation(code), None).map(drop));
    write_batch_blocking(&app.db, Author::user("ada"), import).unwrap();
    app.editor().patch("/nations/BR", &json!({ "name_en": "Brazil" })).expect(200);
    let (items, last) = page(&viewer, &format!("since={before}"));
    assert_eq!((revisions(&items), last), ((before + 1..=before + 4).collect(), before + 4));
    let batch = items[0]["batch"].as_str().unwrap();
    assert!(items[..3].iter().all(|item| item["batch"] == batch && item["actor"] == "ada"));
    assert_eq!(items[3]["batch"], Value::Null);
    assert_eq!(page(&viewer, &format!("batch={batch}")), (items[..3].to_vec(), last));
    assert_eq!(page(&viewer, "actor=ada&key=CL"), (items[2..3].to_vec(), last));
    assert_eq!(page(&viewer, &format!("batch=&since={before}")), (items[3..].to_vec(), last));
}

/// SQLite says how it would answer; on PostgreSQL the same indexes exist (`tests/repo/`).
#[test]
fn no_filter_makes_the_feed_read_the_whole_log() {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let app = TestApp::spawn();
    let mut conn = app.database.connect();
    #[cfg(feature = "postgres")]
    if matches!(conn, partnership_registry::db::DbConn::Postgres(_)) {
        return;
    }
    for (filter, index) in [
        ("resource = ?", "changes_by_resource (resource=? AND revision>?)"),
        ("actor = ?", "changes_by_actor (actor=? AND revision>?)"),
        ("batch = ?", "changes_by_batch (batch=? AND revision>?)"),
        ("resource = ? AND key = ?", "changes_by_record (resource=? AND key=? AND revision>?)"),
        ("resource IN (?, ?) AND key = ?", "changes_by_record (resource=? AND key=? AND revision>?)"),
    ] {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT * FROM changes WHERE revision > ? AND {filter} ORDER BY revision LIMIT ?"
        );
        let plan = diesel::sql_query(sql).load::<Row>(&mut conn).unwrap();
        assert!(plan.iter().any(|row| row.detail.contains(index)), "{filter}: {:?}", plan[0].detail);
    }
}
