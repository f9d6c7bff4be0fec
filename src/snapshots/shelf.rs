//! The past states that are kept: the few used last, each made once however many ask for it at the same time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::Semaphore;

use super::as_of::{AsOf, Point};
use super::build::Snapshot;
use super::moment::Moment;
use crate::clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::temporary::TemporaryFolder;

/// How many past states are made at once.
const BUILDING: usize = 2;
/// How many may wait to be made.
const WAITING: usize = 16;

/// A past state, or the making of it, which goes on whether or not somebody still waits.
type Making = Shared<BoxFuture<'static, std::result::Result<Arc<Snapshot>, Arc<Error>>>>;

/// The past states of a registry. Cheap to clone.
#[derive(Clone)]
pub struct Snapshots {
    inner: Arc<Inner>,
}

struct Inner {
    live: Db,
    /// How many are kept.
    keep: usize,
    shelf: Mutex<Shelf>,
    building: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

#[derive(Default)]
struct Shelf {
    /// By revision; the one used last at the end.
    states: Vec<(i64, Making)>,
    /// Made when first needed.
    folder: Option<Arc<TemporaryFolder>>,
}

impl Snapshots {
    /// Those of a registry: at most `keep` of them, and at least one.
    pub fn new(live: Db, keep: usize) -> Self {
        let inner = Inner {
            live,
            keep: keep.max(1),
            shelf: Mutex::default(),
            building: Arc::new(Semaphore::new(BUILDING)),
            waiting: Arc::new(Semaphore::new(BUILDING + WAITING)),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The registry at a moment; now where none is given.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a moment that is still to come; what the database says.
    pub async fn at(&self, as_of: Option<&AsOf>) -> Result<Moment> {
        let point = match as_of {
            None => Point::present(clock::today()),
            Some(as_of) => {
                let as_of = as_of.clone();
                self.inner.live.read(move |conn| as_of.resolve(conn, "as_of")).await?
            }
        };
        Ok(Moment::new(self.clone(), point))
    }

    /// The registry's own database.
    pub(super) fn live(&self) -> &Db {
        &self.inner.live
    }

    /// The state after a revision, made where it is not kept.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many are being made, or there is no room.
    pub async fn state(&self, revision: i64) -> Result<Arc<Snapshot>> {
        let making = self.making(revision)?;
        making.clone().await.map_err(|error| {
            // The next who asks tries again.
            self.shelf().states.retain(|(_, kept)| !kept.ptr_eq(&making));
            told_again(&error)
        })
    }

    /// The revisions of the states that are kept, the one used last at the end.
    pub fn kept(&self) -> Vec<i64> {
        self.shelf().states.iter().map(|(revision, _)| *revision).collect()
    }

    /// Forgets every state and removes their folder, also where a request still reads.
    pub fn clear(&self) {
        let shelf = std::mem::take(&mut *self.shelf());
        if let Some(folder) = shelf.folder {
            folder.remove();
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // Every change of the shelf is one step: it is whole even after a panic.
        self.inner.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn making(&self, revision: i64) -> Result<Making> {
        let mut shelf = self.shelf();
        if let Some(at) = shelf.states.iter().position(|(kept, _)| *kept == revision) {
            let state = shelf.states.remove(at);
            let making = state.1.clone();
            // Somebody may have tidied the temporary folder: then it is made again.
            if ready(&making).is_none_or(|state| state.path().exists()) {
                shelf.states.push(state);
                return Ok(making);
            }
        }
        let place = self.inner.waiting.clone().try_acquire_owned().map_err(|_| {
            Error::Unavailable("too many past states are being made; try again in a few seconds".to_owned())
        })?;
        let folder = match &shelf.folder {
            Some(folder) if folder.path().exists() => folder.clone(),
            _ => shelf.folder.insert(Arc::new(TemporaryFolder::make("snapshots")?)).clone(),
        };
        let earlier = shelf.states.iter().filter(|(kept, _)| *kept < revision);
        let ready = earlier.filter_map(|(_, making)| ready(making).filter(|state| state.path().exists()));
        let base = ready.max_by_key(|state| state.revision());
        let (live, building) = (self.inner.live.clone(), self.inner.building.clone());
        // A task of its own: when whoever asked has gone, the work is not lost for who asks next.
        let task = tokio::spawn(async move {
            let _place = place;
            let _turn = building.acquire().await;
            let from = live.clone();
            live.blocking(move || Snapshot::build(&from, &folder, base.as_deref(), revision).map(Arc::new)).await
        });
        let making = async move {
            let made = task.await.unwrap_or_else(|error| Err(Error::internal("a task failed", error)));
            made.map_err(Arc::new)
        };
        let making = making.boxed().shared();
        shelf.states.push((revision, making.clone()));
        let surplus = shelf.states.len().saturating_sub(self.inner.keep);
        shelf.states.drain(..surplus);
        Ok(making)
    }
}

/// The state, where it is made already.
fn ready(making: &Making) -> Option<Arc<Snapshot>> {
    making.peek()?.as_ref().ok().cloned()
}

/// An error that several are told.
fn told_again(error: &Error) -> Error {
    match error {
        Error::Unavailable(text) => Error::Unavailable(text.clone()),
        Error::StorageFull => Error::Unavailable("there is no room to make this past state".to_owned()),
        other => Error::internal("a past state cannot be made", other.to_string()),
    }
}
