//! Sessions that go on are listed, and ended by those they belong to and by an admin.

use serde_json::Value;

use super::support::{Browser, between};
use crate::support::{Client, TestApp};

/// The sessions that a caller sees.
pub(super) fn sessions(client: &Client) -> Vec<Value> {
    let page = client.get("/sessions?limit=200").expect(200).json();
    assert_eq!(page["total"], page["items"].as_array().unwrap().len());
    page["items"].as_array().unwrap().clone()
}

#[test]
fn a_user_sees_and_ends_their_own_sessions_alone() {
    let app = TestApp::spawn();
    let (editor, viewer) = (app.editor(), app.viewer());
    let own = sessions(&editor);
    assert!(own.iter().all(|session| session["username"] == "editor"), "{own:?}");
    let current: Vec<&Value> = own.iter().filter(|session| session["current"] == true).collect();
    assert_eq!(current.len(), 1, "{own:?}");
    assert_eq!(current[0]["kind"], "application");
    let id = current[0]["id"].as_str().unwrap();
    viewer.delete(&format!("/sessions/{id}")).problem(404, "not-found");
    editor.get("/projects").expect(200);
    editor.delete(&format!("/sessions/{id}")).expect(204);
    editor.get("/projects").problem(401, "unauthenticated");
    viewer.delete("/sessions/none").problem(404, "not-found");
    viewer.get("/sessions?user=editor").problem(400, "bad-request");
}

#[test]
fn an_admin_sees_and_ends_the_session_of_a_browser() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "viewer");
    browser.get("/projects").expect(200);
    let all = sessions(&app.admin());
    let found: Vec<&Value> = all.iter().filter(|session| session["kind"] == "browser").collect();
    assert_eq!(found.len(), 1, "{all:?}");
    assert_eq!(found[0]["username"], "viewer");
    let (begun, ends) = (found[0]["created_at"].as_str().unwrap(), found[0]["expires_at"].as_str().unwrap());
    let hours = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp() / 3_600;
    assert!((11..=13).contains(&(hours(ends) - hours(begun))), "a working day: {begun} to {ends}");
    app.admin().delete(&format!("/sessions/{}", found[0]["id"].as_str().unwrap())).expect(204);
    let answer = browser.get("/projects").expect(303);
    assert!(answer.header("location").unwrap().starts_with("/sign-in?why=expired"), "{answer}");
}

#[test]
fn a_page_lists_the_sign_ins_of_its_visitor_and_ends_them() {
    let app = TestApp::spawn();
    let (here, there) = (Browser::signed_in(&app, "viewer"), Browser::signed_in(&app, "viewer"));
    let page = here.get("/sessions").expect(200);
    let text = page.text();
    assert_eq!(text.matches("Browser").count(), 4, "two lines, each with a button that says of what: {text}");
    assert_eq!(text.matches("Browser (this one)").count(), 1, "{text}");
    let other = text.split("<tr>").find(|line| line.contains(">Browser</th>")).unwrap();
    let id = between(other, "name=\"id\" value=\"", "\"").unwrap();
    let answer = here.post("/sessions", &page, &[("id", &id)]).expect(303);
    assert!(here.get(answer.header("location").unwrap()).expect(200).text().contains("The session is over."));
    assert_eq!(there.get("/projects").status, 303);
    here.get("/projects").expect(200);
}
