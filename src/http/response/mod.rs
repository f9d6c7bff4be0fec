//! Answers: finished bytes, files, problems.

pub(in crate::http) mod cache;
pub(in crate::http) mod cached;
pub(in crate::http) mod problem;
pub(in crate::http) mod spool;
