//! A table in any of the formats that tables have: columns, then rows, which are JSON objects.
//!
//! Whoever has rows to show says what the columns are and hands the rows over one by one; nothing is kept, so that
//! memory does not grow with the table:
//!
//! ```
//! use partnership_registry::transfer::{Column, TableFormat};
//! use partnership_registry::values::Shape;
//! use serde_json::json;
//!
//! let columns = vec![
//!     Column::new("nation", Shape::Text),
//!     Column::at("on_track", "/ratings/on_track", Shape::Integer),
//!     Column::new("areas", Shape::Pairs { key: "area", role: "projects" }),
//! ];
//! let mut file = Vec::new();
//! let mut table = TableFormat::Csv.open(columns, &mut file).unwrap();
//! table.row(&json!({"nation": "IN", "ratings": {"on_track": 3}, "areas": [{"area": "climate", "projects": 2}]})).unwrap();
//! table.finish().unwrap();
//! assert_eq!(file, b"nation,on_track,areas\r\nIN,3,climate:2\r\n");
//! ```
//!
//! CSV and XLSX show the columns; an NDJSON line is the whole row.

use std::io::Write;

use serde_json::Value;

use super::cells;
use super::xlsx::Xlsx;
use crate::error::{Error, Result};
use crate::values::Shape;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What stands in the header.
    pub name: String,
    /// Where the value stands in a row, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// How the value becomes a cell.
    pub shape: Shape,
}

impl Column {
    /// A column of the field of the same name.
    pub fn new(name: &str, shape: Shape) -> Self {
        Self::at(name, &format!("/{name}"), shape)
    }

    /// A column of what stands at a JSON Pointer.
    pub fn at(name: &str, pointer: &str, shape: Shape) -> Self {
        Self { name: name.to_owned(), pointer: pointer.to_owned(), shape }
    }

    /// The column's value in a row; null where there is none.
    pub fn value<'a>(&self, row: &'a Value) -> &'a Value {
        row.pointer(&self.pointer).unwrap_or(&Value::Null)
    }
}

/// A format that any table can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// RFC 4180: commas, CRLF, quotes where they are needed, one header row.
    Csv,
    /// The same with a byte order mark and `;`, which a spreadsheet opens as it is where the comma is the decimal sign.
    ExcelCsv,
    /// A JSON object a line.
    Ndjson,
    /// An Excel workbook of one sheet.
    Xlsx,
}

impl TableFormat {
    /// Begins a table. What is written goes to `out`, all of it once the table is finished.
    ///
    /// # Errors
    /// What the writer says.
    pub fn open<'w>(self, columns: Vec<Column>, out: &'w mut (dyn Write + Send)) -> Result<Box<dyn Table + 'w>> {
        Ok(match self {
            Self::Csv => Box::new(Csv::begin(columns, b',', out)?),
            Self::ExcelCsv => {
                out.write_all("\u{feff}".as_bytes()).map_err(unwritable)?;
                Box::new(Csv::begin(columns, b';', out)?)
            }
            Self::Ndjson => Box::new(Ndjson { out }),
            Self::Xlsx => Box::new(Xlsx::begin(columns, out)?),
        })
    }
}

/// A table that is being written.
pub trait Table {
    /// Adds a row.
    ///
    /// # Errors
    /// What the writer says; a row more than the format holds.
    fn row(&mut self, row: &Value) -> Result<()>;

    /// Completes the file.
    ///
    /// # Errors
    /// What the writer says.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// What a failed write of a table is.
pub(super) fn unwritable(error: std::io::Error) -> Error {
    Error::file("a table cannot be written", error)
}

struct Csv<'w> {
    columns: Vec<Column>,
    csv: csv::Writer<&'w mut (dyn Write + Send)>,
}

impl<'w> Csv<'w> {
    fn begin(columns: Vec<Column>, delimiter: u8, out: &'w mut (dyn Write + Send)) -> Result<Self> {
        let mut csv = csv::WriterBuilder::new().delimiter(delimiter).terminator(csv::Terminator::CRLF).from_writer(out);
        csv.write_record(columns.iter().map(|column| &column.name)).map_err(csv_failed)?;
        Ok(Self { columns, csv })
    }
}

fn csv_failed(error: csv::Error) -> Error {
    unwritable(error.into())
}

impl Table for Csv<'_> {
    fn row(&mut self, row: &Value) -> Result<()> {
        let cells = self.columns.iter().map(|column| cells::print(column.shape, column.value(row)));
        self.csv.write_record(cells).map_err(csv_failed)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.csv.flush().map_err(unwritable)
    }
}

struct Ndjson<'w> {
    out: &'w mut (dyn Write + Send),
}

impl Table for Ndjson<'_> {
    fn row(&mut self, row: &Value) -> Result<()> {
        serde_json::to_writer(&mut *self.out, row).map_err(|error| unwritable(error.into()))?;
        self.out.write_all(b"\n").map_err(unwritable)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.out.flush().map_err(unwritable)
    }
}
