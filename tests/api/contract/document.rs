//! The OpenAPI document itself: complete, consistent, and what is served.

use std::collections::{BTreeMap, BTreeSet};

use partnership_registry::app::openapi_json;
use partnership_registry::http::document;
use partnership_registry::registry::RESOURCES;
use serde_json::Value;

use super::Operation;
use crate::support::TestApp;

#[test]
fn the_document_is_served_and_checked_in() {
    let app = TestApp::spawn();
    let served = app.root().get("/openapi.json").expect(200);
    assert_eq!(served.header("content-type"), Some("application/json"));
    assert!(served.body == openapi_json().as_bytes(), "what is served is what is made");
    assert_eq!(served.json(), *document());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    let checked_in = std::fs::read(path).unwrap_or_default();
    let command = "cargo run -- openapi > openapi/openapi.json";
    assert!(checked_in == served.body, "openapi/openapi.json is not what the code says; mend it with: {command}");
}

/// The parameters of an operation that show no example. Each has a description and a schema.
fn parameters_without_example(id: &str, content: &Value) -> Vec<String> {
    let mut bare = Vec::new();
    for parameter in content["parameters"].as_array().into_iter().flatten() {
        let name = &parameter["name"];
        assert!(parameter["description"].as_str().is_some_and(|text| !text.is_empty()), "{id} {name}");
        assert!(parameter["schema"].is_object(), "{id} {name}");
        // A cursor is made by the service: any that stood here would be refused.
        if name == "cursor" {
            continue;
        }
        let example = &parameter["example"];
        let inner = ["example", "examples", "default"].iter().any(|key| !parameter["schema"][key].is_null());
        if example.is_null() && !inner && parameter["examples"].is_null() {
            bare.push(format!("{id} has no example of {name}"));
        }
    }
    bare
}

#[test]
fn every_operation_is_described_in_full() {
    let document = document();
    let tags: BTreeMap<_, _> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| (tag["name"].as_str().unwrap(), tag["description"].as_str().unwrap_or_default()))
        .collect();
    assert!(tags.values().all(|description| !description.is_empty()), "{tags:?}");
    let mut ids = BTreeSet::new();
    let mut bare = Vec::new();
    for operation in Operation::all(document) {
        let (id, content) = (operation.id(), &operation.content);
        assert!(ids.insert(id.to_owned()), "{id} is there twice");
        let words: Vec<_> = id.split('_').collect();
        assert!(words.len() >= 2 && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{id}");
        for name in ["summary", "description"] {
            assert!(content[name].as_str().is_some_and(|text| text.len() >= 5), "{id} has no {name}");
        }
        let named: Vec<_> = content["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
        assert!(named.len() == 1 && tags.contains_key(named[0]), "{id}: {named:?}");
        assert!(content["security"].is_array(), "{id} says nothing about security");
        bare.extend(parameters_without_example(id, content));
        let bodies = content["requestBody"]["content"].as_object();
        let answers = content["responses"].as_object().unwrap();
        let successes = answers.iter().filter(|(status, _)| status.starts_with('2'));
        assert!(successes.clone().count() >= 1, "{id}");
        let contents = bodies.into_iter().chain(successes.filter_map(|(_, answer)| answer["content"].as_object()));
        for (kind, body) in contents.flatten() {
            // An example of a binary file, or of a file of lines, would show nothing that its description does not say.
            let shown = ["application/json", "+json", "/csv", "form-urlencoded"];
            if !shown.iter().any(|shown| kind.ends_with(shown)) {
                continue;
            }
            let shown =
                !body["example"].is_null() || !body["examples"].is_null() || has_example(document, &body["schema"]);
            if !shown {
                bare.push(format!("{id} has no example of {kind}"));
            }
        }
        for (status, answer) in answers {
            let answer = resolve(document, answer);
            assert!(answer["description"].as_str().is_some_and(|text| !text.is_empty()), "{id} {status}");
            let oauth = operation.path.ends_with("/auth/token") || operation.path.ends_with("/auth/revoke");
            if status.starts_with(['4', '5']) && !oauth {
                assert!(answer["content"]["application/problem+json"]["schema"].is_object(), "{id} {status}");
            }
        }
    }
    assert!(bare.is_empty(), "{}", bare.join("\n"));
    assert!(ids.len() >= 8 * RESOURCES.len(), "eight operations for each collection: {}", ids.len());
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is nowhere")),
        None => value,
    }
}

/// Tells whether a schema shows what it means: it, or each of its properties, has an example or a closed set of values.
fn has_example(document: &Value, schema: &Value) -> bool {
    let schema = resolve(document, schema);
    let says = ["example", "examples", "enum", "const", "default"].iter().any(|key| schema.get(key).is_some());
    let parts = schema["allOf"].as_array();
    let properties = schema["properties"].as_object();
    says || properties.is_some_and(|all| !all.is_empty() && all.values().all(|one| has_example(document, one)))
        || schema["items"].is_object() && has_example(document, &schema["items"])
        || parts.is_some_and(|all| all.iter().all(|one| has_example(document, one)))
        || schema["type"] == "boolean"
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(document: &Value, value: &Value, seen: &mut usize) {
        if value["$ref"].is_string() {
            resolve(document, value);
            *seen += 1;
        }
        match value {
            Value::Object(fields) => fields.values().for_each(|value| walk(document, value, seen)),
            Value::Array(items) => items.iter().for_each(|value| walk(document, value, seen)),
            _ => {}
        }
    }
    let document = document();
    let mut seen = 0;
    walk(document, document, &mut seen);
    assert!(seen > 100);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
}

/// `Allow` of every path is exactly what the document has, with `HEAD` beside `GET`.
#[test]
fn every_path_allows_what_is_documented() {
    let app = TestApp::spawn();
    let mut methods = BTreeMap::<String, BTreeSet<String>>::new();
    for operation in Operation::all(document()) {
        let allowed = methods.entry(operation.target()).or_default();
        if operation.method == "GET" {
            allowed.insert("HEAD".to_owned());
        }
        allowed.extend([operation.method, "OPTIONS".to_owned()]);
    }
    for (path, expected) in methods {
        let answer = app.root().with_token(app.admin().token().unwrap()).request("OPTIONS", &path).send();
        let allowed = answer.header("allow").unwrap_or_else(|| panic!("no Allow in {answer}"));
        let allowed: BTreeSet<_> = allowed.split(", ").map(str::to_owned).collect();
        assert_eq!(allowed, expected, "{path}");
    }
}
