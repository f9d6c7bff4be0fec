//! Users, and what ends their tokens at once.

use super::*;

/// Fails where a lower role, another role, being disabled or a password that was set ends nothing; where the sessions
/// alone go on; where the named tokens are not revoked. Their epoch ends them, too: with that and the revocation taken
/// out, they work.
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
        let tokens = app.get("/api/v1/tokens?limit=200", &root).body;
        assert!(tokens["items"].as_array().unwrap().iter().all(|token| token["revoked_at"].is_string()), "{tokens}");
        // Nor do they live again when the user does.
        patch("eddie", json!({"disabled": false, "role": "editor"}));
        assert_eq!(app.get("/api/v1/auth/me", &access).status, 401, "{change}");
        assert_eq!(app.get("/api/v1/auth/me", &tool).status, 401, "{change}");
        assert_eq!(app.refresh(&refresh).status, 400, "{change}");
    }
    patch("eddie", json!({"disabled": true, "password": PASSWORD}));
    assert_eq!(app.sign_in_with("eddie", PASSWORD).status, 400);

    let (access, refresh) = app.sign_in("vera");
    let tool = named(&access);
    assert_eq!(app.call("DELETE", "/api/v1/users/vera", &root).status, 204);
    partnership_registry::auth::users::add(&app.app.db, "vera", Role::Viewer, None, PASSWORD).unwrap();
    assert_eq!(app.get("/api/v1/auth/me", &access).status, 401, "a later user of the same name is another user");
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

/// Fails without the form of a user name, the least length of a password, and where unknown fields are ignored.
#[test]
fn one_answer_lists_every_defect_of_a_user() {
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

/// Seen to fail without the list of examples: they were taken.
#[test]
fn passwords_from_the_documentation_are_refused() {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                let is_password = fields.get("format").is_some_and(|format| format == "password");
                let examples = fields.get("examples").and_then(Value::as_array).into_iter().flatten();
                let examples = fields.get("example").into_iter().chain(examples);
                found.extend(examples.filter(|_| is_password).map(|example| example.as_str().unwrap().to_owned()));
                // In the example of a whole body.
                found.extend(fields.get("password").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| collect(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(partnership_registry::http::document(), &mut found);
    assert!(found.len() >= 6, "{found:?}");
    for text in [include_str!("../../../README.md"), include_str!("../../../docs/analysts.md")] {
        found.push(text.split("--admin-password '").nth(1).unwrap().split('\'').next().unwrap().to_owned());
    }
    let app = TestApp::spawn();
    let root = app.token("root");
    for password in &found {
        let new = json!({"username": "ada.l", "role": "viewer", "password": password});
        assert_eq!(defects(&app.json("POST", "/api/v1/users", &root, &new)), ["common"], "{password}");
        let patch = app.json("PATCH", "/api/v1/users/vera", &root, &json!({"password": password}));
        assert_eq!(defects(&patch), ["common"], "{password}");
        let own = json!({"current_password": PASSWORD, "new_password": password});
        assert_eq!(defects(&app.json("POST", "/api/v1/auth/password", &root, &own)), ["common"], "{password}");
    }
}

/// Fails without the check when a user is changed, without the one when a user is removed, and where a disabled admin
/// counts as another.
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

/// Fails where a role is not looked at, where kinds of records are all written by editors, and without the challenge.
#[test]
fn a_role_that_is_too_low_is_refused_before_the_body_is_judged() {
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
