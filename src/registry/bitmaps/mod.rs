//! Bitmap indexes in memory: for each value of a dimension the set of records that have it. Counts by groups and
//! counts of what matches are intersections of sets then, whatever the number of records.
//!
//! An index is derived from the database alone. It is made when it is first used, follows the change log from
//! revision to revision, and is used only in a transaction that reads its own revision; for another one SQL
//! answers.

mod filters;
mod follow;
mod index;
mod request;
mod words;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::NaiveDate;
use roaring::RoaringBitmap;

pub use index::{Groups, Index};
pub use request::{CountRequest, Found, Wanted};

use super::facet::Dimension;
use super::query::FilterSet;
use super::resource::Resource;
use crate::changes;
use crate::db::DbConn;
use crate::error::Result;

/// The number of records of a kind beyond which there is no index: it would take some hundred megabytes.
const RECORDS: u64 = 2_000_000;

/// The bitmap indexes of a registry, one a kind of record. Cheap to clone.
#[derive(Clone, Default)]
pub struct Bitmaps(Arc<Mutex<Indexes>>);

/// The index of each collection.
type Indexes = HashMap<&'static str, Arc<RwLock<Index>>>;

impl std::fmt::Debug for Bitmaps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bitmaps")
    }
}

impl Bitmaps {
    /// Counts the records that match, by no dimension, one or two. `None` where SQL has to answer: former states count
    /// for their successors, the filters name a day of their own, the transaction reads an earlier revision than the
    /// index has, or there are too many records.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn groups<R: Resource>(&self, conn: &mut DbConn, request: &CountRequest<'_>) -> Result<Option<Groups>> {
        let revision = changes::revision(conn)?;
        self.ask::<R, _>(conn, request, revision, |index, matched| index.groups(matched, request))
    }

    /// Counts the records that match and have both of two values of a dimension, the lesser value first. `None` as for
    /// [`Bitmaps::groups`], and where there are too many values, so that SQL takes less time.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn pairs<R: Resource>(
        &self,
        conn: &mut DbConn,
        filter_set: &FilterSet,
        dimension: &Dimension,
    ) -> Result<Option<Vec<(String, String, i64)>>> {
        let request = CountRequest { filter_set, dimensions: vec![dimension], marked: None };
        let revision = changes::revision(conn)?;
        Ok(self.ask::<R, _>(conn, &request, revision, |index, matched| index.pairs(dimension.name, matched))?.flatten())
    }

    /// Finds the records that match, where the transaction reads this revision. `None` as for [`Bitmaps::groups`], and
    /// where not all filters are sets: by a value of a dimension, or by words.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn find<R: Resource>(
        &self,
        conn: &mut DbConn,
        filter_set: &FilterSet,
        revision: i64,
        wanted: Wanted<'_>,
    ) -> Result<Option<Found>> {
        if !filters::are_sets(R::dimensions(), filter_set) {
            return Ok(None);
        }
        let request = CountRequest { filter_set, dimensions: Vec::new(), marked: None };
        self.ask::<R, _>(conn, &request, revision, |index, matched| {
            let (total, of) = (index::length(matched.len()), index::length(index.len()));
            let codes = match wanted {
                Wanted::First { after, limit } => Some(index.first_after(matched, after, limit)),
                Wanted::AllIf(few) => few(total, of).then(|| index.first_after(matched, None, usize::MAX)),
            };
            Found { total, of, codes }
        })
    }

    fn ask<R: Resource, T>(
        &self,
        conn: &mut DbConn,
        request: &CountRequest<'_>,
        revision: i64,
        answer: impl FnOnce(&Index, &RoaringBitmap) -> T,
    ) -> Result<Option<T>> {
        let day = request.filter_set.today;
        if R::day(request.filter_set) != day || request.filter_set.has(super::successors::COUNT_AS) {
            return Ok(None);
        }
        let all = R::dimensions();
        let Some(needed) = filters::needed(all, request) else { return Ok(None) };
        let lock = self.of(R::COLLECTION);
        let Some(index) = current::<R>(&lock, conn, revision, day, &needed)? else { return Ok(None) };
        let matched = filters::matched::<R>(&index, conn, all, request.filter_set)?;
        Ok(Some(answer(&index, &matched)))
    }

    fn of(&self, collection: &'static str) -> Arc<RwLock<Index>> {
        let mut indexes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        indexes.entry(collection).or_default().clone()
    }
}

/// Returns the index at a revision, on a day, with these dimensions; `None` where it is ahead of the revision, or too
/// large.
fn current<'a, R: Resource>(
    lock: &'a RwLock<Index>,
    conn: &mut DbConn,
    revision: i64,
    day: NaiveDate,
    needed: &request::Needed<'_>,
) -> Result<Option<RwLockReadGuard<'a, Index>>> {
    let index = lock.read().unwrap_or_else(PoisonError::into_inner);
    if index.is_at(revision, day, needed) {
        return Ok(Some(index));
    }
    drop(index);
    let mut index = lock.write().unwrap_or_else(PoisonError::into_inner);
    if index.is_ahead_of(revision) {
        return Ok(None);
    }
    // A failure leaves an empty index behind, which is made again.
    let mut next = std::mem::take(&mut *index);
    next.advance::<R>(conn, revision, day)?;
    if next.len() > RECORDS {
        return Ok(None);
    }
    next.load::<R>(conn, needed)?;
    *index = next;
    Ok(Some(RwLockWriteGuard::downgrade(index)))
}
