//! A gauge: the number of things that exist now.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of things that exist now. Cheap to clone; clones count together.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<AtomicUsize>);

/// One counted thing; dropping it counts one less.
#[derive(Debug)]
pub struct GaugeGuard(Gauge);

impl Gauge {
    /// Counts one more.
    pub fn increment(&self) -> GaugeGuard {
        self.0.fetch_add(1, Ordering::Relaxed);
        GaugeGuard(self.clone())
    }

    /// Returns the current number.
    pub fn now(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_count_together_and_what_is_dropped_is_gone() {
        let gauge = Gauge::default();
        let (one, other) = (gauge.increment(), gauge.clone().increment());
        assert_eq!(gauge.now(), 2);
        drop(one);
        assert_eq!(gauge.now(), 1);
        drop(other);
        assert_eq!(gauge.now(), 0);
    }
}
