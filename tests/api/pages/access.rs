//! Pages are for signed-in users, for as long as the session and the role hold.

use partnership_registry::auth::Role;
use partnership_registry::{auth, pages};
use serde_json::json;

use super::support::Browser;
use crate::support::{PASSWORD, TestApp};

/// The paths that need no session.
const OPEN: [(&str, &str); 9] = [
    ("/about", "GET"),
    ("/assets/{file}", "GET"),
    ("/sign-in", "GET"),
    ("/sign-in", "POST"),
    ("/sign-in/link", "GET"),
    ("/sign-in/provider", "GET"),
    ("/sign-in/callback", "GET"),
    ("/sign-out", "POST"),
    ("/", ""),
];

/// Fails for a page that does not begin with the proof of a visitor, and for one more that is open.
#[test]
fn every_page_wants_a_visitor_who_is_signed_in_unless_it_is_listed_here() {
    let app = TestApp::spawn();
    let browser = Browser::new(&app);
    let mut walked = 0;
    for route in pages::listed() {
        let method = route.method.as_str();
        let open = OPEN.contains(&(route.path.as_str(), method));
        assert_eq!(route.open, open, "{method} {}", route.path);
        if open || method != "GET" {
            continue;
        }
        let answer = browser.get(&route.path.replace("{code}", "fr"));
        if route.path.starts_with("/data/") {
            assert_eq!(answer.status, 401, "{answer}");
        } else {
            assert_eq!(answer.status, 303, "{answer}");
            assert!(answer.header("location").unwrap().starts_with("/sign-in"), "{answer}");
        }
        walked += 1;
    }
    assert!(walked > 20, "{walked}");
}

#[test]
fn one_returns_to_where_one_wanted_to_go() {
    let app = TestApp::spawn();
    let browser = Browser::new(&app);
    let sent = browser.get("/projects?nation=IN&lang=fr").expect(303);
    assert_eq!(sent.header("location"), Some("/sign-in?to=%2Fprojects%3Fnation%3DIN%26lang%3Dfr&lang=fr"));
    let answer = browser.sign_in("viewer", PASSWORD, "/projects?nation=IN&lang=fr").expect(303);
    assert_eq!(answer.header("location"), Some("/projects?nation=IN&lang=fr"));
    browser.get("/projects?nation=IN").expect(200);
    // A user who is signed in already goes on.
    assert_eq!(browser.get("/sign-in?to=/nations").expect(303).header("location"), Some("/nations"));
}

#[test]
fn a_wrong_password_is_said_and_the_name_is_kept() {
    let app = TestApp::spawn();
    let browser = Browser::new(&app);
    let answer = browser.sign_in("viewer", "not the password at all", "/").expect(422);
    assert!(answer.text().contains("The user name or the password is wrong."), "{answer}");
    assert!(answer.text().contains("value=\"viewer\""), "{answer}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(!browser.cookies.borrow().contains_key("session"));
}

#[test]
fn too_many_attempts_are_answered_with_a_page_that_says_how_long_to_wait() {
    let app = TestApp::spawn();
    let browser = Browser::new(&app);
    for _ in 0..5 {
        browser.sign_in("viewer", "not the password at all", "/").expect(422);
    }
    let answer = browser.sign_in("viewer", PASSWORD, "/").expect(429);
    assert!(answer.header("retry-after").is_some(), "{answer}");
    assert!(answer.text().contains("Too many attempts"), "{answer}");
}

#[test]
fn signing_out_ends_the_session_in_the_database() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "viewer");
    let stolen = browser.cookies.borrow().clone();
    let page = browser.get("/about").expect(200);
    let answer = browser.post("/sign-out", &page, &[]).expect(303);
    assert_eq!(answer.header("location"), Some("/sign-in?why=out"));
    assert!(!browser.cookies.borrow().contains_key("session"));
    *browser.cookies.borrow_mut() = stolen;
    let answer = browser.get("/").expect(303);
    assert_eq!(answer.header("location"), Some("/sign-in?why=expired"));
    let said = browser.get("/sign-in?why=expired").expect(200).text();
    assert!(said.contains("Your session is over"), "{said}");
}

/// Fails where a cookie is believed without asking the database.
#[test]
fn a_user_who_is_shut_out_or_has_another_role_is_so_at_once() {
    let app = TestApp::spawn();
    for change in
        [json!({ "disabled": true }), json!({ "role": "viewer" }), json!({ "password": "a wholly other password" })]
    {
        let new = json!({ "username": "ada", "display_name": "Ada", "role": "editor", "password": PASSWORD });
        app.admin().post("/users", &new).expect(201);
        let browser = Browser::signed_in(&app, "ada");
        browser.get("/").expect(200);
        app.admin().patch("/users/ada", &change).expect(200);
        assert_eq!(browser.get("/").status, 303, "{change}");
        app.admin().delete("/users/ada").expect(204);
    }
}

#[test]
fn the_sessions_of_browsers_end_with_the_others() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "viewer");
    let body = json!({ "current_password": PASSWORD, "new_password": "seven boats under a wide sky" });
    app.viewer().post("/auth/password", &body).expect(204);
    assert_eq!(browser.get("/").status, 303);
}

#[test]
fn a_link_signs_in_once() {
    let app = TestApp::spawn();
    let link = auth::make_link(&app.db, "admin").unwrap();
    let browser = Browser::new(&app);
    let path = format!("/sign-in/link?key={}", link.reveal());
    assert_eq!(browser.get(&path).expect(303).header("location"), Some("/"));
    assert!(browser.get("/").expect(200).text().contains("admin"));
    let other = Browser::new(&app);
    assert_eq!(other.get(&path).expect(303).header("location"), Some("/sign-in?why=link"));
    assert_eq!(other.get("/sign-in/link?key=guess").expect(303).header("location"), Some("/sign-in?why=link"));
    assert_eq!(other.get("/sign-in/link").expect(303).header("location"), Some("/sign-in?why=link"));
}

#[test]
fn files_need_a_session_and_are_those_of_the_api() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "viewer");
    for path in ["/projects?format=csv", "/partnerships?format=csv", "/nations", "/summaries/projects?group_by=status"]
    {
        let (page, api) = (browser.get(&format!("/data{path}")).expect(200), app.viewer().get(path).expect(200));
        assert_eq!(page.body, api.body, "{path}");
    }
    assert_eq!(Role::ALL.len(), 3);
}
