//! Answers about users and their tokens are not kept on the way: by no proxy and by no browser.

use partnership_registry::auth::Role;
use partnership_registry::http::document;
use serde_json::json;

use super::Operation;
use super::access::send;
use crate::support::{Answer, PASSWORD, TestApp};

/// Seen to fail without the header in the envelope.
#[test]
fn nothing_about_users_and_tokens_is_kept() {
    let app = TestApp::spawn();
    let admin = app.admin();
    let mut statuses = std::collections::BTreeSet::new();
    let mut is_kept_by_nobody = |answer: Answer| {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer}");
        statuses.insert(answer.status);
    };
    for operation in Operation::all(document()) {
        let about = ["auth", "users", "tokens", "subscriptions", "webhooks"].map(|name| format!("/api/v1/{name}"));
        if !about.iter().any(|path| operation.path.starts_with(path)) {
            continue;
        }
        for client in [app.anonymous(), app.client(Role::Viewer), admin.clone()] {
            is_kept_by_nobody(send(&client, &operation));
            let path = operation.target();
            is_kept_by_nobody(client.request("PUT", &path).json(&json!({})).send());
            is_kept_by_nobody(client.request("OPTIONS", &path).send());
            is_kept_by_nobody(client.request(&operation.method, &path).header("Content-Encoding", "gzip").send());
        }
    }
    let user = json!({ "username": "ada", "role": "viewer", "password": PASSWORD });
    is_kept_by_nobody(admin.post("/users", &user));
    is_kept_by_nobody(admin.post("/users", &user));
    is_kept_by_nobody(admin.get("/%75sers/ada"));
    is_kept_by_nobody(admin.get("/users/none/at/all"));
    is_kept_by_nobody(admin.delete("/users/ada"));
    let token = admin.post("/tokens", &json!({ "name": "a tool", "role": "viewer", "expires_in_days": 1 }));
    let path = token.header("location").unwrap().to_owned();
    is_kept_by_nobody(token);
    is_kept_by_nobody(admin.delete(&path));
    assert_eq!(Vec::from_iter(statuses), [200, 201, 204, 400, 401, 403, 404, 405, 409, 415, 422]);
    // Public keys can be kept for a minute, and records with a tag.
    let jwks = app.root().get("/.well-known/jwks.json");
    assert_eq!(jwks.header("cache-control"), Some("public, max-age=60"));
    assert_eq!(app.viewer().get("/nations").header("cache-control"), Some("private, no-cache"));
    assert_eq!(app.viewer().get("/authors").header("cache-control"), Some("private, no-cache"));
}
