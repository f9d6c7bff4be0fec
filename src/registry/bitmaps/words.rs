//! The sets of the words that were asked for last: the full text index takes as long for a word as it has records.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use roaring::RoaringBitmap;

use crate::error::Result;

/// The number of bytes that they take at most.
const BYTES: u64 = 8 * 1024 * 1024;
/// The approximate number of words in that.
const WORDS: usize = 1_000;

/// The records that have a word, by words.
pub(super) struct WordSets(Cache<String, Arc<RoaringBitmap>, BySize>);

#[derive(Clone)]
struct BySize;

impl Weighter<String, Arc<RoaringBitmap>> for BySize {
    fn weight(&self, word: &String, set: &Arc<RoaringBitmap>) -> u64 {
        let bytes = word.len() + set.serialized_size();
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl Default for WordSets {
    fn default() -> Self {
        Self(Cache::with_weighter(WORDS, BYTES, BySize))
    }
}

impl std::fmt::Debug for WordSets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("WordSets").field(&self.0.len()).finish()
    }
}

impl WordSets {
    /// Returns the set of a word, which `find` makes where it is not kept.
    ///
    /// # Errors
    /// Errors of `find`.
    pub(super) fn get(&self, word: &str, find: impl FnOnce() -> Result<RoaringBitmap>) -> Result<Arc<RoaringBitmap>> {
        self.0.get_or_insert_with(word, || find().map(Arc::new))
    }
}
