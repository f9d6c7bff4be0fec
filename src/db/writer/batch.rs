//! Jobs that are committed together, each in a savepoint of its own.

use diesel::connection::SimpleConnection as _;
#[cfg(feature = "postgres")]
use diesel::connection::{AnsiTransactionManager, TransactionManager as _, TransactionManagerStatus};

use super::job::{Commit, Job, Queue, Reply};
use crate::db::connection::DbConn;
use crate::db::dialect::write_transaction;
use crate::error::{Error, Result};

/// How many jobs share a commit at most.
const BATCH: usize = 128;

/// Begins what [`stands`] asks for.
fn mark(conn: &mut DbConn) -> Result<()> {
    match conn {
        DbConn::Sqlite(inner) => Ok(inner.batch_execute("SAVEPOINT batch")?),
        #[cfg(feature = "postgres")]
        DbConn::Postgres(_) => Ok(()),
    }
}

/// Fails where the transaction is not the one that [`mark`] was set in. Some errors (no space, I/O) make SQLite take
/// back the whole transaction, not the statement (rules.md 11b). What runs after that runs outside it, and commits by
/// itself. SQLite tells by `sqlite3_get_autocommit`, which only unsafe code can call; the savepoint tells the same, as
/// it is gone with its transaction. Diesel then looks at autocommit itself, and knows that it is in no transaction any
/// more. PostgreSQL never does so; there the connection may be lost.
fn stands(conn: &mut DbConn) -> Result<()> {
    match conn {
        DbConn::Sqlite(inner) => Ok(inner.batch_execute("RELEASE batch; SAVEPOINT batch")?),
        #[cfg(feature = "postgres")]
        DbConn::Postgres(inner) => match AnsiTransactionManager::transaction_manager_status_mut(inner) {
            TransactionManagerStatus::InError => Err(Error::late()),
            TransactionManagerStatus::Valid(_) => Ok(()),
        },
    }
}

/// Runs a job in a transaction of its own: what it wrote is taken back with the transaction.
fn run_alone(conn: &mut DbConn, job: Job, replies: &mut Vec<Reply>) -> Commit {
    let (mut job, mut failed) = (Some(job), false);
    let outcome = write_transaction(conn, |conn| {
        let Some(next) = job.take() else { return Ok(()) };
        let ran = (next.run)(Ok(conn));
        replies.push(ran.reply);
        failed = ran.failed;
        if failed { Err(Error::internal("a write failed", "its own error says why")) } else { Ok(()) }
    });
    let Err(error) = outcome else { return Commit::Done };
    if failed {
        return Commit::RolledBack;
    }
    log::error!("a transaction failed, and nothing of it was written: {error}");
    let not_run = job.map(|job| (job.run)(Err(not_begun())).reply);
    replies.extend(not_run);
    if matches!(error, Error::StorageFull) { Commit::StorageFull } else { Commit::Failed }
}

/// Runs what waits in one transaction, up to the first job that takes it back: the rest waits for the next one.
pub(super) fn run_batch(conn: &mut DbConn, first: Job, queue: &mut Queue<'_>, replies: &mut Vec<Reply>) -> Commit {
    if first.alone {
        return run_alone(conn, first, replies);
    }
    let (mut job, mut stood, mut storage_full) = (Some(first), true, false);
    let outcome = write_transaction(conn, |conn| {
        mark(conn)?;
        while let Some(next) = job.take() {
            let ran = (next.run)(Ok(conn));
            replies.push(ran.reply);
            storage_full = ran.storage_full;
            stood = false;
            if ran.damaged {
                return Err(Error::Damaged("a write of this transaction has met it".to_owned()));
            }
            stands(conn)?;
            stood = true;
            if replies.len() < BATCH {
                job = queue.try_recv_shared();
            }
        }
        Ok(())
    });
    let Err(error) = outcome else { return Commit::Done };
    log::error!("a transaction of {} writes failed, and none of them was made: {error}", replies.len());
    // Where the transaction did not even begin, the job has not run.
    let not_run = job.map(|job| (job.run)(Err(not_begun())).reply);
    replies.extend(not_run);
    match error {
        Error::StorageFull => Commit::StorageFull,
        _ if !stood && storage_full => Commit::StorageFull,
        _ if !stood => Commit::RolledBack,
        _ => Commit::Failed,
    }
}

/// The error of a write that was not made, as no transaction could begin.
fn not_begun() -> Error {
    Error::Unavailable("the write was not made, as the database does not answer; try again in a second".to_owned())
}
