//! The registry's tables, open to be written. A transaction that logs ([`super::Tx`]) and the replay of the log hand them
//! out, nothing else. Whatever follows a record wherever it is written (the search index) hangs on the two methods here.

use super::resource::{Resource, Stored};
use super::search;
use crate::db::DbConn;
use crate::error::Result;

/// The registry's tables, open to be written.
pub struct Tables<'a>(&'a mut DbConn);

impl<'a> Tables<'a> {
    pub(super) fn of(conn: &'a mut DbConn) -> Self {
        Self(conn)
    }

    /// The connection, for the resources' own SQL.
    pub(super) fn conn(&mut self) -> &mut DbConn {
        self.0
    }

    /// Writes a record, new or changed, with what searching finds it by.
    pub(super) fn save<R: Resource>(&mut self, stored: &Stored<R>) -> Result<()> {
        R::save(self, stored)?;
        search::keep(self.0, &stored.record)
    }

    /// Removes the record with this code, if there is one.
    pub(super) fn remove<R: Resource>(&mut self, code: &str) -> Result<()> {
        R::remove(self, code)?;
        search::forget(self.0, R::COLLECTION, code)
    }
}
