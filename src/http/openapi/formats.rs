//! The descriptions of the formats of a list.

use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::schemas::{Named, example_in, reference};
use crate::http::collections::list::formats;
use crate::http::request::format::Format;
use crate::registry::Resource;
use crate::transfer::{Column, TableFormat, columns, table_fields};

/// Returns the formats in which a list comes as a file: what the file is, and an example where it is a text that can be
/// shown.
pub(super) fn files<R: Resource>() -> Vec<(Format, RefOr<Schema>, Option<Value>)> {
    let files = formats::<R>().into_iter().filter_map(|format| match format {
        Format::Json | Format::Graphml | Format::Package | Format::Sqlite => None,
        Format::Table(table) => {
            Some((format, reference(table.info().schema), example_file::<R>(table).map(Value::from)))
        }
        Format::Calendar => Some((format, file(CALENDAR), None)),
    });
    files.collect()
}

const CALENDAR: &str = "iCalendar (RFC 5545), to subscribe to: an all-day event for each date of signature and expiry. A \
    date that is known to the month or year alone is on its first day, and its event says so.";

/// Returns the schemas of the files that a table comes as.
pub(super) fn schemas() -> Named {
    let described = TableFormat::OFFERED.map(TableFormat::info);
    described.into_iter().map(|info| (info.schema.to_owned(), file(info.about))).collect()
}

/// Returns a file that is a text, or bytes.
pub(super) fn file(about: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).description(Some(about)).build().into()
}

/// Returns the file that a list of the example alone is.
pub(super) fn example_file<R: Resource>(format: TableFormat) -> Option<String> {
    let fields = table_fields::<R>(None);
    example_table(format, columns::<R>(&fields), &example_in::<R>(Some(&fields)))
}

/// Returns the file that a table of one row is, where that can be shown: a workbook is not a text.
fn example_table(format: TableFormat, columns: Vec<Column>, row: &Value) -> Option<String> {
    if !format.info().is_text {
        return None;
    }
    let mut file = Vec::new();
    let mut table = format.open(columns, &mut file).ok()?;
    table.row(row).ok()?;
    table.finish().ok()?;
    String::from_utf8(file).ok()
}

/// Returns the files that any table comes as, with an example of one row.
pub(super) fn tables(columns: &[Column], row: &Value) -> Vec<(Format, RefOr<Schema>, Option<Value>)> {
    let files = Format::tables().into_iter().filter_map(|format| match format {
        Format::Json | Format::Graphml | Format::Calendar | Format::Package | Format::Sqlite => None,
        Format::Table(table) => {
            let example = example_table(table, columns.to_vec(), row).map(Value::from);
            Some((format, reference(table.info().schema), example))
        }
    });
    files.collect()
}
