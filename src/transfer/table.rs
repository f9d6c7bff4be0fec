//! A table in any of the formats that tables have: columns, then rows, which are JSON objects.
//!
//! A caller that has rows to show names the columns and hands over the rows one by one. Nothing is kept, so that
//! memory does not grow with the table:
//!
//! ```
//! use partnership_registry::transfer::{Column, TableFormat};
//! use partnership_registry::values::CellFormat;
//! use serde_json::json;
//!
//! let columns = vec![
//!     Column::new("nation", CellFormat::Text),
//!     Column::at("on_track", "/ratings/on_track", CellFormat::Integer),
//!     Column::new("areas", CellFormat::Pairs { key: "area", role: "projects" }),
//! ];
//! let mut file = Vec::new();
//! let mut table = TableFormat::Csv.open(columns, &mut file).unwrap();
//! let areas = json!([{"area": "climate", "projects": 2}]);
//! table.row(&json!({"nation": "IN", "ratings": {"on_track": 3}, "areas": areas})).unwrap();
//! table.finish().unwrap();
//! assert_eq!(file, b"nation,on_track,areas\r\nIN,3,climate:2\r\n");
//! ```
//!
//! CSV, XLSX and Parquet show the columns; an NDJSON line is the whole row.

use std::io::Write;

use serde_json::Value;

use super::cells;
use super::column::{Column, Table, unwritable};
use super::xlsx::Xlsx;
use crate::error::{Error, Result};

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
    /// Apache Parquet, where the program was built with it.
    Parquet,
}

/// The message where Parquet is asked for and is not built in.
pub const WITHOUT_PARQUET: &str = "this program was built without Parquet: build it with --features parquet";

impl TableFormat {
    /// Tells whether the program was built with it.
    pub fn is_built_in(self) -> bool {
        self != Self::Parquet || cfg!(feature = "parquet")
    }

    /// Begins a table. What is written goes to `out`, all of it once the table is finished.
    ///
    /// # Errors
    /// Errors of the writer.
    pub fn open<'w>(self, columns: Vec<Column>, out: &'w mut (dyn Write + Send)) -> Result<Box<dyn Table + 'w>> {
        Ok(match self {
            Self::Csv => Box::new(Csv::begin(columns, b',', out)?),
            Self::ExcelCsv => {
                out.write_all("\u{feff}".as_bytes()).map_err(unwritable)?;
                Box::new(Csv::begin(columns, b';', out)?)
            }
            Self::Ndjson => Box::new(Ndjson { out }),
            Self::Xlsx => Box::new(Xlsx::begin(columns, out)?),
            #[cfg(feature = "parquet")]
            Self::Parquet => Box::new(super::parquet::Parquet::begin(columns, out)?),
            #[cfg(not(feature = "parquet"))]
            Self::Parquet => return Err(Error::bad_parameter("format", "not_built_in", WITHOUT_PARQUET)),
        })
    }
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
