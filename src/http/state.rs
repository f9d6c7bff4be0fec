//! What the service is made of, for its handlers.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::auth::Auth;
use crate::config::ServeConfig;
use crate::db::Db;
use crate::error::Result;
use crate::snapshots::{AsOf, Moment, Snapshots};

/// What every handler can reach.
#[derive(Clone)]
pub struct State {
    /// The registry.
    pub db: Db,
    /// The registry as it was.
    pub snapshots: Snapshots,
    /// Who calls.
    pub auth: Auth,
    /// Whether every change needs `If-Match`.
    pub require_if_match: bool,
    /// Set once the service has been told to stop.
    pub stopping: Arc<AtomicBool>,
}

impl State {
    /// The state of a service that is about to start.
    pub fn new(config: &ServeConfig, db: Db, auth: Auth) -> Self {
        Self {
            snapshots: Snapshots::new(db.clone(), config.snapshots),
            db,
            auth,
            require_if_match: config.require_if_match,
            stopping: Arc::default(),
        }
    }

    /// The registry at a moment, now where none is given: what every `GET` of the registry reads (see
    /// [`crate::snapshots`]).
    ///
    /// # Errors
    /// [`crate::error::Error::BadRequest`] for a moment that is still to come; what the database says.
    pub async fn at(&self, as_of: Option<&AsOf>) -> Result<Moment> {
        self.snapshots.at(as_of).await
    }
}
