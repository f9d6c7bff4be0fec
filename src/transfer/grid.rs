//! A table of cells as records: a header that names the fields, then a row a record. Wholly empty rows and columns are
//! skipped, space around a cell means nothing, and neither does the case of a header.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Map;

use super::cells;
use super::rows::{ReadError, Row, Rows, defect};
use super::scan::{Broken, Record};
use crate::error::Defect;
use crate::registry::{READ_ONLY, Resource, ignored_fields};
use crate::values::{CellFormat, Field, cut, quote};

/// The options for reading the cells of a table.
#[derive(Clone, Copy)]
pub(super) struct TableOptions {
    /// True if the cells are those of a text: guarded against being taken for formulas, and all of them there.
    pub(super) is_text: bool,
    /// True if a table that has codes needs no other column.
    pub(super) partial: bool,
}

/// The cells of a table, row by row.
pub(super) type Records<'a> = Box<dyn Iterator<Item = Result<Record<'a>, Broken>> + 'a>;

/// Returns the rows of a table. A header that is not understood is all that is reported: the meaning of the cells under
/// it is unknown.
pub(super) fn rows<R: Resource>(mut records: Records<'_>, options: TableOptions) -> Rows<'_> {
    let whole =
        |defects: Vec<Defect>| -> Rows<'_> { Box::new(defects.into_iter().map(|one| Err(ReadError::File(one)))) };
    let is_filled = |record: &Result<Record<'_>, Broken>| record.as_ref().map_or(true, |record| !is_empty(record));
    let head = match records.by_ref().find(is_filled) {
        Some(Ok(head)) => head,
        Some(Err(broken)) => return whole(vec![of(broken)]),
        None => return whole(vec![defect(1, None, "empty_file", "the file is empty: a header row is wanted")]),
    };
    match columns::<R>(&head, options) {
        Ok(columns) => Box::new(records.filter(is_filled).map(move |record| match record {
            Ok(record) => row(&columns, record, options).map_err(ReadError::Row),
            Err(broken) => {
                let is_last = broken.code == "open_quote";
                Err(if is_last { ReadError::File(of(broken)) } else { ReadError::Row(of(broken)) })
            }
        })),
        Err(defects) => whole(defects),
    }
}

fn of(broken: Broken) -> Defect {
    defect(broken.line, broken.column.as_deref(), broken.code, broken.detail)
}

fn is_empty(record: &Record<'_>) -> bool {
    record.cells.iter().all(|cell| cell.trim().is_empty())
}

/// The meaning of a column.
enum Column {
    Field(&'static Field),
    /// The version of the record that a row was made of.
    Version,
    /// Derived, or only written by the registry.
    Ignored,
    /// Without a header: it must be empty.
    Unnamed,
}

/// Returns the name of a column as the registry writes it.
fn name_of(cell: &str) -> String {
    cell.trim().to_lowercase()
}

/// Returns the column of this name.
fn column<R: Resource>(name: &str) -> Option<Column> {
    let [version, ..] = READ_ONLY;
    if name.is_empty() {
        return Some(Column::Unnamed);
    }
    if name == version {
        return Some(Column::Version);
    }
    let field = R::FIELDS.iter().find(|field| field.name == name).map(Column::Field);
    field.or_else(|| ignored_fields::<R>().any(|ignored| ignored == name).then_some(Column::Ignored))
}

/// Counts the columns that are known.
pub(super) fn known_columns<R: Resource>(head: &Record<'_>) -> usize {
    let known = |cell: &&Cow<'_, str>| !matches!(column::<R>(&name_of(cell)), None | Some(Column::Unnamed));
    head.cells.iter().filter(known).count()
}

fn columns<R: Resource>(head: &Record<'_>, options: TableOptions) -> Result<Vec<Column>, Vec<Defect>> {
    let valid = || R::FIELDS.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
    let mut defects = Vec::new();
    let mut columns = Vec::with_capacity(head.cells.len());
    let mut seen = HashMap::new();
    for (place, cell) in (1u64..).zip(&head.cells) {
        let name = name_of(cell);
        let Some(column) = column::<R>(&name) else {
            let detail = format!("there is no column {}; the columns are {}", quote(cell.trim()), valid());
            defects.push(defect(head.line, Some(&cut(cell.trim())), "unknown_column", detail));
            continue;
        };
        columns.push(column);
        if !name.is_empty()
            && let Some(first) = seen.insert(name.clone(), place)
        {
            let detail = format!("the column is given twice, in places {first} and {place}");
            defects.push(defect(head.line, Some(&cut(&name)), "duplicate_column", detail));
        }
    }
    // The code may be left out: it follows from the record. With it, a row may be about a record that has the rest.
    let needed = |field: &&Field| !field.optional && field.name != "code";
    if !(options.partial && seen.contains_key("code")) {
        for field in R::FIELDS.iter().filter(needed).filter(|field| !seen.contains_key(field.name)) {
            let detail = format!("this column is required; the columns are {}", valid());
            defects.push(defect(head.line, Some(field.name), "missing_column", detail));
        }
    }
    if defects.is_empty() { Ok(columns) } else { Err(defects) }
}

/// Space around a cell means nothing, whatever the field: people align columns with it.
fn row(columns: &[Column], record: Record<'_>, options: TableOptions) -> Result<Row, Defect> {
    let line = record.line;
    check_length(columns, &record, options)?;
    let mut document = Map::new();
    let nothing = Cow::Borrowed("");
    for (place, column) in columns.iter().enumerate() {
        let cell = record.cells.get(place).unwrap_or(&nothing).trim();
        let read = |shape| if options.is_text { cells::parse(shape, cell) } else { cells::value(shape, cell) };
        match column {
            Column::Field(field) if cells::is_truncated(field.shape, cell) => {
                let detail = "the cell does not hold its list whole: take the list from the sheet that the cell names, or from \
                    an export as CSV";
                return Err(defect(line, Some(field.name), "truncated", detail));
            }
            Column::Field(field) => {
                document.insert(field.name.to_owned(), read(field.shape));
            }
            Column::Version => {
                document.insert("version".to_owned(), read(CellFormat::Integer));
            }
            Column::Ignored => {}
            Column::Unnamed if cell.is_empty() => {}
            Column::Unnamed => {
                let detail = format!("{} is in column {}, which has no header", quote(cell), place + 1);
                return Err(defect(line, None, "unnamed_column", detail));
            }
        }
    }
    Ok(Row { line, document: document.into() })
}

/// Checks that a row has as many cells as the header. More of them may be empty; a sheet does not write empty ones.
fn check_length(columns: &[Column], record: &Record<'_>, options: TableOptions) -> Result<(), Defect> {
    let (wanted, got) = (columns.len(), record.cells.len());
    let more = record.cells.get(wanted..).unwrap_or_default();
    let (code, hint) = if got < wanted && options.is_text {
        ("short_row", "a comma or a line end is missing or misplaced")
    } else if more.iter().any(|cell| !cell.trim().is_empty()) {
        ("long_row", "a cell that holds a comma is put in quotes")
    } else {
        return Ok(());
    };
    let detail = format!("the row has {got} cells where the header has {wanted}: {hint}");
    Err(defect(record.line, None, code, detail))
}
