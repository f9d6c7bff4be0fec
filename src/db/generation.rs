//! Generations: a number that moves whenever another commit may be seen, of any process. A value in memory is
//! valid as long as the generation in which it was read.

use std::sync::{Mutex, PoisonError};

use super::commit_signal::{CommitSignal, ForeignWrites};
use crate::error::Result;

/// Counts the commits that this process has noticed: its own, and those of other processes.
#[derive(Default)]
pub(super) struct Generations {
    watch: Mutex<Watch>,
}

#[derive(Default)]
struct Watch {
    /// The connection that tells of commits; opened when it is first needed, and again after a failure.
    foreign: Option<ForeignWrites>,
    /// The number of commits of this process that have been counted.
    own: u64,
    generation: u64,
}

impl Generations {
    /// Returns the generation now. Whatever was committed before this call belongs to it or to an earlier one.
    ///
    /// # Errors
    /// When the database does not answer; then nothing may be taken from memory.
    pub(super) fn current(&self, commits: &CommitSignal, open: impl FnOnce() -> Result<ForeignWrites>) -> Result<u64> {
        let mut guard = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = &mut *guard;
        let own = commits.generation();
        let reopened = watch.foreign.is_none();
        let foreign = match &mut watch.foreign {
            Some(foreign) => foreign,
            none => none.insert(open()?),
        };
        match foreign.changed() {
            Ok(false) if !reopened && own == watch.own => {}
            Ok(_) => watch.generation += 1,
            Err(error) => {
                watch.foreign = None;
                return Err(error);
            }
        }
        watch.own = own;
        Ok(watch.generation)
    }
}
