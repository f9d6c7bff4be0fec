//! Who may use the database when: short reads at once on the caller's thread (SQLite), everything else in a bounded
//! pool of blocking threads, writes through one writer. Nothing here waits without a bound.

use std::sync::Arc;
use std::time::Duration;

use diesel::RunQueryDsl as _;
use diesel::r2d2::{ManageConnection, Pool};

use super::commits::{Commits, Elsewhere};
use super::connection::{Access, DatabaseUrl, DbConn};
use super::damage::Damage;
use super::dialect::read_transaction;
#[cfg(feature = "postgres")]
use super::dialect::write_transaction;
use super::generation::Generations;
use super::places::Places;
#[cfg(feature = "postgres")]
use super::server::commit_within;
use super::slots::{ExportPlace, Slot};
use super::writer::Writer;
use crate::error::{Error, Result};
use crate::measure::Level;

/// How long a read waits for a connection: on SQLite a thread that serves others waits with it.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a write waits for one.
#[cfg(feature = "postgres")]
const PATIENCE_TO_WRITE: Duration = Duration::from_secs(10);

/// How long another process's commit may go unnoticed where nothing else is said.
pub const STALENESS: Duration = Duration::from_millis(100);
/// How long the listener of new changes trusts silence: a notification can be lost with its connection.
const TRUST: Duration = Duration::from_secs(1);

/// How much may go on at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Threads that serve requests and read on their own (SQLite).
    pub workers: usize,
    /// Reads and writes at once in the blocking pool.
    pub blocking: usize,
    /// Requests that may wait for a place there; one more is refused.
    pub waiting: usize,
    /// How long a request waits for what it reads.
    pub read: Duration,
    /// How long a request waits for a commit (PostgreSQL).
    pub commit: Duration,
    /// How long another process's commit may go unnoticed (PostgreSQL).
    pub staleness: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let (read, commit) = (Duration::from_secs(30), Duration::from_secs(15));
        Self { workers: 2, blocking: 8, waiting: 256, read, commit, staleness: STALENESS }
    }
}

/// The database of a registry. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) url: DatabaseUrl,
    pub(super) commits: Arc<Commits>,
    pub(super) readers: Pool<Manager>,
    pub(super) writers: Writers,
    pub(super) places: Arc<Places>,
    /// Writes that have not begun.
    pub(super) writes_waiting: Level,
    limits: Limits,
    generations: Generations,
    damage: Arc<Damage>,
}

pub(super) enum Writers {
    /// SQLite: one thread, which commits together what waits together.
    Thread(Writer),
    /// A file that nobody writes any more.
    Nobody,
    /// PostgreSQL: connections that write.
    #[cfg(feature = "postgres")]
    Pool(Pool<Manager>),
}

impl Db {
    /// Opens the database. It must have been migrated, or be migrated through [`Db::migrate`] before it is used.
    ///
    /// # Errors
    /// When it cannot be opened, with what to do about it.
    pub fn open(url: &DatabaseUrl, limits: Limits) -> Result<Self> {
        let commits = Arc::<Commits>::default();
        let readers = pool(url, Access::Read, limits.workers + limits.blocking, PATIENCE)?;
        let writers = match url {
            DatabaseUrl::Sqlite(file) => {
                Writers::Thread(Writer::start(url.open(Access::Write)?, file, limits.waiting, commits.clone())?)
            }
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(_) => Writers::Pool(pool(url, Access::Write, limits.blocking, PATIENCE_TO_WRITE)?),
        };
        let (url, places) = (url.clone(), Arc::new(Places::new(limits)));
        Ok(Self::assembled(url, commits, readers, writers, places, limits))
    }

    /// A SQLite file that nobody writes any more, as a database beside this one: they share the blocking threads.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn frozen(&self, path: &std::path::Path) -> Result<Self> {
        let limits = self.inner.limits;
        let url = DatabaseUrl::Sqlite(path.to_owned());
        let readers = pool(&url, Access::Frozen, limits.workers + limits.blocking, PATIENCE)?;
        let places = self.inner.places.clone();
        let (commits, writers) = (Arc::default(), Writers::Nobody);
        Ok(Self::assembled(url, commits, readers, writers, places, limits))
    }

    /// A database of these parts, with nothing counted or noticed yet.
    fn assembled(
        url: DatabaseUrl,
        commits: Arc<Commits>,
        readers: Pool<Manager>,
        writers: Writers,
        places: Arc<Places>,
        limits: Limits,
    ) -> Self {
        let inner = Inner {
            url,
            commits,
            readers,
            writers,
            places,
            writes_waiting: Level::default(),
            limits,
            generations: Generations::default(),
            damage: Arc::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Applies pending migrations to the database at `url`, and says which.
    ///
    /// # Errors
    /// As [`super::migrate()`].
    pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>> {
        super::migrate(&mut url.open(Access::Write)?)
    }

    /// A connection of its own that may do everything, for maintenance and tests.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn connect(url: &DatabaseUrl) -> Result<DbConn> {
        url.open(Access::Write)
    }

    /// Reads something short and bounded, in one snapshot: on this thread on SQLite, where that costs less than a hop.
    ///
    /// # Errors
    /// What `read` says; [`Error::Unavailable`] when too many wait.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self.inner.writers {
            Writers::Thread(_) | Writers::Nobody => self.read_here(read),
            #[cfg(feature = "postgres")]
            Writers::Pool(_) => self.query(read).await,
        }
    }

    /// Reads something that may take long, in one snapshot, on a blocking thread. The request waits for half a minute; what
    /// still runs then cannot be stopped on SQLite, and keeps its place until it ends.
    ///
    /// # Errors
    /// What `read` says; [`Error::Unavailable`] when too many wait, or it takes too long.
    pub async fn query<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let reading = self.read_whole(read);
        tokio::time::timeout(self.inner.limits.read, reading).await.unwrap_or_else(|_| Err(Error::late()))
    }

    /// Reads as much as there is, in one snapshot, on a blocking thread, however long it takes.
    ///
    /// # Errors
    /// What `read` says; [`Error::Unavailable`] when too many wait.
    pub async fn read_whole<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let this = self.clone();
        self.blocking(move || this.read_here(read)).await
    }

    /// Reads as much as there is, in one snapshot, on a blocking thread. The slot is to be kept until what was read has
    /// been sent.
    ///
    /// # Errors
    /// What `read` says; [`Error::Unavailable`] when too many exports are under way.
    pub async fn export<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<(T, Slot)> {
        let place = self.export_place().await?;
        self.read_whole(move |conn| place.read(|| read(conn))).await
    }

    /// Waits for a turn to read an export. The thread that reads holds it: it goes on when whoever asked has gone away.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many exports are under way.
    pub async fn export_place(&self) -> Result<ExportPlace> {
        self.inner.places.exports.take()?.place().await
    }

    /// A place among the imports, to be taken before the file arrives.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many are under way.
    pub fn import_slot(&self) -> Result<Slot> {
        self.inner.places.imports.take()
    }

    /// Writes, all or nothing; answers when it is durable. Registry tables are written through `registry::write` alone.
    ///
    /// # Errors
    /// What `write` says; [`Error::Unavailable`] when too many wait, or nobody knows whether it was made; [`Error::Damaged`].
    pub async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let write = Damage::watching(&self.inner.damage, write)?;
        let waiting = self.inner.writes_waiting.enter();
        let write = move |conn: &mut DbConn| {
            drop(waiting);
            write(conn)
        };
        match &self.inner.writers {
            Writers::Thread(writer) => writer.submit(write)?.await.map_err(writer_gone)?,
            Writers::Nobody => Err(frozen()),
            #[cfg(feature = "postgres")]
            Writers::Pool(pool) => {
                let (pool, commits) = (pool.clone(), self.inner.commits.clone());
                let limit = self.inner.limits.commit;
                let turn = self.inner.places.writes.take()?;
                let turn = tokio::time::timeout(limit, turn.turn()).await.unwrap_or_else(|_| Err(Error::late()))?;
                let (commits_now, committing) = tokio::sync::oneshot::channel();
                let write = move |conn: &mut DbConn| {
                    let value = write(conn)?;
                    // Whoever asked may have gone away.
                    let _ = commits_now.send(());
                    Ok(value)
                };
                let writing = self.blocking(move || {
                    let _turn = turn;
                    write_on(&pool, &commits, write)
                });
                commit_within(limit, committing, writing).await
            }
        }
    }

    /// [`Db::read`] for code that is not async.
    ///
    /// # Errors
    /// What `read` says.
    pub fn read_here<T>(&self, read: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
        self.inner.damage.note(read_transaction(&mut *connection(&self.inner.readers)?, read))
    }

    /// [`Db::write`] for code that is not async: the command line.
    ///
    /// # Errors
    /// What `write` says.
    pub fn write_here<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let write = Damage::watching(&self.inner.damage, write)?;
        match &self.inner.writers {
            Writers::Thread(writer) => writer.submit(write)?.blocking_recv().map_err(writer_gone)?,
            Writers::Nobody => Err(frozen()),
            #[cfg(feature = "postgres")]
            Writers::Pool(pool) => write_on(pool, &self.inner.commits, write),
        }
    }

    /// Whether the database has been seen to be damaged: then nothing more is written.
    pub fn is_damaged(&self) -> bool {
        self.inner.damage.is_found()
    }

    /// Rings after each commit through this value.
    pub fn commits(&self) -> Arc<Commits> {
        self.inner.commits.clone()
    }

    /// A connection of its own that tells of other processes' commits.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn elsewhere(&self) -> Result<Elsewhere> {
        Elsewhere::listen(self.inner.url.open(Access::Read)?, TRUST)
    }

    /// A number that moves whenever the log may have moved: at once for commits of this process, and on SQLite for all;
    /// on PostgreSQL within [`Limits::staleness`] for those of others.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn log_generation(&self) -> Result<u64> {
        let trust = self.inner.limits.staleness;
        self.inner
            .generations
            .current(&self.inner.commits, || Elsewhere::listen(self.inner.url.open(Access::Read)?, trust))
    }

    /// A number that moves with every commit, whoever makes it and whatever it changes. `None` where the database does
    /// not tell (PostgreSQL), or does not answer: then nothing read before may be believed.
    pub fn generation(&self) -> Option<u64> {
        match self.inner.writers {
            Writers::Thread(_) => self.log_generation().ok(),
            Writers::Nobody => None,
            #[cfg(feature = "postgres")]
            Writers::Pool(_) => None,
        }
    }

    /// Runs something that blocks in the bounded pool of blocking threads: password hashing, exports.
    ///
    /// # Errors
    /// What `work` says; [`Error::Unavailable`] when too many wait.
    pub async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        self.inner.places.run(work).await
    }
}

#[cfg(feature = "postgres")]
fn write_on<T>(pool: &Pool<Manager>, commits: &Commits, write: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
    let value = write_transaction(&mut *connection(pool)?, write)?;
    commits.made();
    Ok(value)
}

fn writer_gone(_: tokio::sync::oneshot::error::RecvError) -> Error {
    Error::Unavailable("the service is stopping; whether the write was made is not known".to_owned())
}

fn frozen() -> Error {
    Error::internal("a write was refused", "this database is a past state, which nobody changes")
}

fn connection(pool: &Pool<Manager>) -> Result<diesel::r2d2::PooledConnection<Manager>> {
    pool.get().map_err(|error| {
        // The reason names files, hosts and users.
        log::error!("no connection to the database: {error}");
        Error::Unavailable("the database does not answer; try again in a second".to_owned())
    })
}

fn pool(url: &DatabaseUrl, access: Access, size: usize, patience: Duration) -> Result<Pool<Manager>> {
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(0))
        .connection_timeout(patience)
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
    type Connection = DbConn;
    type Error = Error;

    fn connect(&self) -> Result<DbConn> {
        self.url.open(self.access)
    }

    fn is_valid(&self, conn: &mut DbConn) -> Result<()> {
        diesel::sql_query("SELECT 1").execute(conn).map(drop).map_err(Error::from)
    }

    fn has_broken(&self, conn: &mut DbConn) -> bool {
        diesel::r2d2::R2D2Connection::is_broken(conn)
    }
}
