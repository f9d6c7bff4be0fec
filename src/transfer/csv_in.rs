//! A CSV file read strictly: every header and every row is either understood or reported, nothing is guessed.

use super::grid::{TableOptions, known_columns, rows};
use super::rows::{Rows, defect, failed, text};
use super::scan::Scan;
use crate::error::Defect;
use crate::registry::Resource;

/// Returns the rows of a CSV file, separated by `,` or, as spreadsheets do in much of Europe, by `;`.
pub(super) fn read<R: Resource>(bytes: &[u8], partial: bool) -> Rows<'_> {
    let text = match text(bytes) {
        Ok(text) => text,
        Err(defect) => return failed(defect),
    };
    let delimiter = match delimiter::<R>(text) {
        Ok(delimiter) => delimiter,
        Err(defect) => return failed(defect),
    };
    rows::<R>(Box::new(Scan::new(text, delimiter)), TableOptions { is_text: true, partial })
}

/// Finds the delimiter of the columns: of comma and semicolon the one under which more columns are known.
fn delimiter<R: Resource>(text: &str) -> Result<char, Defect> {
    let first = text.trim_start_matches(['\r', '\n']).lines().next().unwrap_or_default();
    if first.len() <= "sep=, ".len() && first.to_ascii_lowercase().trim_start_matches('"').starts_with("sep=") {
        let detail = format!(
            "the first line, ‘{}’, is a note to Excel about what separates the columns: take it out, a comma or a \
             semicolon is recognised without it",
            first.escape_debug()
        );
        return Err(defect(1, None, "delimiter", detail));
    }
    let head = |delimiter| Scan::new(text, delimiter).next().and_then(Result::ok);
    let known = |delimiter| head(delimiter).map_or(0, |head| known_columns::<R>(&head));
    if known(';') > known(',') {
        return Ok(';');
    }
    let Some(head) = head(',') else { return Ok(',') };
    let mut filled = head.cells.iter().filter(|cell| !cell.trim().is_empty());
    if let (Some(only), None) = (filled.next(), filled.next())
        && let Some((separator, name)) =
            [('\t', "tabs"), ('|', "bars"), (';', "semicolons")].into_iter().find(|(one, _)| only.contains(*one))
    {
        let shown = separator.escape_debug();
        let detail =
            format!("the columns are separated by {name} (‘{shown}’): a comma is wanted (RFC 4180), or a semicolon");
        return Err(defect(head.line, None, "delimiter", detail));
    }
    Ok(',')
}
