//! The whole API, driven by its own OpenAPI document. That no test anywhere sees an undeclared status is checked with
//! every answer (`support::contract`).

mod access;
mod caching;
mod document;
mod matrix;
mod nasty;
mod numbers;
mod routes;

use serde_json::Value;

/// The operation with its parameters in place of references to those that operations share.
pub(crate) fn with_parameters(document: &Value, operation: &Value) -> Value {
    let mut operation = operation.clone();
    for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
        if let Some(pointer) = parameter["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            *parameter = document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is nowhere")).clone();
        }
    }
    operation
}

/// One operation of the document.
struct Operation {
    method: String,
    path: String,
    content: Value,
}

impl Operation {
    /// Every operation of the document.
    fn all(document: &Value) -> Vec<Self> {
        let paths = document["paths"].as_object().unwrap().iter();
        paths
            .flat_map(|(path, item)| {
                item.as_object().unwrap().iter().map(move |(method, content)| Self {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    content: with_parameters(document, content),
                })
            })
            .collect()
    }

    fn id(&self) -> &str {
        self.content["operationId"].as_str().unwrap()
    }

    /// The role that the operation names; none where it needs no token.
    fn role(&self) -> Option<&str> {
        self.content["security"].as_array()?.iter().find_map(|one| one["oauth2"][0].as_str())
    }

    /// The path with something in the place of each parameter that is nowhere in the registry.
    fn target(&self) -> String {
        let mut target = self
            .path
            .replace("{kind}", "validation")
            .replace("{username}", "nobody.at.all")
            .replace("{name}", "no-release");
        let nation = target.starts_with("/api/v1/nations");
        target = target.replace("{code}", if nation { "AQ" } else { "nothing-at-all" });
        target
            .replace("{id}", "0190b0a5-7c1e-7d2e-8a53-0a4c1c1f2b3d")
            .replace("{file}", "no-secret.ics")
            .replace("{collection}", "nations")
            .replace("{secret}", "no-secret")
            .replace("{what}", "entity")
    }

    /// The media type of the body, where there is one.
    fn media_type(&self) -> Option<&str> {
        Some(self.content["requestBody"]["content"].as_object()?.keys().next()?.as_str())
    }
}
