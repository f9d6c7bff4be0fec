//! Locks that a process holds from one transaction to the next, until it gives them back or ends.

#[cfg(feature = "postgres")]
use super::connection::{Access, DatabaseUrl, DbConn};
#[cfg(feature = "postgres")]
use super::dialect;
use super::pool::Db;
use crate::error::Result;

/// Locks of the instances of a service. On SQLite there is one instance, and it has every lock.
pub struct SessionLocks {
    /// The locks go with the connection.
    #[cfg(feature = "postgres")]
    conn: Option<DbConn>,
}

impl Db {
    /// Returns a connection of its own for locks.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn session_locks(&self) -> Result<SessionLocks> {
        Ok(SessionLocks {
            #[cfg(feature = "postgres")]
            conn: match &self.inner.url {
                DatabaseUrl::Sqlite(_) => None,
                url @ DatabaseUrl::Postgres(_) => Some(url.open(Access::Read)?),
            },
        })
    }
}

impl SessionLocks {
    /// Takes a lock of this name, if no other instance has it. Not to be taken twice.
    ///
    /// # Errors
    /// When the connection is lost, and every lock with it.
    pub fn take(
        &mut self,
        #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "unused without PostgreSQL"))]
        name: &str,
    ) -> Result<bool> {
        #[cfg(feature = "postgres")]
        if let Some(conn) = &mut self.conn {
            return dialect::advisory_lock(conn, "pg_try_advisory_lock", name);
        }
        Ok(true)
    }

    /// Gives a lock back.
    ///
    /// # Errors
    /// As [`SessionLocks::take`].
    pub fn release(
        &mut self,
        #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "unused without PostgreSQL"))]
        name: &str,
    ) -> Result<()> {
        #[cfg(feature = "postgres")]
        if let Some(conn) = &mut self.conn {
            dialect::advisory_lock(conn, "pg_advisory_unlock", name)?;
        }
        Ok(())
    }
}
