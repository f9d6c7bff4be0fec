//! The time that a write waits for others, on PostgreSQL.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use tokio::sync::oneshot;

use super::connection::DbConn;
use crate::error::{Error, Result};

/// The limit of the time that a write waits for others: for its turn, for locks, for the standby that confirms its
/// commit. Its own work, such as an import, may take longer.
#[derive(Clone, Copy, Debug)]
pub(super) struct WriteDeadline {
    /// The time at which the caller gets an answer, whatever the state of the write.
    answer: Instant,
    /// The end of the last wait before the commit.
    turn: Instant,
    /// The time for a commit whose write has used all of its time.
    least: Duration,
}

/// The longest wait of a connection for a lock, without a deadline.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

impl WriteDeadline {
    /// Returns the deadline of a write that begins now.
    pub(super) fn begin(limit: Duration) -> Self {
        let now = Instant::now();
        Self { answer: now + limit, turn: now + limit * 2 / 3, least: limit * 4 / 15 }
    }

    /// Returns the time that it may still wait for its turn.
    pub(super) fn left_to_wait(self) -> Duration {
        // r2d2 takes no time at all for an error.
        self.turn.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
    }

    /// Limits the time that this transaction waits for locks. A write that has hardly waited yet needs no statement for
    /// that.
    pub(super) fn bound_locks(self, conn: &mut DbConn) -> Result<()> {
        let left = self.left_to_wait();
        if left + Duration::from_secs(1) < LOCK_TIMEOUT {
            conn.batch_execute(&format!("SET LOCAL lock_timeout = '{}ms'", left.as_millis().max(1)))?;
        }
        Ok(())
    }

    /// Waits for a write that tells when nothing but the commit is left, and no longer than it may from then on. The
    /// commit goes on: to cancel it would make it neither done nor undone. The statements before it have time-outs of
    /// the server's.
    pub(super) async fn commit<T>(
        self,
        committing: oneshot::Receiver<()>,
        writing: impl Future<Output = Result<T>>,
        hangs: impl FnOnce(),
    ) -> Result<T> {
        let late = async {
            // Also when the message never comes, because its thread has ended.
            let _ = committing.await;
            tokio::time::sleep_until(self.answer.max(Instant::now() + self.least).into()).await;
        };
        tokio::select! {
            biased;
            written = writing => written,
            () = late => {
                log::error!("a commit takes too long: does a synchronous standby not answer?");
                hangs();
                Err(Error::unknown_outcome())
            }
        }
    }
}
