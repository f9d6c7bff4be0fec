//! Numbers that many threads count without a lock, so that counting costs next to nothing.

mod histogram;
mod level;

pub use histogram::{Distribution, Histogram};
pub use level::{Level, Present};
