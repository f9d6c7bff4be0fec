//! A collection as CSV (RFC 4180: commas, CRLF, quotes where they are needed), a batch of records at a time, so that
//! memory does not grow with the registry: a file is written batch after batch, an HTTP answer streams them.

use std::io::Write;
use std::marker::PhantomData;

use serde_json::Value;

use super::cells;
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::registry::list::{self, Selection};
use crate::registry::query::Asked;
use crate::registry::{READ_ONLY, Resource, View};
use crate::values::Shape;

/// How many records a batch holds.
const BATCH: i64 = 500;

/// The columns of a collection: the written fields in the contract's order, then the derived ones. What only the
/// registry writes (version, timestamps) comes when it is asked for by name.
pub fn columns<R: Resource>() -> Vec<&'static str> {
    R::FIELDS.iter().map(|field| field.name).chain(R::DERIVED.iter().map(|field| field.name)).collect()
}

fn shape_of<R: Resource>(column: &str) -> Shape {
    let [version, ..] = READ_ONLY;
    match R::FIELDS.iter().find(|field| field.name == column) {
        Some(field) => field.shape,
        None if column == version => Shape::Integer,
        None => Shape::Text,
    }
}

/// The CSV of a collection, in batches.
#[derive(Debug)]
pub struct CsvBatches<R> {
    columns: Vec<(&'static str, Shape)>,
    names: Vec<&'static str>,
    selection: Selection,
    remaining: i64,
    begun: bool,
    done: bool,
    rows: u64,
    kind: PhantomData<fn() -> R>,
}

impl<R: Resource> CsvBatches<R> {
    /// The records that are asked for, in this order (by code where it is empty), at most `limit` of them.
    pub fn new(asked: Asked, sort: Vec<(&'static str, bool)>, limit: Option<i64>, columns: Vec<&'static str>) -> Self {
        Self {
            columns: columns.iter().map(|&name| (name, shape_of::<R>(name))).collect(),
            names: columns,
            selection: Selection { asked, sort, after: None, limit: BATCH },
            remaining: limit.unwrap_or(i64::MAX),
            begun: false,
            done: false,
            rows: 0,
            kind: PhantomData,
        }
    }

    /// Every record, in the order of the codes, in the columns of [`columns`].
    pub fn whole(asked: Asked) -> Self {
        Self::new(asked, Vec::new(), None, columns::<R>())
    }

    /// How many records have been written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The next piece of the file, the first with the header; `None` at its end.
    ///
    /// # Errors
    /// What the database says.
    pub fn next_batch(&mut self, conn: &mut DbConn) -> Result<Option<Vec<u8>>> {
        if self.done {
            return Ok(None);
        }
        let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        if !self.begun {
            csv.write_record(&self.names).map_err(unwritable)?;
            self.begun = true;
        }
        self.selection.limit = self.remaining.min(BATCH);
        let (items, next) = list::page::<R>(conn, &self.selection)?;
        for stored in &items {
            let view = View { stored, day: R::day(&self.selection.asked), fields: Some(&self.names), expanded: None };
            let document = serde_json::to_value(view).map_err(unwritable)?;
            let cell = |(name, shape): &(&str, Shape)| cells::print(*shape, document.get(name).unwrap_or(&Value::Null));
            csv.write_record(self.columns.iter().map(cell)).map_err(unwritable)?;
        }
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        self.rows += items.len() as u64;
        self.remaining = self.remaining.saturating_sub(count);
        self.done = next.is_none() || self.remaining == 0;
        self.selection.after = next;
        csv.into_inner().map(Some).map_err(|error| unwritable(error.into_error()))
    }

    /// Writes the whole file; tells how many records it holds. `written` hears after each batch.
    ///
    /// # Errors
    /// What the database or the writer says.
    pub fn write_to(mut self, conn: &mut DbConn, out: &mut dyn Write, written: &mut dyn FnMut(u64)) -> Result<u64> {
        while let Some(batch) = self.next_batch(conn)? {
            out.write_all(&batch).map_err(|error| super::export::file_failed("the file cannot be written", error))?;
            written(self.rows);
        }
        Ok(self.rows)
    }
}

fn unwritable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("a record cannot be written as CSV", error)
}
