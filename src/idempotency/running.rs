//! The keyed requests that this process is doing at this moment.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::request::Request;
use crate::error::{Error, Result};

/// The keyed requests that are being done.
#[derive(Debug, Default)]
pub struct Running(Mutex<HashSet<(String, String)>>);

/// A place among them, until it is dropped. The transaction takes it along: it goes on when the client has gone.
#[derive(Debug)]
pub(super) struct Place {
    running: Arc<Running>,
    id: (String, String),
}

impl Running {
    /// Takes the place of a request.
    ///
    /// # Errors
    /// [`Error::StillRunning`] when another one with this key has it.
    pub(super) fn enter(self: &Arc<Self>, request: &Request) -> Result<Place> {
        let id = (request.caller.clone(), request.key.clone());
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if running.insert(id.clone()) { Ok(Place { running: self.clone(), id }) } else { Err(Error::StillRunning) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
