//! The last revision of the log, on the primary and on the replica, as far as it is known without asking.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::header::{ETAG, HeaderMap, HeaderName, HeaderValue};

use crate::changes;
use crate::db::{Db, ReadClass, Reading};
use crate::error::{Error, Result};
use crate::http::request::change_filter::beyond_head;
use crate::http::request::conditional;
use crate::limits;

/// The header that names the revision of an answer: it shows every change up to it.
pub(in crate::http) const REVISION: HeaderName = HeaderName::from_static("registry-revision");
/// The header that names the revision which an answer has to show.
pub(in crate::http) const MIN_REVISION: HeaderName = HeaderName::from_static("registry-min-revision");

/// The time between two questions to a replica that is behind.
const TICK: Duration = Duration::from_millis(5);

/// The last revision, as far as it is known without asking. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Heads(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    primary: Mutex<Option<OnPrimary>>,
    replica: Mutex<Option<OnReplica>>,
}

/// The last revision in a generation of the database.
#[derive(Clone, Copy, Debug)]
struct OnPrimary {
    generation: u64,
    revision: i64,
}

/// The last revision at a time. A replica tells of nothing by itself.
#[derive(Clone, Copy, Debug)]
struct OnReplica {
    at: Instant,
    revision: i64,
}

impl Heads {
    /// Returns the last revision on the primary; `None` when the database does not answer.
    pub(in crate::http) async fn on_primary(&self, db: &Db) -> Option<i64> {
        // The generation first: a commit in between moves it, so that the revision is read again.
        let generation = db.log_generation().ok()?;
        match self.known_at(generation) {
            Some(revision) => Some(revision),
            None => self.ask(db, generation).await.ok(),
        }
    }

    /// Returns the last revision on the primary in this generation of the database, where it has been read.
    pub(in crate::http) fn known_at(&self, generation: u64) -> Option<i64> {
        lock(&self.0.primary).filter(|known| known.generation == generation).map(|known| known.revision)
    }

    /// Asks the primary for the last revision, since another instance may have written unnoticed.
    async fn ask_primary(&self, db: &Db) -> Result<i64> {
        let generation = db.log_generation()?;
        self.ask(db, generation).await
    }

    async fn ask(&self, db: &Db, generation: u64) -> Result<i64> {
        let revision = db.read(ReadClass::Inline, changes::revision).await?;
        let mut known = lock(&self.0.primary);
        // Another request may have read a later one meanwhile.
        if known.is_none_or(|known| (generation, revision) > (known.generation, known.revision)) {
            *known = Some(OnPrimary { generation, revision });
        }
        Ok(revision)
    }

    /// Returns the last revision on the replica; `None` when it does not answer.
    async fn on_replica(&self, replica: &Db) -> Option<i64> {
        let known = *lock(&self.0.replica);
        if let Some(OnReplica { at, revision }) = known
            && at.elapsed() < replica.staleness()
        {
            return Some(revision);
        }
        self.ask_replica(replica).await.ok()
    }

    async fn ask_replica(&self, replica: &Db) -> Result<i64> {
        let at = Instant::now();
        let revision = replica.read(ReadClass::Inline, changes::revision).await?;
        *lock(&self.0.replica) = Some(OnReplica { at, revision });
        Ok(revision)
    }

    /// Returns the last revision that a read will show, as far as is known.
    pub(in crate::http) async fn to_read(&self, db: &Db) -> Option<i64> {
        match db.replica() {
            Some(replica) => match self.on_replica(replica).await {
                Some(revision) => Some(revision),
                None => self.on_primary(db).await,
            },
            None => self.on_primary(db).await,
        }
    }

    /// Begins to read for a request, once the revision that it wants is there.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a revision that does not exist; what the database says.
    pub(in crate::http) async fn begin(&self, db: &Db, reads: bool, least: Option<i64>) -> Result<Reading> {
        // A write shows its own revision, and must not ask for another one first.
        let known = if reads { self.to_read(db).await } else { lock(&self.0.primary).map(|known| known.revision) };
        let Some(least) = least else { return Ok(Reading::new(known, 0)) };
        if known.is_some_and(|known| known >= least) {
            return Ok(Reading::new(known, least));
        }
        if let Some(replica) = db.replica().filter(|_| reads)
            && let Some(revision) = self.wait(replica, least).await
        {
            return Ok(Reading::new(Some(revision), least));
        }
        let head = self.ask_primary(db).await?;
        match beyond_head(least, head) {
            Some(detail) => Err(Error::bad_request(format!("Registry-Min-Revision: {detail}"))),
            None => Ok(Reading::new(Some(head), least)),
        }
    }

    /// Waits for a revision to reach the replica; `None` where that takes too long.
    async fn wait(&self, replica: &Db, least: i64) -> Option<i64> {
        let waiting = async {
            loop {
                let revision = self.ask_replica(replica).await.ok()?;
                if revision >= least {
                    return Some(revision);
                }
                tokio::time::sleep(TICK).await;
            }
        };
        tokio::time::timeout(Duration::from_millis(limits::REPLICA_MILLISECONDS), waiting).await.ok()?
    }

    /// Returns the revision that an answer shows at least.
    pub(in crate::http) async fn shown(
        &self,
        db: &Db,
        reads: bool,
        reading: &Reading,
        headers: &HeaderMap,
    ) -> Option<i64> {
        if let Some(oldest) = reading.oldest() {
            return Some(oldest);
        }
        let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
        match tag.and_then(conditional::revision_of) {
            Some(revision) => Some(reading.known().map_or(revision, |known| known.max(revision))),
            None if reads => reading.known(),
            None => self.on_primary(db).await,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets `Registry-Revision`.
pub(in crate::http) fn set(headers: &mut HeaderMap, revision: Option<i64>) {
    if let Some(revision) = revision {
        headers.insert(REVISION, HeaderValue::from(revision));
    }
}
