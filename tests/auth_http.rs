//! Identity over real HTTP, against a real database file: signing in, what ends a token, users, named tokens, and the ways
//! in which people attack JSON Web Tokens.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, which is what it is for"
)]

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use partnership_registry::app::State;
use partnership_registry::auth::{Auth, Role, Settings, users};
use partnership_registry::config::ServeConfig;
use partnership_registry::db::{DatabaseUrl, Db, Limits};
use serde_json::{Value, json};

const PASSWORD: &str = "kestrel over a quiet lagoon";
const OTHER: &str = "seven lanterns under the pier";

struct TestApp {
    base: String,
    db: Db,
    folder: tempfile::TempDir,
    agent: ureq::Agent,
    handle: ServerHandle,
}

struct Answer {
    status: u16,
    headers: ureq::http::HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_else(|| panic!("no {field} in {}", self.body)).to_owned()
    }
}

impl TestApp {
    fn spawn() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database(folder.path());
        Db::migrate(&url).unwrap();
        let db = Db::open(&url, Limits::default()).unwrap();
        for (name, role) in [("root", Role::Admin), ("eddie", Role::Editor), ("vera", Role::Viewer)] {
            users::add(&db, name, role, None, PASSWORD).unwrap();
        }
        let auth = Auth::open(db.clone(), folder.path(), Settings::default()).unwrap();
        let config =
            ServeConfig { workers: 1, ..ServeConfig::new(([127, 0, 0, 1], 0).into(), folder.path().to_owned()) };
        let state = State { db: db.clone(), auth, require_if_match: false, stopping: Arc::default() };
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let (server, address) = partnership_registry::app::server(&config, state).unwrap();
                send.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle) = receive.recv().unwrap();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self { base: format!("http://{address}"), db, folder, agent, handle }
    }

    /// A request with these headers; a body is JSON unless a content type is among them.
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            Some(body) => self.agent.run(request.body(body.to_owned()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        }
        .unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), body }
    }

    fn json(&self, method: &str, path: &str, token: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        self.send(method, path, &headers, Some(&body.to_string()))
    }

    fn call(&self, method: &str, path: &str, token: &str) -> Answer {
        self.send(method, path, &[("Authorization", &format!("Bearer {token}"))], None)
    }

    fn get(&self, path: &str, token: &str) -> Answer {
        self.call("GET", path, token)
    }

    /// The status of a write with an empty record: 422 for who may write.
    fn write(&self, collection: &str, token: &str) -> u16 {
        self.json("POST", &format!("/api/v1/{collection}"), token, &json!({})).status
    }

    fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, &[("Content-Type", "application/x-www-form-urlencoded")], Some(&body))
    }

    fn sign_in_with(&self, username: &str, password: &str) -> Answer {
        let fields = [("grant_type", "password"), ("username", username), ("password", password)];
        self.form("/api/v1/auth/token", &fields)
    }

    fn sign_in(&self, username: &str) -> (String, String) {
        let answer = self.sign_in_with(username, PASSWORD);
        assert_eq!(answer.status, 200, "{}", answer.body);
        (answer.text("access_token"), answer.text("refresh_token"))
    }

    fn token(&self, username: &str) -> String {
        self.sign_in(username).0
    }

    fn refresh(&self, token: &str) -> Answer {
        self.form("/api/v1/auth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
    }
}

/// A database of its own: on the PostgreSQL server that `TEST_POSTGRES_URL` names, else a file.
fn database(folder: &Path) -> DatabaseUrl {
    #[cfg(feature = "postgres")]
    if let Some(server) = std::env::var_os("TEST_POSTGRES_URL") {
        use diesel::connection::SimpleConnection as _;
        let server = server.into_string().unwrap();
        let name = format!("auth_{}", uuid::Uuid::now_v7().simple());
        let mut conn = Db::connect(&format!("{server}/postgres").parse().unwrap()).unwrap();
        conn.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        return format!("{server}/{name}").parse().unwrap();
    }
    DatabaseUrl::Sqlite(folder.join("registry.db"))
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

fn defects(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 422, "{}", answer.body);
    answer.body["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn signing_in_gives_a_token_that_says_who_one_is() {
    let app = TestApp::spawn();
    let answer = app.sign_in_with("eddie", PASSWORD);
    assert_eq!(answer.status, 200);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 900);
    assert_eq!(answer.body["scope"], "editor");
    let token = answer.text("access_token");
    let me = app.get("/api/v1/auth/me", &token);
    assert_eq!((me.status, &me.body["username"], &me.body["role"]), (200, &json!("eddie"), &json!("editor")));
    assert_eq!(app.send("GET", "/api/v1/auth/me", &[("authorization", &format!("bEARER {token}"))], None).status, 200);
    assert_eq!(app.call("HEAD", "/api/v1/auth/me", &token).status, 200);
}

#[test]
fn a_wrong_name_and_a_wrong_password_are_answered_alike() {
    let app = TestApp::spawn();
    let wrong = app.sign_in_with("eddie", OTHER);
    assert_eq!((wrong.status, &wrong.body["error"]), (400, &json!("invalid_grant")));
    for (name, password) in
        [("nobody", PASSWORD), ("eddie", "short"), ("EDDIE\0", PASSWORD), ("vera", &"x".repeat(4000))]
    {
        let answer = app.sign_in_with(name, password);
        assert_eq!((answer.status, &answer.body), (400, &wrong.body), "{name}");
    }
}

#[test]
fn a_token_request_that_is_no_form_is_refused_in_oauths_form() {
    let app = TestApp::spawn();
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let cases = [
        (("Content-Type", "application/json"), r#"{"grant_type":"password"}"#, "invalid_request"),
        (form, "", "invalid_request"),
        (form, "grant_type=password&username=vera", "invalid_request"),
        (form, "grant_type=password&username=vera&password=", "invalid_request"),
        (form, "grant_type=password&grant_type=password&username=vera&password=x", "invalid_request"),
        (form, "grant_type=client_credentials", "unsupported_grant_type"),
        (form, "grant_type=refresh_token&refresh_token=x", "invalid_grant"),
    ];
    for (kind, body, error) in cases {
        let answer = app.send("POST", "/api/v1/auth/token", &[kind], Some(body));
        assert_eq!((answer.status, &answer.body["error"]), (400, &json!(error)), "{body}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let long = "a".repeat(20_000);
    assert_eq!(app.send("POST", "/api/v1/auth/token", &[form], Some(&long)).status, 413);
    // Credentials in the URL are not looked at.
    let path = format!("/api/v1/auth/token?grant_type=password&username=vera&password={PASSWORD}").replace(' ', "+");
    assert_eq!(app.send("POST", &path, &[form], Some("")).status, 400);
}

#[test]
fn swagger_uis_empty_basic_header_does_no_harm() {
    let app = TestApp::spawn();
    let body = format!("grant_type=password&username=vera&password={}&scope=", PASSWORD.replace(' ', "+"));
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", "Basic Og==")];
    assert_eq!(app.send("POST", "/api/v1/auth/token", &headers, Some(&body)).status, 200);
}

#[test]
fn a_refresh_token_works_once_and_its_reuse_ends_the_family() {
    let app = TestApp::spawn();
    let (access, first) = app.sign_in("vera");
    let elsewhere = app.token("vera");
    let answer = app.refresh(&first);
    assert_eq!(answer.status, 200);
    let (second_access, second) = (answer.text("access_token"), answer.text("refresh_token"));
    assert_ne!(first, second);
    assert_eq!(app.get("/api/v1/auth/me", &second_access).status, 200);

    let reused = app.refresh(&first);
    assert_eq!((reused.status, &reused.body["error"]), (400, &json!("invalid_grant")));
    assert_eq!(app.refresh(&second).status, 400, "the thief's or the owner's: both are out");
    for token in [&access, &second_access] {
        assert_eq!(app.get("/api/v1/auth/me", token).status, 401);
    }
    assert_eq!(app.get("/api/v1/auth/me", &elsewhere).status, 200, "another session is another family");
}

#[test]
fn of_many_uses_of_a_refresh_token_at_once_one_succeeds() {
    let app = TestApp::spawn();
    let (_, token) = app.sign_in("vera");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| app.refresh(&token).status)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|&&status| status == 200).count(), 1, "{statuses:?}");
}

#[test]
fn revoking_ends_the_session_and_says_nothing_about_unknown_tokens() {
    let app = TestApp::spawn();
    let (access, refresh) = app.sign_in("vera");
    let (other_access, other_refresh) = app.sign_in("vera");
    assert_eq!(
        app.form("/api/v1/auth/revoke", &[("token", &refresh), ("token_type_hint", "refresh_token")]).status,
        200
    );
    assert_eq!(app.get("/api/v1/auth/me", &access).status, 401);
    assert_eq!(app.refresh(&refresh).status, 400);
    assert_eq!(app.get("/api/v1/auth/me", &other_access).status, 200);
    // An access token ends its session as well.
    assert_eq!(app.form("/api/v1/auth/revoke", &[("token", &other_access)]).status, 200);
    assert_eq!(app.refresh(&other_refresh).status, 400);
    assert_eq!(app.form("/api/v1/auth/revoke", &[("token", "never seen")]).status, 200);
    assert_eq!(app.form("/api/v1/auth/revoke", &[("no", "token")]).status, 400);
}

#[test]
fn a_new_password_ends_the_other_sessions() {
    let app = TestApp::spawn();
    let (here, here_refresh) = app.sign_in("vera");
    let (there, there_refresh) = app.sign_in("vera");
    let change = |current: &str, new: &str| {
        app.json("POST", "/api/v1/auth/password", &here, &json!({"current_password": current, "new_password": new}))
    };
    assert_eq!(defects(&change(OTHER, "yet another long one")), ["wrong"]);
    assert_eq!(defects(&change(PASSWORD, "short")), ["too_short"]);
    assert_eq!(defects(&change(PASSWORD, "I am Vera from Toulouse")), ["contains_username"]);
    assert_eq!(change(PASSWORD, OTHER).status, 204);
    assert_eq!(app.get("/api/v1/auth/me", &here).status, 200);
    assert_eq!(app.refresh(&here_refresh).status, 200);
    assert_eq!(app.get("/api/v1/auth/me", &there).status, 401);
    assert_eq!(app.refresh(&there_refresh).status, 400);
    assert_eq!(app.sign_in_with("vera", PASSWORD).status, 400);
    assert_eq!(app.sign_in_with("vera", OTHER).status, 200);
}

#[test]
fn a_disabled_demoted_or_deleted_users_tokens_stop_at_once() {
    let app = TestApp::spawn();
    let root = app.token("root");
    let patch = |name: &str, body: Value| {
        let answer = app.json("PATCH", &format!("/api/v1/users/{name}"), &root, &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    let named = |token: &str| {
        let body = json!({"name": "a tool", "role": "viewer", "expires_in_days": 30});
        app.json("POST", "/api/v1/tokens", token, &body).text("token")
    };

    for change in [json!({"disabled": true}), json!({"role": "viewer"}), json!({"password": OTHER})] {
        patch("eddie", json!({"disabled": false, "role": "editor"}));
        patch("eddie", json!({"password": PASSWORD}));
        let (access, refresh) = app.sign_in("eddie");
        let tool = named(&access);
        assert_eq!(app.write("nations", &access), 422);
        assert_eq!(app.get("/api/v1/auth/me", &tool).status, 200);
        patch("eddie", change.clone());
        assert_eq!(app.write("nations", &access), 401, "{change}");
        assert_eq!(app.get("/api/v1/auth/me", &tool).status, 401, "{change}");
        assert_eq!(app.refresh(&refresh).status, 400, "{change}");
    }
    patch("eddie", json!({"disabled": true, "password": PASSWORD}));
    assert_eq!(app.sign_in_with("eddie", PASSWORD).status, 400);

    let (access, refresh) = app.sign_in("vera");
    let tool = named(&access);
    assert_eq!(app.call("DELETE", "/api/v1/users/vera", &root).status, 204);
    users::add(&app.db, "vera", Role::Viewer, None, PASSWORD).unwrap();
    assert_eq!(app.get("/api/v1/auth/me", &access).status, 401, "a later user of the same name is somebody else");
    assert_eq!(app.get("/api/v1/auth/me", &tool).status, 401);
    assert_eq!(app.refresh(&refresh).status, 400);

    // A higher role counts from the next sign-in, and programs keep what they had.
    let (access, _) = app.sign_in("vera");
    let tool = named(&access);
    patch("vera", json!({"role": "editor"}));
    assert_eq!(app.get("/api/v1/auth/me", &access).status, 401);
    assert_eq!(app.write("nations", &tool), 403);
    assert_eq!(app.write("nations", &app.token("vera")), 422);
}

#[test]
fn users_are_added_listed_changed_and_removed_by_admins() {
    let app = TestApp::spawn();
    let root = app.token("root");
    let new = json!({"username": "ada.l", "display_name": "Ada Lovelace", "role": "viewer", "password": OTHER});
    let created = app.json("POST", "/api/v1/users", &root, &new);
    assert_eq!((created.status, created.header("location")), (201, "/api/v1/users/ada.l"), "{}", created.body);
    assert_eq!(created.body["disabled"], false);
    assert!(created.body.get("password").is_none() && created.body.get("password_hash").is_none());
    assert_eq!(app.get("/api/v1/users/ada.l", &root).body, created.body);
    assert_eq!(app.json("POST", "/api/v1/users", &root, &new).status, 409);
    assert_eq!(app.sign_in_with("ada.l", OTHER).status, 200);

    let mut back = created.body.clone();
    back["display_name"] = json!("Ada King");
    let changed = app.json("PATCH", "/api/v1/users/ada.l", &root, &back);
    assert_eq!((changed.status, &changed.body["display_name"]), (200, &json!("Ada King")));
    let unnamed = app.json("PATCH", "/api/v1/users/ada.l", &root, &json!({"display_name": null}));
    assert_eq!(unnamed.body["display_name"], "ada.l");

    let mut names = Vec::new();
    let mut path = "/api/v1/users?limit=3".to_owned();
    loop {
        let page = app.get(&path, &root);
        assert_eq!((page.status, &page.body["total"]), (200, &json!(4)));
        names.extend(
            page.body["items"].as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/api/v1/users?limit=3&cursor={cursor}");
        assert_eq!(page.header("link"), format!("<{path}>; rel=\"next\""));
    }
    assert_eq!(names, ["ada.l", "eddie", "root", "vera"]);
    for bad in ["?limit=0", "?limit=201", "?limit=x", "?cursor=x", "?role=admin", "?limit=1&limit=1"] {
        assert_eq!(app.get(&format!("/api/v1/users{bad}"), &root).status, 400, "{bad}");
    }

    assert_eq!(app.call("DELETE", "/api/v1/users/ada.l", &root).status, 204);
    assert_eq!(app.get("/api/v1/users/ada.l", &root).status, 404);
    assert_eq!(app.call("DELETE", "/api/v1/users/ada.l", &root).status, 404);
    assert_eq!(app.get("/api/v1/users/%00", &root).status, 404);
}

#[test]
fn every_defect_of_a_user_is_told_at_once() {
    let app = TestApp::spawn();
    let root = app.token("root");
    let post = |body: Value| app.json("POST", "/api/v1/users", &root, &body);
    let all = post(json!({"username": "Ada", "role": "boss", "password": "short", "disabled": 1, "colour": "red"}));
    assert_eq!(defects(&all), ["bad_username", "unknown_value", "type", "too_short", "unknown_field"]);
    assert_eq!(defects(&post(json!({}))), ["required", "required", "required"]);
    assert_eq!(defects(&post(json!([]))), ["type"]);
    assert_eq!(
        defects(&post(json!({"username": "ada", "role": "viewer", "password": "passwordpassword"}))),
        ["common"]
    );
    let patch = |body: Value| app.json("PATCH", "/api/v1/users/vera", &root, &body);
    assert_eq!(defects(&patch(json!({"role": null, "disabled": null, "password": null}))), ["required"; 3]);
    assert_eq!(defects(&patch(json!({"display_name": "", "epoch": 3}))), ["required", "unknown_field"]);
    assert_eq!(patch(json!({})).status, 200);

    let bearer = format!("Bearer {root}");
    let send = |method: &str, path: &str, kind: &str, body: &str| {
        app.send(method, path, &[("Authorization", &bearer), ("Content-Type", kind)], Some(body)).status
    };
    assert_eq!(send("POST", "/api/v1/users", "text/plain", "{}"), 415);
    assert_eq!(send("POST", "/api/v1/users", "application/merge-patch+json", "{}"), 415);
    assert_eq!(send("PATCH", "/api/v1/users/vera", "application/merge-patch+json", "{}"), 200);
    assert_eq!(
        send("POST", "/api/v1/users", "application/json; charset=utf-8", r#"{"role":"viewer","role":"admin"}"#),
        400
    );
    assert_eq!(send("PUT", "/api/v1/users/vera", "application/json", "{}"), 405);
}

#[test]
fn the_last_admin_stays() {
    let app = TestApp::spawn();
    let root = app.token("root");
    let patch =
        |name: &str, token: &str, body: Value| app.json("PATCH", &format!("/api/v1/users/{name}"), token, &body).status;
    assert_eq!(patch("root", &root, json!({"role": "editor"})), 409);
    assert_eq!(patch("root", &root, json!({"disabled": true})), 409);
    assert_eq!(app.call("DELETE", "/api/v1/users/root", &root).status, 409);
    assert_eq!(patch("vera", &root, json!({"role": "admin", "disabled": true})), 200);
    assert_eq!(patch("root", &root, json!({"disabled": true})), 409, "an admin who is shut out is no admin");
    assert_eq!(patch("vera", &root, json!({"disabled": false})), 200);
    assert_eq!(patch("root", &root, json!({"role": "viewer"})), 200);
    assert_eq!(app.get("/api/v1/users", &root).status, 401);
    assert_eq!(app.get("/api/v1/users", &app.token("root")).status, 403);
    assert_eq!(app.get("/api/v1/users", &app.token("vera")).status, 200);
}

#[test]
fn a_role_that_is_too_low_is_told_before_anything_about_the_body() {
    let app = TestApp::spawn();
    let vera = app.token("vera");
    let bad = app.json("POST", "/api/v1/users", &vera, &json!("not even an object"));
    assert_eq!((bad.status, bad.header("www-authenticate")), (403, r#"Bearer error="insufficient_scope""#));
    assert_eq!(app.send("POST", "/api/v1/users", &[("Content-Type", "text/plain")], Some("{")).status, 401);
    for (collection, editor) in [("nations", 422), ("partner-types", 403)] {
        assert_eq!(app.write(collection, &app.token("eddie")), editor, "{collection}");
        assert_eq!(app.write(collection, &vera), 403, "{collection}");
        assert_eq!(app.write(collection, &app.token("root")), 422, "{collection}");
    }
}

#[test]
fn a_wrong_method_is_405_with_the_right_ones() {
    let app = TestApp::spawn();
    let vera = app.token("vera");
    let wrong = app.call("DELETE", "/api/v1/auth/me", &vera);
    assert_eq!((wrong.status, wrong.header("allow")), (405, "GET, HEAD, OPTIONS"));
    let options = app.call("OPTIONS", "/api/v1/users", &vera);
    assert_eq!((options.status, options.header("allow")), (204, "GET, HEAD, POST, OPTIONS"));
    assert_eq!(app.call("GET", "/api/v1/auth/token", &vera).status, 405);
}

#[test]
fn a_named_token_is_shown_once_and_revoked_by_its_owner_or_an_admin() {
    let app = TestApp::spawn();
    let (root, eddie, vera) = (app.token("root"), app.token("eddie"), app.token("vera"));
    let post = |token: &str, body: Value| app.json("POST", "/api/v1/tokens", token, &body);
    let made = post(&eddie, json!({"name": "nightly export", "role": "viewer", "expires_in_days": 365}));
    assert_eq!(made.status, 201, "{}", made.body);
    let (id, tool) = (made.text("id"), made.text("token"));
    let path = format!("/api/v1/tokens/{id}");
    assert_eq!(made.header("location"), path);
    let me = app.get("/api/v1/auth/me", &tool);
    assert_eq!(
        (&me.body["username"], &me.body["role"], &me.body["named_token"]),
        (&json!("eddie"), &json!("viewer"), &json!(id))
    );
    assert_eq!(app.write("nations", &tool), 403, "its own role, not its owner's");
    assert_eq!(post(&tool, json!({"name": "more", "role": "viewer", "expires_in_days": 1})).status, 403);

    let listed = app.get("/api/v1/tokens", &eddie);
    assert_eq!(listed.body["total"], 1);
    assert!(!listed.body.to_string().contains(&tool));
    assert_eq!(app.get("/api/v1/tokens", &vera).body["total"], 0);
    assert_eq!(app.get("/api/v1/tokens", &root).body["total"], 1);
    assert_eq!(app.get(&path, &vera).status, 404);
    assert_eq!(app.call("DELETE", &path, &vera).status, 404);
    assert_eq!(app.call("DELETE", &path, &root).status, 204);
    assert_eq!(app.get("/api/v1/auth/me", &tool).status, 401);
    assert_eq!(app.call("DELETE", &path, &eddie).status, 204);
    assert!(app.get(&path, &eddie).body["revoked_at"].is_string());

    assert_eq!(post(&eddie, json!({"name": "x", "role": "admin", "expires_in_days": 1})).status, 403);
    for (body, codes) in [
        (json!({}), vec!["required", "required", "required"]),
        (json!({"name": "x", "role": "viewer"}), vec!["required"]),
        (json!({"name": "x", "role": "viewer", "expires_in_days": 0}), vec!["out_of_range"]),
        (json!({"name": "x", "role": "viewer", "expires_in_days": 1827}), vec!["out_of_range"]),
        (json!({"name": "x", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}), vec!["out_of_range"]),
        (json!({"name": "x", "role": "viewer", "expires_at": "soon"}), vec!["bad_timestamp"]),
        (
            json!({"name": "x", "role": "viewer", "expires_in_days": 1, "expires_at": "2027-01-01T00:00:00Z"}),
            vec!["duplicate"],
        ),
    ] {
        assert_eq!(defects(&post(&eddie, body.clone())), codes, "{body}");
    }
    assert_eq!(post(&eddie, json!({"name": "x", "role": "editor", "expires_in_days": 1826})).status, 201);
}

#[test]
fn the_sixth_failure_waits_even_with_the_right_password() {
    let app = TestApp::spawn();
    for _ in 0..5 {
        assert_eq!(app.sign_in_with("vera", OTHER).status, 400);
    }
    let answer = app.sign_in_with("vera", PASSWORD);
    assert_eq!(answer.status, 429);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((890..=901).contains(&wait), "{wait}");
    assert_eq!(app.sign_in_with("eddie", PASSWORD).status, 200, "others are not shut out");
    // Names that do not exist are throttled alike, or the difference would tell which do.
    for _ in 0..5 {
        assert_eq!(app.sign_in_with("nobody", OTHER).status, 400);
    }
    assert_eq!(app.sign_in_with("nobody", OTHER).status, 429);
    for n in 0..10 {
        assert_eq!(app.sign_in_with(&format!("guess{n}"), OTHER).status, 400, "{n}");
    }
    assert_eq!(app.sign_in_with("eddie", PASSWORD).status, 429, "twenty failures from one address");
}

#[test]
fn many_right_passwords_at_once_are_no_attack() {
    let app = TestApp::spawn();
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| app.sign_in("root"));
        }
    });
    let wrong: HashSet<u16> = (0..4).map(|_| app.sign_in_with("root", OTHER).status).collect();
    assert_eq!(wrong, HashSet::from([400]), "success has cleared the count");
    assert_eq!(app.sign_in_with("root", PASSWORD).status, 200);
}

#[test]
fn nothing_under_the_api_is_open() {
    let app = TestApp::spawn();
    for path in
        ["/api/v1/auth/me", "/api/v1/users", "/api/v1/none", "/api/v1/none?x=1", "/api/v1/auth/token", "/api/v1/"]
    {
        let answer = app.send("GET", path, &[], None);
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="partnership-registry""#);
    }
    assert_eq!(app.get("/api/v1/none", &app.token("vera")).status, 404);
    assert_eq!(app.send("POST", "/api/v1/auth/%74oken", &[], Some("")).status, 401);
}

#[test]
fn every_documented_operation_under_the_api_wants_a_token() {
    let app = TestApp::spawn();
    let document = partnership_registry::http::document();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let open = ["create_token", "revoke_session"].map(|id| operation["operationId"] == id).contains(&true);
            if !path.starts_with("/api/v1/") || open {
                continue;
            }
            let path: String = path.replace(['{', '}'], "");
            let answer = app.send(&method.to_uppercase(), &path, &[("Content-Type", "application/json")], Some("{"));
            assert_eq!(answer.status, 401, "{method} {path}");
            asked += 1;
        }
    }
    assert!(asked > 60, "{asked}");
}

/// The raw material of forged tokens: the service's own key, read from its directory.
struct Forge {
    kid: String,
    pair: Ed25519KeyPair,
    public: Vec<u8>,
}

impl Forge {
    fn of(data_dir: &Path) -> Self {
        let path = std::fs::read_dir(data_dir.join("keys")).unwrap().next().unwrap().unwrap().path();
        let pem = std::fs::read_to_string(&path).unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pair = Ed25519KeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap();
        let public = pair.public_key().as_ref().to_vec();
        let kid = path.file_stem().unwrap().to_str().unwrap().split_once('-').unwrap().1.to_owned();
        Self { kid, pair, public }
    }

    fn header(&self) -> Value {
        json!({"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid})
    }

    fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(message.as_bytes()).as_ref());
        format!("{message}.{signature}")
    }
}

fn with(base: &Value, changes: Value) -> String {
    let mut all = base.clone();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            all.as_object_mut().unwrap().remove(name);
        } else {
            all[name] = value.clone();
        }
    }
    all.to_string()
}

#[test]
fn no_forged_token_opens_anything() {
    let app = TestApp::spawn();
    let good = app.token("root");
    let forge = Forge::of(app.folder.path());
    let segments: Vec<&str> = good.split('.').collect();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segments[1]).unwrap()).unwrap();
    let (header, now) = (forge.header(), claims["iat"].as_u64().unwrap());
    let status = |token: &str| app.get("/api/v1/auth/me", token).status;

    // The forge works: what follows fails for its one difference.
    assert_eq!(status(&forge.sign(&header.to_string(), &claims.to_string())), 200);

    let mut forged: Vec<(String, String)> = Vec::new();
    let own_x = URL_SAFE_NO_PAD.encode(&forge.public);
    for change in [
        json!({"alg": "none"}),
        json!({"alg": "None"}),
        json!({"alg": "eddsa"}),
        json!({"alg": "HS256"}),
        json!({"alg": "ES256"}),
        json!({"alg": null}),
        json!({"kid": null}),
        json!({"kid": "unknown"}),
        json!({"kid": ""}),
        json!({"kid": 1}),
        json!({"kid": "../../keys/x"}),
        json!({"kid": "' OR 1=1 --"}),
        json!({"typ": null}),
        json!({"typ": "JWT"}),
        json!({"typ": "AT+JWT"}),
        json!({"typ": "dpop+jwt"}),
        json!({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": own_x}}),
        json!({"jku": "https://example.org/jwks.json"}),
        json!({"x5u": "https://example.org/cert"}),
        json!({"x5c": ["AAAA"]}),
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"b64": false}),
        json!({"zip": "DEF"}),
        json!({"cty": "JWT"}),
        json!({"extra": 1}),
    ] {
        forged.push((format!("header {change}"), forge.sign(&with(&header, change), &claims.to_string())));
    }
    for change in [
        json!({"iss": "https://example.org"}),
        json!({"iss": ["partnership-registry"]}),
        json!({"iss": null}),
        json!({"aud": "others"}),
        json!({"aud": ["partnership-registry"]}),
        json!({"aud": ["partnership-registry", "others"]}),
        json!({"aud": null}),
        json!({"exp": null}),
        json!({"exp": now - 6, "iat": now - 100}),
        json!({"exp": (now + 900).to_string()}),
        json!({"exp": now as f64 + 900.5}),
        json!({"exp": now + 901}),
        json!({"exp": 4_102_444_800_u64}),
        json!({"exp": u64::MAX}),
        json!({"exp": -1}),
        json!({"iat": now + 3600, "exp": now + 3700}),
        json!({"iat": null}),
        json!({"iat": -1}),
        json!({"iat": 0}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": "eddie"}),
        json!({"sub": "Root"}),
        json!({"sub": ["root"]}),
        json!({"jti": null}),
        json!({"scope": null}),
        json!({"scope": "god"}),
        json!({"sid": "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11"}),
        json!({"sid": null}),
        json!({"token_use": "named"}),
        json!({"token_use": "refresh"}),
        json!({"epoch": 0}),
        json!({"epoch": null}),
        json!({"nbf": now + 3600}),
        json!({"admin": true}),
    ] {
        forged.push((format!("claims {change}"), forge.sign(&header.to_string(), &with(&claims, change))));
    }
    let twice = |text: String, more: &str| text.replacen('{', &format!("{{{more},"), 1);
    for more in [r#""sub":"root""#, r#""exp":1"#, r#""aud":"x""#] {
        forged
            .push((format!("claims twice {more}"), forge.sign(&header.to_string(), &twice(claims.to_string(), more))));
    }
    for more in [r#""alg":"none""#, r#""kid":"x""#, r#""typ":"at+jwt""#] {
        forged
            .push((format!("header twice {more}"), forge.sign(&twice(header.to_string(), more), &claims.to_string())));
    }
    // HS256 with the public key as the secret (CVE-2015-9235).
    let hmac_header = with(&header, json!({"alg": "HS256"}));
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(&hmac_header), segments[1]);
    for secret in [forge.public.clone(), own_x.clone().into_bytes()] {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let tag = URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()).as_ref());
        forged.push(("HS256 with the public key".to_owned(), format!("{message}.{tag}")));
    }
    // Another key under the known id.
    let thief = Forge { kid: forge.kid.clone(), pair: Ed25519KeyPair::generate().unwrap(), public: Vec::new() };
    forged.push(("another key".to_owned(), thief.sign(&header.to_string(), &claims.to_string())));
    let (head, payload, signature) = (segments[0], segments[1], segments[2]);
    for (what, token) in [
        ("no signature", format!("{head}.{payload}.")),
        ("two segments", format!("{head}.{payload}")),
        ("four segments", format!("{good}.{signature}")),
        ("padded", format!("{good}=")),
        ("padded header", format!("{head}=.{payload}.{signature}")),
        ("truncated", good[..good.len() - 1].to_owned()),
        ("half a signature", format!("{head}.{payload}.{}", &signature[..signature.len() / 2])),
        ("a zero signature", format!("{head}.{payload}.{}", URL_SAFE_NO_PAD.encode([0_u8; 64]))),
        ("standard base64", good.replace('-', "+").replace('_', "/") + "+"),
        ("quotes", format!("\"{good}\"")),
        ("nothing", "..".to_owned()),
        ("an array", format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode("[]"))),
        ("too long", format!("{head}.{}.{signature}", "A".repeat(5000))),
        ("a deep header", format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode("[".repeat(2000)))),
    ] {
        forged.push((what.to_owned(), token));
    }
    for (what, token) in &forged {
        let answer = app.get("/api/v1/auth/me", token);
        assert_eq!(answer.status, 401, "{what}");
        assert!(answer.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""), "{what}");
    }
    assert!(forged.len() > 80, "{}", forged.len());

    let bearer = format!("Bearer {good}");
    for headers in [
        vec![("Authorization", bearer.as_str()), ("Authorization", bearer.as_str())],
        vec![("Authorization", "Basic Og=="), ("Authorization", bearer.as_str())],
        vec![("Authorization", good.as_str())],
        vec![("Authorization", "Bearer"), ("X-Authorization", bearer.as_str())],
        vec![("Cookie", bearer.as_str())],
    ] {
        assert_eq!(app.send("GET", "/api/v1/auth/me", &headers, None).status, 401, "{headers:?}");
    }
    assert_eq!(app.send("GET", &format!("/api/v1/auth/me?access_token={good}"), &[], None).status, 401);
    assert_eq!(status(&good), 200, "and the good one still works");
}

#[test]
fn the_public_keys_verify_a_token_and_hold_nothing_private() {
    let app = TestApp::spawn();
    let answer = app.send("GET", "/.well-known/jwks.json", &[], None);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/jwk-set+json"));
    let key = &answer.body["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
    assert!(key.get("d").is_none());
    let token = app.token("vera");
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(header.kid.as_deref(), key["kid"].as_str());
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.set_audience(&["partnership-registry"]);
    let public = jsonwebtoken::DecodingKey::from_ed_components(key["x"].as_str().unwrap()).unwrap();
    let claims = jsonwebtoken::decode::<Value>(&token, &public, &validation).unwrap().claims;
    for name in ["iss", "sub", "aud", "exp", "iat", "jti", "scope", "client_id"] {
        assert!(!claims[name].is_null(), "{name}");
    }
}

#[test]
fn the_document_describes_every_operation() {
    let document = partnership_registry::http::document();
    let mut ids = HashSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()));
            for field in ["summary", "description"] {
                assert!(operation[field].as_str().is_some_and(|text| !text.is_empty()), "{field} of {method} {path}");
            }
            assert!(operation["security"].is_array(), "{method} {path}");
        }
    }
    assert!(ids.len() > 14);
    let text = document.to_string();
    let known = document["components"]["schemas"].as_object().unwrap();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(known.contains_key(name), "{name}");
    }
}
