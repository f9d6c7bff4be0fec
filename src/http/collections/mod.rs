//! The handlers of a collection, the same for every kind of record.

pub(in crate::http) mod imports;
pub(in crate::http) mod list;
pub(in crate::http) mod meant;
pub(in crate::http) mod resource;
