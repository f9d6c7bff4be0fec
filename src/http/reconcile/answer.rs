//! An answer of the service.

use serde_json::Value;

/// An answer.
pub(super) enum Answer {
    Json(Value),
    Page(String),
}
