//! Middleware: the work around every handler, such as who calls, the answer cache and the access log.

pub(in crate::http) mod answer_cache;
pub(in crate::http) mod cors;
pub(in crate::http) mod envelope;
pub(in crate::http) mod exchange;
pub(in crate::http) mod fast_path;
pub(in crate::http) mod guard;
pub(in crate::http) mod heads;
pub(in crate::http) mod idempotency;
pub(in crate::http) mod response_headers;
pub(in crate::http) mod revision;
