//! Connections that are kept for later use.

use std::time::Duration;

use diesel::RunQueryDsl as _;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};

#[cfg(feature = "postgres")]
use super::backend::Backend;
use super::connection::{Access, DatabaseUrl, DbConn};
use crate::error::{Error, Result};

/// A connection that is kept.
pub(super) struct Kept {
    pub(super) conn: DbConn,
    /// The server's process, where its statements can be ended from outside (PostgreSQL).
    #[cfg(feature = "postgres")]
    pub(super) backend: Option<Backend>,
    /// True if it is closed rather than kept.
    #[cfg(feature = "postgres")]
    pub(super) is_done_with: bool,
}

/// Returns a connection, as soon as one is free.
pub(super) fn connection(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>> {
    pool.get().map_err(|error| none(&error))
}

/// Returns a connection, if one is free within `limit`.
#[cfg(feature = "postgres")]
pub(super) fn connection_within(pool: &Pool<Manager>, limit: Duration) -> Result<PooledConnection<Manager>> {
    pool.get_timeout(limit).map_err(|error| none(&error))
}

fn none(error: &diesel::r2d2::PoolError) -> Error {
    // The reason names files, hosts and users.
    log::error!("no connection to the database: {error}");
    Error::Unavailable("the database does not answer; try again in a second".to_owned())
}

/// Makes a pool of at most `size` connections; a caller waits for one no longer than `acquire_timeout`.
pub(super) fn pool(url: &DatabaseUrl, access: Access, size: usize, acquire_timeout: Duration) -> Result<Pool<Manager>> {
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(0))
        .connection_timeout(acquire_timeout)
        .test_on_check_out(false)
        .build(Manager { url: url.clone(), access })
        .map_err(|error| Error::internal("the database cannot be opened", error))
}

#[derive(Debug)]
pub(super) struct Manager {
    url: DatabaseUrl,
    access: Access,
}

impl ManageConnection for Manager {
    type Connection = Kept;
    type Error = Error;

    fn connect(&self) -> Result<Kept> {
        #[cfg_attr(not(feature = "postgres"), expect(unused_mut, reason = "only PostgreSQL is asked"))]
        let mut conn = self.url.open(self.access)?;
        Ok(Kept {
            #[cfg(feature = "postgres")]
            backend: match &mut conn {
                DbConn::Postgres(conn) if self.access == Access::Read => Some(Backend::of(conn)?),
                _ => None,
            },
            conn,
            #[cfg(feature = "postgres")]
            is_done_with: false,
        })
    }

    fn is_valid(&self, kept: &mut Kept) -> Result<()> {
        diesel::sql_query("SELECT 1").execute(&mut kept.conn).map(drop).map_err(Error::from)
    }

    fn has_broken(&self, kept: &mut Kept) -> bool {
        #[cfg(feature = "postgres")]
        if kept.is_done_with {
            return true;
        }
        diesel::r2d2::R2D2Connection::is_broken(&mut kept.conn)
    }
}
