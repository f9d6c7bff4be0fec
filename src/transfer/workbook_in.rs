//! The first sheet of an Excel workbook (ECMA-376) as a table of texts: what a cell shows, dates in ISO 8601, formulas
//! by their value. The line of a row is the number that the sheet gives it.
//!
//! A workbook is a compressed archive, and a small one may unpack to anything. So all of it is unpacked once against
//! [`limits::UNPACKED`] before it is looked at, and what its first sheet says as text is no longer than any other
//! import.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, Xlsx};
use zip::ZipArchive;

use super::grid::{TableOptions, rows};
use super::rows::{Rows, defect, failed};
use super::scan::{Broken, Scan};
use crate::error::{Defect, Error, Result};
use crate::limits;
use crate::registry::Resource;

/// The first sheet of a workbook.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    /// Its rows as CSV, each after its number.
    text: String,
    /// Cells that have no value, a column and what is wrong, by the number of the row.
    broken: BTreeMap<u64, (String, String)>,
}

/// The sheet, or why there is none.
pub(super) type Opened = Result<Sheet, Defect>;

/// Opens a workbook.
///
/// # Errors
/// [`Error::UnpackedTooLarge`].
pub(super) fn open(bytes: Vec<u8>) -> Result<Opened> {
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Ok(Err(bad(
            "it is a workbook of the old kind (.xls) or one with a password: save it as .xlsx without",
        )));
    }
    if !bytes.starts_with(b"PK") {
        return Ok(Err(bad("it is no Excel workbook (.xlsx)")));
    }
    if let Err(defect) = check_size(&bytes)? {
        return Ok(Err(defect));
    }
    // The reader of workbooks counts on sound files: with one that is not, it may stop instead of telling.
    let read = catch_unwind(AssertUnwindSafe(|| convert(bytes)));
    read.unwrap_or_else(|_| Ok(Err(bad("the workbook is broken"))))
}

/// Returns the rows of the sheet.
pub(super) fn read<R: Resource>(opened: &Opened, partial: bool) -> Rows<'_> {
    let sheet = match opened {
        Ok(sheet) => sheet,
        Err(defect) => return failed(defect.clone()),
    };
    let records = Scan::new(&sheet.text, ',').map(|record| {
        let mut record = record?;
        let mut cells = record.cells.into_iter();
        record.line = cells.next().and_then(|number| number.parse().ok()).unwrap_or(record.line);
        record.cells = cells.collect();
        match sheet.broken.get(&record.line) {
            Some((column, detail)) => Err(Broken {
                line: record.line,
                column: Some(column.clone()),
                code: "bad_cell",
                detail: Cow::Owned(detail.clone()),
            }),
            None => Ok(record),
        }
    });
    rows::<R>(Box::new(records), TableOptions { is_text: false, partial })
}

fn bad(detail: impl Into<String>) -> Defect {
    defect(1, None, "bad_workbook", detail)
}

/// Unpacks everything once, and keeps nothing.
fn check_size(bytes: &[u8]) -> Result<Result<(), Defect>> {
    let too_large = || Err(Error::UnpackedTooLarge { limit: limits::UNPACKED });
    // Each file of an archive has such an entry in its directory, which is read whole.
    if bytes.windows(4).filter(|four| four == b"PK\x01\x02").take(limits::WORKBOOK_FILES + 1).count()
        > limits::WORKBOOK_FILES
    {
        return too_large();
    }
    let broken = |error: &dyn std::fmt::Display| Ok(Err(bad(format!("the workbook is broken: {error}"))));
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => return broken(&error),
    };
    let (mut left, mut left_beside) = (limits::UNPACKED as u64, limits::IMPORT as u64);
    for index in 0..archive.len() {
        let mut file = match archive.by_index(index) {
            Ok(file) => file,
            Err(error) => return broken(&error),
        };
        let name = file.name().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
        // The other files of the workbook are held in memory: texts that cells share, styles, the list of sheets.
        let room = if name.contains("worksheets/") { left } else { left.min(left_beside) };
        let is_texts = name.ends_with("sharedstrings.xml");
        let mut texts = Vec::new();
        let mut limited = (&mut file).take(room + 1);
        let read = if is_texts {
            limited.read_to_end(&mut texts).map(|length| length as u64)
        } else {
            std::io::copy(&mut limited, &mut std::io::sink())
        };
        match read {
            Ok(length) if length > room => return too_large(),
            Ok(length) => {
                left -= length;
                left_beside = if name.contains("worksheets/") { left_beside } else { left_beside - length };
            }
            Err(error) => return broken(&error),
        }
        if is_texts && promises_too_much(&texts) {
            return broken(&"it does not hold as many texts as it says");
        }
    }
    Ok(Ok(()))
}

/// Tells whether shared texts are said to be more than there is room for: memory is taken for as many.
fn promises_too_much(xml: &[u8]) -> bool {
    let name = b"uniqueCount";
    let mut said = xml.windows(name.len()).enumerate().filter(|(_, word)| word == name).filter_map(|(at, _)| {
        let rest = xml.get(at + name.len()..)?;
        let digits = rest.iter().skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
        String::from_utf8(digits.copied().collect()).ok()
    });
    said.any(|digits| digits.parse::<usize>().map_or(!digits.is_empty(), |count| count > xml.len()))
}

fn convert(bytes: Vec<u8>) -> Result<Opened> {
    match Converter::default().convert(bytes) {
        Ok(sheet) => Ok(Ok(sheet)),
        Err(Stop::Broken(detail)) => Ok(Err(bad(detail))),
        Err(Stop::TooLarge) => Err(Error::UnpackedTooLarge { limit: limits::IMPORT }),
    }
}

/// The reason why the reading of a workbook stops.
enum Stop {
    Broken(String),
    TooLarge,
}

impl From<calamine::XlsxError> for Stop {
    fn from(error: calamine::XlsxError) -> Self {
        Self::Broken(format!("the workbook is broken: {error}"))
    }
}

/// A sheet while it is read.
#[derive(Default)]
struct Converter {
    text: String,
    broken: BTreeMap<u64, (String, String)>,
    /// The number of the row under way, and its cells.
    number: u64,
    cells: Vec<String>,
    /// The first row that is not empty.
    header: Option<Vec<String>>,
}

impl Converter {
    fn convert(mut self, bytes: Vec<u8>) -> Result<Sheet, Stop> {
        let mut workbook = Xlsx::new(Cursor::new(bytes))?;
        let sheets = workbook.sheets_metadata();
        let first = sheets.iter().find(|sheet| sheet.typ == SheetType::WorkSheet).map(|sheet| sheet.name.clone());
        let first = first.ok_or_else(|| Stop::Broken("the workbook has no sheet".to_owned()))?;
        let mut reader = workbook.worksheet_cells_reader(&first)?;
        while let Some(cell) = reader.next_cell_with_formula_metadata()? {
            let (row, column) = (u64::from(cell.pos.0) + 1, cell.pos.1 as usize);
            if row != self.number {
                self.end_row()?;
                if row < self.number {
                    return Err(Stop::Broken(format!(
                        "the workbook is broken: row {row} comes after row {}",
                        self.number
                    )));
                }
                self.number = row;
            }
            match shown(&cell.value, cell.formula.is_some()) {
                Ok(text) if text.is_empty() => {}
                // A place is taken by the number of the row.
                Ok(_) if column + 1 >= limits::CELLS => {
                    self.tell(column, format!("a row has at most {} cells", limits::CELLS - 1));
                }
                Ok(text) => {
                    if self.cells.len() <= column {
                        self.cells.resize(column + 1, String::new());
                    }
                    if let Some(place) = self.cells.get_mut(column) {
                        *place = text.into_owned();
                    }
                }
                Err(detail) => self.tell(column, detail),
            }
            // More than these are not reported.
            if self.broken.len() > limits::DEFECTS {
                break;
            }
        }
        self.end_row()?;
        Ok(Sheet { text: self.text, broken: self.broken })
    }

    fn tell(&mut self, column: usize, detail: String) {
        let named = self.header.as_ref().and_then(|header| header.get(column)).filter(|name| !name.trim().is_empty());
        let name = named.map_or_else(|| letters(column), |name| name.trim().to_lowercase());
        self.broken.entry(self.number).or_insert((name, detail));
    }

    fn end_row(&mut self) -> Result<(), Stop> {
        let is_broken = self.broken.contains_key(&self.number);
        if self.cells.iter().all(|cell| cell.trim().is_empty()) && !is_broken {
            self.cells.clear();
            return Ok(());
        }
        self.text.push_str(&self.number.to_string());
        for cell in &self.cells {
            self.text.push(',');
            if cell.contains([',', '"', '\r', '\n']) {
                self.text.push('"');
                self.text.push_str(&cell.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(cell);
            }
        }
        // A row of a broken cell alone is no empty one.
        self.text.push_str(if is_broken { ",!\n" } else { "\n" });
        if self.text.len() > limits::IMPORT {
            return Err(Stop::TooLarge);
        }
        let cells = std::mem::take(&mut self.cells);
        self.header.get_or_insert(cells);
        Ok(())
    }
}

/// Reads the text of a cell, or the reason why it shows none.
fn shown<'c>(value: &'c DataRef<'_>, is_formula: bool) -> Result<Cow<'c, str>, String> {
    Ok(match value {
        DataRef::Empty if is_formula => {
            return Err(
                "the cell holds a formula without its value: open the file in a spreadsheet and save it".to_owned()
            );
        }
        DataRef::Empty => Cow::Borrowed(""),
        DataRef::Int(number) => number.to_string().into(),
        DataRef::Float(number) => number.to_string().into(),
        DataRef::String(text) => text.as_str().into(),
        DataRef::SharedString(text) => (*text).into(),
        DataRef::Bool(flag) => flag.to_string().into(),
        DataRef::DateTime(moment) => date(moment).into(),
        DataRef::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).into(),
        DataRef::DurationIso(text) => text.as_str().into(),
        DataRef::Error(error) => return Err(format!("the cell holds the error {error}")),
    })
}

/// Returns a date, and the time where there is one.
fn date(moment: &ExcelDateTime) -> String {
    if moment.is_duration() {
        return moment.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
    }
}

/// Returns the letters of a column: A, B, … Z, AA.
fn letters(column: usize) -> String {
    let (mut left, mut letters) = (column + 1, Vec::new());
    while left > 0 {
        letters.push(char::from(b'A' + u8::try_from((left - 1) % 26).unwrap_or(0)));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }

    #[test]
    fn more_texts_than_bytes_are_a_lie() {
        assert!(promises_too_much(br#"<sst uniqueCount="99999999999999999999999"><si/></sst>"#));
        assert!(promises_too_much(br#"<sst count="1" uniqueCount = '4000000000'><si/></sst>"#));
        assert!(!promises_too_much(br#"<sst count="1" uniqueCount="1"><si><t>a</t></si></sst>"#));
    }
}
