//! Records of the present that were read last, kept in memory, so that a list need not read their rows and links again.
//!
//! A record is kept with its version. The database is asked for the codes and versions of what matches, in the
//! transaction of the read; a record that is kept with the same version and time of change is the same. Nothing needs
//! to be dropped when a record changes: its version no longer fits.

use std::any::Any;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};
use serde_json::value::RawValue;

use super::query::{Condition, RowQuery};
use super::resource::Resource;
use super::stored::{KnownJson, RecordVersion, Stored};
use super::view::View;
use crate::db::DbConn;
use crate::error::Result;

/// Bytes that a record takes beside its texts, about.
const OVERHEAD: usize = 512;
/// Bytes of an ordinary record, from which the number of entries is estimated.
const ORDINARY: u64 = 2 * 1024;

/// Records that were read last, bounded in bytes. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RecordCache(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    records: Cache<Key, Kept, Weight>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// The statistics of the cache since the service started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordCacheStats {
    /// Records that were taken from memory.
    pub hits: u64,
    /// Records that were read from their tables.
    pub misses: u64,
    /// Bytes that are kept now, about.
    pub bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    collection: &'static str,
    code: Box<str>,
}

/// A [`Key`] that is looked up.
struct Wanted<'a> {
    collection: &'static str,
    code: &'a str,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Wanted { collection: self.collection, code: &self.code }.hash(state);
    }
}

impl Hash for Wanted<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.collection, self.code).hash(state);
    }
}

impl Equivalent<Key> for Wanted<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.collection == key.collection && *self.code == *key.code
    }
}

/// A [`Stored`] record of some kind, and how many bytes it takes, about.
#[derive(Clone, Debug)]
struct Kept {
    stored: Arc<dyn Any + Send + Sync>,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Weight;

impl Weighter<Key, Kept> for Weight {
    fn weight(&self, key: &Key, kept: &Kept) -> u64 {
        u64::try_from(key.code.len() + kept.bytes + OVERHEAD).unwrap_or(u64::MAX)
    }
}

impl RecordCache {
    /// Makes a cache of at most `bytes` bytes; 0 turns it off.
    pub fn new(bytes: u64) -> Self {
        let entries = usize::try_from(bytes / ORDINARY).unwrap_or(usize::MAX).max(1);
        let records = || Cache::with_weighter(entries, bytes, Weight);
        let inner = || Inner { records: records(), hits: AtomicU64::new(0), misses: AtomicU64::new(0) };
        Self((bytes > 0).then(|| Arc::new(inner())))
    }

    /// Returns the statistics.
    pub fn stats(&self) -> RecordCacheStats {
        self.0.as_ref().map_or_else(RecordCacheStats::default, |inner| RecordCacheStats {
            hits: inner.hits.load(Ordering::Relaxed),
            misses: inner.misses.load(Ordering::Relaxed),
            bytes: inner.records.weight(),
        })
    }

    /// Returns the records that satisfy all conditions, in order, as [`super::TableRecord::load`] reads them.
    ///
    /// # Errors
    /// Errors of the database.
    pub(super) fn load<R: Resource>(&self, conn: &mut DbConn, rows: RowQuery<R::Table>) -> Result<Vec<Stored<R>>> {
        let Some(inner) = &self.0 else { return R::load(conn, rows) };
        let versions = R::versions(conn, rows)?;
        let kept: Vec<Option<Stored<R>>> = versions.iter().map(|version| inner.find(version)).collect();
        let missing = versions.iter().zip(&kept).filter(|(_, kept)| kept.is_none());
        let missing: Vec<&str> = missing.map(|(version, _)| version.code.as_str()).collect();
        inner.count(versions.len() - missing.len(), missing.len());
        let mut read: HashMap<String, Stored<R>> = HashMap::new();
        for stored in read_by_code::<R>(conn, &missing)? {
            read.insert(stored.record.code().to_owned(), inner.keep(stored));
        }
        let records =
            versions.iter().zip(kept).filter_map(|(version, kept)| kept.or_else(|| read.remove(&version.code)));
        Ok(records.collect())
    }

    /// Returns the record with this code.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn find<R: Resource>(&self, conn: &mut DbConn, code: &str) -> Result<Option<Stored<R>>> {
        match &self.0 {
            // One that was never read is not asked for twice.
            Some(inner) if !inner.has::<R>(code) => {
                inner.count(0, 1);
                Ok(R::load(conn, RowQuery::of(code))?.pop().map(|stored| inner.keep(stored)))
            }
            _ => Ok(self.load(conn, RowQuery::of(code))?.pop()),
        }
    }
}

fn read_by_code<R: Resource>(conn: &mut DbConn, codes: &[&str]) -> Result<Vec<Stored<R>>> {
    match codes {
        [] => Ok(Vec::new()),
        [code] => R::load(conn, RowQuery::of(code)),
        several => {
            let conditions: Vec<Condition<R::Table>> = vec![R::with_codes(several)];
            R::load(conn, RowQuery::by_code(conditions, i64::try_from(several.len()).unwrap_or(i64::MAX)))
        }
    }
}

impl Inner {
    fn has<R: Resource>(&self, code: &str) -> bool {
        self.records.contains_key(&Wanted { collection: R::COLLECTION, code })
    }

    fn find<R: Resource>(&self, version: &RecordVersion) -> Option<Stored<R>> {
        let kept = self.records.get(&Wanted { collection: R::COLLECTION, code: &version.code })?;
        let stored = kept.stored.downcast_ref::<Stored<R>>()?;
        version.is_of(stored).then(|| stored.clone())
    }

    /// Keeps a record, and gives it back with its JSON.
    fn keep<R: Resource>(&self, stored: Stored<R>) -> Stored<R> {
        let key = Key { collection: R::COLLECTION, code: stored.record.code().into() };
        let json: Option<Arc<RawValue>> = View::json_of(&stored).map(Arc::from);
        // The texts of a record are most of its JSON.
        let (length, copies) = match &json {
            Some(json) => (json.get().len(), 2),
            None => (serde_json::to_string(&stored.record).map_or(0, |text| text.len()), 1),
        };
        let stored = Stored { json: KnownJson(json), ..stored };
        let bytes = copies * length + size_of::<Stored<R>>();
        self.records.insert(key, Kept { stored: Arc::new(stored.clone()), bytes });
        stored
    }

    fn count(&self, hits: usize, misses: usize) {
        let add = |counter: &AtomicU64, many: usize| {
            counter.fetch_add(u64::try_from(many).unwrap_or(u64::MAX), Ordering::Relaxed);
        };
        add(&self.hits, hits);
        add(&self.misses, misses);
    }
}
