//! The load of the database, for the metrics.

use diesel::r2d2::Pool;

use super::connection::DatabaseUrl;
use super::connections::Manager;
use super::pool::{Db, Writers};
use super::trouble::Trouble;
use crate::measure::Distribution;

/// The connections of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolStats {
    /// The use of its connections: `read` or `write`.
    pub name: &'static str,
    /// Those that work.
    pub in_use: u32,
    /// Those that are open and wait for work.
    pub idle: u32,
    /// The number that there may be.
    pub most: u32,
}

/// The load of the database now, and its work since the service started.
#[derive(Clone, Debug)]
pub struct DbStats {
    /// The pools. SQLite's writer has a connection of its own, which is in none.
    pub pools: Vec<PoolStats>,
    /// Pieces of work that run in the blocking pool.
    pub running: usize,
    /// Pieces of work that wait for a place there.
    pub waiting: usize,
    /// Writes that have not begun.
    pub writes_waiting: usize,
    /// Exports that are being read or sent.
    pub exports: usize,
    /// Imports that arrive or are being written.
    pub imports: usize,
    /// The troubles that keep writes from being made: each, and whether it is present.
    pub troubles: Vec<(Trouble, bool)>,
    /// Commits.
    pub commits: u64,
    /// Records that each commit wrote, of those that wrote any.
    pub records: Distribution,
}

impl Db {
    /// Returns the kind of the database.
    pub fn kind(&self) -> &'static str {
        match self.inner.url {
            DatabaseUrl::Sqlite(_) => "sqlite",
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(_) => "postgresql",
        }
    }

    /// Returns its load now, and its work since the service started.
    pub fn stats(&self) -> DbStats {
        let inner = &self.inner;
        let readers = pool("read", &inner.readers);
        let writers = match &inner.writers {
            #[cfg(feature = "postgres")]
            Writers::Server { pool: writers, .. } => Some(pool("write", writers)),
            Writers::File(_) | Writers::ReadOnly => None,
        };
        let (running, waiting) = inner.blocking_pool.load();
        let (commits, records) = inner.commits.stats();
        DbStats {
            pools: [readers].into_iter().chain(writers).collect(),
            running,
            waiting,
            writes_waiting: inner.writes_waiting.now(),
            exports: inner.blocking_pool.exports.admitted(),
            imports: inner.blocking_pool.imports.admitted(),
            troubles: Trouble::ALL.map(|trouble| (trouble, inner.troubles.has(trouble))).to_vec(),
            commits,
            records,
        }
    }
}

fn pool(name: &'static str, pool: &Pool<Manager>) -> PoolStats {
    let state = pool.state();
    PoolStats {
        name,
        in_use: state.connections.saturating_sub(state.idle_connections),
        idle: state.idle_connections,
        most: pool.max_size(),
    }
}
