//! Access to the database: short reads at once on the caller's thread (SQLite), everything else in a bounded
//! pool of blocking threads, writes through one writer. Nothing here waits without a bound.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use diesel::r2d2::Pool;

use super::blocking_pool::BlockingPool;
use super::cancellation::Waiting;
#[cfg(feature = "postgres")]
use super::canceller::Canceller;
use super::commit_signal::CommitSignal;
use super::connection::{Access, DatabaseUrl, DbConn};
use super::connections::{Manager, connection, pool};
use super::damage::Damage;
use super::dialect::read_transaction;
use super::generation::Generations;
use super::limits::Limits;
use super::presence::unless_gone;
use super::reach::Reach;
use super::read_class::ReadClass;
use super::task::{self, Task};
use super::trouble::{Trouble, Troubles};
use super::work_queue::{ExportPermit, Ticket};
use super::writer::Writer;
use crate::error::{Error, Result};
use crate::measure::Gauge;

/// The time that a read waits for a connection: on SQLite a thread that serves others waits with it.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// The time that a write waits for one.
#[cfg(feature = "postgres")]
const WRITE_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// The database of a registry. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(super) inner: Arc<Inner>,
    pub(super) replica: Option<Arc<Replica>>,
}

/// The read replica of a database.
pub(super) struct Replica {
    pub(super) db: Db,
    pub(super) is_migrated: AtomicBool,
}

pub(super) struct Inner {
    pub(super) url: DatabaseUrl,
    pub(super) commits: Arc<CommitSignal>,
    pub(super) readers: Pool<Manager>,
    pub(super) writers: Writers,
    pub(super) blocking_pool: Arc<BlockingPool>,
    /// Ends a read whose client has gone, where the thread that reads cannot (PostgreSQL).
    #[cfg(feature = "postgres")]
    canceller: Option<Canceller>,
    /// Writes that have not begun.
    pub(super) writes_waiting: Gauge,
    pub(super) limits: Limits,
    pub(super) generations: Generations,
    pub(super) damage: Arc<Damage>,
    pub(super) reach: Reach,
    pub(super) troubles: Arc<Troubles>,
}

pub(super) enum Writers {
    /// SQLite: one thread, which commits together what waits together.
    File(Writer),
    /// A file that no process writes any more.
    ReadOnly,
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Server {
        /// Connections that write.
        pool: Pool<Manager>,
        /// The thread that commits together what appends to the log: one transaction at a time can do that.
        grouping: Writer,
    },
}

impl Db {
    /// Opens the database. It must have been migrated, or be migrated through [`Db::migrate`] before it is used.
    ///
    /// # Errors
    /// When it cannot be opened, with what to do about it.
    pub fn open(url: &DatabaseUrl, limits: Limits) -> Result<Self> {
        let commits = Arc::<CommitSignal>::default();
        let readers = pool(url, Access::Read, limits.workers + limits.blocking, ACQUIRE_TIMEOUT)?;
        let writers = match url {
            DatabaseUrl::Sqlite(file) => {
                Writers::File(Writer::of_file(url.open(Access::Write)?, file, limits.waiting, commits.clone())?)
            }
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(_) => {
                let pool = pool(url, Access::Write, limits.blocking, WRITE_ACQUIRE_TIMEOUT)?;
                let grouping = Writer::of_server(pool.clone(), limits.waiting, commits.clone())?;
                Writers::Server { pool, grouping }
            }
        };
        let parts = (url.clone(), Arc::new(BlockingPool::new(limits)), commits);
        Self::assembled(parts, readers, writers, limits)
    }

    /// Opens the database to read it. One that does not exist is not made.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_to_read(url: &DatabaseUrl) -> Result<Self> {
        let limits = Limits::default();
        Self::read_only(url.clone(), Access::Read, Arc::new(BlockingPool::new(limits)), limits)
    }

    /// Opens a SQLite file that no process writes any more, as a second database. Both share the blocking threads.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_immutable(&self, path: &std::path::Path) -> Result<Self> {
        let url = DatabaseUrl::Sqlite(path.to_owned());
        Self::read_only(url, Access::Immutable, self.inner.blocking_pool.clone(), self.inner.limits)
    }

    pub(super) fn read_only(
        url: DatabaseUrl,
        access: Access,
        threads: Arc<BlockingPool>,
        limits: Limits,
    ) -> Result<Self> {
        let readers = pool(&url, access, limits.workers + limits.blocking, ACQUIRE_TIMEOUT)?;
        Self::assembled((url, threads, Arc::default()), readers, Writers::ReadOnly, limits)
    }

    /// Makes a database of these parts, with nothing counted or noticed yet.
    fn assembled(
        (url, blocking_pool, commits): (DatabaseUrl, Arc<BlockingPool>, Arc<CommitSignal>),
        readers: Pool<Manager>,
        writers: Writers,
        limits: Limits,
    ) -> Result<Self> {
        #[cfg(feature = "postgres")]
        let canceller = match &url {
            DatabaseUrl::Sqlite(_) => None,
            DatabaseUrl::Postgres(url) => Some(Canceller::start(url.clone(), limits.blocking)?),
        };
        let inner = Inner {
            url,
            commits,
            readers,
            writers,
            blocking_pool,
            #[cfg(feature = "postgres")]
            canceller,
            writes_waiting: Gauge::default(),
            limits,
            generations: Generations::default(),
            damage: Arc::default(),
            reach: Reach::default(),
            troubles: Arc::default(),
        };
        Ok(Self { inner: Arc::new(inner), replica: None })
    }

    /// Applies pending migrations to the database at `url`, and says which.
    ///
    /// # Errors
    /// As [`super::migrate()`].
    pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>> {
        super::migrate(&mut url.open(Access::Write)?)
    }

    /// Returns a connection of its own that may do everything, for maintenance and tests.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn connect(url: &DatabaseUrl) -> Result<DbConn> {
        url.open(Access::Write)
    }

    /// Reads in one snapshot. Where the time of the class is over, or the future is dropped, the query ends, and its
    /// place is free again.
    ///
    /// # Errors
    /// Errors of `read`; [`Error::Unavailable`] when too many wait, or it takes too long.
    pub async fn read<T: Send + 'static>(
        &self,
        class: ReadClass,
        read: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let limit = self.inner.limits.read;
        // No longer than any other read: others wait for this thread.
        if class == ReadClass::Inline && matches!(self.inner.url, DatabaseUrl::Sqlite(_)) {
            return task::within(limit, || self.read_blocking(read));
        }
        let reading = self.read_on_pool(read);
        if class == ReadClass::Unbounded {
            return reading.await;
        }
        tokio::time::timeout(limit, reading).await.unwrap_or_else(|_| Err(Error::late()))
    }

    async fn read_on_pool<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let waiting = Waiting::new(
            #[cfg(feature = "postgres")]
            self.inner.canceller.clone(),
        );
        let (this, task) = (self.clone(), waiting.task());
        unless_gone(self.blocking(move || this.read_for(&task, read))).await
    }

    /// Reads as much as there is, in one snapshot, on a blocking thread. The slot is to be kept until what was read has
    /// been sent.
    ///
    /// # Errors
    /// Errors of `read`; [`Error::Unavailable`] when too many exports are under way.
    pub async fn export<T: Send + 'static>(
        &self,
        owner: &str,
        read: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<(T, Ticket)> {
        let permit = self.export_permit(owner).await?;
        self.read(ReadClass::Unbounded, move |conn| permit.read(|| read(conn))).await
    }

    /// Waits for a turn to read an export. The thread that reads holds it until it has ended, also when the caller has
    /// gone away.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many exports are under way, of all or of this owner.
    pub async fn export_permit(&self, owner: &str) -> Result<ExportPermit> {
        let ticket = self.inner.blocking_pool.exports.try_admit_one_of(owner)?;
        unless_gone(ticket.into_export_permit()).await
    }

    /// Returns a place among the imports, to be taken before the file arrives.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many are under way.
    pub fn import_ticket(&self) -> Result<Ticket> {
        self.inner.blocking_pool.imports.try_admit()
    }

    /// [`Db::read`] for code that is not async: on the thread that asks.
    ///
    /// # Errors
    /// Errors of `read`.
    pub fn read_blocking<T>(&self, read: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
        self.inner.damage.note(read_transaction(&mut connection(&self.inner.readers)?.conn, read))
    }

    /// [`Db::read_blocking`] as a task, which is over when no caller waits for it.
    fn read_for<T>(&self, task: &Task, read: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
        let pooled = &mut *self.inner.reach.note(connection(&self.inner.readers))?;
        #[cfg(feature = "postgres")]
        let backend = pooled.backend.as_ref();
        // The end of the transaction is no part of the task.
        let read = read_transaction(&mut pooled.conn, |conn| {
            task.during(
                #[cfg(feature = "postgres")]
                backend,
                || read(conn),
            )
        });
        #[cfg(feature = "postgres")]
        {
            pooled.is_done_with = task.at().cancel_sent;
        }
        self.inner.damage.note(read)
    }

    /// Returns the file of the database; none on PostgreSQL.
    pub fn file(&self) -> Option<&std::path::Path> {
        match &self.inner.url {
            DatabaseUrl::Sqlite(path) => Some(path),
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(_) => None,
        }
    }

    /// Tells whether the database has been seen to be damaged: then nothing more is written.
    pub fn is_damaged(&self) -> bool {
        self.inner.damage.is_found()
    }

    /// Returns the troubles that keep writes from being made.
    pub fn troubles(&self) -> Vec<Trouble> {
        Trouble::ALL.into_iter().filter(|trouble| self.inner.troubles.has(*trouble)).collect()
    }

    /// Runs something that blocks in the bounded pool of blocking threads: password hashing, exports.
    ///
    /// # Errors
    /// Errors of `work`; [`Error::Unavailable`] when too many wait.
    pub async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        self.inner.blocking_pool.run(work).await
    }
}
