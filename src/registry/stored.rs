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

/// The read-only fields that every record carries.
pub const READ_ONLY: [&str; 3] = ["version", "created_at", "updated_at"];

impl<R> From<(R, (i64, String, String))> for Stored<R> {
    fn from((record, (version, created_at, updated_at)): (R, (i64, String, String))) -> Self {
        Self { record, version, created_at, updated_at }
    }
}
