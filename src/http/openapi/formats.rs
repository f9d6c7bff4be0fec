//! How the formats of a list are described.

use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::schemas::example_in;
use crate::http::format::Format;
use crate::http::list::formats;
use crate::registry::Resource;
use crate::transfer::{TableFormat, columns, table_fields};

/// The formats in which a list comes as a file: what the file is, and an example where it is a text that can be shown.
pub(super) fn files<R: Resource>() -> Vec<(Format, RefOr<Schema>, Option<Value>)> {
    let files = formats().into_iter().filter_map(|format| match format {
        Format::Json => None,
        Format::Table(table) => Some((format, file(about(table)), example_file::<R>(table).map(Value::from))),
    });
    files.collect()
}

fn about(format: TableFormat) -> &'static str {
    match format {
        TableFormat::Csv => {
            "RFC 4180, UTF-8, one header row. Entries of a list are separated by `;`, a role follows a colon: \
             `US:lead;IN:partner`. A cell that begins with `= + - @ '`, a tab or a carriage return has one `'` in front, \
             which an import takes off again."
        }
        TableFormat::Ndjson => "A record a line, as JSON, with what `expand` adds.",
    }
}

fn file(about: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).description(Some(about)).build().into()
}

/// The file that a list of the example alone is.
pub(super) fn example_file<R: Resource>(format: TableFormat) -> Option<String> {
    let fields = table_fields::<R>(None);
    let mut file = Vec::new();
    let mut table = format.open(columns::<R>(&fields), &mut file).ok()?;
    table.row(&example_in::<R>(Some(&fields))).ok()?;
    table.finish().ok()?;
    String::from_utf8(file).ok()
}
