//! How long a write waits for others, on PostgreSQL.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use tokio::sync::oneshot;

use super::connection::DbConn;
use crate::error::{Error, Result};

/// How long a write may take that waits for others: for its turn, for locks, for the standby that confirms its commit.
/// Its own work, such as an import, may take longer.
#[derive(Clone, Copy, Debug)]
pub(super) struct WriteDeadline {
    /// When the caller is answered, however it stands.
    answer: Instant,
    /// When the last wait before the commit ends.
    turn: Instant,
    /// How long a commit may take whose write has had its time.
    least: Duration,
}

/// How long a connection waits for a lock by itself.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

impl WriteDeadline {
    /// The deadline of a write that begins now.
    pub(super) fn begin(limit: Duration) -> Self {
        let now = Instant::now();
        Self { answer: now + limit, turn: now + limit * 2 / 3, least: limit * 4 / 15 }
    }

    /// How long it may wait for its turn.
    pub(super) fn left_to_wait(self) -> Duration {
        // r2d2 takes no time at all for an error.
        self.turn.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
    }

    /// Lets this transaction wait for locks no longer than it may. What has hardly waited yet needs no statement for
    /// it.
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
            // Also when it will never come, with the thread that would have told.
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
