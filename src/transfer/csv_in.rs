//! A CSV file read strictly: every header and every row is either understood or reported, nothing is guessed.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::cells;
use super::rows::{Row, Rows, Unread, defect, text};
use super::scan::{Record, Scan};
use crate::error::Defect;
use crate::registry::{Resource, ignored_fields};
use crate::values::{Field, cut, quote};

/// The rows of a CSV file. A header that is not understood is all that is reported: what stands under it is unknown.
pub(super) fn read<R: Resource>(bytes: &[u8]) -> Rows<'_> {
    let whole = |defects: Vec<Defect>| -> Rows<'_> { Box::new(defects.into_iter().map(|one| Err(Unread::File(one)))) };
    let text = match text(bytes) {
        Ok(text) => text,
        Err(defect) => return whole(vec![defect]),
    };
    let mut scan = Scan::new(text);
    let head = match scan.next() {
        Some(Ok(head)) => head,
        Some(Err(broken)) => return whole(vec![defect(broken.line, None, broken.code, broken.detail)]),
        None => return whole(vec![defect(1, None, "empty_file", "the file is empty: a header row is wanted")]),
    };
    match columns::<R>(&head) {
        Ok(columns) => Box::new(scan.map(move |record| match record {
            Ok(record) => row(&columns, record).map_err(Unread::Row),
            Err(broken) => {
                let found = defect(broken.line, None, broken.code, broken.detail);
                Err(if broken.code == "open_quote" { Unread::File(found) } else { Unread::Row(found) })
            }
        })),
        Err(defects) => whole(defects),
    }
}

/// The field of each column; `None` for one that is ignored.
type Columns = Vec<Option<&'static Field>>;

fn columns<R: Resource>(head: &Record<'_>) -> Result<Columns, Vec<Defect>> {
    let names: Vec<&str> = head.cells.iter().map(|cell| cell.trim()).collect();
    let valid = || R::FIELDS.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
    if let [only] = names.as_slice()
        && let Some(separator) = [';', '\t', '|'].into_iter().find(|&separator| only.contains(separator))
    {
        let shown = separator.escape_debug();
        let detail = format!("the columns are separated by ‘{shown}’: a comma is wanted (RFC 4180)");
        return Err(vec![defect(head.line, None, "delimiter", detail)]);
    }
    let mut defects = Vec::new();
    let mut columns: Columns = Vec::with_capacity(names.len());
    let mut seen = HashMap::new();
    for (place, &name) in (1u64..).zip(&names) {
        if let Some(first) = seen.insert(name, place) {
            let detail = format!("the column stands twice, in places {first} and {place}");
            defects.push(defect(head.line, Some(&cut(name)), "duplicate_column", detail));
            continue;
        }
        let field = R::FIELDS.iter().find(|field| field.name == name);
        if field.is_none() && !ignored_fields::<R>().any(|ignored| ignored == name) {
            let detail = format!("there is no column {}; the columns are {}", quote(name), valid());
            defects.push(defect(head.line, Some(&cut(name)), "unknown_column", detail));
        }
        columns.push(field);
    }
    // The code may be left out: it follows from the record.
    for field in R::FIELDS.iter().filter(|field| !field.optional && field.name != "code") {
        if !seen.contains_key(field.name) {
            let detail = format!("this column is required; the columns are {}", valid());
            defects.push(defect(head.line, Some(field.name), "missing_column", detail));
        }
    }
    if defects.is_empty() { Ok(columns) } else { Err(defects) }
}

/// Space around a cell means nothing, whatever the field: people align columns with it.
fn row(columns: &Columns, record: Record<'_>) -> Result<Row, Defect> {
    let (wanted, got) = (columns.len(), record.cells.len());
    if got != wanted {
        let (code, hint) = if got < wanted {
            ("short_row", "a comma or a line end is missing or misplaced")
        } else {
            ("long_row", "a cell that holds a comma is put in quotes")
        };
        let detail = format!("the row has {got} cells where the header has {wanted}: {hint}");
        return Err(defect(record.line, None, code, detail));
    }
    let document: Map<String, Value> = columns
        .iter()
        .zip(&record.cells)
        .filter_map(|(field, cell)| field.map(|field| (field.name.to_owned(), cells::parse(field.shape, cell.trim()))))
        .collect();
    Ok(Row { line: record.line, document: document.into() })
}
