//! Reviews: where a project stood on a day.

mod model;
mod store;

pub use model::{Rating, Review};
