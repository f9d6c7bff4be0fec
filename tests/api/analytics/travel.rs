//! The same questions about the registry as it was.

use serde_json::json;

use super::{awkward_sample, total};
use crate::support::TestApp;

/// Every answer to a question, before and after something changes.
#[test]
fn every_question_can_be_asked_about_a_moment() {
    let app = awkward_sample();
    let paths = [
        "/partnerships?region=Americas",
        "/summaries/projects?group_by=nation,area&nation=TO",
        "/summaries/agreements?group_by=status",
        "/network?nation=TO",
        "/network?nation=TO&format=graphml",
        "/partnerships?format=csv",
    ];
    let head = revision(&app);
    let asked = |path: &str| app.viewer().get(&format!("{path}&as_of=r{head}")).expect(200).text();
    let before = paths.map(asked);
    let body = json!({ "nations": [{ "nation": "TO" }], "areas": [], "status": "completed" });
    app.editor().patch("/projects/southern", &body).expect(200);
    app.editor().patch("/agreements/southern", &json!({ "ended_on": "2024", "end_reason": "terminated" })).expect(200);
    assert_eq!(paths.map(asked), before);
    for (path, before) in paths.iter().zip(&before) {
        assert_ne!(&app.viewer().get(path).expect(200).text(), before, "{path} has changed since");
    }
    let summary = app.viewer().get(&format!("/summaries/projects?group_by=nation&nation=TO&as_of=r{head}"));
    for group in summary.expect(200).json()["groups"].as_array().unwrap() {
        let href = group["href"].as_str().unwrap();
        assert!(href.ends_with(&format!("&as_of=r{head}")), "{href}");
        assert_eq!(total(&app, href), group["count"]);
    }
    let empty = app.viewer().get("/summaries/projects?group_by=nation&as_of=1999").expect(200).json();
    assert_eq!(empty, json!({ "groups": [], "total": 0 }));
    app.viewer().get("/partnerships?as_of=tomorrow").assert_bad_parameter("as_of", &[]);
    app.viewer().get("/network?as_of=r999999").assert_bad_parameter("as_of", &[]);
}

fn revision(app: &TestApp) -> i64 {
    app.viewer().get("/changes/head").expect(200).json()["revision"].as_i64().unwrap()
}
