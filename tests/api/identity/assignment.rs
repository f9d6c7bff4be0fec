//! Fields that a body must not set: sent all the same, they change nothing.

use super::*;

/// Fails where a version that was sent is kept, and where unknown fields are ignored.
#[test]
fn a_record_keeps_what_only_the_service_writes() {
    let app = TestApp::spawn();
    let eddie = app.token("eddie");
    let sent = json!({
        "name": "Quetzal", "status": "proposed", "version": 999, "created_at": "1999-01-01T00:00:00.000000Z",
        "updated_at": "1999-01-01T00:00:00.000000Z"
    });
    let made = app.json("POST", "/api/v1/projects", &eddie, &sent);
    assert_eq!(made.status, 201, "{}", made.body);
    let patch = json!({ "acronym": "QTZ", "version": 1, "created_at": "1999-01-01T00:00:00.000000Z" });
    let changed = app.json("PATCH", "/api/v1/projects/quetzal", &eddie, &patch);
    assert_eq!(changed.status, 200, "{}", changed.body);
    for (answer, version) in [(&made, 1), (&changed, 2)] {
        assert_eq!(answer.body["version"], version);
        assert!(answer.text("created_at").as_str() > "2026" && answer.text("updated_at").as_str() > "2026");
    }
    assert_eq!(made.body["created_at"], changed.body["created_at"]);
    for (field, value) in [("role", json!("admin")), ("actor", json!("root")), ("hash", json!("0")), ("id", json!(1))] {
        let mut body = sent.clone();
        body[field] = value;
        assert_eq!(defects(&app.json("POST", "/api/v1/projects", &eddie, &body)), ["unknown_field"], "{field}");
    }
}

/// Fails where unknown fields are ignored, where the `owner` that was sent is the owner, and where a token may have any
/// role.
#[test]
fn users_cannot_raise_their_own_rights() {
    let app = TestApp::spawn();
    let (vera, root) = (app.token("vera"), app.token("root"));
    let before = app.get("/api/v1/users/vera", &root).body;
    // Their own password is all that they may change about themselves.
    let body = json!({ "current_password": PASSWORD, "new_password": OTHER, "role": "admin", "disabled": false });
    assert_eq!(defects(&app.json("POST", "/api/v1/auth/password", &vera, &body)), ["unknown_field", "unknown_field"]);
    assert_eq!(app.json("PATCH", "/api/v1/users/vera", &vera, &json!({ "role": "admin" })).status, 403);
    let token = json!({ "name": "more", "role": "admin", "expires_in_days": 1 });
    let refused = app.json("POST", "/api/v1/tokens", &vera, &token).status;
    assert!(matches!(refused, 403 | 422), "{refused}");
    for field in ["owner", "username", "kid", "id"] {
        let mut token = json!({ "name": "mine", "role": "viewer", "expires_in_days": 1 });
        token[field] = json!("root");
        let answer = app.json("POST", "/api/v1/tokens", &vera, &token);
        match answer.status {
            // Read-only: ignored, as everywhere.
            201 => assert_eq!(answer.body["owner"], "vera", "{field}"),
            _ => assert_eq!(defects(&answer), ["unknown_field"], "{field}"),
        }
    }
    assert_eq!(app.get("/api/v1/users/vera", &root).body, before);
}

/// Fails where unknown fields are ignored.
#[test]
fn an_admin_changes_what_can_be_changed_about_a_user_and_nothing_else() {
    let app = TestApp::spawn();
    let root = app.token("root");
    let before = app.get("/api/v1/users/vera", &root).body;
    // Read-only fields may be sent back, as with records.
    let back = json!({ "username": "eddie", "created_at": "1999-01-01T00:00:00.000000Z", "display_name": "Vera" });
    let changed = app.json("PATCH", "/api/v1/users/vera", &root, &back);
    assert_eq!(changed.status, 200, "{}", changed.body);
    for field in ["username", "role", "disabled", "created_at"] {
        assert_eq!(changed.body[field], before[field], "{field}");
    }
    for (field, value) in [("epoch", json!(0)), ("password_hash", json!("x")), ("version", json!(7))] {
        let answer = app.json("PATCH", "/api/v1/users/vera", &root, &json!({ field: value }));
        assert_eq!(defects(&answer), ["unknown_field"], "{field}");
    }
}
