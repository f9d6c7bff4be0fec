//! References: codes in a document that name other records.

use serde_json::Value;

use crate::error::Defect;

/// A code in a record that must exist in a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its place in the document.
    pub pointer: String,
    /// The collection it must exist in.
    pub to: &'static str,
    /// The code.
    pub code: String,
}

impl Reference {
    /// Returns the defect that it refers to nothing.
    pub fn unknown(&self) -> Defect {
        let detail = format!("there is no {} among the {}", crate::values::quote(&self.code), self.to);
        Defect::pointer(self.pointer.clone(), "unknown_reference", detail)
    }
}

/// Returns the references in a document, whether or not it is a valid record: every text at one of the places.
pub fn references_in(places: &[(&str, &'static str)], document: &Value) -> Vec<Reference> {
    let mut references = Vec::new();
    for (place, to) in places {
        let mut at = vec![(String::new(), document)];
        for step in place.split('/').skip(1) {
            at = at.into_iter().flat_map(|(pointer, value)| descend(&pointer, value, step)).collect();
        }
        let codes =
            at.into_iter().filter_map(|(pointer, value)| Some((pointer, value.as_str().filter(|c| !c.is_empty())?)));
        references.extend(codes.map(|(pointer, code)| Reference { pointer, to, code: code.to_owned() }));
    }
    references
}

fn descend<'v>(pointer: &str, value: &'v Value, step: &str) -> Vec<(String, &'v Value)> {
    match (step, value) {
        ("*", Value::Array(items)) => {
            items.iter().enumerate().map(|(index, item)| (format!("{pointer}/{index}"), item)).collect()
        }
        (field, Value::Object(fields)) => {
            fields.get(field).map(|value| (format!("{pointer}/{field}"), value)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}
