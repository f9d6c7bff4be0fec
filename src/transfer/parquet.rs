//! A table as an Apache Parquet file, row group by row group: memory holds one of them, whatever the table's length.
//!
//! Columns have types. A list is a LIST, with a STRUCT for entries that have a role. A date `d` is as precise as it is
//! known, and so stays a text; beside it are `d_from` and `d_to`, its first and its last day as DATE, and
//! `d_precision`.

use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::{Date32Builder, Int64Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema};
use chrono::NaiveDate;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use super::cells;
use super::column::{Column, Table, unwritable};
use crate::error::Result;
use crate::values::{CellFormat, FromText as _, PartialDate};

/// The number of rows that are encoded at once.
const BATCH: usize = 1_024;
/// The number of batches that a row group has.
const BATCHES: usize = 8;

pub(super) struct Parquet<'w> {
    columns: Vec<(Column, Cells)>,
    schema: Arc<Schema>,
    rows: usize,
    batches: usize,
    writer: ArrowWriter<&'w mut (dyn Write + Send)>,
}

impl<'w> Parquet<'w> {
    pub(super) fn begin(columns: Vec<Column>, out: &'w mut (dyn Write + Send)) -> Result<Self> {
        let fields: Vec<Field> = columns.iter().flat_map(fields).collect();
        let schema = Arc::new(Schema::new(fields));
        let created_by = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned();
        let properties =
            WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by(created_by).build();
        let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties)).map_err(failed)?;
        let columns = columns.into_iter().map(|column| {
            let cells = Cells::of(column.shape);
            (column, cells)
        });
        Ok(Self { columns: columns.collect(), schema, rows: 0, batches: 0, writer })
    }

    /// Hands over the rows that were gathered.
    fn encode(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().flat_map(|(_, cells)| cells.finish()).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), arrays).map_err(failed)?;
        self.writer.write(&batch).map_err(failed)?;
        self.rows = 0;
        self.batches += 1;
        if self.batches.is_multiple_of(BATCHES) {
            self.writer.flush().map_err(failed)?;
        }
        Ok(())
    }
}

impl Table for Parquet<'_> {
    fn row(&mut self, row: &Value) -> Result<()> {
        for (column, cells) in &mut self.columns {
            cells.push(column.value(row));
        }
        self.rows += 1;
        if self.rows == BATCH { self.encode() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.encode()?;
        self.writer.close().map(drop).map_err(failed)
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> crate::error::Error {
    unwritable(std::io::Error::other(error))
}

/// Returns the fields of the file that a column fills.
fn fields(column: &Column) -> Vec<Field> {
    let name = &column.name;
    let text = |name: String| Field::new(name, DataType::Utf8, true);
    match column.shape {
        CellFormat::Text => vec![text(name.clone())],
        CellFormat::Integer => vec![Field::new(name, DataType::Int64, true)],
        CellFormat::Date => {
            let day = |end: &str| Field::new(format!("{name}_{end}"), DataType::Date32, true);
            vec![text(name.clone()), day("from"), day("to"), text(format!("{name}_precision"))]
        }
        CellFormat::Pair { key, role } => vec![text(format!("{name}_{key}")), text(format!("{name}_{role}"))],
        CellFormat::List => vec![Field::new(name, DataType::List(Arc::new(text("item".to_owned()))), true)],
        CellFormat::Pairs { key, role } => {
            let entry = DataType::Struct(pair_fields(key, role));
            vec![Field::new(name, DataType::List(Arc::new(Field::new("item", entry, true))), true)]
        }
    }
}

fn pair_fields(key: &str, role: &str) -> Fields {
    [key, role].into_iter().map(|name| Field::new(name, DataType::Utf8, true)).collect()
}

/// The cells of a column while a batch is gathered.
enum Cells {
    Text(StringBuilder),
    Integer(Int64Builder),
    Date { text: StringBuilder, from: Date32Builder, to: Date32Builder, precision: StringBuilder },
    Pair { key: (&'static str, StringBuilder), role: (&'static str, StringBuilder) },
    List(ListBuilder<StringBuilder>),
    Pairs { key: &'static str, role: &'static str, list: ListBuilder<StructBuilder> },
}

impl Cells {
    fn of(shape: CellFormat) -> Self {
        match shape {
            CellFormat::Text => Self::Text(StringBuilder::new()),
            CellFormat::Integer => Self::Integer(Int64Builder::new()),
            CellFormat::Date => Self::Date {
                text: StringBuilder::new(),
                from: Date32Builder::new(),
                to: Date32Builder::new(),
                precision: StringBuilder::new(),
            },
            CellFormat::Pair { key, role } => {
                Self::Pair { key: (key, StringBuilder::new()), role: (role, StringBuilder::new()) }
            }
            CellFormat::List => Self::List(ListBuilder::new(StringBuilder::new())),
            CellFormat::Pairs { key, role } => {
                Self::Pairs { key, role, list: ListBuilder::new(StructBuilder::from_fields(pair_fields(key, role), 0)) }
            }
        }
    }

    fn push(&mut self, value: &Value) {
        match self {
            Self::Text(cells) => cells.append_option(scalar(value)),
            Self::Integer(cells) => cells.append_option(value.as_i64()),
            Self::Date { text, from, to, precision } => {
                let written = value.as_str().filter(|text| !text.is_empty());
                let date = written.and_then(|text| PartialDate::parse(text).ok());
                text.append_option(written);
                from.append_option(date.as_ref().map(|date| days(date.first_day())));
                to.append_option(date.as_ref().map(|date| days(date.last_day())));
                precision.append_option(date.and(written).map(precision_of));
            }
            Self::Pair { key, role } => {
                for (name, cells) in [key, role] {
                    cells.append_option(value.get(*name).and_then(scalar));
                }
            }
            Self::List(list) => {
                for item in value.as_array().map_or(&[][..], Vec::as_slice) {
                    list.values().append_option(scalar(item));
                }
                list.append(true);
            }
            Self::Pairs { key, role, list } => {
                for item in value.as_array().map_or(&[][..], Vec::as_slice) {
                    let entry = list.values();
                    for (place, name) in [*key, *role].into_iter().enumerate() {
                        if let Some(cells) = entry.field_builder::<StringBuilder>(place) {
                            cells.append_option(item.get(name).and_then(scalar));
                        }
                    }
                    entry.append(true);
                }
                list.append(true);
            }
        }
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        match self {
            Self::Text(cells) => vec![Arc::new(cells.finish())],
            Self::Integer(cells) => vec![Arc::new(cells.finish())],
            Self::Date { text, from, to, precision } => vec![
                Arc::new(text.finish()),
                Arc::new(from.finish()),
                Arc::new(to.finish()),
                Arc::new(precision.finish()),
            ],
            Self::Pair { key, role } => vec![Arc::new(key.1.finish()), Arc::new(role.1.finish())],
            Self::List(list) => vec![Arc::new(list.finish())],
            Self::Pairs { list, .. } => vec![Arc::new(list.finish())],
        }
    }
}

/// Returns a text as a cell has it; an empty one is null, as in CSV.
fn scalar(value: &Value) -> Option<String> {
    Some(cells::text(CellFormat::Text, value)).filter(|text| !text.is_empty())
}

/// Returns a day as Arrow has it: days since 1970.
fn days(day: NaiveDate) -> i32 {
    i32::try_from((day - NaiveDate::default()).num_days()).unwrap_or_default()
}

fn precision_of(text: &str) -> &'static str {
    match text.len() {
        4 => "year",
        7 => "month",
        _ => "day",
    }
}
