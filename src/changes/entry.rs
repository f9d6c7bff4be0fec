//! A change as the API shows it, with its effect on each field.

use diesel::dsl::{AsSelect, IntoBoxed, Select, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use serde_json::{Map, Value, json};

use super::log::{Action, Change};
use crate::db::schema::changes;
use crate::db::{DbBackend, DbConn};
use crate::error::Result;

/// A change with the document that it replaced.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Entry {
    /// The change.
    pub change: Change,
    /// The record before an update. JSON.
    pub(super) before: Option<String>,
}

/// The rows of the log as entries. The document before comes with each row, by the index `changes_by_record`.
pub(super) type Entries<'a> =
    IntoBoxed<'a, Select<changes::table, (AsSelect<Change, DbBackend>, SqlLiteral<Nullable<Text>>)>, DbBackend>;

pub(super) fn entries<'a>() -> Entries<'a> {
    let before = sql::<Nullable<Text>>(
        "CASE WHEN changes.action = 'updated' THEN (SELECT earlier.document FROM changes AS earlier \
         WHERE earlier.resource = changes.resource AND earlier.key = changes.key \
         AND earlier.revision < changes.revision ORDER BY earlier.revision DESC LIMIT 1) END",
    );
    changes::table.select((Change::as_select(), before)).into_boxed()
}

impl Entry {
    /// Returns the record before an update.
    ///
    /// # Errors
    /// [`crate::error::Error::Internal`] when the log has been tampered with.
    pub fn before(&self) -> Result<Option<Value>> {
        self.before.as_ref().map(|document| self.change.parse(document)).transpose()
    }

    /// Returns the change as clients see it.
    ///
    /// # Errors
    /// [`crate::error::Error::Internal`] when the log has been tampered with.
    pub fn view(&self) -> Result<Value> {
        let change = &self.change;
        let document = change.document()?;
        let before = self.before()?;
        let changed = match change.action {
            Action::Created => differences(None, Some(&document)),
            Action::Updated => differences(before.as_ref(), Some(&document)),
            Action::Deleted => differences(Some(&document), None),
        };
        Ok(json!({
            "revision": change.revision,
            "at": change.at,
            "actor": change.actor,
            "action": change.action,
            "resource": change.resource,
            "key": change.key,
            "batch": change.batch,
            "document": document,
            "changed": changed,
            "restored_from": change.restored_from,
            "hash": change.hash,
        }))
    }
}

/// Returns the fields that differ between two documents. Where there is none, every field of it is null; a field that a
/// document lacks is null, too, and an empty list is as good as none.
pub fn differences(before: Option<&Value>, after: Option<&Value>) -> Vec<Value> {
    let (none, null) = (Map::new(), Value::Null);
    let before = before.and_then(Value::as_object).unwrap_or(&none);
    let after = after.and_then(Value::as_object).unwrap_or(&none);
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    after
        .keys()
        .chain(gone)
        .map(|name| (name, before.get(name).unwrap_or(&null), after.get(name).unwrap_or(&null)))
        .filter(|(_, before, after)| before != after && !(nothing(before) && nothing(after)))
        .map(|(name, before, after)| json!({ "field": name, "before": before, "after": after }))
        .collect()
}

/// Returns the changes of one record up to the revision `newest`, newest first.
///
/// # Errors
/// Errors of the database.
pub fn history(conn: &mut DbConn, resource: &str, key: &str, newest: i64, limit: i64) -> Result<Vec<Entry>> {
    Ok(entries()
        .filter(changes::resource.eq(resource))
        .filter(changes::key.eq(key))
        .filter(changes::revision.le(newest))
        .order(changes::revision.desc())
        .limit(limit)
        .load(conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_field_by_field() {
        let before = json!({ "code": "x", "name": "X", "url": null, "areas": ["a"], "old": 1, "lists": [] });
        let after = json!({ "code": "x", "name": "Y", "url": "http://x", "areas": ["a"], "lists": null, "new": [] });
        let entry =
            |field: &str, before: Value, after: Value| json!({ "field": field, "before": before, "after": after });
        let updated = [
            entry("name", json!("X"), json!("Y")),
            entry("url", Value::Null, json!("http://x")),
            entry("old", json!(1), Value::Null),
        ];
        assert_eq!(differences(Some(&before), Some(&after)), updated);
        assert_eq!(differences(Some(&before), Some(&before)), Vec::<Value>::new());
        let created = differences(None, Some(&before));
        let names: Vec<_> = created.iter().map(|one| one["field"].as_str().unwrap()).collect();
        assert_eq!(names, ["code", "name", "areas", "old"]);
        assert_eq!(differences(Some(&before), None)[1], entry("name", json!("X"), Value::Null));
    }
}
