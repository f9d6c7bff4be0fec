//! `Registry-Revision` of every answer, and `Registry-Min-Revision` of a question.

use std::time::Duration;

use serde_json::json;

use crate::support::database::run;
use crate::support::{Answer, Client, Options, TestApp, records};

/// The revision that an answer shows.
#[track_caller]
fn shown(answer: &Answer) -> i64 {
    let text = answer.header("registry-revision").unwrap_or_else(|| panic!("no Registry-Revision in {answer}"));
    text.parse().unwrap()
}

fn head(client: &Client) -> i64 {
    client.get("/changes/head").expect(200).json()["revision"].as_i64().unwrap()
}

fn asked(client: &Client, path: &str, least: &str) -> Answer {
    client.request("GET", path).header("Registry-Min-Revision", least).send()
}

/// With and without the answer cache, which answers the second time.
#[test]
fn every_answer_names_the_revision_that_it_shows() {
    for cache_size in [0, 8 * 1024 * 1024] {
        let app = TestApp::with(Options { cache_size, ..Options::default() });
        let viewer = app.viewer();
        assert_eq!(shown(&viewer.get("/projects").expect(200)), 0);
        records::fill(&app);
        let last = head(&viewer);
        let paths = [
            "/projects",
            "/projects?format=csv",
            "/projects/oracle-1",
            "/changes",
            "/search?q=a",
            "/users",
            "/nowhere",
        ];
        for path in paths.into_iter().chain([
            "/projects?as_of=r1",
            "/projects?nonsense=1",
            "/summaries/projects?group_by=status",
        ]) {
            for _ in 0..2 {
                assert_eq!(shown(&viewer.get(path)), last, "{path}");
                assert_eq!(shown(&viewer.head(path)), last, "{path}");
            }
        }
        let tag = viewer.get("/projects").etag();
        let known = viewer.request("GET", "/projects").header("If-None-Match", &tag).send().expect(304);
        assert_eq!(shown(&known), last);
    }
}

#[test]
fn a_write_names_its_own_revision() {
    let app = TestApp::spawn();
    let (admin, path) = (app.admin(), "/projects/shown");
    let project = json!({ "name": "Shown", "status": "proposed" });
    assert_eq!(shown(&admin.put(path, &project).expect(201)), 1);
    assert_eq!(shown(&admin.patch(path, &json!({ "acronym": "S" })).expect(200)), 2);
    let stale = admin.request("PUT", path).header("If-Match", "\"v1\"").json(&project).send().expect(412);
    assert_eq!(shown(&stale), 2);
    assert_eq!(shown(&admin.delete(path).expect(204)), 3);
    assert_eq!(shown(&admin.get(path).expect(404)), 3);
}

/// Fails when the header is set outside the proof of who calls.
#[test]
fn an_answer_without_a_caller_has_no_revision() {
    let app = TestApp::spawn();
    records::fill(&app);
    assert_eq!(app.anonymous().get("/projects").expect(401).header("registry-revision"), None);
    let refused = app.anonymous().request("POST", "/auth/token").body("application/x-www-form-urlencoded", "").send();
    assert_eq!(refused.expect(400).header("registry-revision"), None);
    assert_eq!(app.root().get("/health/live").header("registry-revision"), None);
}

#[test]
fn a_revision_that_does_not_exist_is_refused_with_the_last_one() {
    let app = TestApp::spawn();
    let viewer = app.viewer();
    records::fill(&app);
    let last = head(&viewer);
    for path in ["/projects", "/changes", "/nowhere"] {
        assert_ne!(asked(&viewer, path, &last.to_string()).status, 400, "{path}");
        let refused = asked(&viewer, path, &(last + 1).to_string());
        let detail = refused.problem(400, "bad-request")["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("Registry-Min-Revision") && detail.contains(&format!("which is {last}")), "{detail}");
        assert_eq!(shown(&refused), last);
    }
    let project = json!({ "name": "Later", "status": "proposed" });
    let write = app.editor();
    let write = |least: i64| {
        write
            .request("PUT", "/projects/later")
            .header("Registry-Min-Revision", &least.to_string())
            .json(&project)
            .send()
    };
    write(last + 1).problem(400, "bad-request");
    write(last).expect(201);
}

#[test]
fn a_malformed_min_revision_is_refused() {
    let app = TestApp::spawn();
    for text in ["", " ", "-1", "+1", "1.0", "1e3", "0x1", "r1", "W/\"r1\"", "0, 0", "99999999999999999999"] {
        let refused = asked(&app.viewer(), "/projects", text);
        let detail = refused.problem(400, "bad-request")["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("Registry-Min-Revision"), "{text}: {detail}");
    }
    let viewer = app.viewer();
    let twice = viewer.request("GET", "/projects").header("Registry-Min-Revision", "0");
    twice.header("Registry-Min-Revision", "0").send().problem(400, "bad-request");
}

/// Fails when the last revision that an instance knows of is taken for the last one. On PostgreSQL the instance has had
/// no notice of the last write.
#[test]
fn an_instance_that_has_not_noticed_a_write_asks_for_it() {
    let one = TestApp::spawn();
    let other = one.beside(Options { staleness: Duration::from_secs(3600), ..Options::default() });
    let (editor, viewer) = (one.editor(), other.viewer());
    for n in 1..=20 {
        assert_eq!(shown(&viewer.get("/projects?limit=200")), n - 1);
        let made = editor.put(&format!("/projects/p{n}"), &json!({ "name": "P", "status": "proposed" })).expect(201);
        let seen = asked(&viewer, "/projects?limit=200", &shown(&made).to_string()).expect(200);
        assert_eq!(seen.json()["total"], n);
        assert_eq!(shown(&seen), n);
    }
    let mut conn = one.database.disarmed();
    run(&mut conn, "CREATE TEMPORARY TABLE unnoticed AS SELECT * FROM changes WHERE revision = 20");
    run(&mut conn, "UPDATE unnoticed SET revision = 21");
    run(&mut conn, "INSERT INTO changes SELECT * FROM unnoticed");
    assert_eq!(shown(&asked(&viewer, "/projects", "21").expect(200)), 21);
}
