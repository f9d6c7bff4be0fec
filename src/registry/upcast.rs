//! Translates documents of the log into today's form. This is the one place that knows the forms that earlier versions
//! of the program wrote.

use serde_json::Value;

use crate::changes::Change;
use crate::error::Result;

/// Reads the document of a change with the names of today's fields. No field has been renamed or removed so far, and
/// every field that was added is optional, so that a document stays as it was written. A field that is renamed or
/// removed is translated here, by the kind of record.
///
/// # Errors
/// As [`Change::document`].
pub(super) fn document(change: &Change) -> Result<Value> {
    change.document()
}
