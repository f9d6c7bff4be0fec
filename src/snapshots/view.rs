//! The registry at a moment: what a handler reads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;

use super::as_of::{AsOf, LogPosition};
use super::cache::Snapshots;
use crate::changes;
use crate::clock;
use crate::db::{DbConn, ReadClass, Reading, Ticket, unless_gone};
use crate::error::{Error, Result};
use crate::registry::RecordCache;
use crate::registry::bitmaps::Bitmaps;

/// The registry at a moment. Nothing is made until it is read.
#[derive(Clone)]
pub struct ReadView {
    snapshots: Snapshots,
    point: LogPosition,
}

/// The circumstances of a read.
#[derive(Clone, Debug)]
pub struct ReadContext {
    /// The day that derived values are about, unless a filter names another: today in UTC, or the day of the moment.
    pub day: NaiveDate,
    revision: Option<i64>,
    /// True if the present is asked for, and not a moment: a revision that a read has noted is one of the present.
    is_present: bool,
    bitmaps: Bitmaps,
    records: RecordCache,
}

impl ReadContext {
    /// Returns the indexes in memory of what is read.
    pub fn bitmaps(&self) -> &Bitmaps {
        &self.bitmaps
    }

    /// Returns the indexes in memory of the present, where that is what is read: a list of the past is not worth making
    /// them.
    pub fn live_bitmaps(&self) -> Option<&Bitmaps> {
        self.is_present.then_some(&self.bitmaps)
    }

    /// Returns the records that are kept in memory; none of the past.
    pub fn records(&self) -> &RecordCache {
        &self.records
    }

    /// Returns the last revision in what is read. Asking the present costs a query.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn revision(&self, conn: &mut DbConn) -> Result<i64> {
        match self.revision {
            Some(revision) => Ok(revision),
            None => changes::revision(conn),
        }
    }

    /// Returns the context with the revision of the present that its transaction was seen to read.
    fn noted(self, revision: i64, reading: &Reading) -> Self {
        reading.note(revision);
        Self { revision: Some(revision), ..self }
    }
}

impl Snapshots {
    /// Returns the registry at a moment; now where none is given.
    ///
    /// # Errors
    /// [`crate::error::Error::BadRequest`] for a moment that is still to come; what the database says.
    pub async fn at(&self, as_of: Option<&AsOf>) -> Result<ReadView> {
        let point = match as_of {
            None => LogPosition::present(clock::today()),
            Some(as_of) => {
                let as_of = as_of.clone();
                self.live().read(ReadClass::Inline, move |conn| as_of.resolve(conn, "as_of")).await?
            }
        };
        Ok(ReadView { snapshots: self.clone(), point })
    }
}

impl ReadView {
    fn context(&self) -> ReadContext {
        let bitmaps = self.snapshots.bitmaps().clone();
        let LogPosition { day, revision, .. } = self.point;
        let records = if revision.is_none() { self.snapshots.records().clone() } else { RecordCache::default() };
        ReadContext { day, revision, is_present: revision.is_none(), bitmaps, records }
    }

    /// Reads as much as there is, in one transaction, on a blocking thread. The slot is to be kept until what was read
    /// has been sent.
    ///
    /// # Errors
    /// As [`ReadView::read`]; also when too many exports are under way, of all or of this owner.
    pub async fn export<T: Send + 'static>(
        &self,
        owner: &str,
        read: impl FnOnce(&mut DbConn, ReadContext) -> Result<T> + Send + 'static,
    ) -> Result<(T, Ticket)> {
        let place = self.snapshots.live().export_permit(owner).await?;
        self.read(ReadClass::Unbounded, move |conn, context| place.read(|| read(conn, context))).await
    }

    /// Reads the log, which is one for all moments: of the present database, changes up to [`ReadContext::revision`]
    /// count.
    ///
    /// # Errors
    /// As [`ReadView::read`].
    pub async fn log<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut DbConn, ReadContext) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self.point.revision {
            None => self.present(ReadClass::Inline, read).await,
            // Which changes belong to a moment, a replica may not know yet.
            Some(_) => {
                let context = self.context();
                self.snapshots.live().read(ReadClass::Inline, move |conn| read(conn, context)).await
            }
        }
    }

    /// Reads in one transaction.
    ///
    /// # Errors
    /// Errors of `read`; [`crate::error::Error::Unavailable`] when too many wait, for the database or for past states.
    pub async fn read<T: Send + 'static>(
        &self,
        class: ReadClass,
        read: impl FnOnce(&mut DbConn, ReadContext) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (context, live) = (self.context(), self.snapshots.live());
        let Some(revision) = context.revision else {
            return self.present(class, read).await;
        };
        let mut read = read;
        if !self.point.is_past {
            // It was the present a moment ago. Unless there was a write since, the present need not be copied.
            let context = context.clone();
            let live_answer = live.read(class, move |conn| {
                let moved = changes::revision(conn)? != revision;
                Ok(if moved { Err(read) } else { Ok(read(conn, context)?) })
            });
            read = match live_answer.await? {
                Ok(value) => return Ok(value),
                Err(read) => read,
            };
        }
        let state = unless_gone(self.snapshots.state(revision)).await?;
        let context = ReadContext { bitmaps: state.bitmaps().clone(), ..context };
        state.db().read(class, move |conn| read(conn, context)).await
    }

    /// Reads the present: on the replica if there is one, the request may be answered there, and it is new enough.
    async fn present<T: Send + 'static>(
        &self,
        class: ReadClass,
        read: impl FnOnce(&mut DbConn, ReadContext) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (context, live) = (self.context(), self.snapshots.live());
        let (Some(replica), Some(reading)) = (live.replica(), Reading::current()) else {
            return live.read(class, move |conn| read(conn, context)).await;
        };
        // A read that has not begun on the replica can still run on the primary.
        let read = Arc::new(Mutex::new(Some(read)));
        let on_replica = {
            let (read, db, context, reading) = (read.clone(), live.clone(), context.clone(), reading.clone());
            move |conn: &mut DbConn| {
                if !db.replica_is_migrated(conn)? {
                    return Ok(None);
                }
                let revision = changes::revision(conn)?;
                if !reading.admits(revision) {
                    return Ok(None);
                }
                let Some(read) = lock(&read).take() else { return Ok(None) };
                read(conn, context.noted(revision, &reading)).map(Some)
            }
        };
        let answer = replica.read(class, on_replica).await;
        let Some(read) = lock(&read).take() else {
            return answer
                .and_then(|answer| answer.ok_or_else(|| Error::internal("a read replica", "nothing was read")));
        };
        match answer {
            Err(Error::ClientGone) => return Err(Error::ClientGone),
            Err(error) => log::warn!("the read replica is not read: {error}"),
            Ok(_) => {}
        }
        let on_primary = move |conn: &mut DbConn| {
            let revision = changes::revision(conn)?;
            read(conn, context.noted(revision, &reading))
        };
        live.read(class, on_primary).await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
