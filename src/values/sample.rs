//! Examples for the documentation.

use serde_json::Value;

use super::record::Record;

/// Returns a record of the documentation, from its document. Fields that it leaves out are empty. The documents are
/// constants, and a test reads every example.
#[expect(clippy::panic, reason = "a constant that is no record is found by the first test that builds the document")]
pub(crate) fn example<R: Record>(document: Value) -> R {
    let mut defects = Vec::new();
    match R::decode(document, "", &[], &mut defects) {
        Some(record) if defects.is_empty() => record,
        _ => panic!("{defects:?}"),
    }
}
