//! The end of PostgreSQL's statements whose callers have gone: a thread tells the server to end them, over a
//! connection of its own. libpq's way of doing it needs the connection itself, which diesel does not give away.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use diesel::PgConnection;

use super::server;
use super::task::Task;
use super::thread::spawn_critical;
use crate::error::Result;

/// The time until the server gets the message again: between two statements it ignores it.
const AGAIN: Duration = Duration::from_millis(100);

/// The handle of the thread, which ends with the last one. Cheap to clone.
#[derive(Clone)]
pub(super) struct Canceller {
    tasks: SyncSender<Task>,
}

impl Canceller {
    /// Starts the thread; at most `tasks` tasks run at once.
    pub(super) fn start(url: String, tasks: usize) -> Result<Self> {
        let (tasks, queue) = sync_channel(tasks);
        spawn_critical("registry-cancel", move || run(&url, &queue))?;
        Ok(Self { tasks })
    }

    /// Ends a task, soon.
    pub(super) fn end(&self, task: Task) {
        if self.tasks.try_send(task).is_err() {
            log::warn!("a query without a client goes on: too many are being ended");
        }
    }
}

fn run(url: &str, queue: &Receiver<Task>) {
    let mut tasks = Vec::new();
    while let Ok(first) = queue.recv() {
        tasks.push(first);
        // Opened when there is something to end, and closed after it: that is seldom.
        let mut conn = None;
        while !tasks.is_empty() {
            if conn.is_none() {
                conn = server::open(url).inspect_err(|error| log::warn!("a query cannot be ended: {error}")).ok();
            }
            tasks.retain(|task| cancel(task, &mut conn));
            match queue.recv_timeout(AGAIN) {
                Ok(next) => tasks.push(next),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

/// Asks the server to end a task; returns whether the task still runs. Its connection serves no other task meanwhile.
fn cancel(task: &Task, conn: &mut Option<PgConnection>) -> bool {
    let mut at = task.at();
    let Some(backend) = at.backend.clone() else { return false };
    let Some(open) = conn else { return true };
    at.cancel_sent = true;
    if let Err(error) = backend.cancel(open) {
        log::warn!("a query cannot be ended: {error}");
        *conn = None;
    }
    true
}
