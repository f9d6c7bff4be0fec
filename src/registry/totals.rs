//! Totals that have been counted: a page need not count again what the page before has counted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use super::query::FilterSet;
use super::resource::Resource;
use crate::error::Result;

/// The number of totals that are kept, 40 bytes each.
const CAPACITY: usize = 10_000;

/// Totals by query and revision. A revision never changes, so that a total stays right.
#[derive(Clone, Debug, Default)]
pub struct Totals(Arc<Mutex<HashMap<[u8; 32], i64>>>);

impl Totals {
    /// Returns the total of a query of a registry at `revision`; counts it if it is not in the cache.
    ///
    /// # Errors
    /// Errors of `count`.
    pub fn of<R: Resource>(
        &self,
        filter_set: &FilterSet,
        revision: i64,
        count: impl FnOnce() -> Result<i64>,
    ) -> Result<i64> {
        // The day counts: a status follows from it.
        let text = json!([R::COLLECTION, filter_set.filters, filter_set.today.to_string(), revision]).to_string();
        let Ok(key) = <[u8; 32]>::try_from(digest(&SHA256, text.as_bytes()).as_ref()) else { return count() };
        let totals = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(total) = totals().get(&key) {
            return Ok(*total);
        }
        let total = count()?;
        let mut totals = totals();
        if totals.len() >= CAPACITY {
            totals.clear();
        }
        totals.insert(key, total);
        Ok(total)
    }
}
