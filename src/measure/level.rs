//! How many of something there are now.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of things that are there now. Cheap to clone; clones count together.
#[derive(Clone, Debug, Default)]
pub struct Level(Arc<AtomicUsize>);

/// One of them. It is gone when this is dropped.
#[derive(Debug)]
pub struct Present(Level);

impl Level {
    /// Counts one more.
    pub fn enter(&self) -> Present {
        self.0.fetch_add(1, Ordering::Relaxed);
        Present(self.clone())
    }

    /// How many there are.
    pub fn now(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_count_together_and_what_is_dropped_is_gone() {
        let level = Level::default();
        let (one, other) = (level.enter(), level.clone().enter());
        assert_eq!(level.now(), 2);
        drop(one);
        assert_eq!(level.now(), 1);
        drop(other);
        assert_eq!(level.now(), 0);
    }
}
