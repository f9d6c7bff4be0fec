//! The address of the endpoint, and its name.

use serde_json::{Value, json};

/// Its path.
pub(super) const PATH: &str = "/mcp";

/// Returns the name and version of the server.
pub(super) fn server() -> Value {
    json!({ "name": "partnership-registry", "title": "Partnership registry", "version": env!("CARGO_PKG_VERSION") })
}
