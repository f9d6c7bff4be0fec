//! Numbers that many threads count without a lock, so that counting costs next to nothing.

mod gauge;
mod histogram;

pub use gauge::{Gauge, GaugeGuard};
pub use histogram::{Distribution, Histogram};
