//! Writes: made by one thread on SQLite; on PostgreSQL over connections of a pool, and by one thread for writes that
//! append to the log.

#[cfg(feature = "postgres")]
use tokio::sync::oneshot;

#[cfg(feature = "postgres")]
use super::commit_signal::CommitSignal;
use super::connection::DbConn;
#[cfg(feature = "postgres")]
use super::connections::{Manager, connection_within};
use super::damage::Damage;
#[cfg(feature = "postgres")]
use super::dialect::write_transaction;
use super::pool::{Db, Writers};
#[cfg(feature = "postgres")]
use super::trouble::Trouble;
use super::trouble::Troubles;
#[cfg(feature = "postgres")]
use super::write_deadline::WriteDeadline;
#[cfg(feature = "postgres")]
use super::writer::Writer;
use crate::error::{Error, Result};

impl Db {
    /// Writes, all or nothing; answers when it is durable. Registry tables are written through `registry::write` alone.
    ///
    /// # Errors
    /// Errors of `write`; [`Error::Unavailable`] when too many wait, or its result is unknown;
    /// [`Error::Damaged`].
    pub async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let write = self.watched(write)?;
        let written = match &self.inner.writers {
            Writers::File(writer) => writer.submit(write)?.await.map_err(writer_gone)?,
            Writers::ReadOnly => Err(read_only()),
            #[cfg(feature = "postgres")]
            Writers::Server { pool, .. } => self.write_alone(pool.clone(), write).await,
        };
        self.inner.troubles.note(written)
    }

    /// [`Db::write`] for many records: on SQLite, too, it has a transaction of its own.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_many<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.inner.writers {
            Writers::File(writer) => {
                let write = self.watched(write)?;
                let written = writer.submit_alone(write)?.await.map_err(writer_gone)?;
                self.inner.troubles.note(written)
            }
            _ => self.write(write).await,
        }
    }

    /// [`Db::write`] for something short that appends to the log. On PostgreSQL, what waits is committed together.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_grouped<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.inner.writers {
            Writers::File(_) | Writers::ReadOnly => self.write(write).await,
            #[cfg(feature = "postgres")]
            Writers::Server { grouping, .. } => {
                let write = self.watched(write)?;
                let written = self.write_with_others(grouping, write).await;
                self.inner.troubles.note(written)
            }
        }
    }

    /// [`Db::write_many`] for code that is not async: the command line.
    ///
    /// # Errors
    /// Errors of `write`.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let write = self.watched(write)?;
        let written = match &self.inner.writers {
            Writers::File(writer) => writer.submit_alone(write)?.blocking_recv().map_err(writer_gone)?,
            Writers::ReadOnly => Err(read_only()),
            #[cfg(feature = "postgres")]
            Writers::Server { pool, .. } => {
                write_on(pool, &self.inner.commits, WriteDeadline::begin(self.inner.limits.commit), write)
            }
        };
        self.inner.troubles.note(written)
    }

    /// Wraps a write, so that it is counted as waiting until it begins, and its troubles are noticed: see
    /// [`Troubles::watching`].
    fn watched<T: 'static>(
        &self,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<impl FnOnce(&mut DbConn) -> Result<(T, bool)> + Send + 'static> {
        let write = Troubles::watching(&self.inner.troubles, Damage::watching(&self.inner.damage, write)?);
        let waiting = self.inner.writes_waiting.increment();
        Ok(move |conn: &mut DbConn| {
            drop(waiting);
            write(conn)
        })
    }

    /// Writes in a transaction of its own (PostgreSQL).
    #[cfg(feature = "postgres")]
    async fn write_alone<T: Send + 'static>(
        &self,
        pool: diesel::r2d2::Pool<Manager>,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let commits = self.inner.commits.clone();
        let deadline = WriteDeadline::begin(self.inner.limits.commit);
        let ticket = self.inner.blocking_pool.writes.try_admit()?;
        let permit = tokio::time::timeout(deadline.left_to_wait(), ticket.acquire());
        let permit = permit.await.unwrap_or_else(|_| Err(Error::late()))?;
        let (commits_now, committing) = oneshot::channel();
        let write = move |conn: &mut DbConn| {
            let value = write(conn)?;
            // The caller may have gone away.
            let _ = commits_now.send(());
            Ok(value)
        };
        let writing = self.blocking(move || {
            let _permit = permit;
            write_on(&pool, &commits, deadline, write)
        });
        let hangs = || self.inner.troubles.met(Trouble::CommitsHang);
        deadline.commit(committing, writing, hangs).await
    }

    /// Writes in a transaction that others share (PostgreSQL).
    #[cfg(feature = "postgres")]
    async fn write_with_others<T: Send + 'static>(
        &self,
        grouping: &Writer,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let deadline = WriteDeadline::begin(self.inner.limits.commit);
        let (begins, mut begun) = oneshot::channel();
        let (commits_now, committing) = oneshot::channel();
        let job = move |conn: &mut DbConn| {
            // A caller that got the answer that nothing was written must be right.
            begins.send(()).map_err(|()| Error::late())?;
            deadline.bound_locks(conn)?;
            let value = write(conn)?;
            // The caller may have gone away.
            let _ = commits_now.send(());
            Ok(value)
        };
        let written = grouping.submit(job)?;
        if tokio::time::timeout(deadline.left_to_wait(), &mut begun).await.is_err() {
            begun.close();
            // It may have begun at this very moment.
            begun.try_recv().map_err(|_| Error::late())?;
        }
        let writing = async { written.await.map_err(writer_gone)? };
        let hangs = || self.inner.troubles.met(Trouble::CommitsHang);
        deadline.commit(committing, writing, hangs).await
    }
}

#[cfg(feature = "postgres")]
fn write_on<T>(
    pool: &diesel::r2d2::Pool<Manager>,
    commits: &CommitSignal,
    deadline: WriteDeadline,
    write: impl FnOnce(&mut DbConn) -> Result<T>,
) -> Result<T> {
    let mut kept = connection_within(pool, deadline.left_to_wait())?;
    let value = write_transaction(&mut kept.conn, |conn| {
        deadline.bound_locks(conn)?;
        write(conn)
    })?;
    commits.record();
    Ok(value)
}

fn writer_gone(_: tokio::sync::oneshot::error::RecvError) -> Error {
    Error::Unavailable("the service is stopping; whether the write was made is not known".to_owned())
}

fn read_only() -> Error {
    Error::internal("a write was refused", "this database is a past state, which is never changed")
}
