//! Two who edit the same record at once: what it was, what it is now, what this one wanted.

use serde_json::{Map, Value};

use crate::pages::cells::{Cell, parts};
use crate::pages::frame::Context;
use crate::pages::kinds::{FieldView, KindView};

/// A field that the other editor changed.
pub(super) struct Clash {
    pub(super) field: String,
    /// The value before, the value now, the value that this editor wanted.
    pub(super) cells: [Cell; 3],
    /// True if both changed it, differently.
    pub(super) both: bool,
}

/// Returns the value of a field; none, null and an empty list are alike.
fn value<'a>(document: &'a Map<String, Value>, name: &str) -> &'a Value {
    let value = document.get(name).unwrap_or(&Value::Null);
    if value.as_array().is_some_and(Vec::is_empty) { &Value::Null } else { value }
}

/// Tells whether two values are the same once they are saved: a text without the space around it.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) => one.trim().replace("\r\n", "\n") == other.trim().replace("\r\n", "\n"),
        _ => one == other,
    }
}

fn written(kind: &KindView) -> impl Iterator<Item = &FieldView> {
    kind.fields.iter().filter(|field| !field.derived)
}

/// Returns the fields that the other editor changed.
pub(super) fn clashes(
    context: &Context,
    kind: &KindView,
    was: &Map<String, Value>,
    now: &Map<String, Value>,
    yours: &Map<String, Value>,
) -> Vec<Clash> {
    let changed = |field: &&FieldView| !same(value(was, field.name), value(now, field.name));
    let cell = |field: &FieldView, label: &str, document: &Map<String, Value>| {
        Cell::of(context.t.get(label), parts(context, kind, &Value::Null, field, value(document, field.name)))
    };
    written(kind)
        .filter(changed)
        .map(|field| {
            let (own, theirs) = (value(yours, field.name), value(now, field.name));
            Clash {
                field: context.t.field(field.name),
                cells: [
                    cell(field, "conflict-was", was),
                    cell(field, "conflict-now", now),
                    cell(field, "conflict-yours", yours),
                ],
                both: !same(own, value(was, field.name)) && !same(own, theirs),
            }
        })
        .collect()
}

/// Merges the values that this editor wanted with those of the other editor in fields that this one did not change.
pub(super) fn merged(
    kind: &KindView,
    was: &Map<String, Value>,
    now: &Map<String, Value>,
    yours: &Map<String, Value>,
) -> Map<String, Value> {
    let one = |field: &FieldView| {
        let untouched = same(value(yours, field.name), value(was, field.name));
        let from = if untouched { now } else { yours };
        (field.name.to_owned(), value(from, field.name).clone())
    };
    written(kind).map(one).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pages::kinds;

    #[test]
    fn what_one_did_not_touch_is_taken_over_and_what_one_did_is_kept() {
        let map = |value: Value| value.as_object().unwrap().clone();
        let was = map(json!({ "code": "a", "name": "A", "summary": "s", "areas": ["x"], "acronym": null }));
        let now = map(json!({ "code": "a", "name": "A", "summary": "theirs", "areas": ["x", "y"], "acronym": "AA" }));
        let yours = map(json!({ "code": "a", "name": "B", "summary": "mine", "areas": ["x"], "acronym": null }));
        let merged = merged(kinds::of("projects").unwrap(), &was, &now, &yours);
        assert_eq!(merged["name"], "B");
        assert_eq!(merged["summary"], "mine");
        assert_eq!(merged["areas"], json!(["x", "y"]));
        assert_eq!(merged["acronym"], "AA");
    }
}
