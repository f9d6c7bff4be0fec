//! A record as it is kept.

use std::sync::Arc;

use serde_json::value::RawValue;

/// A record as it is kept: with what the registry knows about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored<R> {
    /// The record.
    pub record: R,
    /// The revision of its last change.
    pub version: i64,
    /// When it was created.
    pub created_at: String,
    /// When it was changed last.
    pub updated_at: String,
    /// The JSON of the whole record as it is shown, if that is known.
    pub(super) json: KnownJson,
}

/// JSON that is known already. It follows from the record, so that it makes no two of them differ.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownJson(pub(super) Option<Arc<RawValue>>);

impl PartialEq for KnownJson {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<R> Stored<R> {
    /// Makes a record with what the registry knows about it.
    pub fn new(record: R, version: i64, created_at: String, updated_at: String) -> Self {
        Self { record, version, created_at, updated_at, json: KnownJson::default() }
    }
}

/// The code of a record, and the change that made it what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordVersion {
    /// Its key.
    pub code: String,
    /// The revision of its last change.
    pub version: i64,
    /// When it was changed last.
    pub updated_at: String,
}

impl RecordVersion {
    /// Returns whether a record of this code is this one.
    pub(super) fn is_of<R>(&self, stored: &Stored<R>) -> bool {
        self.version == stored.version && self.updated_at == stored.updated_at
    }
}

impl From<(String, i64, String)> for RecordVersion {
    fn from((code, version, updated_at): (String, i64, String)) -> Self {
        Self { code, version, updated_at }
    }
}

/// The read-only fields that every record carries.
pub const READ_ONLY: [&str; 3] = ["version", "created_at", "updated_at"];

impl<R> From<(R, (i64, String, String))> for Stored<R> {
    fn from((record, (version, created_at, updated_at)): (R, (i64, String, String))) -> Self {
        Self::new(record, version, created_at, updated_at)
    }
}
