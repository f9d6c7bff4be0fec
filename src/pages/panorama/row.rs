//! A row of `GET /partnerships`, as the pictures read it.

use serde_json::Value;

use crate::pages::cells::title;
use crate::pages::texts::Texts;

/// A row of `GET /partnerships`.
#[derive(Clone, Copy)]
pub(super) struct Row<'a>(&'a Value);

impl<'a> Row<'a> {
    pub(super) fn of(row: &'a Value) -> Self {
        Self(row)
    }

    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    pub(super) fn count(self, name: &str) -> i64 {
        self.0.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    pub(super) fn code(self) -> &'a str {
        self.text("nation").unwrap_or_default()
    }

    pub(super) fn partner_type(self) -> Option<&'a str> {
        self.text("partner_type")
    }

    pub(super) fn projects(self) -> i64 {
        self.count("projects")
    }

    pub(super) fn active(self) -> i64 {
        self.count("active_projects")
    }

    pub(super) fn name(self, t: Texts) -> String {
        title(t, self.0)
    }

    pub(super) fn in_area(self, area: &str) -> i64 {
        let areas = self.0.get("areas").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let found = areas.iter().find(|one| one.get("area").and_then(Value::as_str) == Some(area));
        found.and_then(|one| one.get("projects")?.as_i64()).unwrap_or_default()
    }
}
