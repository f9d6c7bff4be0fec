//! The columns of a table, and how a table is written row by row.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::values::CellFormat;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The text of the header.
    pub name: String,
    /// The place of the value in a row, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// The form of its cell.
    pub shape: CellFormat,
}

impl Column {
    /// Makes a column of the field of the same name.
    pub fn new(name: &str, shape: CellFormat) -> Self {
        Self::at(name, &format!("/{name}"), shape)
    }

    /// Makes a column of the values at a JSON Pointer.
    pub fn at(name: &str, pointer: &str, shape: CellFormat) -> Self {
        Self { name: name.to_owned(), pointer: pointer.to_owned(), shape }
    }

    /// Returns the column's value in a row; null where there is none.
    pub fn value<'a>(&self, row: &'a Value) -> &'a Value {
        row.pointer(&self.pointer).unwrap_or(&Value::Null)
    }
}

/// A table that is being written.
pub trait Table {
    /// Adds a row.
    ///
    /// # Errors
    /// Errors of the writer; a row more than the format holds.
    fn row(&mut self, row: &Value) -> Result<()>;

    /// Completes the file.
    ///
    /// # Errors
    /// Errors of the writer.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// Turns a failed write of a table into an error.
pub(super) fn unwritable(error: std::io::Error) -> Error {
    Error::file("a table cannot be written", error)
}
