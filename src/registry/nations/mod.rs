//! Nations: the partners, and the home nation itself.

mod model;
mod store;

pub use model::Nation;
