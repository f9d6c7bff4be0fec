//! How the formats of a list are described.

use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::schemas::{Named, example_in, reference};
use crate::http::format::Format;
use crate::http::list::formats;
use crate::registry::Resource;
use crate::transfer::{Column, TableFormat, columns, table_fields};

/// The formats in which a list comes as a file: what the file is, and an example where it is a text that can be shown.
pub(super) fn files<R: Resource>() -> Vec<(Format, RefOr<Schema>, Option<Value>)> {
    let files = formats::<R>().into_iter().filter_map(|format| match format {
        Format::Json | Format::Graphml | Format::Package | Format::Sqlite => None,
        Format::Table(table) => Some((format, reference(name(table)), example_file::<R>(table).map(Value::from))),
        Format::Calendar => Some((format, file(CALENDAR), None)),
    });
    files.collect()
}

const CALENDAR: &str = "iCalendar (RFC 5545), to subscribe to: an all-day event for each date of signature and expiry. A \
    date that is known to the month or year alone stands on its first day, and its event says so.";

fn about(format: TableFormat) -> &'static str {
    match format {
        TableFormat::Csv | TableFormat::ExcelCsv => {
            "RFC 4180, UTF-8, one header row. Entries of a list are separated by `;`, a role follows a colon: \
             `US:lead;IN:partner`. A cell that begins with `= + - @ '`, a tab or a carriage return has one `'` in front, \
             which an import takes off again. With `dialect=excel`: a byte order mark, and `;` between the columns."
        }
        TableFormat::Xlsx => {
            "An Excel workbook of one sheet with a header row. Numbers and full dates are cells of their type, everything \
             else is text, also what looks like a formula. A cell holds 32,767 characters: one that does not hold its list whole \
             says so, and a second sheet, `links`, has all entries of that list, one a row (`row`, the first column, `column`, \
             `value`, `role`). An import refuses such a cell."
        }
        TableFormat::Parquet => {
            "Apache Parquet, where the program was built with it (`--features parquet`, as the container image is); else a 400. \
             Lists are LIST, those of entries with a role LIST of STRUCT. A date `d` stays a text, as it is known; beside it stand `d_from` \
             and `d_to`, its first and its last day as DATE, and `d_precision`: `year`, `month` or `day`."
        }
        TableFormat::Ndjson => "A record a line, as JSON, with what `expand` adds.",
    }
}

/// The name of the schema of a file.
fn name(format: TableFormat) -> &'static str {
    match format {
        TableFormat::Csv | TableFormat::ExcelCsv => "CsvFile",
        TableFormat::Xlsx => "XlsxFile",
        TableFormat::Parquet => "ParquetFile",
        TableFormat::Ndjson => "NdjsonFile",
    }
}

/// The schemas of the files that a table comes as.
pub(super) fn schemas() -> Named {
    let formats = [TableFormat::Csv, TableFormat::Xlsx, TableFormat::Parquet, TableFormat::Ndjson];
    formats.into_iter().map(|format| (name(format).to_owned(), file(about(format)))).collect()
}

/// A file that is a text, or bytes.
pub(super) fn file(about: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).description(Some(about)).build().into()
}

/// The file that a list of the example alone is.
pub(super) fn example_file<R: Resource>(format: TableFormat) -> Option<String> {
    let fields = table_fields::<R>(None);
    example_table(format, columns::<R>(&fields), &example_in::<R>(Some(&fields)))
}

/// The file that a table of one row is, where that can be shown: a workbook is no text.
fn example_table(format: TableFormat, columns: Vec<Column>, row: &Value) -> Option<String> {
    if matches!(format, TableFormat::Xlsx | TableFormat::Parquet) {
        return None;
    }
    let mut file = Vec::new();
    let mut table = format.open(columns, &mut file).ok()?;
    table.row(row).ok()?;
    table.finish().ok()?;
    String::from_utf8(file).ok()
}

/// The files that any table comes as, with an example of one row.
pub(super) fn tables(columns: &[Column], row: &Value) -> Vec<(Format, RefOr<Schema>, Option<Value>)> {
    let files = Format::TABLES.into_iter().filter_map(|format| match format {
        Format::Json | Format::Graphml | Format::Calendar | Format::Package | Format::Sqlite => None,
        Format::Table(table) => {
            let example = example_table(table, columns.to_vec(), row).map(Value::from);
            Some((format, reference(name(table)), example))
        }
    });
    files.collect()
}
