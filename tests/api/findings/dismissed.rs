//! Findings that are meant to be so.

use serde_json::json;

use super::{count, found, world, write};
use crate::support::TestApp;

fn with_findings() -> TestApp {
    let app = TestApp::spawn();
    world(&app);
    write(
        &app,
        &[
            ("projects", "one", json!({ "name": "One", "status": "operational", "nations": [{ "nation": "IN" }] })),
            ("projects", "two", json!({ "name": "Two", "status": "operational", "nations": [{ "nation": "US" }] })),
        ],
    );
    app
}

#[test]
fn a_dismissed_finding_leaves_the_list_and_is_counted() {
    let app = with_findings();
    let editor = app.editor();
    let missing = ["review-missing projects/one", "review-missing projects/two"];
    assert_eq!(found(&app, "rule=review-missing"), missing);
    let dismissal =
        json!({ "rule": "review-missing", "resource": "projects", "key": "one", "reason": "Reviewed by others." });
    let made = editor.post("/dismissals", &dismissal).expect(201).json();
    assert_eq!(made["code"], "review-missing-one");
    assert_eq!(found(&app, "rule=review-missing"), missing[1..]);
    assert_eq!(count(&app, "", "review-missing"), (1, 1));
    assert_eq!(count(&app, "nation=US", "review-missing"), (1, 0));
    assert_eq!(count(&app, "nation=IN", "review-missing"), (0, 1));
    // Another rule finds it as before.
    assert!(found(&app, "").contains(&"active-without-agreement projects/one".to_owned()));
    // The log knows who said why, and what was found before.
    let before = made["version"].as_i64().unwrap() - 1;
    assert_eq!(found(&app, &format!("rule=review-missing&as_of=r{before}")), missing);
    assert_eq!(count(&app, &format!("as_of=r{}", before + 1), "review-missing"), (1, 1));
    // A finding that is gone is not counted.
    editor.patch("/projects/one", &json!({ "status": "completed" })).expect(200);
    assert_eq!(count(&app, "", "review-missing"), (1, 0));
    editor.patch("/projects/one", &json!({ "status": "operational" })).expect(200);
    editor.delete("/dismissals/review-missing-one").expect(204);
    assert_eq!(found(&app, "rule=review-missing"), missing);
}

#[test]
fn a_dismissal_names_a_rule_a_collection_and_a_record() {
    let app = with_findings();
    let dismissal = |rule: &str, resource: &str, key: &str| json!({ "rule": rule, "resource": resource, "key": key, "reason": "So." });
    let post = |document| app.editor().post("/dismissals", &document);
    post(dismissal("no-such-rule", "projects", "one")).assert_invalid(&[("/rule", "unknown_value")]);
    post(dismissal("no-source", "rockets", "one")).assert_invalid(&[("/resource", "unknown_value")]);
    post(dismissal("no-source", "projects", "nowhere")).assert_invalid(&[("/key", "unknown_reference")]);
    post(dismissal("no-source", "projects", "No code")).assert_invalid(&[("/key", "bad_code")]);
    post(dismissal("no-source", "projects", "one")).expect(201);
    let nation = post(dismissal("partner-without-project", "nations", "IN")).expect(201).json();
    assert_eq!(nation["code"], "partner-without-project-in");
    // A record that a dismissal names stays as long as the dismissal.
    let problem = app.editor().delete("/projects/one").problem(409, "in-use");
    assert!(problem["detail"].as_str().unwrap().contains("dismissals/no-source-one"), "{problem}");
    app.editor().delete("/dismissals/no-source-one").expect(204);
    app.editor().delete("/projects/one").expect(204);
}
