//! Access tokens of ours that were verified, each with the role that its owner had last.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::access::Claims;
use super::caller::Caller;
use super::username::Username;

/// A token of ours whose signature and claims have been checked.
pub(super) struct Verified {
    pub(super) claims: Claims,
    pub(super) username: Username,
    pub(super) kid: String,
    /// The standing of its owner, as it was read last.
    pub(super) current_role: Mutex<Option<CurrentRole>>,
}

impl Verified {
    pub(super) fn cached_role(&self, generation: u64, now: DateTime<Utc>) -> Option<Arc<Caller>> {
        let current_role = self.current_role.lock().unwrap_or_else(PoisonError::into_inner);
        let holds =
            |current_role: &&CurrentRole| current_role.generation == generation && current_role.expires_at > now;
        current_role.as_ref().filter(holds).map(|current_role| current_role.caller.clone())
    }

    pub(super) fn cache_role(&self, current_role: CurrentRole) {
        *self.current_role.lock().unwrap_or_else(PoisonError::into_inner) = Some(current_role);
    }
}

/// The standing of a token's owner, and how long it may be believed.
#[derive(Clone)]
pub(super) struct CurrentRole {
    pub(super) caller: Arc<Caller>,
    /// The end of the session or named token.
    pub(super) expires_at: DateTime<Utc>,
    /// The generation of the database in which it was read: any commit may change it.
    pub(super) generation: u64,
}
