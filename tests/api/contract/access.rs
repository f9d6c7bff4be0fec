//! The role that each operation of the document needs.

use partnership_registry::auth::Role;
use partnership_registry::http::document;

use super::Operation;
use crate::support::{Answer, Client, TestApp};

/// Sends an operation with an empty body of the right type.
pub(super) fn send(client: &Client, operation: &Operation) -> Answer {
    let call = client.request(&operation.method, &operation.target());
    match operation.media_type() {
        Some(kind) => call.body(kind, if kind.contains("json") { "{}" } else { "" }).send(),
        None => call.send(),
    }
}

/// Fails where a request without proof has a caller all the same. (Where the middleware merely lets it pass, handlers
/// refuse it: they need a caller.)
#[test]
fn every_operation_wants_a_token_unless_it_says_that_it_does_not() {
    let app = TestApp::spawn();
    let operations = Operation::all(document());
    let open: Vec<_> = operations.iter().filter(|operation| operation.role().is_none()).map(Operation::id).collect();
    for operation in &operations {
        if operation.role().is_none() {
            assert_ne!(send(&app.root(), operation).status, 401, "{}", operation.id());
            continue;
        }
        for client in [app.anonymous(), app.anonymous().with_token("not.a.token"), app.anonymous().with_token("x")] {
            let answer = send(&client, operation);
            answer.problem(401, "unauthenticated");
            assert!(answer.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")), "{answer}");
        }
        assert!(
            operation.path.starts_with("/api/v1/")
                || operation.path == "/mcp"
                || operation.path.starts_with("/reconcile/")
        );
    }
    for path in open {
        assert!(!["list_nations", "create_user"].contains(&path));
    }
    let outside =
        operations.iter().filter(|operation| operation.path.starts_with("/api/v1/") && operation.role().is_none());
    let outside: Vec<_> = outside.map(|operation| operation.path.as_str()).collect();
    assert_eq!(outside, ["/api/v1/auth/revoke", "/api/v1/auth/token"], "nothing else is open");
}

/// Fails where roles are not looked at, and where kinds of records are all written by editors.
#[test]
fn every_operation_wants_the_role_it_names() {
    let app = TestApp::spawn();
    for operation in Operation::all(document()) {
        let Some(needed) = operation.role() else { continue };
        let mut enough = false;
        for role in Role::ALL {
            enough |= role.as_str() == needed;
            let answer = send(&app.client(*role), &operation);
            if enough {
                assert!(!matches!(answer.status, 401 | 403), "{role} may {}: {answer}", operation.id());
            } else {
                answer.problem(403, "forbidden");
            }
        }
        assert!(enough, "{needed} is a role");
    }
}

#[test]
fn every_operation_needs_the_role_that_the_rules_name() {
    for operation in Operation::all(document()) {
        let Some(role) = operation.role() else { continue };
        let mut segments = operation.path.split('/').skip(3).filter(|segment| *segment != "imports");
        let collection = segments.next().unwrap_or("mcp");
        let collection = if operation.path.starts_with("/api/v1/") { collection } else { "mcp" };
        let expected = match (collection, operation.method.as_str()) {
            ("users" | "webhooks", _) => "admin",
            ("releases", "POST") => "admin",
            ("auth" | "sessions" | "tokens" | "subscriptions" | "mcp", _) | (_, "GET") => "viewer",
            ("partner-types" | "cooperation-areas", _) => "admin",
            _ => "editor",
        };
        assert_eq!(role, expected, "{} {}", operation.method, operation.path);
    }
}

/// The client in `support` fails for an answer that is not declared.
/// Fails without the limit of a URL, and without the check of `Content-Encoding`.
#[test]
fn refusals_before_any_route_are_declared_for_every_operation() {
    let app = TestApp::spawn();
    let admin = app.root().with_token(app.admin().token().unwrap());
    let long = "x".repeat(8 * 1024);
    for operation in Operation::all(document()) {
        let encoded = admin.request(&operation.method, &operation.target()).header("Content-Encoding", "gzip");
        encoded.send().expect(415);
        admin.request(&operation.method, &format!("{}?{long}", operation.target())).send().expect(414);
        let wide = "x".repeat(32 * 1024);
        admin.request(&operation.method, &operation.target()).header("X-Wide", &wide).send().expect(431);
        let unknown = admin.request(&operation.method, &format!("{}?colour=red", operation.target()));
        let unknown = match operation.media_type() {
            Some(kind) => unknown.body(kind, "{}").send(),
            None => unknown.send(),
        };
        if operation.path.starts_with("/api/v1/") && !operation.path.contains("/auth/") {
            unknown.problem(400, "bad-request");
        }
    }
}
