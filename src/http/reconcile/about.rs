//! The addresses of the service, and its collections.

/// Its path, for clients that send a token.
pub(super) const PATH: &str = "/reconcile";

/// The collections that names can be matched to.
pub(in crate::http) const COLLECTIONS: [&str; 4] = ["nations", "organisations", "projects", "agreements"];
