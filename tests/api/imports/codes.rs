//! The codes that records get which are sent without one.

use serde_json::json;

use crate::support::TestApp;

#[test]
fn reviews_of_a_project_with_a_long_code_have_codes_of_their_own() {
    let app = TestApp::spawn();
    let editor = app.editor();
    let project = "vegetation-and-environment-monitoring-on-a-new-small-satellite";
    editor.post("/projects", &json!({ "code": project, "name": "Vegetation", "status": "proposed" })).expect(201);
    let mut codes = Vec::new();
    for day in ["2026-01-15", "2026-06-15"] {
        let review = json!({ "project": project, "reviewed_on": day, "rating": "on_track" });
        let code = editor.post("/reviews", &review).expect(201).json()["code"].as_str().unwrap().to_owned();
        assert!(code.len() <= 64 && code.starts_with("vegetation-and-") && code.ends_with(day), "{code}");
        codes.push(code);
    }
    assert_eq!(app.viewer().get("/reviews").codes(), codes);
}
