//! The history of a record, field by field.

use serde_json::Value;

use crate::pages::cells::{Cell, parts};
use crate::pages::frame::Context;
use crate::pages::kinds::KindView;

/// The number of changes that a page shows.
pub(super) const SHOWN: usize = 20;

/// A change of a record.
pub(super) struct Change {
    /// The action, and its author.
    pub(super) what: String,
    /// When, for people and for programs.
    pub(super) at: (String, String),
    /// In which revision.
    pub(super) revision: String,
    /// The state right after it.
    pub(super) then: String,
    /// The differences.
    pub(super) fields: Vec<Difference>,
}

/// A field that differs.
pub(in crate::pages) struct Difference {
    pub(in crate::pages) field: String,
    pub(in crate::pages) before: Cell,
    pub(in crate::pages) after: Cell,
}

/// Returns a change, as the API tells it; `item` is the record, with the names of what it names.
pub(super) fn change(context: &Context, kind: &KindView, item: &Value, entry: &Value) -> Change {
    let t = context.t;
    let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
    let revision = entry.get("revision").and_then(Value::as_i64).unwrap_or_default();
    let action = text("action");
    let key = match entry.get("restored_from").and_then(Value::as_i64) {
        Some(_) => "history-restored".to_owned(),
        None => format!("history-{action}"),
    };
    let changed = entry.get("changed").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    // Of a record that is new every field differs: the facts say them.
    let shown = if action == "updated" { changed } else { &[] };
    let at = text("at");
    Change {
        what: t.with(&key, &[("actor", text("actor"))], &[]),
        at: (t.time(at), at.to_owned()),
        revision: t.n("as-of-revision", revision),
        then: super::super::links::Links { as_of: Some(format!("r{revision}")), ..context.links.clone() }
            .to(&context.path),
        fields: shown.iter().map(|difference| self::difference(context, kind, item, difference)).collect(),
    }
}

/// Returns a field that differs; `record` has the names of what it names.
pub(in crate::pages) fn difference(
    context: &Context,
    kind: &KindView,
    record: &Value,
    difference: &Value,
) -> Difference {
    let name = difference.get("field").and_then(Value::as_str).unwrap_or_default();
    let side = |side: &str| {
        let value = difference.get(side).unwrap_or(&Value::Null);
        let shown = match kind.field(name) {
            Some(field) => parts(context, kind, record, field, value),
            None => value.as_str().map(crate::pages::cells::linked).unwrap_or_default(),
        };
        Cell::of(context.t.get(&format!("history-{side}")), shown)
    };
    Difference { field: context.t.field(name), before: side("before"), after: side("after") }
}
