//! Requests that may come again: what was answered to the first of those with one `Idempotency-Key` is kept in the
//! transaction that did the work, so that neither is there without the other, whatever ends the process between them.
//!
//! A caller has keys of their own. Only what was done is kept; what was refused has written nothing and may be asked
//! again.

mod request;
mod running;
mod store;

use std::sync::Arc;

use chrono::TimeDelta;

pub use request::{Kept, Reply, Request};
pub use running::Running;

use crate::clock;
use crate::db::{Db, DbConn, ReadClass, try_lock};
use crate::error::{Error, Result};
use crate::limits;
use running::RequestPermit;

/// The result of a request.
#[derive(Debug)]
pub enum Done<T> {
    /// It was done now.
    Now(T),
    /// It was done before: this was answered then.
    Before(Reply),
}

/// The right to do what a request asks for, once.
#[derive(Debug)]
pub struct Once(Option<(Request, RequestPermit)>);

impl Once {
    /// For a request without a key, which is done as often as it comes.
    pub fn unkeyed() -> Self {
        Self(None)
    }

    /// Looks whether a request was done before, and takes its place among those that are being done.
    ///
    /// # Errors
    /// [`Error::StillRunning`]; [`Error::KeyReused`]; [`Error::AnswerNotKept`]; what the database says.
    pub async fn begin(request: Request, running: &Arc<Running>, db: &Db) -> Result<Done<Self>> {
        let place = running.try_acquire(&request)?;
        let asked = request.clone();
        Ok(match db.read(ReadClass::Inline, move |conn| before(conn, &asked)).await? {
            Some(reply) => Done::Before(reply),
            None => Done::Now(Self(Some((request, place)))),
        })
    }

    /// Does the work, unless that has happened since, and keeps what `keep` makes of it: in one transaction.
    ///
    /// # Errors
    /// As [`Once::begin`]; [`Error::TooManyRequests`] when the caller has used too many keys; what `work` and `keep`
    /// say.
    pub fn run<T>(
        self,
        conn: &mut DbConn,
        work: impl FnOnce(&mut DbConn) -> Result<T>,
        keep: impl FnOnce(&T) -> Result<Kept>,
    ) -> Result<Done<T>> {
        let Some((request, _place)) = self.0 else { return work(conn).map(Done::Now) };
        // Another instance may be at it.
        if !try_lock(conn, &request.key)? {
            return Err(Error::StillRunning);
        }
        if let Some(reply) = before(conn, &request)? {
            return Ok(Done::Before(reply));
        }
        let now = clock::now();
        let expired = clock::stamp(now - lifetime());
        store::clean(conn, &request, &expired)?;
        if let Some(oldest) = store::oldest_of_many(conn, &request.caller, limits::IDEMPOTENCY_KEYS)? {
            return Err(Error::TooManyRequests { retry_after: seconds_left(&oldest) });
        }
        let value = work(conn)?;
        store::insert(conn, &request, &keep(&value)?, &clock::stamp(now))?;
        Ok(Done::Now(value))
    }
}

/// Finds the answer to a request, if it was done before.
fn before(conn: &mut DbConn, request: &Request) -> Result<Option<Reply>> {
    let expired = clock::stamp(clock::now() - lifetime());
    let Some(found) = store::find(conn, request, &expired)? else { return Ok(None) };
    if found.fingerprint != request.fingerprint {
        return Err(Error::KeyReused);
    }
    match found.body {
        Some(body) => {
            let status = u16::try_from(found.status).map_err(|error| Error::internal("a kept answer", error))?;
            Ok(Some(Reply { status, location: found.location, etag: found.etag, body }))
        }
        None => Err(Error::AnswerNotKept { location: found.location }),
    }
}

fn lifetime() -> TimeDelta {
    TimeDelta::hours(limits::IDEMPOTENCY_HOURS)
}

/// In how many seconds a key is forgotten that was used at `at`.
fn seconds_left(at: &str) -> u64 {
    let at = chrono::DateTime::parse_from_rfc3339(at).map_or_else(|_| clock::now(), |at| at.to_utc());
    u64::try_from((at + lifetime() - clock::now()).num_seconds()).unwrap_or_default().max(1)
}

/// Forgets what was answered to a caller: one that comes after them by the same name is another one.
///
/// # Errors
/// Errors of the database.
pub fn forget(conn: &mut DbConn, caller: &str) -> Result<()> {
    store::forget(conn, caller)
}
