//! A record as it is kept.

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
        Self { record, version, created_at, updated_at }
    }
}
