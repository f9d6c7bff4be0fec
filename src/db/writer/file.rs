//! The thread that writes to a SQLite file.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;

use super::Writer;
use super::batch::run_batch;
use super::job::{Commit, Job, Queue};
use crate::db::commit_signal::CommitSignal;
use crate::db::connection::{DbConn, WAL_KEPT};
use crate::db::file::{Watch, wal};
use crate::error::Result;

/// How often an idle writer looks whether its files are still there.
const LOOK: Duration = Duration::from_secs(1);

impl Writer {
    /// Starts the thread that writes to a SQLite file: `file` is what `conn` has open.
    pub(in crate::db) fn of_file(
        mut conn: DbConn,
        file: &Path,
        waiting: usize,
        commits: Arc<CommitSignal>,
    ) -> Result<Self> {
        diesel::sql_query("SELECT count(*) FROM sqlite_schema").execute(&mut conn)?;
        let (watch, wal) = (Watch::begin(file), wal(file));
        Self::start(waiting, move |queue| run(conn, queue, &commits, &watch, &wal))
    }
}

fn run(mut conn: DbConn, queue: &Receiver<Job>, commits: &CommitSignal, watch: &Watch, wal: &Path) {
    let (mut queue, mut replies) = (Queue::new(queue), Vec::new());
    loop {
        let first = match queue.recv_timeout(LOOK) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => {
                stop_where_lost(watch);
                shorten(&mut conn, wal);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let commit = run_batch(&mut conn, first, &mut queue, &mut replies);
        // Before anything is acknowledged.
        stop_where_lost(watch);
        if commit == Commit::Done {
            commits.record();
        }
        for reply in replies.drain(..) {
            reply(commit);
        }
    }
}

/// Ends the process where what it writes is lost: then nothing must be acknowledged, and what was read may be old.
fn stop_where_lost(watch: &Watch) {
    if let Some(lost) = watch.lost() {
        log::error!("{lost} while this process had it open: what is written now would be lost; stopping");
        crate::logging::abort();
    }
}

/// Cuts off what a large import has left of the write-ahead log, and gives its memory back. The next write would do
/// the first; there may be none for days. Readers are not waited for.
pub(super) fn shorten(conn: &mut DbConn, wal: &Path) {
    if std::fs::metadata(wal).is_ok_and(|about| about.len() > WAL_KEPT) {
        let shortened = conn
            .batch_execute("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA shrink_memory")
            .and(conn.batch_execute("PRAGMA busy_timeout = 10000"));
        if let Err(error) = shortened {
            log::warn!("the write-ahead log could not be shortened: {error}");
        }
    }
}
