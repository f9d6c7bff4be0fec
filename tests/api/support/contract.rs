//! Rules for every answer: errors are problems, and the OpenAPI document declares every status.

use std::sync::LazyLock;

use serde_json::Value;

use super::Answer;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| partnership_registry::http::document().clone());

/// Holds an answer against the contract.
#[track_caller]
pub(super) fn check(answer: &Answer) {
    for (header, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")] {
        assert_eq!(answer.header(header), Some(value), "{answer}");
    }
    let id = answer.header("x-request-id").unwrap_or_else(|| panic!("no X-Request-Id: {answer}"));
    if answer.status >= 400 && answer.method != "HEAD" {
        is_problem(answer, id);
    }
    is_declared(answer);
}

#[track_caller]
fn is_problem(answer: &Answer, id: &str) {
    if answer.path.starts_with("/api/v1/auth/token") || answer.path.starts_with("/api/v1/auth/revoke") {
        return; // OAuth's own form.
    }
    let is_json = answer.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    if is_json && answer.path == "/mcp" {
        return; // The error of JSON-RPC.
    }
    let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    if is_page && !answer.path.starts_with("/api/") {
        return; // A page for people.
    }
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer}");
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status, "{answer}");
    assert_eq!(problem["instance"], id, "{answer}");
    assert!(problem["type"].as_str().is_some_and(|kind| kind.starts_with("/problems/")), "{answer}");
    for name in ["title", "detail"] {
        assert!(problem[name].as_str().is_some_and(|text| !text.is_empty()), "{answer}");
    }
    for error in problem["errors"].as_array().into_iter().flatten() {
        assert!(error["code"].is_string() && error["detail"].is_string(), "{answer}");
        let places = ["pointer", "parameter", "line"].iter().filter(|place| !error[**place].is_null()).count();
        assert_eq!(places, 1, "{answer}");
    }
}

#[track_caller]
fn is_declared(answer: &Answer) {
    let path = answer.path.split('?').next().unwrap_or_default();
    let Some(operation) = operation(&answer.method, path) else { return };
    let mut declared = &operation["responses"][answer.status.to_string()];
    if let Some(pointer) = declared["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        declared = DOCUMENT.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is nowhere in the document"));
    }
    assert!(!declared.is_null(), "{} is not declared: {answer}", answer.status);
    if let (Some(content), Some(kind)) = (declared["content"].as_object(), answer.header("content-type")) {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        assert!(content.contains_key(kind), "{kind} is not declared for {answer}");
    }
}

/// The operation of a request, where the document has it. A template without a parameter comes before one with.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let method = method.to_ascii_lowercase();
    let fits = |template: &str| {
        let (mut parts, mut wanted) = (path.split('/'), template.split('/'));
        loop {
            match (parts.next(), wanted.next()) {
                (None, None) => return true,
                (Some(part), Some(wanted)) if part == wanted || (wanted.starts_with('{') && !part.is_empty()) => {}
                _ => return false,
            }
        }
    };
    let mut found: Vec<_> = DOCUMENT["paths"].as_object()?.iter().filter(|(template, _)| fits(template)).collect();
    found.sort_by_key(|(template, _)| template.contains('{'));
    found.first()?.1.get(&method)
}
