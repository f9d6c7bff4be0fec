//! A page of a list.

use serde::Serialize;

/// A page, as every list answers it.
#[derive(Serialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) total: i64,
    pub(super) next_cursor: Option<String>,
}
