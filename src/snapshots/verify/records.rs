//! The records of the tables beside those of the log.

use std::cmp::Ordering;
use std::collections::VecDeque;

use chrono::NaiveDate;
use diesel::ExpressionMethods as _;
use serde_json::{Map, Value};

use super::finding::Finding;
use crate::changes::{Action, KeyRange, last_changes_by_key};
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::registry::query::{Condition, RowQuery};
use crate::registry::search::differences_of;
use crate::registry::{READ_ONLY, Resource, ResourceVisitor, Stored, View, recorded, visit_resource};

/// The number of records that are in memory at once, of each side.
const PAGE: i64 = 500;

/// Compares the records of a collection whose codes are in a range, and their rows of the search index. Tells how many
/// the tables hold.
pub(super) fn compare(
    conn: &mut DbConn,
    collection: &str,
    range: &KeyRange,
    found: &mut dyn FnMut(Finding),
) -> Result<u64> {
    let mut compare = Compare { conn, range, found, records: 0 };
    visit_resource(collection, &mut compare).transpose()?;
    Ok(compare.records)
}

struct Compare<'a> {
    conn: &'a mut DbConn,
    range: &'a KeyRange,
    found: &'a mut dyn FnMut(Finding),
    records: u64,
}

impl ResourceVisitor for Compare<'_> {
    type Output = Result<()>;

    /// Walks both sides in the order of codes, as a merge does.
    fn visit<R: Resource>(&mut self) -> Result<()> {
        let (mut table, mut log) = (Side::<R>::of(self.range), Side::<R>::of(self.range));
        loop {
            if let Err(error) = self.read_table(&mut table) {
                (self.found)(Finding::unreadable(R::COLLECTION, &error));
                return Ok(());
            }
            self.read_log(&mut log)?;
            let (in_table, in_log) = match (table.next(), log.next()) {
                (None, None) => return Ok(()),
                (Some(here), Some(there)) => match here.cmp(there) {
                    Ordering::Equal => (table.take(), log.take()),
                    Ordering::Less => (table.take(), None),
                    Ordering::Greater => (None, log.take()),
                },
                (Some(_), None) => (table.take(), None),
                (None, Some(_)) => (None, log.take()),
            };
            self.records += u64::from(in_table.is_some());
            self.differ(in_table.as_ref(), in_log.as_ref())?;
        }
    }
}

impl Compare<'_> {
    /// Reads records of the tables where none is left, and looks at their rows of the search index.
    fn read_table<R: Resource>(&mut self, side: &mut Side<R>) -> Result<()> {
        if !side.is_wanting() {
            return Ok(());
        }
        let mut conditions: Vec<Condition<R::Table>> = Vec::new();
        conditions
            .extend(side.range.after.iter().map(|code| -> Condition<_> { Box::new(R::code_key().gt(code.clone())) }));
        conditions
            .extend(side.range.upto.iter().map(|code| -> Condition<_> { Box::new(R::code_key().le(code.clone())) }));
        let records = R::load(self.conn, RowQuery::by_code(conditions, PAGE))?;
        match differences_of(self.conn, &records) {
            Ok(differences) => {
                differences.into_iter().for_each(|one| (self.found)(Finding::Search { detail: one.to_string() }));
            }
            Err(error) => (self.found)(Finding::unreadable("the search index", &error)),
        }
        side.go_on(records.len(), records.last().map(|stored| stored.record.code().to_owned()));
        side.read.extend(records);
        Ok(())
    }

    /// Reads records of the log where none is left. Pages of deleted ones have none.
    fn read_log<R: Resource>(&mut self, side: &mut Side<R>) -> Result<()> {
        while side.is_wanting() {
            let changes = last_changes_by_key(self.conn, R::COLLECTION, &side.range, PAGE)?;
            side.go_on(changes.len(), changes.last().map(|last| last.change.key.clone()));
            for last in changes.iter().filter(|last| last.change.action != Action::Deleted) {
                match recorded(last) {
                    Ok(stored) => side.read.push_back(stored),
                    Err(error) => {
                        (self.found)(Finding::Log { revision: last.change.revision, detail: error.to_string() });
                    }
                }
            }
        }
        Ok(())
    }

    fn differ<R: Resource>(&mut self, in_table: Option<&Stored<R>>, in_log: Option<&Stored<R>>) -> Result<()> {
        let mut tell = |code: &str, field, detail| {
            (self.found)(Finding::Record { collection: R::COLLECTION, code: code.to_owned(), field, detail });
        };
        match (in_table, in_log) {
            (Some(here), Some(there)) if here != there => {
                let (here_fields, there_fields) = (fields(here)?, fields(there)?);
                for field in R::FIELDS.iter().map(|field| field.name).chain(READ_ONLY) {
                    let (here_value, there_value) = (here_fields.get(field), there_fields.get(field));
                    if here_value != there_value {
                        let text = |value: Option<&Value>| value.map(ToString::to_string).unwrap_or_default();
                        let detail = format!("{} in the table, {} in the log", text(here_value), text(there_value));
                        tell(here.record.code(), Some(field), detail);
                    }
                }
            }
            (Some(here), None) => tell(here.record.code(), None, "in the table, not in the log".to_owned()),
            (None, Some(there)) => tell(there.record.code(), None, "in the log, not in the table".to_owned()),
            _ => {}
        }
        Ok(())
    }
}

fn fields<R: Resource>(stored: &Stored<R>) -> Result<Map<String, Value>> {
    // Derived fields follow from the others; any day will do.
    let view = serde_json::to_value(View::full(stored, NaiveDate::MIN));
    match view.map_err(|error| Error::internal("a record cannot be written as JSON", error))? {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Map::new()),
    }
}

/// The records of one side in the order of their codes, some of them in memory.
struct Side<R> {
    read: VecDeque<Stored<R>>,
    /// The range that is still to be read.
    range: KeyRange,
    finished: bool,
}

impl<R: Resource> Side<R> {
    fn of(range: &KeyRange) -> Self {
        Self { read: VecDeque::new(), range: range.clone(), finished: false }
    }

    /// Tells whether more is to be read before the next record is known.
    fn is_wanting(&self) -> bool {
        self.read.is_empty() && !self.finished
    }

    /// Goes on after a page of `rows` rows, the last one with this code.
    fn go_on(&mut self, rows: usize, last: Option<String>) {
        self.finished = i64::try_from(rows).is_ok_and(|rows| rows < PAGE);
        self.range.after = last.or_else(|| self.range.after.take());
    }

    /// Returns the code of the next record.
    fn next(&self) -> Option<&str> {
        self.read.front().map(|stored| stored.record.code())
    }

    fn take(&mut self) -> Option<Stored<R>> {
        self.read.pop_front()
    }
}
