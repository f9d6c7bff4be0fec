//! Documents: the papers behind agreements and projects.

mod model;
mod store;

pub use model::{Document, DocumentKind};
