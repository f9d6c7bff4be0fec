//! The database: one connection type for SQLite and PostgreSQL, the rules for its use, and what the two spell
//! differently.

#[cfg(feature = "postgres")]
mod backend;
mod blocking_pool;
mod cancellation;
#[cfg(feature = "postgres")]
mod canceller;
mod commit_signal;
mod commits;
pub(crate) mod connection;
mod connections;
mod damage;
mod diagnosis;
mod dialect;
mod file;
mod file_system;
mod generation;
mod in_list;
mod limits;
#[cfg(feature = "postgres")]
mod lookalike;
mod migrate;
mod pool;
mod presence;
mod progress;
mod raw_sql;
mod reach;
mod read_class;
mod reading;
mod replica;
pub mod schema;
mod scratch;
#[cfg(feature = "postgres")]
mod server;
mod session_locks;
mod stats;
mod table_copy;
mod tally;
mod task;
mod thread;
mod trouble;
mod upsert;
mod verdict;
mod work_queue;
#[cfg(feature = "postgres")]
mod write_deadline;
mod writer;
mod writes;

pub use commit_signal::{CommitSignal, ForeignWrites};
pub use connection::{DatabaseUrl, DbBackend, DbConn};
pub use diagnosis::{diagnose, room};
pub(crate) use dialect::on;
pub use dialect::{announce_log, lock_log, plan_each_time, read_transaction, try_lock, write_transaction};
pub use in_list::{InList, in_array, in_list};
pub use limits::{Limits, STALENESS_MILLIS};
pub use migrate::{latest_migration, migrate, migrate_and, newer, pending, revert_all};
pub use pool::Db;
pub(crate) use presence::{for_client, unless_gone};
pub use raw_sql::{RawSql, SqlExpression, SqlFragment, SqlQuery};
pub use read_class::ReadClass;
pub use reading::Reading;
pub use scratch::{ForeignKeys, ScratchBase, build_scratch_db, make_file};
pub use session_locks::SessionLocks;
pub use stats::{DbStats, PoolStats};
pub use table_copy::copy_tables;
pub use tally::wrote;
pub use thread::spawn_critical;
pub use trouble::Trouble;
pub use upsert::Upsert;
pub use verdict::{Diagnosis, Verdict};
pub use work_queue::{ExportPermit, RunPermit, Ticket};
