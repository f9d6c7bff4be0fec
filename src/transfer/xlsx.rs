//! A table as an Excel workbook (ECMA-376), row by row: what is written goes to a temporary file, not to memory.
//!
//! Cells have types: numbers are numbers, full dates are dates, everything else is text, and text never becomes a
//! formula. A value without a type in Excel stays a text: a partial date, a date before March 1900, a timestamp with
//! microseconds. Excel holds 32,767 characters (UTF-16 units) a cell: a longer text ends there with `…`, a longer list
//! after its last entry that fits, with a note, and a second sheet has all its entries; and 1,048,576 rows, of which
//! the header is one: a table with more is refused.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{Datelike as _, NaiveDate};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;

use super::cells;
use super::column::{Column, Table, unwritable};
use crate::clock;
use crate::error::{Error, Result};
use crate::temporary;
use crate::values::CellFormat;

/// The number of UTF-16 units that a cell holds.
const CELL_UNITS: usize = 32_767;
/// The number of rows that a sheet holds.
const ROWS: u32 = 1_048_576;
/// The name of the sheet that has the entries of lists which no cell holds whole.
const LINKS: &str = "links";
/// The narrowest and the widest column that is made, in characters.
const WIDTHS: (usize, usize) = (8, 60);

pub(super) struct Xlsx<'w> {
    columns: Vec<Column>,
    /// The longest line in each column, in characters.
    widths: Vec<usize>,
    workbook: Workbook,
    date: Format,
    rows: u32,
    /// The number of rows that the sheet of links has; it is made when there is a first one.
    links: u32,
    out: &'w mut (dyn Write + Send),
}

impl<'w> Xlsx<'w> {
    pub(super) fn begin(columns: Vec<Column>, out: &'w mut (dyn Write + Send)) -> Result<Self> {
        let mut workbook = Workbook::new();
        let made = excel_date(clock::today())
            .map_or_else(DocProperties::new, |today| DocProperties::new().set_creation_datetime(&today));
        workbook.set_properties(&made);
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(failed)?;
        sheet.set_freeze_panes(1, 0).map_err(failed)?;
        let bold = Format::new().set_bold();
        for (place, column) in (0u16..).zip(&columns) {
            sheet.write_string_with_format(0, place, &column.name, &bold).map_err(failed)?;
        }
        let widths = columns.iter().map(|column| column.name.chars().count() + 2).collect();
        let date = Format::new().set_num_format("yyyy-mm-dd");
        Ok(Self { columns, widths, workbook, date, rows: 1, links: 0, out })
    }
}

impl Xlsx<'_> {
    /// Writes the entries of a list that its cell does not hold whole, one a row.
    fn link(&mut self, place: usize, row: &Value) -> Result<()> {
        let (Some(column), Some(first)) = (self.columns.get(place), self.columns.first()) else { return Ok(()) };
        let entries = cells::entries(column.shape, column.value(row));
        if entries.is_empty() || fits(&cells::text(column.shape, column.value(row))) {
            return Ok(());
        }
        if self.links == 0 {
            let sheet = self.workbook.add_worksheet_with_constant_memory().map_err(failed)?;
            sheet.set_name(LINKS).map_err(failed)?;
            sheet.set_freeze_panes(1, 0).map_err(failed)?;
            for (place, name) in (0u16..).zip(["row", &first.name, "column", "value", "role"]) {
                sheet.write_string(0, place, name).map_err(failed)?;
            }
            self.links = 1;
        }
        let key = if place == 0 { String::new() } else { cells::text(first.shape, first.value(row)) };
        let sheet = self.workbook.worksheet_from_name(LINKS).map_err(failed)?;
        for (value, role) in entries {
            if self.links == ROWS {
                return Err(too_many_rows());
            }
            sheet.write_number(self.links, 0, self.rows + 1).map_err(failed)?;
            for (place, text) in (1u16..).zip([&cut(&key), &column.name, &value, &role]) {
                sheet.write_string(self.links, place, text).map_err(failed)?;
            }
            self.links += 1;
        }
        Ok(())
    }
}

fn too_many_rows() -> Error {
    let detail = format!("an Excel sheet holds {} rows: ask for csv or ndjson, or for less", ROWS - 1);
    Error::bad_parameter("format", "too_many_rows", detail)
}

impl Table for Xlsx<'_> {
    fn row(&mut self, row: &Value) -> Result<()> {
        calmly(|| self.write(row))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        calmly(|| self.complete())
    }
}

impl Xlsx<'_> {
    fn write(&mut self, row: &Value) -> Result<()> {
        if self.rows == ROWS {
            return Err(too_many_rows());
        }
        let sheet = self.workbook.worksheet_from_index(0).map_err(failed)?;
        for ((place, column), width) in (0u16..).zip(&self.columns).zip(&mut self.widths) {
            let written = cell(sheet, (self.rows, place), column.shape, column.value(row), &self.date)?;
            *width = written.max(*width);
        }
        for place in 0..self.columns.len() {
            self.link(place, row)?;
        }
        self.rows += 1;
        Ok(())
    }

    fn complete(mut self: Box<Self>) -> Result<()> {
        let sheet = self.workbook.worksheet_from_index(0).map_err(failed)?;
        for (place, width) in (0u16..).zip(&self.widths) {
            let width = u8::try_from((*width).clamp(WIDTHS.0, WIDTHS.1)).unwrap_or(u8::MAX);
            sheet.set_column_width(place, f64::from(width) + 1.0).map_err(failed)?;
        }
        if let Some(last) = u16::try_from(self.columns.len()).ok().and_then(|count| count.checked_sub(1)) {
            sheet.autofilter(0, 0, self.rows - 1, last).map_err(failed)?;
        }
        self.workbook.save_to_writer(&mut *self.out).map_err(failed)?;
        self.out.flush().map_err(unwritable)
    }
}

/// Writes one cell; tells how many characters wide it is.
fn cell(sheet: &mut Worksheet, at: (u32, u16), shape: CellFormat, value: &Value, date: &Format) -> Result<usize> {
    let (row, column) = at;
    let text = cells::text(shape, value);
    if let (Value::Number(_), Some(number)) = (value, value.as_f64()) {
        sheet.write_number(row, column, number).map_err(failed)?;
    } else if let Value::Bool(flag) = value {
        sheet.write_boolean(row, column, *flag).map_err(failed)?;
    } else if let Some(day) = (shape == CellFormat::Date).then(|| full_date(&text)).flatten() {
        sheet.write_datetime_with_format(row, column, &day, date).map_err(failed)?;
    } else if matches!(shape, CellFormat::List | CellFormat::Pairs { .. }) && !fits(&text) {
        sheet.write_string(row, column, cells::truncated(&text, CELL_UNITS, LINKS)).map_err(failed)?;
    } else if !text.is_empty() {
        sheet.write_string(row, column, cut(&text)).map_err(failed)?;
    }
    Ok(text.lines().map(|line| line.chars().count()).max().unwrap_or(0))
}

/// Returns a date that is known to the day, where Excel counts days right: it takes 1900 for a leap year.
fn full_date(text: &str) -> Option<ExcelDateTime> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    if text.len() == "1900-03-01".len() && text >= "1900-03-01" { excel_date(day) } else { None }
}

fn excel_date(day: NaiveDate) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year()).ok()?;
    ExcelDateTime::from_ymd(year, u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?).ok()
}

fn fits(text: &str) -> bool {
    text.len() <= CELL_UNITS || text.encode_utf16().count() <= CELL_UNITS
}

/// Cuts a text to the length that a cell holds.
fn cut(text: &str) -> String {
    if fits(text) {
        return text.to_owned();
    }
    let mut units = 1;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= CELL_UNITS
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Runs what panics, in the crate that makes workbooks, where its temporary file takes no more.
fn calmly(write: impl FnOnce() -> Result<()>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(write)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map_or("a panic", String::as_str);
        Err(match said.starts_with("Couldn't write to xml file") {
            true if said.contains("StorageFull") => Error::StorageFull,
            true => Error::not_now("a temporary file cannot be written", said),
            false => Error::internal("a workbook cannot be written", said),
        })
    })
}

fn failed(error: XlsxError) -> Error {
    // The archive hides a full disk one level down.
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    if let Some(cause) = cause.filter(|cause| cause.kind() == std::io::ErrorKind::StorageFull) {
        return unwritable(cause.kind().into());
    }
    match error {
        XlsxError::IoError(error) => unwritable(error),
        XlsxError::TempFileError(_, error) => temporary::failed("a temporary file cannot be made", error),
        other => Error::internal("a workbook cannot be written", other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_a_cell_ends() {
        assert_eq!(cut("short"), "short");
        let whole = "x".repeat(CELL_UNITS);
        assert_eq!(cut(&whole), whole);
        // A rocket is two units.
        for long in ["x".repeat(CELL_UNITS + 1), "\u{1F680}".repeat(CELL_UNITS)] {
            let cut = cut(&long);
            assert!(cut.ends_with('…') && (CELL_UNITS - 1..=CELL_UNITS).contains(&cut.encode_utf16().count()));
        }
    }

    #[test]
    fn only_full_dates_that_excel_knows_are_dates() {
        assert!(full_date("1900-03-01").is_some() && full_date("2026-11-24").is_some());
        for text in ["", "2026", "2026-11", "1899-12-31", "1900-02-28", "2026-02-30", "+2026-1-1"] {
            assert!(full_date(text).is_none(), "{text}");
        }
    }
}
