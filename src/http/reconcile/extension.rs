//! The properties of a collection's records: its fields, as cells.

use serde_json::{Value, json};

use crate::registry::resolve::Names;
use crate::registry::{Resource, ResourceVisitor, visit_resource};
use crate::values::fold::fold;

/// A property.
pub(super) struct Property {
    pub(super) id: &'static str,
    pub(super) doc: &'static str,
}

/// Returns the properties of a collection.
pub(super) fn properties(collection: &str) -> Vec<Property> {
    struct Properties;
    impl ResourceVisitor for Properties {
        type Output = Vec<Property>;

        fn visit<R: Resource>(&mut self) -> Vec<Property> {
            let own = R::FIELDS.iter().map(|field| Property { id: field.name, doc: field.doc.trim() });
            let derived = R::DERIVED.iter().map(|field| Property { id: field.name, doc: field.doc });
            own.chain(derived).collect()
        }
    }
    visit_resource(collection, &mut Properties).unwrap_or_default()
}

/// Returns the title that a record is shown by.
pub(super) fn title(record: &Value, field: &str) -> String {
    record.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl Property {
    /// Returns the name in words.
    pub(super) fn name(&self) -> String {
        self.id.replace('_', " ")
    }

    /// Returns the values that a record has, as texts: of a part in something, what plays it.
    pub(super) fn texts(&self, record: &Value) -> Vec<String> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Object(fields) => fields.values().next().and_then(Value::as_str).map(str::to_owned),
            Value::Null | Value::Array(_) => None,
        };
        match record.get(self.id) {
            Some(Value::Array(values)) => values.iter().filter_map(text).collect(),
            value => value.and_then(text).into_iter().collect(),
        }
    }

    /// Returns the values as cells of a table.
    pub(super) fn cells(&self, record: &Value) -> Value {
        match record.get(self.id) {
            Some(Value::Number(number)) => json!([{ "float": number }]),
            _ => self.texts(record).into_iter().map(|text| json!({ "str": text })).collect(),
        }
    }

    /// Tells whether a record has one of these values; a nation may be called by any of its names. Nothing is known
    /// where the record, or the request, has none.
    pub(super) fn agrees(&self, record: &Value, wanted: &[String], nations: &Names) -> Option<bool> {
        let values = self.texts(record);
        if values.is_empty() || wanted.is_empty() {
            return None;
        }
        let of_nations = ["nation", "nations"].contains(&self.id);
        let same = |value: &String, wanted: &String| {
            fold(value) == fold(wanted) || (of_nations && nations.only(&fold(wanted)) == Some(value.as_str()))
        };
        Some(values.iter().any(|value| wanted.iter().any(|wanted| same(value, wanted))))
    }
}
