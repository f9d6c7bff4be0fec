//! Bounds on pieces of work, such as exports: how many are under way at once, and how many of those run. One
//! more than may be under way is refused; one more than may run waits for its turn.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// The bounds of one kind of work.
#[derive(Debug)]
pub(super) struct Slots {
    /// What it is, in the plural.
    what: &'static str,
    /// How many may be under way.
    most: usize,
    under_way: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// A place among the pieces of work that are under way. It is free again when this is dropped.
#[derive(Debug)]
pub struct Slot {
    #[allow(dead_code, reason = "held for its end")]
    permit: OwnedSemaphorePermit,
    running: Arc<Semaphore>,
}

/// The turn to run. It ends when this is dropped; whatever runs holds it, since whoever asked may go away.
#[derive(Debug)]
pub struct Turn {
    #[allow(dead_code, reason = "held for its end")]
    permit: OwnedSemaphorePermit,
}

impl Slots {
    pub(super) fn new(what: &'static str, under_way: usize, running: usize) -> Self {
        let (most, running) = (under_way, Arc::new(Semaphore::new(running)));
        Self { what, most, under_way: Arc::new(Semaphore::new(under_way)), running }
    }

    /// How many are under way.
    pub(super) fn under_way(&self) -> usize {
        self.most.saturating_sub(self.under_way.available_permits())
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when there is none.
    pub(super) fn take(&self) -> Result<Slot> {
        let permit = Arc::clone(&self.under_way)
            .try_acquire_owned()
            .map_err(|_| Error::Unavailable(format!("too many {} are under way; try again in a second", self.what)))?;
        Ok(Slot { permit, running: Arc::clone(&self.running) })
    }
}

impl Slot {
    /// Waits for the turn to run.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the service stops.
    pub async fn turn(&self) -> Result<Turn> {
        let stopping = |_| Error::Unavailable("the service is stopping".to_owned());
        Ok(Turn { permit: Arc::clone(&self.running).acquire_owned().await.map_err(stopping)? })
    }

    /// Waits for the turn to read.
    pub(super) async fn place(self) -> Result<ExportPlace> {
        let turn = self.turn().await?;
        Ok(ExportPlace { slot: self, turn })
    }
}

/// A turn to read an export.
#[derive(Debug)]
pub struct ExportPlace {
    slot: Slot,
    turn: Turn,
}

impl ExportPlace {
    /// Reads; the slot is to be kept until what was read has been sent.
    ///
    /// # Errors
    /// What `read` says.
    pub fn read<T>(self, read: impl FnOnce() -> Result<T>) -> Result<(T, Slot)> {
        let _turn = self.turn;
        read().map(|value| (value, self.slot))
    }
}
