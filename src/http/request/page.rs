//! A page of a list.

use serde::Serialize;

/// A page, as every list answers it.
#[derive(Serialize)]
pub(in crate::http) struct Page<T> {
    pub(in crate::http) items: Vec<T>,
    pub(in crate::http) total: i64,
    pub(in crate::http) next_cursor: Option<String>,
}
