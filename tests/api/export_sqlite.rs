//! The registry as one SQLite file: what the API says, and nothing else.

use partnership_registry::db::{DatabaseUrl, Db};
use partnership_registry::registry::RESOURCES;
use serde_json::json;

use crate::support::database::texts;
use crate::support::{Answer, PASSWORD, TestApp, records};

/// The file of an answer, opened.
fn opened(answer: &Answer) -> (tempfile::TempDir, partnership_registry::db::DbConn) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.sqlite");
    std::fs::write(&path, &answer.body).unwrap();
    let conn = Db::connect(&DatabaseUrl::Sqlite(path)).unwrap();
    (folder, conn)
}

#[test]
fn the_file_has_every_record_and_says_which_revision_it_is() {
    let app = TestApp::spawn();
    records::fill(&app);
    let answer = app.viewer().get("/export.sqlite").expect(200);
    assert_eq!(answer.header("content-type"), Some("application/vnd.sqlite3"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"registry.sqlite\""));
    let (_folder, mut conn) = opened(&answer);
    for kind in RESOURCES {
        let table = kind.collection.replace('-', "_");
        let codes = texts(&mut conn, &format!("SELECT code AS value FROM {table}"));
        let api = app.viewer().get(&format!("/{}?limit=200", kind.collection)).expect(200).codes();
        assert_eq!(codes, api.into_iter().collect(), "{table}");
    }
    let head = app.viewer().get("/changes/head").expect(200).json();
    let said = |key: &str| format!("SELECT value FROM registry WHERE key = '{key}'");
    assert_eq!(texts(&mut conn, &said("revision")), [head["revision"].to_string()].into());
    assert_eq!(texts(&mut conn, &said("hash")), [head["hash"].as_str().unwrap().to_owned()].into());
    let project = app.viewer().get("/projects/trishna").expect(200).json();
    let row = "SELECT json_object('name', name, 'launch_date', launch_date, 'from', launch_date_from, 'to', launch_date_to) AS value \
               FROM projects WHERE code = 'trishna'";
    let row: serde_json::Value = serde_json::from_str(texts(&mut conn, row).first().unwrap()).unwrap();
    assert_eq!((&row["name"], &row["launch_date"]), (&project["name"], &project["launch_date"]));
    assert!(row["from"].as_str() <= row["to"].as_str());
    for view in ["projects_by_nation", "projects_by_area", "agreements_by_nation", "partners", "nations_together"] {
        texts(&mut conn, &format!("SELECT count(*) || '' AS value FROM {view}"));
    }
    let partners = "SELECT nation || ' ' || projects AS value FROM partners WHERE nation = 'IN'";
    let india = app.viewer().get("/projects?nation=IN").expect(200).json()["total"].to_string();
    assert_eq!(texts(&mut conn, partners), [format!("IN {india}")].into());
    app.viewer().request("GET", "/export.sqlite").header("If-None-Match", &answer.etag()).send().expect(304);
}

#[test]
fn the_file_is_that_of_a_moment() {
    let app = TestApp::spawn();
    records::fill(&app);
    app.admin().post("/releases", &json!({ "name": "before" })).expect(201);
    app.editor().patch("/projects/trishna", &json!({ "name": "Another" })).expect(200);
    let name = |path: &str| {
        let (_folder, mut conn) = opened(&app.viewer().get(path).expect(200));
        texts(&mut conn, "SELECT name AS value FROM projects WHERE code = 'trishna'")
    };
    assert_eq!(name("/export.sqlite"), ["Another".to_owned()].into());
    assert_ne!(name("/export.sqlite?as_of=before"), ["Another".to_owned()].into());
    app.viewer().get("/export.sqlite?as_of=no-such-release").assert_bad_parameter("as_of", &[]);
}

/// Canaries: what only accounts hold is nowhere in the file.
#[test]
fn the_file_knows_no_user_token_or_key() {
    let app = TestApp::spawn();
    records::fill(&app);
    let user = json!({ "username": "canary.user", "display_name": "Canary Bird", "role": "viewer",
        "password": "kestrel over a quiet canal" });
    app.admin().post("/users", &user).expect(201);
    let token = json!({ "name": "canary tool", "role": "viewer", "expires_in_days": 1 });
    let token = app.admin().post("/tokens", &token).expect(201).json();
    app.admin()
        .request("POST", "/projects")
        .header("Idempotency-Key", "canary-key")
        .json(&json!({ "name": "With a key", "status": "proposed" }))
        .send()
        .expect(201);
    let file = app.viewer().get("/export.sqlite").expect(200).body;
    let text = String::from_utf8_lossy(&file);
    assert!(text.contains("With a key"), "the records are there");
    let id = token["id"].as_str().unwrap();
    for canary in
        ["canary", "Canary Bird", "argon2", id, PASSWORD, "password", "idempotency_keys", "named_tokens", "sessions"]
    {
        assert!(!text.contains(canary), "{canary}");
    }
    for author in ["admin", "editor"] {
        assert!(!text.contains(author), "not even who wrote: {author}");
    }
}
