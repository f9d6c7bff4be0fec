//! Documents of the log in today's form: the one place where those of earlier versions of the program are translated.

use serde_json::Value;

use crate::changes::Change;
use crate::error::Result;

/// Reads the document of a change as today's fields are named. No field has been renamed or removed so far, and one
/// that was added is optional, so that a document is as it was written. A field that is renamed or removed is
/// translated here, by the kind of record.
///
/// # Errors
/// As [`Change::document`].
pub(super) fn document(change: &Change) -> Result<Value> {
    change.document()
}
