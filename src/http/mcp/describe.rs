//! The description of `/mcp` in the OpenAPI document, and the schemas that `/mcp` takes from the document.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::{ContentBuilder, Required};

use crate::auth::Role;
use crate::http::openapi::described::Described;
use crate::http::openapi::operation::{About, described, operation_of};
use crate::http::openapi::schemas::{any_object, problem_schema};

const ABOUT: &str = "One message of the Model Context Protocol (Streamable HTTP): a JSON-RPC 2.0 request, answered in JSON. It reads \
    and keeps no state. The versions 2026-07-28, in which each request is independent, and 2025-11-25, 2025-06-18 and 2025-03-26, \
    which begin with `initialize`, are supported. When the API refuses the request of a tool, the result has the problem that it answers. \
    `--no-mcp` turns it off.";

/// `POST /mcp`
pub(super) fn operation() -> Described {
    let message = |about: &str, example: Value| {
        ContentBuilder::new().schema(Some(any_object(about))).example(Some(example)).build()
    };
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "search", "arguments": { "q": "trishna" } },
    });
    let result = json!({
        "jsonrpc": "2.0", "id": 1,
        "result": { "content": [{ "type": "text", "text": "{}" }], "structuredContent": {}, "isError": false },
    });
    let failed = json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32601, "message": "there is no method ‘x’" } });
    let body = RequestBodyBuilder::new()
        .required(Some(Required::True))
        .content("application/json", message("A JSON-RPC message.", call))
        .build();
    let refused = |about: &str| {
        ResponseBuilder::new()
            .description(about)
            .content("application/problem+json", ContentBuilder::new().schema(Some(problem_schema())).build())
            .content("application/json", message("A JSON-RPC error.", failed.clone()))
            .build()
    };
    let about = About { id: "call_mcp".to_owned(), summary: "Ask as an assistant".to_owned(), description: ABOUT };
    let operation = operation_of("mcp", about, Vec::new(), Some(body), Role::Viewer)
        .response(
            "200",
            ResponseBuilder::new()
                .description("The result, or a JSON-RPC error.")
                .content("application/json", message("A JSON-RPC message.", result))
                .build(),
        )
        .response("202", ResponseBuilder::new().description("It was a notification.").build())
        .response("400", refused("The message cannot be read, or is of a version that is not spoken here."))
        .response("404", refused("There is no such method."));
    described(operation, &[413])
}

/// Returns the schema of what `GET` of a path answers in JSON, with what it refers to; that of any object where the
/// path is that of many collections.
pub(super) fn output(document: &Value, path: &str) -> Value {
    let pointer = format!("/paths/{}/get/responses/200/content/application~1json/schema", escaped(path));
    let Some(schema) = document.pointer(&pointer) else { return open(path) };
    let mut definitions = Map::new();
    let mut waiting = references(schema);
    let mut context = BTreeSet::new();
    while let Some(name) = waiting.pop_last() {
        if !context.insert(name.clone()) {
            continue;
        }
        if let Some(found) = document.pointer(&format!("/components/schemas/{name}")) {
            waiting.extend(references(found));
            definitions.insert(name, rewritten(found));
        }
    }
    let root = schema.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next()).unwrap_or_default();
    let mut root = definitions.get(root).cloned().unwrap_or_else(|| rewritten(schema));
    if let Some(fields) = root.as_object_mut() {
        if let Some(properties) = fields.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert("next_cursor".to_owned(), next_cursor());
        }
        fields.insert("$defs".to_owned(), definitions.into());
    }
    root
}

fn next_cursor() -> Value {
    json!({ "type": ["string", "null"], "description": "`cursor` of the next part; null on the last." })
}

/// Returns a path below `/api/v1` as a segment of a JSON Pointer.
fn escaped(path: &str) -> String {
    format!("/api/v1{path}").replace('~', "~0").replace('/', "~1")
}

/// Returns the schema of the answers of tools for every collection.
fn open(path: &str) -> Value {
    let row = json!({ "type": "object", "description": "See registry://collections/… for its fields." });
    let total = json!({ "type": "integer", "description": "The number of all of them." });
    let rows = json!({ "type": "array", "items": row });
    match path {
        "/{collection}" => json!({
            "type": "object", "required": ["items", "total", "next_cursor"],
            "properties": { "items": rows, "total": total, "next_cursor": next_cursor() },
        }),
        "/summaries/{collection}" => json!({
            "type": "object", "required": ["groups", "total", "next_cursor"],
            "properties": { "groups": rows, "total": total, "next_cursor": next_cursor() },
        }),
        _ => row,
    }
}

/// Returns the names of the schemas that a value refers to.
fn references(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next());
            own.map(str::to_owned).into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(values) => values.iter().flat_map(references).collect(),
        _ => BTreeSet::new(),
    }
}

/// Returns a schema whose references lead into `$defs`, without examples.
fn rewritten(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "example" | "examples"));
            let turned = kept.map(|(name, value)| match (name.as_str(), value.as_str()) {
                ("$ref", Some(text)) => (name.clone(), text.replace("#/components/schemas/", "#/$defs/").into()),
                _ => (name.clone(), rewritten(value)),
            });
            Value::Object(turned.collect())
        }
        Value::Array(values) => values.iter().map(rewritten).collect(),
        other => other.clone(),
    }
}
