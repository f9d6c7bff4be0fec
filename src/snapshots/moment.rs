//! The registry at a moment: what a handler reads.

use chrono::NaiveDate;

use super::as_of::Point;
use super::shelf::Snapshots;
use crate::changes;
use crate::db::{Db, DbConn, Slot};
use crate::error::Result;

/// The registry at a moment. Nothing is made until it is read.
#[derive(Clone)]
pub struct Moment {
    snapshots: Snapshots,
    point: Point,
}

/// What a read shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The day that derived values are about, unless a filter names another: today in UTC, or the day of the moment.
    pub day: NaiveDate,
    revision: Option<i64>,
}

impl Seen {
    /// The last revision in what is read. Asking the present costs a query.
    ///
    /// # Errors
    /// What the database says.
    pub fn revision(self, conn: &mut DbConn) -> Result<i64> {
        match self.revision {
            Some(revision) => Ok(revision),
            None => changes::revision(conn),
        }
    }
}

impl Moment {
    pub(super) fn new(snapshots: Snapshots, point: Point) -> Self {
        Self { snapshots, point }
    }

    fn seen(&self) -> Seen {
        Seen { day: self.point.day, revision: self.point.revision }
    }

    /// Reads something short and bounded, in one transaction.
    ///
    /// # Errors
    /// What `read` says; [`crate::error::Error::Unavailable`] when too many wait, for the database or for past states.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut DbConn, Seen) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(Length::Short, read).await
    }

    /// Reads something that may take long, in one transaction, on a blocking thread.
    ///
    /// # Errors
    /// As [`Moment::read`].
    pub async fn query<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut DbConn, Seen) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(Length::Long, read).await
    }

    /// Reads as much as there is, in one transaction, on a blocking thread. The slot is to be kept until what was read has
    /// been sent.
    ///
    /// # Errors
    /// As [`Moment::read`]; also when too many exports are under way.
    pub async fn export<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut DbConn, Seen) -> Result<T> + Send + 'static,
    ) -> Result<(T, Slot)> {
        let place = self.snapshots.live().export_place().await?;
        self.run(Length::Whole, move |conn, seen| place.read(|| read(conn, seen))).await
    }

    /// Reads the log, which is one for all moments: of the present database, changes up to [`Seen::revision`] count.
    ///
    /// # Errors
    /// As [`Moment::read`].
    pub async fn log<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut DbConn, Seen) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let seen = self.seen();
        Length::Short.run(self.snapshots.live(), move |conn| read(conn, seen)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        length: Length,
        read: impl FnOnce(&mut DbConn, Seen) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (seen, live) = (self.seen(), self.snapshots.live());
        let Some(revision) = seen.revision else {
            return length.run(live, move |conn| read(conn, seen)).await;
        };
        let mut read = read;
        if !self.point.is_past {
            // It was the present a moment ago. Unless somebody has written since, the present need not be copied.
            let told = length.run(live, move |conn| {
                let moved = changes::revision(conn)? != revision;
                Ok(if moved { Err(read) } else { Ok(read(conn, seen)?) })
            });
            read = match told.await? {
                Ok(value) => return Ok(value),
                Err(read) => read,
            };
        }
        let state = self.snapshots.state(revision).await?;
        length.run(state.db(), move |conn| read(conn, seen)).await
    }
}

/// How long a read may take, which says where it runs.
#[derive(Clone, Copy)]
enum Length {
    Short,
    Long,
    Whole,
}

impl Length {
    async fn run<T: Send + 'static>(
        self,
        db: &Db,
        read: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self {
            Self::Short => db.read(read).await,
            Self::Long => db.query(read).await,
            Self::Whole => db.read_whole(read).await,
        }
    }
}
