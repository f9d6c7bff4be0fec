//! The database: one connection type for SQLite and PostgreSQL, who may use it when, and what the two spell differently.

mod commits;
mod connection;
mod damage;
mod dialect;
mod file;
mod file_system;
mod fragment;
mod generation;
mod in_list;
mod migrate;
mod places;
mod pool;
pub mod schema;
mod scratch;
#[cfg(feature = "postgres")]
mod server;
mod slots;
mod stats;
mod tally;
mod vital;
mod writer;

pub use commits::{Commits, Elsewhere};
pub use connection::{DatabaseUrl, DbBackend, DbConn};
pub use dialect::{announce_log, lock_log, plan_each_time, read_transaction, write_transaction};
pub use fragment::{Fragment, Sql, SqlExpression, SqlQuery};
pub use in_list::{InList, in_list};
pub use migrate::{latest_migration, migrate, pending, revert_all};
pub use pool::{Db, Limits, STALENESS};
pub use scratch::{References, make_scratch};
pub use slots::{ExportPlace, Slot, Turn};
pub use stats::{DbStats, PoolStats};
pub use tally::wrote;
pub use vital::vital_thread;
