//! The rows of a file, whatever its format: a line and a JSON document each, or what is wrong with it.

use serde_json::Value;

use crate::error::{At, Defect};

/// A format that an import reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, with a header.
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// A JSON array of objects.
    Json,
    /// The first sheet of an Excel workbook, with a header.
    Xlsx,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Ndjson, Self::Json, Self::Xlsx];

    /// Returns the format that the end of a file's name says.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "json" => Some(Self::Json),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Ndjson => "application/x-ndjson",
            Self::Json => "application/json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// Returns the format that a media type (without parameters) says.
    pub fn of_media_type(essence: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.media_type().eq_ignore_ascii_case(essence))
    }
}

/// One row of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// The record, as JSON.
    pub document: Value,
}

/// The rows of a file, in its order.
pub type Rows<'a> = Box<dyn Iterator<Item = Result<Row, ReadError>> + 'a>;

/// A row or file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// One row: those after it can be.
    Row(Defect),
    /// The rest of the file, or all of it: which records it holds is not known.
    File(Defect),
}

/// Returns one defect in the place of all rows.
pub(super) fn failed<'a>(defect: Defect) -> Rows<'a> {
    Box::new(std::iter::once(Err(ReadError::File(defect))))
}

/// Returns a defect on a line of the file being read.
pub(super) fn defect(line: u64, field: Option<&str>, code: &'static str, detail: impl Into<String>) -> Defect {
    Defect { at: At::Line { file: None, line, field: field.map(str::to_owned) }, code, detail: detail.into() }
}

/// Returns the text of a file: UTF-8, with or without a byte order mark, without NUL.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Defect> {
    let sheet = "it is a spreadsheet or an archive (ZIP): a workbook is sent with its own type and named .xlsx, or its sheet \
        saved as “CSV UTF-8”";
    let utf16 = "it is UTF-16: save it as UTF-8 (in a spreadsheet: “CSV UTF-8”)";
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(defect(1, None, "encoding", sheet));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(defect(1, None, "encoding", utf16));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let line = |at: usize| 1 + bytes.iter().take(at).filter(|&&byte| byte == b'\n').count() as u64;
    let head = bytes.get(..2).unwrap_or_default();
    if head.first() == Some(&0) || head.get(1) == Some(&0) {
        return Err(defect(1, None, "encoding", utf16));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        let detail = format!("the byte 0x{byte:02X} is not UTF-8: save the file as UTF-8 (it may be Windows-1252)");
        defect(line(at), None, "encoding", detail)
    })?;
    match text.find('\0') {
        Some(at) => Err(defect(line(at), None, "bad_character", "the character NUL (U+0000) is not allowed")),
        None => Ok(text),
    }
}
