//! Releases: a name for a revision, which every question takes, and the same data package each time.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use aws_lc_rs::digest::{SHA256, digest};
use partnership_registry::registry::{RESOURCES, ResourceInfo};
use partnership_registry::values::hex;
use serde_json::{Value, json};

use crate::support::{TestApp, records};

fn release(app: &TestApp, name: &str) -> Value {
    app.admin().post("/releases", &json!({ "name": name, "note": "For a paper" })).expect(201).json()
}

fn rename(app: &TestApp, name: &str) {
    app.editor().patch("/projects/trishna", &json!({ "name": name })).expect(200);
}

#[test]
fn a_release_names_the_last_revision_with_its_hash() {
    let app = TestApp::spawn();
    app.admin().post("/releases", &json!({ "name": "too-early" })).assert_invalid(&[("/revision", "unknown_revision")]);
    records::fill(&app);
    let head = app.viewer().get("/changes/head").expect(200).json();
    let made = app.admin().post("/releases", &json!({ "name": "seminar-2026", "note": "For a paper" })).expect(201);
    assert_eq!(made.header("location"), Some("/api/v1/releases/seminar-2026"));
    let made = made.json();
    assert_eq!((&made["revision"], &made["hash"]), (&head["revision"], &head["hash"]));
    assert_eq!((&made["note"], &made["created_by"]), (&json!("For a paper"), &json!("admin")));
    assert_eq!(made["revised_at"], head["at"]);
    assert_eq!(app.viewer().get("/releases/seminar-2026").expect(200).json(), made);
    let earlier = app.admin().post("/releases", &json!({ "name": "earlier", "revision": 1 })).expect(201).json();
    assert_eq!((&earlier["revision"], &earlier["note"]), (&json!(1), &Value::Null));
    assert_eq!(app.viewer().get("/releases").expect(200).column("name"), ["earlier", "seminar-2026"]);
    let page = app.viewer().get("/releases?limit=1").expect(200).json();
    let next = format!("/releases?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(app.viewer().get(&next).expect(200).column("name"), ["seminar-2026"]);
}

#[test]
fn a_name_is_given_once_and_is_no_moment() {
    let app = TestApp::spawn();
    records::fill(&app);
    release(&app, "seminar-2026");
    rename(&app, "Another");
    app.admin().post("/releases", &json!({ "name": "seminar-2026" })).problem(409, "conflict");
    for bad in ["r12", "2026", "2026-11", "Seminar", "now", "a", "a b", ""] {
        app.admin().post("/releases", &json!({ "name": bad })).assert_invalid(&[("/name", "bad_name")]);
    }
    app.admin().post("/releases", &json!({ "note": 1, "colour": "red" })).assert_invalid(&[
        ("/name", "required"),
        ("/note", "type"),
        ("/colour", "unknown_field"),
    ]);
    let beyond = json!({ "name": "beyond", "revision": 1_000_000 });
    app.admin().post("/releases", &beyond).assert_invalid(&[("/revision", "unknown_revision")]);
    app.editor().post("/releases", &json!({ "name": "by-an-editor" })).problem(403, "forbidden");
    app.viewer().get("/releases/nothing").problem(404, "not-found");
    app.viewer().get("/releases/nothing/datapackage.zip").problem(404, "not-found");
    for method in ["PUT", "PATCH", "DELETE"] {
        app.admin()
            .request(method, "/releases/seminar-2026")
            .json(&json!({}))
            .send()
            .problem(405, "method-not-allowed");
    }
}

#[test]
fn as_of_takes_a_release_wherever_it_takes_a_moment() {
    let app = TestApp::spawn();
    records::fill(&app);
    let made = release(&app, "before");
    let revision = format!("r{}", made["revision"]);
    rename(&app, "Another");
    let mut paths: Vec<String> =
        ResourceInfo::collections().map(|collection| format!("/{collection}?limit=200")).collect();
    paths.extend(
        [
            "/projects/trishna?",
            "/projects/trishna/history?",
            "/search?q=trishna",
            "/partnerships?",
            "/network?",
            "/findings?",
        ]
        .map(str::to_owned),
    );
    paths.extend(["/activity?", "/summaries/projects?group_by=status", "/projects?format=csv"].map(str::to_owned));
    let viewer = app.viewer();
    let mut differ = 0;
    for path in paths {
        let named = viewer.get(&format!("{path}&as_of=before")).expect(200);
        let numbered = viewer.get(&format!("{path}&as_of={revision}")).expect(200);
        assert_eq!(named.text().replace("as_of=before", &format!("as_of={revision}")), numbered.text(), "{path}");
        differ += usize::from(viewer.get(&path).expect(200).text() != named.text());
    }
    assert!(differ >= 4, "the present differs: {differ}");
    viewer
        .get("/projects?as_of=no-such-release")
        .assert_bad_parameter("as_of", &["no-such-release", "/api/v1/releases"]);
}

#[test]
fn differences_between_releases() {
    let app = TestApp::spawn();
    records::fill(&app);
    release(&app, "seminar-2025");
    rename(&app, "Another");
    release(&app, "seminar-2026");
    rename(&app, "A third");
    let summary = app.viewer().get("/changes/summary?from=seminar-2025&to=seminar-2026").expect(200).json();
    let changed = json!([{ "field": "name", "before": records_name(&app), "after": "Another" }]);
    assert_eq!(summary["items"][0]["changed"], changed, "{summary}");
    assert_eq!(summary["items"].as_array().unwrap().len(), 1);
    app.viewer().get("/changes/summary?from=nothing&to=seminar-2026").assert_bad_parameter("from", &["nothing"]);
    app.viewer().get("/changes/summary?from=seminar-2025&to=nothing").assert_bad_parameter("to", &["nothing"]);
}

fn records_name(app: &TestApp) -> String {
    let first = app.viewer().get("/projects/trishna?as_of=seminar-2025").expect(200).json();
    first["name"].as_str().unwrap().to_owned()
}

/// The files in a ZIP archive.
fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|n| {
            let mut file = archive.by_index(n).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

#[test]
fn the_data_package_is_the_same_each_time_and_says_what_is_in_it() {
    let app = TestApp::spawn();
    records::fill(&app);
    let made = release(&app, "seminar-2026");
    let path = "/releases/seminar-2026/datapackage.zip";
    let first = app.viewer().get(path).expect(200);
    assert_eq!(first.header("content-type"), Some("application/zip"));
    assert_eq!(first.header("content-disposition"), Some("attachment; filename=\"seminar-2026-datapackage.zip\""));
    rename(&app, "Another");
    let again = app.viewer().get(path).expect(200);
    assert!(first.body == again.body, "the registry has changed since, and the release has not");
    let other = app.beside(crate::support::Options { users: &[], ..Default::default() });
    assert!(first.body == other.viewer().get(path).expect(200).body, "another instance");
    app.viewer().request("GET", path).header("If-None-Match", &first.etag()).send().expect(304);

    let files = unpacked(&first.body);
    let sums = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
    let sha256 = |bytes: &[u8]| hex(digest(&SHA256, bytes).as_ref());
    let expected: usize = sums
        .lines()
        .map(|line| {
            let (sum, name) = line.split_once("  ").unwrap();
            assert_eq!(sum, sha256(&files[name]), "{name}");
        })
        .count();
    assert_eq!(expected, files.len() - 1);
    let description: Value = serde_json::from_slice(&files["datapackage.json"]).unwrap();
    assert_eq!(description["release"], made);
    assert_eq!(description["version"], "seminar-2026");
    let resources = description["resources"].as_array().unwrap();
    assert_eq!(resources.len(), RESOURCES.len());
    for resource in resources {
        let bytes = &files[resource["path"].as_str().unwrap()];
        assert_eq!(resource["bytes"], bytes.len());
        assert_eq!(resource["hash"], format!("sha256:{}", sha256(bytes)));
        let collection = resource["name"].as_str().unwrap().replace('_', "-");
        let csv = app.viewer().get(&format!("/{collection}?format=csv&as_of=seminar-2026")).expect(200);
        assert!(csv.body == *bytes, "{collection}");
    }
}

#[test]
fn verify_sees_a_release_that_was_tampered_with() {
    let app = TestApp::spawn();
    records::fill(&app);
    release(&app, "seminar-2026");
    let found = |app: &TestApp| {
        let mut found = Vec::new();
        let mut keep = |finding: partnership_registry::snapshots::Finding| {
            found.push(finding.to_string());
            Ok(())
        };
        partnership_registry::snapshots::verify(&app.db, None, &mut keep, &mut |_, _| {}).unwrap();
        found
    };
    assert!(found(&app).is_empty());
    let mut conn = app.database.connect();
    crate::support::database::run(&mut conn, "UPDATE releases SET revision = 1");
    assert_eq!(found(&app), ["log r1: the release seminar-2026 was named with another hash"]);
}
