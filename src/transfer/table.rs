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

/// The properties of a format, for the choice among formats and for the OpenAPI document.
#[derive(Debug)]
pub struct FormatInfo {
    /// The name, as `format=` and the end of a file's name have it.
    pub name: &'static str,
    /// The media type.
    pub media_type: &'static str,
    /// The name of its schema.
    pub schema: &'static str,
    /// A description of the file.
    pub about: &'static str,
    /// True if the file is a text.
    pub is_text: bool,
    /// True if a row shows what `expand` adds.
    pub expands: bool,
}

impl TableFormat {
    /// The formats that tables are offered in.
    pub const OFFERED: [Self; 4] = [Self::Csv, Self::Ndjson, Self::Xlsx, Self::Parquet];

    /// Its properties.
    pub fn info(self) -> FormatInfo {
        match self {
            Self::Csv | Self::ExcelCsv => FormatInfo {
                name: "csv",
                media_type: "text/csv",
                schema: "CsvFile",
                about: "RFC 4180, UTF-8, one header row. Entries of a list are separated by `;`, a role follows a colon: \
             `US:lead;IN:partner`. A cell that begins with `= + - @ '`, a tab or a carriage return has one `'` in front, \
             which an import takes off again. With `dialect=excel`: a byte order mark, and `;` between the columns.",
                is_text: true,
                expands: false,
            },
            Self::Ndjson => FormatInfo {
                name: "ndjson",
                media_type: "application/x-ndjson",
                schema: "NdjsonFile",
                about: "A record a line, as JSON, with what `expand` adds.",
                is_text: true,
                expands: true,
            },
            Self::Xlsx => FormatInfo {
                name: "xlsx",
                media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                schema: "XlsxFile",
                about: "An Excel workbook of one sheet with a header row. Numbers and full dates are cells of their type, everything \
             else is text, also what looks like a formula. A cell holds 32,767 characters: one that does not hold its list whole \
             says so, and a second sheet, `links`, has all entries of that list, one a row (`row`, the first column, `column`, \
             `value`, `role`). An import refuses such a cell.",
                is_text: false,
                expands: false,
            },
            Self::Parquet => FormatInfo {
                name: "parquet",
                media_type: "application/vnd.apache.parquet",
                schema: "ParquetFile",
                about: "Apache Parquet, where the program was built with it (`--features parquet`, as the container image is); else a 400. \
             Lists are LIST, those of entries with a role LIST of STRUCT. A date `d` stays a text, as it is known; \
             beside it are `d_from` \
             and `d_to`, its first and its last day as DATE, and `d_precision`: `year`, `month` or `day`.",
                is_text: false,
                expands: false,
            },
        }
    }

    /// Tells whether the program was built with it.
    pub fn is_built_in(self) -> bool {
        self != Self::Parquet || cfg!(feature = "parquet")
    }

    /// Begins a table. Rows are written to `out`, all of them once the table is finished.
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
