//! A file to import, in any of the formats that are read.

use std::sync::Arc;

use super::rows::{Format, Rows};
use super::workbook_in::{self, Opened};
use super::{csv_in, json_in};
use crate::error::Result;
use crate::registry::Resource;

/// A file to import, which can be read more than once.
#[derive(Clone, Debug)]
pub struct Source(Arc<Content>);

#[derive(Debug)]
enum Content {
    Csv(Vec<u8>),
    Ndjson(Vec<u8>),
    Json(Vec<u8>),
    Sheet(Opened),
}

impl Source {
    /// Opens a file.
    ///
    /// # Errors
    /// [`crate::error::Error::UnpackedTooLarge`] for a workbook that holds more than is read.
    pub fn open(format: Format, bytes: Vec<u8>) -> Result<Self> {
        Ok(Self(Arc::new(match format {
            Format::Csv => Content::Csv(bytes),
            Format::Ndjson => Content::Ndjson(bytes),
            Format::Json => Content::Json(bytes),
            Format::Xlsx => Content::Sheet(workbook_in::open(bytes)?),
        })))
    }

    /// Returns the rows of a file of records of one kind. With `partial`, a table that has codes needs no other column.
    pub fn rows<R: Resource>(&self, partial: bool) -> Rows<'_> {
        match &*self.0 {
            Content::Csv(bytes) => csv_in::read::<R>(bytes, partial),
            Content::Ndjson(bytes) => json_in::lines(bytes),
            Content::Json(bytes) => json_in::array(bytes),
            Content::Sheet(sheet) => workbook_in::read::<R>(sheet, partial),
        }
    }
}
