//! The review meeting: a form a project that saves at once, and the minutes.

use serde_json::json;

use super::support::Browser;
use crate::support::TestApp;

fn project(app: &TestApp, code: &str, status: &str) {
    app.editor().post("/projects", &json!({ "code": code, "name": code.to_uppercase(), "status": status })).expect(201);
}

#[test]
fn a_review_is_saved_at_once_and_again_on_the_same_day() {
    let app = TestApp::spawn();
    project(&app, "swot", "operational");
    project(&app, "done", "completed");
    let browser = Browser::signed_in(&app, "editor");
    let page = browser.get("/review").expect(200);
    assert!(page.text().contains("SWOT") && !page.text().contains("DONE"), "{page}");
    assert!(page.text().contains("never reviewed"), "{page}");
    let first = [("project", "swot"), ("rating", "at_risk"), ("summary", "A slot is lost")];
    let saved = browser.post("/review", &page, &first).expect(303);
    assert_eq!(saved.header("location"), Some("/review?saved=swot#project-swot"));
    let page = browser.get("/review?saved=swot").expect(200);
    for shown in ["Saved.", "A slot is lost", "At risk", "this month", "value=\"at_risk\" required checked"] {
        assert!(page.text().contains(shown), "{shown}: {page}");
    }
    let second = [("project", "swot"), ("rating", "on_track"), ("summary", "There is another one")];
    browser.post("/review", &page, &second).expect(303);
    let reviews = app.viewer().get("/reviews?project=swot").expect(200).json();
    assert_eq!(reviews["total"], 1);
    let review = &reviews["items"][0];
    assert_eq!((&review["rating"], &review["reviewer"]), (&json!("on_track"), &json!("editor")));
    let minutes = browser.get("/review/minutes").expect(200).text();
    assert!(minutes.contains("There is another one") && minutes.contains("On track 1"), "{minutes}");
    let none = browser.get("/review/minutes?on=2001-01-01&lang=fr").expect(200).text();
    assert!(none.contains("Aucun projet n’a été passé en revue ce jour-là."), "{none}");
}

#[test]
fn the_meeting_is_filtered_as_the_list_of_projects_is() {
    let app = TestApp::spawn();
    project(&app, "swot", "operational");
    project(&app, "dream", "proposed");
    let browser = Browser::signed_in(&app, "viewer");
    let page = browser.get("/review?status=proposed").expect(200).text();
    assert!(page.contains("DREAM") && !page.contains("SWOT"), "{page}");
    assert!(!page.contains("name=\"rating\""), "a viewer has no form: {page}");
    browser.get("/review?colour=red").expect(400);
    let about = browser.get("/about").expect(200);
    browser.post("/review", &about, &[("project", "swot"), ("rating", "on_track")]).expect(403);
    let editor = Browser::signed_in(&app, "editor");
    let page = editor.get("/review").expect(200);
    let refused = editor.post("/review", &page, &[("project", "none-such"), ("rating", "on_track")]).expect(422);
    assert!(refused.text().contains("none-such"), "{refused}");
}
