//! The SQL that differs between the two databases.

#[cfg(feature = "postgres")]
use diesel::RunQueryDsl as _;
use diesel::connection::{AnsiTransactionManager, TransactionManager};

use super::connection::DbConn;
use super::tally;
use crate::error::{Error, Result, is_connection_lost, is_damage};

/// Runs the body with the connection of whichever database this is. A statement that runs often is given its own
/// database this way: over [`DbConn`], diesel writes the text of a statement and copies its values each time.
macro_rules! on {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::db::connection::DbConn::Sqlite($inner) => $body,
            #[cfg(feature = "postgres")]
            $crate::db::connection::DbConn::Postgres($inner) => $body,
        }
    };
}
pub(crate) use on;

/// Begins a transaction: `sqlite` and `postgres` are the statements that begin it.
fn begin(
    conn: &mut DbConn,
    sqlite: &str,
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "unused without PostgreSQL"))]
    postgres: &str,
) -> Result<()> {
    match conn {
        DbConn::Sqlite(inner) => AnsiTransactionManager::begin_transaction_sql(inner, sqlite)?,
        #[cfg(feature = "postgres")]
        DbConn::Postgres(inner) => AnsiTransactionManager::begin_transaction_sql(inner, postgres)?,
    }
    Ok(())
}

fn finish<T>(conn: &mut DbConn, result: Result<T>, failed: fn(diesel::result::Error) -> Error) -> Result<T> {
    match result {
        Ok(value) => {
            on!(conn, inner => AnsiTransactionManager::commit_transaction(inner)).map_err(failed)?;
            Ok(value)
        }
        Err(error) => {
            match on!(conn, inner => AnsiTransactionManager::rollback_transaction(inner)) {
                // SQLite has taken the transaction back by itself.
                Ok(()) | Err(diesel::result::Error::NotInTransaction) => {}
                Err(rollback) => log::warn!("a rollback failed: {rollback}"),
            }
            Err(error)
        }
    }
}

/// Returns the error of a failed commit. After a failed sync the content of the disk is unknown (rules.md 7), and a
/// damaged database must not be written any further: stop, and let recovery read the log again.
fn commit_failed(error: diesel::result::Error) -> Error {
    if error.to_string().contains("disk I/O error") {
        log::error!("the database could not be synchronised to disk: {error}; stopping");
        crate::logging::abort();
    }
    if is_damage(&error) {
        log::error!("the database is damaged, which a commit has met: {error}; stopping");
        crate::logging::abort();
    }
    if is_connection_lost(&error) {
        log::error!("the connection was lost at a commit: {error}");
        return Error::unknown_outcome();
    }
    error.into()
}

/// Runs all reads of a request in one snapshot.
///
/// # Errors
/// Errors of `read` or the database.
pub fn read_transaction<T>(conn: &mut DbConn, read: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
    begin(conn, "BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let result = read(conn);
    finish(conn, result, Error::from)
}

/// Runs a transaction that writes. On SQLite it takes the write lock at once: a deferred transaction that reads and
/// then writes fails with "database is locked", whatever the time-out.
///
/// # Errors
/// Errors of `write` or the database; then nothing is written.
pub fn write_transaction<T>(conn: &mut DbConn, write: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
    tally::begin();
    begin(conn, "BEGIN IMMEDIATE", "BEGIN")?;
    let result = write(conn);
    finish(conn, result, commit_failed)
}

/// Lets one transaction at a time append to the change log, so that revisions become visible in their order.
///
/// # Errors
/// Errors of the database.
pub fn lock_log(conn: &mut DbConn) -> Result<()> {
    match conn {
        // BEGIN IMMEDIATE has done it.
        DbConn::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        DbConn::Postgres(inner) => {
            // Registries in other schemas of the database have locks of their own (but for a collision of hashes).
            // Earlier programs take the first number alone, exclusively: in a rolling upgrade either waits for the
            // other.
            diesel::sql_query(
                "SELECT pg_advisory_xact_lock_shared(7236821), pg_advisory_xact_lock(7236821, hashtext(current_schema()))",
            )
            .execute(inner)?;
        }
    }
    Ok(())
}

/// Takes a lock of this name until the transaction ends, if no other transaction has it. On SQLite no other one writes.
///
/// # Errors
/// Errors of the database.
pub fn try_lock(
    conn: &mut DbConn,
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "unused without PostgreSQL"))] name: &str,
) -> Result<bool> {
    match conn {
        DbConn::Sqlite(_) => Ok(true),
        #[cfg(feature = "postgres")]
        DbConn::Postgres(_) => advisory_lock(conn, "pg_try_advisory_xact_lock", name),
    }
}

/// Does something with the lock of this name: `function` is one of PostgreSQL's for advisory locks.
#[cfg(feature = "postgres")]
pub(super) fn advisory_lock(conn: &mut DbConn, function: &'static str, name: &str) -> Result<bool> {
    // As with the log's lock: other schemas of the database have locks of their own.
    let sql = format!("SELECT {function}(hashtextextended(current_schema() || ' ' || $1, 0)) AS taken");
    match conn {
        DbConn::Sqlite(_) => Ok(true),
        DbConn::Postgres(inner) => {
            let query = diesel::sql_query(sql).bind::<diesel::sql_types::Text, _>(name);
            Ok(query.get_result::<Taken>(inner)?.taken)
        }
    }
}

#[cfg(feature = "postgres")]
#[derive(diesel::QueryableByName)]
struct Taken {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    taken: bool,
}

/// Makes this transaction plan each statement for the tables as they are then. PostgreSQL keeps a plan after five
/// times, and one that was made for empty tables reads them from end to end for each of many rows.
///
/// # Errors
/// Errors of the database.
pub fn plan_each_time(conn: &mut DbConn) -> Result<()> {
    match conn {
        DbConn::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        DbConn::Postgres(inner) => {
            diesel::sql_query("SET LOCAL plan_cache_mode = force_custom_plan").execute(inner)?;
        }
    }
    Ok(())
}

/// The channel on which PostgreSQL tells other instances of new rows in the log. It belongs to the database: registries
/// in other schemas get the message, too, look, and find nothing.
#[cfg(feature = "postgres")]
pub(super) const LOG_CHANNEL: &str = "partnership_registry_log";

/// Tells other instances, once this transaction has committed, that the log has grown. SQLite's notice it by
/// themselves.
///
/// # Errors
/// Errors of the database.
pub fn announce_log(conn: &mut DbConn) -> Result<()> {
    match conn {
        DbConn::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        DbConn::Postgres(inner) => {
            diesel::sql_query(format!("NOTIFY {LOG_CHANNEL}")).execute(inner)?;
        }
    }
    Ok(())
}
