//! Pages that have been made, kept for the next reader: a page is the same for all readers with the same role and
//! language for as long as the revision and the day are the same. The parts that differ for each reader (name, form
//! token) are put around it.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::page::Page;

/// The number of bytes that are kept.
const BYTES: u64 = 32 * 1024 * 1024;
/// The number of pages that are expected.
const PAGES: usize = 1_000;

#[derive(Clone)]
struct Weight;

impl Weighter<String, Arc<Page>> for Weight {
    fn weight(&self, key: &String, page: &Arc<Page>) -> u64 {
        u64::try_from(key.len().saturating_add(page.size())).unwrap_or(u64::MAX)
    }
}

/// The pages that are kept. Cheap to clone.
#[derive(Clone)]
pub struct PageCache(Arc<Cache<String, Arc<Page>, Weight>>);

impl Default for PageCache {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(PAGES, BYTES, Weight)))
    }
}

impl PageCache {
    /// Returns the page under a key.
    pub(super) fn get(&self, key: &str) -> Option<Arc<Page>> {
        self.0.get(key)
    }

    /// Keeps a page.
    pub(super) fn keep(&self, key: String, page: Arc<Page>) {
        self.0.insert(key, page);
    }
}
