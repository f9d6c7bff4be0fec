//! Troubles that keep writes from being made, from the first failure until one succeeds: readiness and the metrics
//! tell.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::RunQueryDsl as _;
use diesel::sql_types::BigInt;

use super::connection::DbConn;
use crate::error::{Error, Result};

/// A trouble that keeps writes from being made. Reading goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no room.
    StorageFull,
    /// Commits do not end: a synchronous standby does not answer (PostgreSQL).
    CommitsHang,
}

impl Trouble {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::StorageFull, Self::CommitsHang];

    /// Returns the name of the trouble for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::StorageFull => "storage-full",
            Self::CommitsHang => "commits-hang",
        }
    }
}

/// The troubles of a database.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    storage_full: AtomicBool,
    commits_hang: AtomicBool,
}

impl Troubles {
    fn flag(&self, trouble: Trouble) -> &AtomicBool {
        match trouble {
            Trouble::StorageFull => &self.storage_full,
            Trouble::CommitsHang => &self.commits_hang,
        }
    }

    /// Tells whether there is this trouble.
    pub(super) fn has(&self, trouble: Trouble) -> bool {
        self.flag(trouble).load(Ordering::Relaxed)
    }

    fn any(&self) -> bool {
        Trouble::ALL.into_iter().any(|trouble| self.has(trouble))
    }

    /// Notes that there is this trouble.
    pub(super) fn met(&self, trouble: Trouble) {
        if !self.flag(trouble).swap(true, Ordering::Relaxed) {
            log::error!("writes fail, and reading goes on: {}", trouble.code());
        }
    }

    /// Wraps a write, so that it also tells whether it has written anything, as long as that matters.
    pub(super) fn watching<T, W: FnOnce(&mut DbConn) -> Result<T>>(
        this: &Arc<Self>,
        write: W,
    ) -> impl FnOnce(&mut DbConn) -> Result<(T, bool)> + use<T, W> {
        let this = this.clone();
        move |conn| {
            if !this.any() {
                return Ok((write(conn)?, true));
            }
            let before = written(conn)?;
            let value = write(conn)?;
            Ok((value, written(conn)? != before))
        }
    }

    /// Passes on how a write ended, and notes what it says. A commit of nothing needs no room.
    pub(super) fn note<T>(&self, result: Result<(T, bool)>) -> Result<T> {
        match &result {
            Ok((_, true)) => {
                for trouble in Trouble::ALL {
                    if self.flag(trouble).swap(false, Ordering::Relaxed) {
                        log::info!("writes succeed again: no {} any more", trouble.code());
                    }
                }
            }
            Err(Error::StorageFull) => self.met(Trouble::StorageFull),
            Ok((_, false)) | Err(_) => {}
        }
        result.map(|(value, _)| value)
    }
}

/// Returns a number that changes with what this transaction writes.
fn written(conn: &mut DbConn) -> Result<i64> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        value: i64,
    }
    let sql = match conn {
        DbConn::Sqlite(_) => "SELECT total_changes() AS value",
        #[cfg(feature = "postgres")]
        DbConn::Postgres(_) => "SELECT coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0) AS value",
    };
    Ok(diesel::sql_query(sql).get_result::<Row>(conn)?.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{DatabaseUrl, Db, Limits};

    fn run(sql: &'static str) -> impl FnOnce(&mut DbConn) -> Result<()> + Send + 'static {
        move |conn| Ok(diesel::sql_query(sql).execute(conn).map(drop)?)
    }

    /// Fails where a commit of nothing counts as success: then readiness goes to and fro.
    #[test]
    fn storage_is_full_until_something_has_been_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        let db = Db::open(&url, Limits::default()).unwrap();
        db.write_blocking(run("CREATE TABLE t (x TEXT) STRICT")).unwrap();
        assert_eq!(db.troubles(), []);
        db.write_blocking(run("PRAGMA max_page_count = 1")).unwrap();
        let large = "INSERT INTO t VALUES (hex(zeroblob(100000)))";
        assert!(matches!(db.write_blocking(run(large)), Err(Error::StorageFull)));
        assert_eq!(db.troubles(), [Trouble::StorageFull]);
        db.write_blocking(run("DELETE FROM t")).unwrap();
        assert_eq!(db.troubles(), [Trouble::StorageFull], "there was nothing to delete");
        db.write_blocking(run("PRAGMA max_page_count = 1000000")).unwrap();
        db.write_blocking(run(large)).unwrap();
        assert_eq!(db.troubles(), []);
    }
}
