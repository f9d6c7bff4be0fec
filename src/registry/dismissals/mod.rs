//! Dismissals: findings that are meant to be so, with the reason.

mod model;
mod store;

pub use model::{Dismissal, RecordKey};
