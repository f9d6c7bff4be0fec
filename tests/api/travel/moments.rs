//! The forms of `as_of`, and what each kind of answer makes of it.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

/// A project that was proposed, got going, went and came back; and the revision after each step.
fn a_past(app: &TestApp) -> Vec<i64> {
    let (admin, editor) = (app.admin(), app.editor());
    let revision = |answer: Answer| answer.json()["version"].as_i64().unwrap();
    let area = json!({ "code": "climate", "name_en": "Climate" });
    let mut steps = vec![revision(admin.post("/cooperation-areas", &area).expect(201))];
    let project = json!({ "name": "Lagoon", "status": "proposed", "areas": ["climate"] });
    steps.push(revision(editor.post("/projects", &project).expect(201)));
    let patch = json!({ "status": "in_development", "areas": [] });
    steps.push(revision(editor.patch("/projects/lagoon", &patch).expect(200)));
    editor.delete("/projects/lagoon").expect(204);
    steps.push(steps[2] + 1);
    steps.push(revision(editor.post("/projects/lagoon/restore", &json!({ "version": steps[1] })).expect(200)));
    steps
}

#[test]
fn a_record_is_shown_as_it_was() {
    let app = TestApp::spawn();
    let steps = a_past(&app);
    let viewer = app.viewer();
    let then = |step: usize, path: &str| {
        let and = if path.contains('?') { '&' } else { '?' };
        viewer.get(&format!("{path}{and}as_of=r{}", steps[step]))
    };
    then(0, "/projects/lagoon").problem(404, "not-found");
    let proposed = then(1, "/projects/lagoon").expect(200);
    assert_eq!((proposed.etag(), proposed.json()["status"].clone()), ("\"v2\"".to_owned(), json!("proposed")));
    let changed = then(2, "/projects/lagoon").expect(200).json();
    assert_eq!((&changed["version"], &changed["status"]), (&json!(3), &json!("in_development")));
    assert_eq!(changed["created_at"], proposed.json()["created_at"]);
    assert!(changed["updated_at"].as_str() > changed["created_at"].as_str());
    then(3, "/projects/lagoon").problem(404, "not-found");
    let back = viewer.get("/projects/lagoon").expect(200);
    assert_eq!(then(4, "/projects/lagoon").expect(200).body, back.body);
    assert_eq!(then(4, "/projects/lagoon").etag(), back.etag());
    assert_ne!(back.json()["created_at"], proposed.json()["created_at"], "it was created again");
    let expanded = then(1, "/projects/lagoon?expand=areas&fields=code").expect(200).json();
    assert_eq!(expanded["expanded"]["areas"]["climate"]["version"], 1);
    assert_eq!(then(1, "/cooperation-areas/climate").expect(200).body, viewer.get("/cooperation-areas/climate").body);
}

#[test]
fn a_list_is_shown_as_it_was() {
    let app = TestApp::spawn();
    let steps = a_past(&app);
    let viewer = app.viewer();
    let found = |query: &str, step: usize| viewer.get(&format!("/projects?as_of=r{}{query}", steps[step])).expect(200);
    for (step, codes) in [(0, 0), (1, 1), (2, 1), (3, 0), (4, 1)] {
        let page = found("", step).json();
        assert_eq!((page["items"].as_array().unwrap().len(), &page["total"]), (codes, &json!(codes)), "{step}");
    }
    assert_eq!(found("&area=climate", 1).codes(), ["lagoon"]);
    assert_eq!(found("&area=climate", 2).codes(), [""; 0]);
    assert_eq!(found("&status=proposed&fields=code,status&sort=-name", 1).json()["items"][0]["status"], "proposed");
    assert_eq!(found("", 4).json(), viewer.get("/projects").json());
    let tags: Vec<String> = (0..5).map(|step| found("", step).etag()).collect();
    for (step, tag) in tags.iter().enumerate() {
        assert!(tag.starts_with(&format!("W/\"r{}-", steps[step])), "{tag}");
        let path = format!("/projects?as_of=r{}", steps[step]);
        let again = viewer.request("GET", &path).header("If-None-Match", tag).send().expect(304);
        assert_eq!(&again.etag(), tag);
    }
    app.admin().post("/cooperation-areas", &json!({ "name_en": "Defence" })).expect(201);
    let again: Vec<String> = (0..5).map(|step| found("", step).etag()).collect();
    assert_eq!(again, tags, "the past does not change");
}

#[test]
fn history_ends_at_the_moment() {
    let app = TestApp::spawn();
    let steps = a_past(&app);
    let viewer = app.viewer();
    let then =
        |step: usize, query: &str| viewer.get(&format!("/projects/lagoon/history?as_of=r{}{query}", steps[step]));
    then(0, "").problem(404, "not-found");
    assert_eq!(then(1, "").expect(200).column("action"), ["created"]);
    assert_eq!(then(2, "").expect(200).column("action"), ["updated", "created"]);
    assert_eq!(then(3, "").expect(200).column("action"), ["deleted", "updated", "created"]);
    assert_eq!(then(4, "").expect(200).json(), viewer.get("/projects/lagoon/history").json());
    let first = then(3, "&limit=2").expect(200);
    assert_eq!((first.json()["total"].clone(), first.column("action").len()), (json!(3), 2));
    let link = first.header("link").unwrap();
    let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    assert!(next.contains(&format!("as_of=r{}", steps[3])), "{next}");
    let second = viewer.get(next).expect(200);
    assert_eq!((second.json()["total"].clone(), second.column("action")), (json!(3), vec!["created".to_owned()]));
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    viewer.get(&format!("/projects/lagoon/history?cursor={cursor}")).assert_bad_parameter("cursor", &[]);
    assert_ne!(then(2, "").etag(), then(3, "").etag());
}

#[test]
fn paging_stays_in_the_past() {
    let app = TestApp::spawn();
    let admin = app.admin();
    for n in 0..5 {
        admin.post("/partner-types", &json!({ "code": format!("t{n}"), "name_en": format!("T {n}") })).expect(201);
    }
    let first = app.viewer().get("/partner-types?as_of=r5&limit=2&sort=-name_en").expect(200);
    admin.delete("/partner-types/t1").expect(204);
    admin.post("/partner-types", &json!({ "code": "t9", "name_en": "S" })).expect(201);
    let (mut codes, mut answer) = (first.codes(), first);
    while let Some(link) = answer.header("link") {
        let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned();
        answer = app.viewer().get(&next).expect(200);
        assert_eq!(answer.json()["total"], 5);
        codes.extend(answer.codes());
    }
    assert_eq!(codes, ["t4", "t3", "t2", "t1", "t0"]);
    let cursor = app.viewer().get("/partner-types?as_of=r5&limit=2").json()["next_cursor"].as_str().unwrap().to_owned();
    for other in ["", "&as_of=r4", "&as_of=2000"] {
        app.viewer()
            .get(&format!("/partner-types?limit=2&cursor={cursor}{other}"))
            .assert_bad_parameter("cursor", &["same"]);
    }
}

#[test]
fn a_moment_is_a_revision_a_date_or_a_time() {
    let app = TestApp::spawn();
    let steps = a_past(&app);
    let viewer = app.viewer();
    let list = |moment: &str| viewer.get(&format!("/projects?as_of={moment}"));
    let changes = viewer.get("/projects/lagoon/history").json();
    let at = |index: usize| changes["items"][index]["at"].as_str().unwrap().to_owned();
    let present = viewer.get("/projects").expect(200);
    // To the microsecond, in any offset, with the `+` escaped or not.
    for (index, step) in [(3, 1), (2, 2), (1, 3), (0, 4)] {
        let expected = list(&format!("r{}", steps[step])).expect(200).json();
        let time = at(index);
        assert_eq!(list(&time).expect(200).json(), expected, "{time}");
        let moved = time.replace('Z', "+00:00");
        assert_eq!(list(&moved).expect(200).json(), expected);
        assert_eq!(list(&moved.replace('+', "%2B")).expect(200).json(), expected);
        assert_eq!(list(&time.replace('Z', "999Z")).expect(200).json(), expected, "what is finer does not count");
    }
    let today = at(0)[..10].to_owned();
    for date in [&today, &today[..7], &today[..4]] {
        assert_eq!(list(date).expect(200).json(), present.json(), "{date} has not ended: it is now");
    }
    let nothing = json!({ "items": [], "total": 0, "next_cursor": Value::Null });
    for before in ["r0", "1999", "1999-12", "1999-12-31", "1999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"] {
        assert_eq!(list(before).expect(200).json(), nothing, "{before}");
        viewer.get(&format!("/projects/lagoon?as_of={before}")).problem(404, "not-found");
        viewer.get(&format!("/projects/lagoon/history?as_of={before}")).problem(404, "not-found");
    }
}

#[test]
fn a_malformed_or_future_moment_is_refused() {
    let app = TestApp::spawn();
    let steps = a_past(&app);
    let viewer = app.viewer();
    let head = steps.last().unwrap();
    for path in ["/projects", "/projects/lagoon", "/projects/lagoon/history"] {
        let ask = |moment: &str| viewer.get(&format!("{path}?as_of={moment}"));
        ask(&format!("r{}", head + 1)).assert_bad_parameter("as_of", &["the last one is", &format!("r{head}")]);
        for future in ["9999", "9999-01", "9999-01-01", "9999-01-01T00:00:00Z"] {
            ask(future).assert_bad_parameter("as_of", &["still to come"]);
        }
        for wrong in ["", "r", "r-1", "R1", "2026-13", "2026-11-24T09:00:00"] {
            ask(wrong).assert_bad_parameter("as_of", &["2026-11-24T09:00:00Z", "r42"]);
        }
        // A text that could be the name of a release is looked for among them.
        ask("yesterday").assert_bad_parameter("as_of", &["yesterday", "/api/v1/releases"]);
        viewer.get(&format!("{path}?as_of=r1&as_of=r1")).assert_bad_parameter("as_of", &["twice"]);
    }
    let document = json!({ "name": "Lagoon", "status": "proposed" });
    let admin = app.admin();
    for answer in [
        admin.post("/projects?as_of=r1", &document),
        admin.put("/projects/lagoon?as_of=r1", &document),
        admin.patch("/projects/lagoon?as_of=r1", &json!({})),
        admin.delete("/projects/lagoon?as_of=r1"),
        admin.post("/projects/lagoon/restore?as_of=r1", &json!({ "version": 2 })),
    ] {
        answer.assert_bad_parameter("as_of", &["no such parameter"]);
    }
}
