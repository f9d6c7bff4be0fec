//! A collection as a table: which columns it has, and its records as rows.

use std::io::Write;

use serde_json::Value;

use super::column::Column;
use super::table::TableFormat;
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::registry::list::{ListParams, for_each_batch};
use crate::registry::query::FilterSet;
use crate::registry::{READ_ONLY, Resource, View, field_names};
use crate::values::CellFormat;

/// Returns the fields of a collection's table, in the contract's order: the written ones, then those that are derived.
/// Fields that only the registry writes (version, timestamps) come when they are asked for by name.
pub fn table_fields<R: Resource>(chosen: Option<&[&'static str]>) -> Vec<&'static str> {
    let shown = |name: &&'static str| match chosen {
        Some(chosen) => chosen.contains(name),
        None => !READ_ONLY.contains(name),
    };
    field_names::<R>().into_iter().filter(shown).collect()
}

/// Returns the columns of these fields.
pub fn columns<R: Resource>(fields: &[&'static str]) -> Vec<Column> {
    fields.iter().map(|name| Column::new(name, shape_of::<R>(name))).collect()
}

fn shape_of<R: Resource>(name: &str) -> CellFormat {
    let [version, ..] = READ_ONLY;
    match R::FIELDS.iter().find(|field| field.name == name) {
        Some(field) => field.shape,
        None if name == version => CellFormat::Integer,
        None => CellFormat::Text,
    }
}

/// Writes every record of the list as a table, in the order of the codes; returns their number. Calls
/// `written` after each batch.
///
/// # Errors
/// Errors of the database or the writer.
pub fn write_collection<R: Resource>(
    conn: &mut DbConn,
    filter_set: &FilterSet,
    format: TableFormat,
    out: &mut (dyn Write + Send),
    written: &mut dyn FnMut(u64),
) -> Result<u64> {
    let fields = table_fields::<R>(None);
    let mut table = format.open(columns::<R>(&fields), out)?;
    let day = R::day(filter_set);
    let mut rows = 0;
    for_each_batch::<R>(conn, ListParams::all(filter_set.clone()), None, &mut |_, items| {
        for stored in items {
            table.row(&row(&View { stored, day, fields: Some(&fields), expanded: None })?)?;
        }
        rows += items.len() as u64;
        written(rows);
        Ok(())
    })?;
    table.finish()?;
    Ok(rows)
}

/// Returns a record as a row.
///
/// # Errors
/// A record that is not JSON, which is a fault of this program.
pub fn row<R: Resource>(view: &View<'_, R>) -> Result<Value> {
    serde_json::to_value(view).map_err(|error| Error::internal("a record cannot be written as JSON", error))
}
