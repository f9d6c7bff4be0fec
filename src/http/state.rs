//! What the service is made of, for its handlers.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::auth::Auth;
use crate::db::Db;

/// What every handler can reach.
#[derive(Clone)]
pub struct State {
    /// The registry.
    pub db: Db,
    /// Who calls.
    pub auth: Auth,
    /// Whether every change needs `If-Match`.
    pub require_if_match: bool,
    /// Set once the service has been told to stop.
    pub stopping: Arc<AtomicBool>,
}
