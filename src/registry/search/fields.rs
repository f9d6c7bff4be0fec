//! Which fields of a kind of record are searched.

use serde_json::Value;

/// Which fields of a kind are searched: texts, and lists of texts, of which each counts as a field.
#[derive(Clone, Copy, Debug)]
pub struct SearchFields {
    /// The field that a result is shown by.
    pub title: &'static str,
    /// The names of a record: matches in them come first.
    pub names: &'static [&'static str],
    /// The descriptions of a record.
    pub texts: &'static [&'static str],
}

/// The texts that a field holds.
pub(super) fn texts_of<'v>(document: &'v Value, field: &str) -> impl Iterator<Item = &'v str> {
    let value = document.get(field);
    let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    value.and_then(Value::as_str).into_iter().chain(list.iter().filter_map(Value::as_str))
}
