//! Bounds on pieces of work, such as exports: how many are under way at once, and how many of those run. One
//! more than may be under way is refused; one more than may run waits for its turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// The bounds of one kind of work.
#[derive(Debug)]
pub(super) struct WorkQueue {
    /// The name of the work, in the plural.
    what: &'static str,
    /// The number of pieces of work that may wait or run.
    capacity: usize,
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
    /// The number of pieces of work of each owner; an owner without any is not in it.
    owners: Arc<Owners>,
}

#[derive(Debug, Default)]
struct Owners(Mutex<HashMap<String, usize>>);

impl Owners {
    fn counts(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        // Every change is one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the places that an owner has.
#[derive(Debug)]
struct OwnersPlace {
    owners: Arc<Owners>,
    owner: String,
}

impl Drop for OwnersPlace {
    fn drop(&mut self) {
        let mut counts = self.owners.counts();
        match counts.get_mut(&self.owner) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(counts.remove(&self.owner)),
        }
    }
}

/// A place in the queue for one piece of work, released on drop.
#[derive(Debug)]
pub struct Ticket {
    #[expect(dead_code, reason = "held for its end")]
    permit: OwnedSemaphorePermit,
    running: Arc<Semaphore>,
    #[expect(dead_code, reason = "held for its end")]
    place: Option<OwnersPlace>,
}

/// Permit to run, released on drop. The worker owns it, so that a cancelled request does not release it early.
#[derive(Debug)]
pub struct RunPermit {
    #[expect(dead_code, reason = "held for its end")]
    permit: OwnedSemaphorePermit,
}

impl WorkQueue {
    pub(super) fn new(what: &'static str, admitted: usize, running: usize) -> Self {
        let (capacity, running) = (admitted, Arc::new(Semaphore::new(running)));
        Self { what, capacity, admitted: Arc::new(Semaphore::new(admitted)), running, owners: Arc::default() }
    }

    /// Returns the number of pieces of work that are waiting or running.
    pub(super) fn admitted(&self) -> usize {
        self.capacity.saturating_sub(self.admitted.available_permits())
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when there is none.
    pub(super) fn try_admit(&self) -> Result<Ticket> {
        let permit = Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| Error::Unavailable(format!("too many {} are under way; try again in a second", self.what)))?;
        Ok(Ticket { permit, running: Arc::clone(&self.running), place: None })
    }

    /// Takes a place for an owner, who has at most half of them: one must not keep all others out.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when there is none, or this owner has as many as one may have.
    pub(super) fn try_admit_one_of(&self, owner: &str) -> Result<Ticket> {
        let mut counts = self.owners.counts();
        let taken = counts.get(owner).copied().unwrap_or_default();
        if taken >= self.capacity.div_ceil(2) {
            let detail =
                format!("you have {taken} {} under way, and may have no more; try again in a second", self.what);
            return Err(Error::Unavailable(detail));
        }
        let ticket = self.try_admit()?;
        counts.insert(owner.to_owned(), taken + 1);
        let place = OwnersPlace { owners: Arc::clone(&self.owners), owner: owner.to_owned() };
        Ok(Ticket { place: Some(place), ..ticket })
    }
}

impl Ticket {
    /// Waits for the turn to run.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the service stops.
    pub async fn acquire(&self) -> Result<RunPermit> {
        let stopping = |_| Error::Unavailable("the service is stopping".to_owned());
        Ok(RunPermit { permit: Arc::clone(&self.running).acquire_owned().await.map_err(stopping)? })
    }

    /// Waits for the turn to read.
    pub(super) async fn into_export_permit(self) -> Result<ExportPermit> {
        let permit = self.acquire().await?;
        Ok(ExportPermit { ticket: self, permit })
    }
}

/// A turn to read an export.
#[derive(Debug)]
pub struct ExportPermit {
    ticket: Ticket,
    permit: RunPermit,
}

impl ExportPermit {
    /// Reads; the slot is to be kept until what was read has been sent.
    ///
    /// # Errors
    /// Errors of `read`.
    pub fn read<T>(self, read: impl FnOnce() -> Result<T>) -> Result<(T, Ticket)> {
        let _permit = self.permit;
        read().map(|value| (value, self.ticket))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails where one owner may have all places, or where a place is not given back.
    #[test]
    fn one_owner_leaves_places_to_others() {
        let queue = WorkQueue::new("exports", 4, 1);
        let admit = |owner| queue.try_admit_one_of(owner);
        let adas = [admit("ada").unwrap(), admit("ada").unwrap()];
        let refused = admit("ada").unwrap_err().to_string();
        assert_eq!(refused, "you have 2 exports under way, and may have no more; try again in a second");
        let _others = [admit("emmy").unwrap(), admit("grace").unwrap()];
        assert!(admit("grace").unwrap_err().to_string().starts_with("too many exports"));
        drop(adas);
        assert_eq!(queue.owners.counts().len(), 2, "nothing is left of who has none");
        admit("ada").unwrap();
    }
}
