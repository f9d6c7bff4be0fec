//! The order of parameters, and components for parameters and headers that several operations have in common.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The parameters that any list may have, in the order in which a reader needs them: before the filters.
const FIRST: [&str; 9] = ["q", "sort", "limit", "cursor", "fields", "expand", "as_of", "format", "dialect"];

/// Orders the parameters of each operation, and moves parts that several operations have to the components.
pub(super) fn share(document: &mut Value) {
    let schemas = document.pointer("/components/schemas").cloned().unwrap_or_default();
    for_each_operation(document, |_, operation| {
        if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
            parameters.sort_by_key(place);
            for parameter in parameters.iter_mut().filter_map(Value::as_object_mut) {
                parameter.retain(|field, value| field != "required" || *value != Value::Bool(false));
            }
        }
        contents(operation).for_each(|content| drop_repeated_example(content, &schemas));
    });
    refer(document, "parameters", |operation| {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
        parameters.map(|parameter| (text(parameter, "name").to_owned(), parameter)).collect()
    });
    refer(document, "headers", |operation| {
        let answers =
            operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
        let headers = answers.filter_map(|answer| answer.get_mut("headers")?.as_object_mut());
        headers.flat_map(|headers| headers.iter_mut().map(|(name, header)| (name.clone(), header))).collect()
    });
}

/// The parts of an operation that may be shared, each with its name.
type Parts<'a> = Vec<(String, &'a mut Value)>;

/// Replaces each part that several operations have by a reference, and puts the part among the components.
fn refer(document: &mut Value, kind: &str, parts: impl Fn(&mut Map<String, Value>) -> Parts<'_>) {
    let mut found: Vec<(String, String, String, usize)> = Vec::new();
    for_each_operation(document, |id, operation| {
        for (name, part) in parts(operation) {
            let text = part.to_string();
            match found.iter_mut().find(|(known, ..)| *known == text) {
                Some((.., times)) => *times += 1,
                None => found.push((text, name, id.to_owned(), 1)),
            }
        }
    });
    let names = names(found);
    let mut components: Map<String, Value> = Map::new();
    for_each_operation(document, |_, operation| {
        for (_, part) in parts(operation) {
            if let Some(name) = names.get(&part.to_string()) {
                let reference = json!({ "$ref": format!("#/components/{kind}/{name}") });
                components.insert(name.clone(), std::mem::replace(part, reference));
            }
        }
    });
    if let Some(Value::Object(all)) = document.get_mut("components") {
        all.insert(kind.to_owned(), components.into());
    }
}

/// Returns the names of the components, by the text of the part. Of parts with one name the later ones are called by
/// the first operation that has them, too.
fn names(found: Vec<(String, String, String, usize)>) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut taken = Vec::new();
    for (text, name, id, _) in found.into_iter().filter(|(.., times)| *times > 1) {
        let name = if taken.contains(&name) { format!("{name}-of-{id}") } else { name };
        taken.push(name.clone());
        names.insert(text, name);
    }
    names
}

/// Returns the contents of the body and of the answers.
fn contents(operation: &mut Map<String, Value>) -> impl Iterator<Item = &mut Value> {
    let all = operation.iter_mut().filter(|(name, _)| ["requestBody", "responses"].contains(&name.as_str()));
    let parts = all.flat_map(|(name, part)| -> Vec<&mut Value> {
        if name == "responses" {
            part.as_object_mut().into_iter().flat_map(Map::values_mut).collect()
        } else {
            vec![part]
        }
    });
    let contents = parts.filter_map(|part| part.get_mut("content")?.as_object_mut());
    contents.flat_map(Map::values_mut)
}

/// Takes an example out whose schema has the same one.
fn drop_repeated_example(content: &mut Value, schemas: &Value) {
    let Some(fields) = content.as_object_mut() else { return };
    let schema = fields.get("schema").and_then(|schema| schema.get("$ref")?.as_str()?.rsplit('/').next());
    let example = schema.and_then(|name| schemas.get(name)?.get("examples")?.get(0));
    if example.is_some() && example == fields.get("example") {
        fields.remove("example");
    }
}

fn for_each_operation(document: &mut Value, mut work: impl FnMut(&str, &mut Map<String, Value>)) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for item in paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        for operation in item.values_mut().filter_map(Value::as_object_mut) {
            let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
            work(&id, operation);
        }
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the place of a parameter: the path, what is required, what any list may have, filters, headers.
fn place(parameter: &Value) -> (usize, usize) {
    let known = FIRST.iter().position(|name| *name == text(parameter, "name"));
    match (text(parameter, "in"), known) {
        ("path", _) => (0, 0),
        ("header", _) => (4, 0),
        _ if parameter.get("required") == Some(&Value::Bool(true)) => (1, 0),
        (_, Some(at)) => (2, at),
        _ => (3, 0),
    }
}
