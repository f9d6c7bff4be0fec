//! Damage of the database: once it has been seen, nothing more is written, as each write could spread it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::connection::DbConn;
use crate::error::{Error, Result};

/// A memory of damage to a database. It lasts until the process ends: a page that is read well today
/// may be the one that was read wrongly yesterday.
#[derive(Debug, Default)]
pub(super) struct Damage {
    found: AtomicBool,
}

impl Damage {
    pub(super) fn is_found(&self) -> bool {
        self.found.load(Ordering::Relaxed)
    }

    /// Passes a result on, and notes what it says of the database.
    pub(super) fn note<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error @ Error::Damaged(_)) = &result
            && !self.found.swap(true, Ordering::Relaxed)
        {
            log::error!("{error}; nothing is written any more: stop the service, and restore a backup");
        }
        result
    }

    /// Wraps a write, so that its outcome is noted.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the database is known to be: then it must not be written.
    pub(super) fn watching<T, W: FnOnce(&mut DbConn) -> Result<T>>(
        this: &Arc<Self>,
        write: W,
    ) -> Result<impl FnOnce(&mut DbConn) -> Result<T> + use<T, W>> {
        if this.is_found() {
            return Err(Error::Damaged("a write was refused".to_owned()));
        }
        let this = this.clone();
        Ok(move |conn: &mut DbConn| this.note(write(conn)))
    }
}
