//! The result of an import: rows, records and fields.

use std::fmt;

use serde::Serialize;

use crate::registry::{Outcome, Resource};
use crate::values::Difference;

/// The result of an import, or of a dry run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows read.
    pub rows: u64,
    /// Records that were not there before.
    pub created: u64,
    /// Records that have changed.
    pub updated: u64,
    /// Records that were like this already.
    pub unchanged: u64,
    /// True if nothing was written.
    pub dry_run: bool,
    /// The fields that are not what they were, in the order of the collection.
    pub fields: Vec<FieldReport>,
}

/// In how many records a field is not what it was. All fields of a new record were empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FieldReport {
    /// Its name.
    pub field: &'static str,
    /// Where it was empty.
    pub set: u64,
    /// Where it had another value.
    pub changed: u64,
    /// Where it is empty now.
    pub emptied: u64,
}

impl Report {
    /// Nothing done yet, for records of a kind.
    pub(super) fn of<R: Resource>(dry_run: bool) -> Self {
        let fields = R::FIELDS.iter().map(|field| FieldReport { field: field.name, set: 0, changed: 0, emptied: 0 });
        Self { dry_run, fields: fields.collect(), ..Self::default() }
    }

    /// Counts a record.
    pub(super) fn count<R: Resource>(&mut self, before: Option<&R>, after: &R) -> Outcome {
        let mut different = false;
        after.compare(before, &mut |name, difference| {
            different = true;
            if let Some(field) = self.fields.iter_mut().find(|field| field.field == name) {
                match difference {
                    Difference::Set => field.set += 1,
                    Difference::Changed => field.changed += 1,
                    Difference::Emptied => field.emptied += 1,
                }
            }
        });
        let (outcome, count) = match (before, different) {
            (None, _) => (Outcome::Created, &mut self.created),
            (Some(_), true) => (Outcome::Updated, &mut self.updated),
            (Some(_), false) => (Outcome::Unchanged, &mut self.unchanged),
        };
        *count += 1;
        outcome
    }

    /// Returns the report without the fields that are what they were.
    pub(super) fn finish(mut self) -> Self {
        self.fields.retain(|field| field.set + field.changed + field.emptied > 0);
        self
    }

    /// Returns the fields as a table for people; empty where there are none.
    pub fn table(&self) -> String {
        if self.fields.is_empty() {
            return String::new();
        }
        let width = self.fields.iter().map(|field| field.field.len()).max().unwrap_or(0).max("field".len());
        let mut table = format!("  {:width$} {:>9} {:>9} {:>9}", "field", "set", "changed", "emptied");
        for FieldReport { field, set, changed, emptied } in &self.fields {
            table += &format!("\n  {field:width$} {set:>9} {changed:>9} {emptied:>9}");
        }
        table
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, created, updated, unchanged, .. } = self;
        write!(f, "{rows} rows, {created} created, {updated} updated, {unchanged} unchanged")?;
        if self.dry_run { write!(f, " (dry run)") } else { Ok(()) }
    }
}
