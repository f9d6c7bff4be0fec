//! The thread that writes to a PostgreSQL server what appends to the log: a commit there takes a round trip to the
//! disk, and to a standby, while the log is locked.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use diesel::r2d2::Pool;

use super::Writer;
use super::batch::run_batch;
use super::job::{Commit, Job, Queue};
use crate::db::commit_signal::CommitSignal;
use crate::db::connections::{Manager, connection};
use crate::error::Result;

impl Writer {
    /// Starts the thread that writes over connections of a pool.
    pub(in crate::db) fn of_server(pool: Pool<Manager>, waiting: usize, commits: Arc<CommitSignal>) -> Result<Self> {
        Self::start(waiting, move |queue| run(&pool, queue, &commits))
    }
}

fn run(pool: &Pool<Manager>, queue: &Receiver<Job>, commits: &CommitSignal) {
    let (mut queue, mut replies) = (Queue::new(queue), Vec::new());
    while let Ok(first) = queue.recv() {
        // A connection that has broken is not given back to the next batch.
        let commit = match connection(pool) {
            Ok(mut kept) => run_batch(&mut kept.conn, first, &mut queue, &mut replies),
            Err(error) => {
                replies.push((first.run)(Err(error)).reply);
                Commit::Failed
            }
        };
        if commit == Commit::Done {
            commits.record();
        }
        for reply in replies.drain(..) {
            reply(commit);
        }
    }
}
