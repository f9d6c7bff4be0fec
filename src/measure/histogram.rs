//! A histogram: the number of values between fixed bounds.

use std::sync::atomic::{AtomicU64, Ordering};

/// A histogram of whole numbers. The one of `prometheus-client` takes a lock for each value.
#[derive(Debug)]
pub struct Histogram {
    /// The greatest value of each bucket, in order.
    bounds: &'static [u64],
    /// A bucket for each bound, and one for all that is greater.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

/// The state of a histogram at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// The greatest value of each bucket and how many values are in it alone; no bound for the last.
    pub buckets: Vec<(Option<u64>, u64)>,
    /// The sum of all values.
    pub sum: u64,
}

impl Histogram {
    /// Makes an empty histogram with these bounds, which must be in order.
    pub fn new(bounds: &'static [u64]) -> Self {
        let counts = std::iter::repeat_with(AtomicU64::default).take(bounds.len() + 1).collect();
        Self { bounds, counts, sum: AtomicU64::default() }
    }

    /// Counts a value.
    pub fn observe(&self, value: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Reads its state.
    pub fn read(&self) -> Distribution {
        let bounds = self.bounds.iter().copied().map(Some).chain([None]);
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        Distribution { buckets: bounds.zip(counts).collect(), sum: self.sum.load(Ordering::Relaxed) }
    }
}

impl Distribution {
    /// Returns the number of values that were counted.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_counted_in_the_first_bucket_that_holds_it() {
        let histogram = Histogram::new(&[1, 10]);
        for value in [0, 1, 2, 10, 11, 1_000] {
            histogram.observe(value);
        }
        let read = histogram.read();
        assert_eq!(read.buckets, [(Some(1), 2), (Some(10), 2), (None, 2)]);
        assert_eq!((read.count(), read.sum), (6, 1_024));
    }
}
