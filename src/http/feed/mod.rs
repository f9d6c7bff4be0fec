//! The log of changes over HTTP: the feed, the stream, what is different between two moments.

pub(in crate::http) mod changes;
pub(in crate::http) mod differences;
pub(in crate::http) mod stream;
