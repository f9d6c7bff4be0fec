//! The read replica: a server that follows the primary, to which reads of the registry go. Where it does not answer,
//! or has not the tables yet, the primary is read as if there were none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::connection::{Access, DatabaseUrl, DbConn};
use super::limits::Limits;
use super::migrate::pending;
use super::pool::{Db, Replica};
use super::read_class::ReadClass;
use crate::error::{Error, Result};
use crate::limits;

impl Db {
    /// [`Db::open`], with a read replica where one is given. It need not answer yet.
    ///
    /// # Errors
    /// As [`Db::open`]; also for a replica of SQLite, which has none.
    pub fn open_with_replica(url: &DatabaseUrl, replica: Option<&DatabaseUrl>, limits: Limits) -> Result<Self> {
        let db = Self::open(url, limits)?;
        let Some(replica) = replica else { return Ok(db) };
        if [url, replica].into_iter().any(|url| matches!(url, DatabaseUrl::Sqlite(_))) {
            let reason =
                "--read-database-url is for PostgreSQL alone: a SQLite file is read by the program that writes it";
            return Err(Error::internal("the read replica cannot be used", reason));
        }
        let reads = Self::read_only(replica.clone(), Access::Read, db.inner.blocking_pool.clone(), limits)?;
        Ok(Self { replica: Some(Arc::new(Replica { db: reads, is_migrated: AtomicBool::default() })), ..db })
    }

    /// Returns the read replica, where there is one that could be reached last time.
    pub fn replica(&self) -> Option<&Self> {
        let replica = &self.replica.as_ref()?.db;
        replica.inner.reach.is_worth_trying().then_some(replica)
    }

    /// Returns whether the read replica has the tables that this program reads. After a migration it gets them a
    /// little later.
    ///
    /// # Errors
    /// Errors of the replica.
    pub fn replica_is_migrated(&self, conn: &mut DbConn) -> Result<bool> {
        let Some(replica) = &self.replica else { return Ok(false) };
        if !replica.is_migrated.load(Ordering::Relaxed) {
            replica.is_migrated.store(pending(conn)? == 0, Ordering::Relaxed);
        }
        Ok(replica.is_migrated.load(Ordering::Relaxed))
    }

    /// Finds something on the primary. While that does not answer, for a minute at most, the replica is asked
    /// instead: a row that is found there counts, one that is not found may only be missing there.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn find_somewhere<T: Send + 'static>(
        &self,
        find: impl Fn(&mut DbConn) -> Result<Option<T>> + Clone + Send + 'static,
    ) -> Result<Option<T>> {
        let (Some(replica), reach) = (self.replica(), &self.inner.reach) else {
            return self.read(ReadClass::Inline, find).await;
        };
        let failed = if reach.is_worth_trying() {
            match self.read(ReadClass::Inline, find.clone()).await {
                Err(failed @ Error::Unavailable(_)) => failed,
                answered => return answered,
            }
        } else {
            Error::late()
        };
        if !reach.is_recent(Duration::from_secs(limits::STAND_IN_SECONDS)) {
            return Err(failed);
        }
        replica.read(ReadClass::Inline, find).await.ok().flatten().map(Some).ok_or(failed)
    }

    /// Returns the longest time until a commit of another instance is noticed.
    pub fn staleness(&self) -> Duration {
        self.inner.limits.staleness
    }
}
