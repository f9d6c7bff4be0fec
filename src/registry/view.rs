//! A record as it is shown: its fields, those that are derived for a day, what the registry knows, what is expanded.

use chrono::NaiveDate;
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::resource::Resource;
use super::stored::{READ_ONLY, Stored};

/// A record as it is shown.
#[derive(Debug)]
pub struct View<'a, R> {
    /// The record.
    pub stored: &'a Stored<R>,
    /// The day that derived fields are about.
    pub day: NaiveDate,
    /// The fields to show; all when `None`.
    pub fields: Option<&'a [&'static str]>,
    /// The content of `expanded`.
    pub expanded: Option<Map<String, Value>>,
}

impl<'a, R: Resource> View<'a, R> {
    /// Returns the whole record.
    pub fn full(stored: &'a Stored<R>, day: NaiveDate) -> Self {
        Self { stored, day, fields: None, expanded: None }
    }

    /// Returns the JSON of the whole record; `None` if it depends on the day.
    pub(super) fn json_of(stored: &Stored<R>) -> Option<Box<RawValue>> {
        let view = View { stored, day: NaiveDate::MIN, fields: None, expanded: None };
        if R::DERIVED.is_empty() { serde_json::value::to_raw_value(&view).ok() } else { None }
    }
}

impl<R: Resource> Serialize for View<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let (Some(json), None, None) = (&self.stored.json.0, self.fields, &self.expanded) {
            return json.serialize(serializer);
        }
        let wanted = |name: &str| self.fields.is_none_or(|fields| fields.contains(&name));
        let mut map = serializer.serialize_map(None)?;
        self.stored.record.serialize_fields(&mut map, &wanted)?;
        for field in R::DERIVED.iter().filter(|field| wanted(field.name)) {
            map.serialize_entry(field.name, &(field.value)(&self.stored.record, self.day))?;
        }
        let [version, created_at, updated_at] = READ_ONLY;
        if wanted(version) {
            map.serialize_entry(version, &self.stored.version)?;
        }
        if wanted(created_at) {
            map.serialize_entry(created_at, &self.stored.created_at)?;
        }
        if wanted(updated_at) {
            map.serialize_entry(updated_at, &self.stored.updated_at)?;
        }
        if let Some(expanded) = &self.expanded {
            map.serialize_entry(EXPANDED, expanded)?;
        }
        map.end()
    }
}

/// The field in which [`View`] puts expanded records.
pub const EXPANDED: &str = "expanded";

/// Returns the names of what a client may send back with a record, and what is then ignored: what the service makes
/// itself.
pub fn ignored_fields<R: Resource>() -> impl Iterator<Item = &'static str> {
    let expanded = (R::expands()).then_some(EXPANDED);
    READ_ONLY.into_iter().chain(R::DERIVED.iter().map(|field| field.name)).chain(expanded)
}

/// Returns the names of everything that a record shows, in order.
pub fn field_names<R: Resource>() -> Vec<&'static str> {
    let own = R::FIELDS.iter().map(|field| field.name);
    own.chain(R::DERIVED.iter().map(|field| field.name)).chain(READ_ONLY).collect()
}
