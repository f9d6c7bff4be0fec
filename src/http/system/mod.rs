//! For an orchestrator: health and readiness; and the answer for a path that nothing serves.

pub(in crate::http) mod fallback;
pub(in crate::http) mod health;
pub(in crate::http) mod readiness;
