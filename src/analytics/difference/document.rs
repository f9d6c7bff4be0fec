//! The documents of the log.

use serde_json::Value;

use crate::error::{Error, Result};

/// A record before and after.
pub(super) type Documents = (Option<Value>, Option<Value>);

/// Returns a document of the log.
pub(super) fn parse(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| Error::internal("a document in the log is not JSON", error))
}
