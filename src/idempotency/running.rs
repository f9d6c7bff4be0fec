//! The keyed requests that this process is running.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::request::Request;
use crate::error::{Error, Result};

/// The keyed requests that are running.
#[derive(Debug, Default)]
pub struct Running(Mutex<HashSet<(String, String)>>);

/// The permit of a request, released on drop. The transaction owns it, since it goes on when the client has gone.
#[derive(Debug)]
pub(super) struct RequestPermit {
    running: Arc<Running>,
    id: (String, String),
}

impl Running {
    /// Takes the permit of a request.
    ///
    /// # Errors
    /// [`Error::StillRunning`] when another one with this key runs.
    pub(super) fn try_acquire(self: &Arc<Self>, request: &Request) -> Result<RequestPermit> {
        let id = (request.caller.clone(), request.key.clone());
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if running.insert(id.clone()) {
            Ok(RequestPermit { running: self.clone(), id })
        } else {
            Err(Error::StillRunning)
        }
    }
}

impl Drop for RequestPermit {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
