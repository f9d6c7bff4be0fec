//! The numbers in the document are those that are enforced: each `maxItems`, `minItems`, `maximum`, `minimum`,
//! `maxLength`, `minLength` and `pattern` of a parameter or a body is walked, at the limit and one beyond. A client
//! that is made from the document refuses nothing that the service takes, and lets nothing through that it does not.

use partnership_registry::http::document;
use serde_json::{Value, json};

use super::Operation;
use crate::support::{Answer, TestApp, records};

/// A value that is refused, or one that is not, by the number that it is at.
struct Bound {
    number: String,
    within: Option<Value>,
    beyond: Value,
}

/// A text of a length that a schema admits; another for each `n`.
fn text(schema: &Value, length: usize, n: usize) -> String {
    let letters = |length: usize| {
        // No run and no repetition: a password may have neither.
        let mut state = n as u64 * 7919 + 12345;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(b'a' + u8::try_from((state >> 33) % 26).unwrap())
            })
            .collect::<String>()
    };
    let pattern = schema["pattern"].as_str().unwrap_or_default();
    if pattern.contains("[A-Z]{2}") {
        let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap());
        return format!("{}{}", letter(n / 26), letter(n));
    }
    if pattern.contains("://") {
        return format!("https://{}", letters(length - 8));
    }
    if pattern.contains('@') && length > 64 {
        let domain = length - 65;
        let labels: Vec<String> = (0..domain.div_ceil(64)).map(|at| letters((domain - at * 64).min(63))).collect();
        return format!("{}@{}", letters(64), labels.join("."));
    }
    letters(length)
}

/// Something that a pattern excludes; nothing for one that is known to say less than is taken.
fn excluded(pattern: &str) -> Option<&'static str> {
    match pattern {
        _ if pattern.contains("[0-9]{4}") => Some("2020-13"),
        _ if pattern.contains("|[A-Z]{2})") => Some("No Slug"),
        _ if pattern.contains("[A-Z]{2}") || pattern.contains("[A-Z]{3}") => Some("in"),
        _ if pattern.contains("://") => Some("ftp://files.example"),
        _ if pattern.contains("[A-Za-z]{1,8}") => Some("no language"),
        _ if pattern.contains('@') => Some("Ada Lovelace"),
        _ if pattern.ends_with("(-[a-z0-9]+)*$") => Some("No Slug"),
        _ if pattern.contains(r"\u0000") => Some("a\u{0}b"),
        _ if pattern.contains(r"\S+") => Some(" "),
        _ if pattern.contains(r"(W/)?") => Some("v1"),
        "^[0-9]{1,18}$" => Some("x"),
        _ if pattern.ends_with("[0-9a-f]{64}$") => Some("abc"),
        // Of names in filters: what a generated client need not escape.
        _ if pattern.contains("À-ÿ") => None,
        other => panic!("what does {other} exclude?"),
    }
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"].as_str().or_else(|| {
        let parts = schema["oneOf"].as_array().or(schema["allOf"].as_array()).into_iter().flatten();
        parts.filter_map(|part| part["$ref"].as_str()).next()
    });
    match reference.and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).unwrap(),
        None => schema,
    }
}

/// The `n`th value that a schema admits.
fn value(document: &Value, schema: &Value, n: usize) -> Value {
    let schema = resolve(document, schema);
    if let Some(values) = schema["enum"].as_array() {
        return values[n % values.len()].clone();
    }
    if let Some(properties) = schema["properties"].as_object() {
        return properties
            .iter()
            .map(|(name, one)| (name.clone(), value(document, one, n)))
            .collect::<serde_json::Map<_, _>>()
            .into();
    }
    json!(text(schema, 12, n))
}

fn items(document: &Value, schema: &Value, count: usize) -> Value {
    let item = resolve(document, &schema["items"]);
    let Some(values) = item["enum"].as_array().filter(|_| schema["uniqueItems"] == true) else {
        return (0..count).map(|n| value(document, item, n)).collect::<Vec<_>>().into();
    };
    // Each once, up or down; then again.
    let mut names: Vec<&str> = values.iter().filter_map(Value::as_str).filter(|name| !name.starts_with('-')).collect();
    names.extend(names.clone());
    json!(names[..count])
}

fn bounds(document: &Value, schema: &Value) -> Vec<Bound> {
    let mut found = Vec::new();
    let number = |name: &str| schema[name].as_f64().map(|number| number as i64);
    let mut bound = |number: String, within: Option<Value>, beyond: Value| found.push(Bound { number, within, beyond });
    if let Some(most) = number("maxItems") {
        let count = usize::try_from(most).unwrap();
        bound(format!("maxItems {most}"), Some(items(document, schema, count)), items(document, schema, count + 1));
    }
    for (name, step) in [("maximum", 1), ("minimum", -1)] {
        if let Some(limit) = number(name) {
            bound(format!("{name} {limit}"), Some(json!(limit)), json!(limit + step));
        }
    }
    let lengths = [("maxLength", 1), ("minLength", -1)];
    for (name, step) in lengths {
        if let Some(limit) = number(name).filter(|limit| *limit + step >= 0 && schema["pattern"] != "^[A-Z]{2}$") {
            let long = |length: i64| json!(text(schema, usize::try_from(length).unwrap(), 1));
            let beyond = long(limit + step);
            bound(format!("{name} {limit}"), (limit > 1).then(|| long(limit)), beyond);
        }
    }
    if let Some(pattern) = schema["pattern"].as_str()
        && let Some(excluded) = excluded(pattern)
    {
        bound(format!("pattern {pattern}"), None, json!(excluded));
    }
    found
}

/// The codes of the defects of a place, which is a pointer or a parameter.
fn blamed(answer: &Answer, place: &str) -> Vec<String> {
    if answer.status < 400 {
        return Vec::new();
    }
    let problem = answer.json();
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    let detail = problem["detail"].as_str().unwrap_or_default().to_lowercase();
    if errors.is_empty() && answer.status == 400 && detail.contains(&place.to_lowercase()) {
        return vec!["malformed".to_owned()];
    }
    let is_there = |error: &&Value| {
        let at = error["pointer"].as_str().or(error["parameter"].as_str()).unwrap_or_default();
        at.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    errors.iter().filter(is_there).map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

/// Tells whether a number is the defect; a value made for its length may refer to nothing.
fn is_out_of_bounds(answer: &Answer, place: &str) -> bool {
    let codes = ["too_long", "too_short", "out_of_range", "duplicate", "required", "type", "malformed"];
    blamed(answer, place).iter().any(|code| codes.contains(&code.as_str()))
}

fn encoded(value: &Value) -> String {
    let texts: Vec<String> = match value {
        Value::Array(values) => values.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    };
    texts
        .iter()
        .map(|text| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>())
        .collect::<Vec<_>>()
        .join(",")
}

/// The operation's path with the examples of its parameters.
fn target(operation: &Operation) -> String {
    let parameters = operation.content["parameters"].as_array().cloned().unwrap_or_default();
    parameters.iter().filter(|parameter| parameter["in"] == "path").fold(operation.path.clone(), |path, parameter| {
        let name = parameter["name"].as_str().unwrap();
        path.replace(&format!("{{{name}}}"), parameter["example"].as_str().unwrap_or("validation"))
    })
}

/// It compares `maxItems` of `sort`, `limit`, and the lengths of texts with what the service takes.
#[test]
fn the_numbers_of_parameters_are_those_that_are_enforced() {
    let app = TestApp::spawn();
    records::fill(&app);
    let admin = app.root().with_token(app.admin().token().unwrap());
    let document = document();
    let (mut walked, mut wrong) = (0, Vec::new());
    for operation in Operation::all(document) {
        if operation.method != "GET" {
            continue;
        }
        let path = target(&operation);
        let parameters = operation.content["parameters"].as_array().cloned().unwrap_or_default();
        let required: Vec<String> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
            .map(|parameter| format!("{}={}", parameter["name"].as_str().unwrap(), encoded(&parameter["example"])))
            .collect();
        for parameter in &parameters {
            let (name, place) = (parameter["name"].as_str().unwrap(), parameter["in"].as_str().unwrap());
            // A cursor is made by the service; and what is in no path is not found, whatever its length.
            if name == "cursor" || place == "path" {
                continue;
            }
            let ask = |value: &Value| {
                if place == "header" {
                    let path = format!("{path}?{}", required.join("&"));
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    return admin.request("GET", &path).header(name, &text).send();
                }
                let others = required.iter().filter(|pair| !pair.starts_with(&format!("{name}="))).cloned();
                let query: Vec<String> = others.chain([format!("{name}={}", encoded(value))]).collect();
                admin.get(&format!("{path}?{}", query.join("&")))
            };
            let schema = &parameter["schema"];
            let item = resolve(document, &schema["items"]);
            let of_items = bounds(document, item).into_iter().map(|bound| Bound {
                within: bound.within.map(|value| json!([value])),
                beyond: json!([bound.beyond]),
                ..bound
            });
            for Bound { number, within, beyond } in bounds(document, schema).into_iter().chain(of_items) {
                walked += 1;
                if let Some(answer) = within.map(|within| ask(&within)).filter(|answer| is_out_of_bounds(answer, name))
                {
                    wrong.push(format!("{} {name}: {number} is refused: {answer}", operation.id()));
                }
                let answer = ask(&beyond);
                if blamed(&answer, name).is_empty() {
                    wrong.push(format!("{} {name}: beyond {number} is taken: {}", operation.id(), answer.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {walked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(walked > 400, "{walked}");
}

/// It compares the lengths of user names, titles and other texts with what the service takes.
#[test]
fn the_numbers_of_bodies_are_those_that_are_enforced() {
    let app = TestApp::spawn();
    records::fill(&app);
    let admin = app.root().with_token(app.admin().token().unwrap());
    let document = document();
    let (mut walked, mut wrong) = (0, Vec::new());
    for operation in Operation::all(document) {
        let Some(content) = operation.content["requestBody"]["content"].as_object() else { continue };
        let Some((kind, body)) = content.iter().find(|(kind, _)| kind.contains("json") && !kind.contains("ndjson"))
        else {
            continue;
        };
        if operation.path.contains("/imports/") {
            continue;
        }
        let schema = resolve(document, &body["schema"]);
        let example = [&body["example"], &schema["example"], &schema["examples"][0]];
        let example = example.into_iter().find(|example| example.is_object()).cloned().unwrap_or_else(|| json!({}));
        let path = target(&operation);
        // Any object has no fields to speak of.
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            // Read-only ones are ignored.
            let known = property["description"].as_str().is_some_and(|about| about.starts_with("Read-only"));
            let given = operation.method != "POST" && name == "code";
            if known || given {
                continue;
            }
            let ask = |value: &Value| {
                let mut body = if operation.method == "PATCH" { json!({}) } else { example.clone() };
                body[name] = value.clone();
                admin.request(&operation.method, &path).body(kind, body.to_string()).send()
            };
            for Bound { number, within, beyond } in bounds(document, resolve(document, property)) {
                walked += 1;
                let pointer = format!("/{name}");
                let refused = |answer: &Answer| is_out_of_bounds(answer, &pointer);
                if let Some(answer) = within.map(|within| ask(&within)).filter(refused) {
                    wrong.push(format!("{} {name}: {number} is refused: {answer}", operation.id()));
                }
                // An empty text means no value where none is needed.
                let answer = ask(&beyond);
                let optional = beyond == "" && answer.status < 300;
                if blamed(&answer, &pointer).is_empty() && !optional {
                    wrong.push(format!("{} {name}: beyond {number} is taken: {answer}", operation.id()));
                }
            }
        }
    }
    assert!(walked > 100, "{walked}");
    assert!(wrong.is_empty(), "{} of {walked}:\n{}", wrong.len(), wrong.join("\n"));
}
