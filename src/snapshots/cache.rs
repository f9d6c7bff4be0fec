//! The past states that are kept: the few used last, each made once however many ask for it at the same time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::Semaphore;

use super::build::Snapshot;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::registry::RecordCache;
use crate::registry::bitmaps::Bitmaps;
use crate::temporary::TempDir;

/// The number of past states that are made at once.
const BUILDING: usize = 2;
/// The number of past states that may wait to be made.
const WAITING: usize = 16;

/// A past state, or the making of it, which goes on whether or not a request still waits.
type PendingSnapshot = Shared<BoxFuture<'static, std::result::Result<Arc<Snapshot>, Arc<Error>>>>;

/// The past states of a registry. Cheap to clone.
#[derive(Clone)]
pub struct Snapshots {
    inner: Arc<Inner>,
}

struct Inner {
    live: Db,
    /// The number of past states that are kept.
    keep: usize,
    cache: Mutex<SnapshotCache>,
    building: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// The indexes in memory of the present.
    bitmaps: Bitmaps,
    /// The records of the present that are kept in memory.
    records: RecordCache,
}

#[derive(Default)]
struct SnapshotCache {
    /// By revision; the one used last at the end.
    states: Vec<(i64, PendingSnapshot)>,
    /// Made when first needed.
    folder: Option<Arc<TempDir>>,
}

impl Snapshots {
    /// Makes the cache of a registry: at most `keep` of them, and at least one. Reads of the present keep records in
    /// `records`.
    pub fn new(live: Db, keep: usize, records: RecordCache) -> Self {
        let inner = Inner {
            live,
            keep: keep.max(1),
            cache: Mutex::default(),
            building: Arc::new(Semaphore::new(BUILDING)),
            waiting: Arc::new(Semaphore::new(BUILDING + WAITING)),
            bitmaps: Bitmaps::default(),
            records,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Returns the registry's own database.
    pub(super) fn live(&self) -> &Db {
        &self.inner.live
    }

    /// Returns the indexes in memory of the registry's own database.
    pub(super) fn bitmaps(&self) -> &Bitmaps {
        &self.inner.bitmaps
    }

    /// Returns the records that are kept in memory of the registry's own database.
    pub fn records(&self) -> &RecordCache {
        &self.inner.records
    }

    /// Returns the state after a revision, made where it is not kept.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many are being made, or there is no room.
    pub async fn state(&self, revision: i64) -> Result<Arc<Snapshot>> {
        let pending = self.pending(revision)?;
        pending.clone().await.map_err(|error| {
            // The next request tries again.
            self.cache().states.retain(|(_, cached)| !cached.ptr_eq(&pending));
            share_error(&error)
        })
    }

    /// Returns the revisions of the states that are kept, the one used last at the end.
    pub fn cached(&self) -> Vec<i64> {
        self.cache().states.iter().map(|(revision, _)| *revision).collect()
    }

    /// Forgets every state and removes their folder, also where a request still reads.
    pub fn clear(&self) {
        let cache = std::mem::take(&mut *self.cache());
        if let Some(folder) = cache.folder {
            folder.remove();
        }
    }

    fn cache(&self) -> MutexGuard<'_, SnapshotCache> {
        // Every change of the shelf is one step: it is whole even after a panic.
        self.inner.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pending(&self, revision: i64) -> Result<PendingSnapshot> {
        let mut cache = self.cache();
        if let Some(at) = cache.states.iter().position(|(cached, _)| *cached == revision) {
            let state = cache.states.remove(at);
            let pending = state.1.clone();
            // The temporary folder may have been tidied: then it is made again.
            if ready(&pending).is_none_or(|state| state.path().exists()) {
                cache.states.push(state);
                return Ok(pending);
            }
        }
        let place = self.inner.waiting.clone().try_acquire_owned().map_err(|_| {
            Error::Unavailable("too many past states are being made; try again in a few seconds".to_owned())
        })?;
        let folder = match &cache.folder {
            Some(folder) if folder.path().exists() => folder.clone(),
            _ => cache.folder.insert(Arc::new(TempDir::make("snapshots")?)).clone(),
        };
        let kept = cache.states.iter().filter_map(|(_, pending)| ready(pending));
        // From the nearest state, forwards or backwards; an empty one is as near as the log is long.
        let distance = |state: &Arc<Snapshot>| state.revision().abs_diff(revision);
        let near = |state: &Arc<Snapshot>| distance(state) < revision.unsigned_abs() && state.path().exists();
        let base = kept.filter(near).min_by_key(distance);
        let (live, building) = (self.inner.live.clone(), self.inner.building.clone());
        // A task of its own: when the caller has gone, the work is not lost for the next one.
        let task = tokio::spawn(async move {
            let _place = place;
            let _turn = building.acquire().await;
            let from = live.clone();
            live.blocking(move || Snapshot::build(&from, &folder, base.as_deref(), revision).map(Arc::new)).await
        });
        let pending = async move {
            let made = task.await.unwrap_or_else(|error| Err(Error::internal("a task failed", error)));
            made.map_err(Arc::new)
        };
        let pending = pending.boxed().shared();
        cache.states.push((revision, pending.clone()));
        let surplus = cache.states.len().saturating_sub(self.inner.keep);
        cache.states.drain(..surplus);
        Ok(pending)
    }
}

/// Returns the state, where it is made already.
fn ready(pending: &PendingSnapshot) -> Option<Arc<Snapshot>> {
    pending.peek()?.as_ref().ok().cloned()
}

/// Copies an error for each waiter (`Error` is not `Clone`).
fn share_error(error: &Error) -> Error {
    match error {
        Error::Unavailable(text) => Error::Unavailable(text.clone()),
        Error::StorageFull => Error::Unavailable("there is no room to make this past state".to_owned()),
        other => Error::internal("a past state cannot be made", other.to_string()),
    }
}
