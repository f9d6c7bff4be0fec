//! The state of a token is read from the database for every request: a change there, by another instance or by hand,
//! counts at once, even where nothing else has ended the token.

use super::*;
use crate::support::database::run;

/// Ways to end a session's token: a line for each condition of `auth::authenticate::load_current_role`, which fails
/// without it.
const SESSION: [(&str, &str); 6] = [
    ("the user is shut out", "UPDATE users SET disabled = 1 WHERE username = 'eddie'"),
    ("the user's tokens are ended", "UPDATE users SET epoch = epoch + 1 WHERE username = 'eddie'"),
    ("the session is over", "UPDATE sessions SET expires_at = '2026-01-01T00:00:00.000000Z' WHERE username = 'eddie'"),
    ("the session is another user's", "UPDATE sessions SET username = 'root' WHERE username = 'eddie'"),
    ("the session is gone", "DELETE FROM sessions WHERE id = (SELECT min(id) FROM sessions WHERE username = 'eddie')"),
    ("the user is gone", "DELETE FROM users WHERE username = 'eddie'"),
];

/// The same for a named token.
const NAMED: [(&str, &str); 7] = [
    ("the user is shut out", "UPDATE users SET disabled = 1 WHERE username = 'eddie'"),
    ("the user's tokens are ended", "UPDATE users SET epoch = epoch + 1 WHERE username = 'eddie'"),
    ("the token is over", "UPDATE named_tokens SET expires_at = '2026-01-01T00:00:00.000000Z'"),
    ("the token is revoked", "UPDATE named_tokens SET revoked_at = '2026-01-01T00:00:00.000000Z'"),
    ("the token is another user's", "UPDATE named_tokens SET owner = 'root'"),
    ("the token is gone", "DELETE FROM named_tokens WHERE id = (SELECT min(id) FROM named_tokens)"),
    ("the user is gone", "DELETE FROM users WHERE username = 'eddie'"),
];

fn named_token(app: &TestApp, session: &str) -> String {
    let body = json!({ "name": "a tool", "role": "editor", "expires_in_days": 30 });
    app.json("POST", "/api/v1/tokens", session, &body).text("token")
}

#[test]
fn a_change_in_the_database_that_ends_a_session_ends_its_token() {
    for (what, sql) in SESSION {
        let app = TestApp::spawn();
        let (token, refresh) = app.sign_in("eddie");
        // Another session of the same user is no substitute.
        app.token("eddie");
        assert_eq!(app.get("/api/v1/auth/me", &token).status, 200);
        run(&mut app.app.database.connect(), sql);
        assert_eq!(app.get("/api/v1/auth/me", &token).status, 401, "{what}");
        if what == SESSION[0].0 {
            assert_eq!(app.refresh(&refresh).status, 400, "{what}");
            assert_eq!(app.sign_in_with("eddie", PASSWORD).status, 400, "{what}");
        }
    }
}

#[test]
fn a_change_in_the_database_ends_a_named_token() {
    for (what, sql) in NAMED {
        let app = TestApp::spawn();
        let session = app.token("eddie");
        let token = named_token(&app, &session);
        named_token(&app, &session);
        assert_eq!(app.get("/api/v1/auth/me", &token).status, 200);
        run(&mut app.app.database.connect(), sql);
        assert_eq!(app.get("/api/v1/auth/me", &token).status, 401, "{what}");
    }
}

/// Fails where the role is taken from the token instead, and where a named token keeps its own beyond its owner's.
#[test]
fn the_role_is_the_one_that_the_database_has_now() {
    let app = TestApp::spawn();
    let session = app.token("eddie");
    let tool = named_token(&app, &session);
    for token in [&session, &tool] {
        assert_eq!(app.write("nations", token), 422);
    }
    run(&mut app.app.database.connect(), "UPDATE users SET role = 'viewer' WHERE username = 'eddie'");
    for token in [&session, &tool] {
        assert_eq!(app.get("/api/v1/auth/me", token).body["role"], "viewer");
        assert_eq!(app.write("nations", token), 403);
    }
}
