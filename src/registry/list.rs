//! Pages of a collection: exact totals, keyset cursors, expansions, each in a handful of queries.

use std::borrow::Cow;

use super::bitmaps::{Bitmaps, Found, Wanted};
use super::conditions::{Access, conditions, conditions_by, form};
use super::keyset::seek_ranges;
use super::query::{Condition, FilterSet, OrderBy, RowQuery};
use super::record_cache::RecordCache;
use super::resource::Resource;
use super::statements::unless_kept;
use super::stored::Stored;
use super::totals::Totals;
use crate::db::DbConn;
use crate::error::{Error, Result};

/// The sort keys of a record, its code last, in the text form of cursors.
pub type CursorKeys = Vec<String>;

/// The parameters of a list: which records, in which order, from where on, how many.
#[derive(Clone, Debug)]
pub struct ListParams {
    /// The filters.
    pub filter_set: FilterSet,
    /// The sort: names of [`Resource::sorts`], with whether each descends.
    pub sort: Vec<(&'static str, bool)>,
    /// The keys of the last record of the page before.
    pub after: Option<CursorKeys>,
    /// The number of records at most.
    pub limit: i64,
}

impl ListParams {
    /// Everything that is asked for, in the order of the codes, in pages of a good size for reading all of it.
    pub fn all(filter_set: FilterSet) -> Self {
        Self { filter_set, sort: Vec::new(), after: None, limit: BATCH }
    }
}

/// The number of records that are read at once when all of them are read, to bound memory.
const BATCH: i64 = 500;

/// A page of records.
#[derive(Debug)]
pub struct ListPage<R> {
    /// The records.
    pub items: Vec<Stored<R>>,
    /// The number of all that match.
    pub total: i64,
    /// The keys of the last one, where there are more.
    pub next: Option<CursorKeys>,
}

/// The number of records up to which all that match are named to the database, to be sorted.
const FEW: i64 = 1_000;

/// Chooses the way to find a page at least cost: listed, every match is read and sorted; in order, as many records are
/// looked at as it takes to find a page of matches among all of them.
fn access<'a, R: Resource>(
    conn: &mut DbConn,
    list_params: &ListParams,
    counts: &Counts<'_>,
    found: Option<&'a Found>,
) -> Result<Access<'a>> {
    if let Some(codes) = found.and_then(|found| found.codes.as_deref()) {
        return Ok(Access::Named(codes));
    }
    let filter_set = &list_params.filter_set;
    if !R::filters().iter().any(|filter| filter.probe.is_some() && filter_set.has(filter.name)) {
        return Ok(Access::Listed);
    }
    let (matches, all) = match found {
        Some(found) => (found.total, found.of),
        None => (counts.total::<R>(conn, filter_set)?, counts.total::<R>(conn, &FilterSet::empty(filter_set.today))?),
    };
    Ok(if is_listed(list_params.limit, matches, all) { Access::Listed } else { Access::InOrder })
}

/// Tells whether it takes less to read all matches and to sort them than to look at records in the order of the sort,
/// until a page is full.
fn is_listed(limit: i64, matches: i64, all: i64) -> bool {
    let looked_at = limit.saturating_add(1).saturating_mul(all) / matches.max(1);
    // To read and sort a record costs about as much as to look at two.
    matches.saturating_mul(2) <= looked_at
}

/// The cache of totals, and the revision they are of.
#[derive(Clone, Copy, Debug)]
pub struct Counts<'a> {
    /// The totals.
    pub totals: &'a Totals,
    /// The bitmap indexes, where lists may use them.
    pub bitmaps: Option<&'a Bitmaps>,
    /// The records that are kept in memory.
    pub records: &'a RecordCache,
    /// The last revision in what is read.
    pub revision: i64,
}

impl Counts<'_> {
    /// Returns the records that match, where sets in memory tell.
    fn find<R: Resource>(&self, conn: &mut DbConn, list_params: &ListParams) -> Result<Option<Found>> {
        let filter_set = &list_params.filter_set;
        let Some(bitmaps) = self.bitmaps.filter(|_| !filter_set.filters.is_empty()) else { return Ok(None) };
        let limit = page_size(list_params).saturating_add(1);
        let wanted = match (list_params.sort.as_slice(), list_params.after.as_deref()) {
            ([], None) => Wanted::First { after: None, limit },
            ([], Some([code])) => Wanted::First { after: Some(code), limit },
            _ => Wanted::AllIf(&|matches, all| matches <= FEW && is_listed(list_params.limit, matches, all)),
        };
        bitmaps.find::<R>(conn, filter_set, self.revision, wanted)
    }

    fn total<R: Resource>(&self, conn: &mut DbConn, filter_set: &FilterSet) -> Result<i64> {
        self.totals.of::<R>(filter_set, self.revision, || R::count(conn, conditions::<R>(filter_set)))
    }
}

fn order<R: Resource>(list_params: &ListParams) -> Vec<OrderBy<R::Table>> {
    let sorts = R::sorts();
    let filter_set = &list_params.filter_set;
    list_params
        .sort
        .iter()
        .filter_map(|&(name, descending)| {
            let sort = sorts.iter().find(|sort| sort.name == name)?;
            let key = if descending { (sort.descending)(filter_set) } else { (sort.ascending)(filter_set) };
            Some(OrderBy { key, descending })
        })
        .collect()
}

/// Returns the rows of a page, and one more.
pub(super) fn rows<R: Resource>(list_params: &ListParams, access: Access<'_>) -> Result<RowQuery<R::Table>> {
    let form = (
        R::COLLECTION,
        std::mem::discriminant(&access),
        form(&list_params.filter_set),
        &list_params.sort,
        list_params.after.is_some(),
    );
    let whole = || unless_kept::<R::Table>(&form);
    let rows = |range: Option<Condition<R::Table>>, then: Option<Box<RowQuery<R::Table>>>| RowQuery {
        conditions: conditions_by::<R>(&list_params.filter_set, access)
            .into_iter()
            .chain(range)
            .chain(whole())
            .collect(),
        order: order::<R>(list_params),
        limit: list_params.limit.saturating_add(1),
        then,
        code: None,
    };
    let Some(keys) = &list_params.after else { return Ok(rows(None, None)) };
    let ranges = seek_ranges::<R::Table>(&|| order::<R>(list_params), &R::code_key, keys)
        .ok_or_else(|| Error::bad_parameter("cursor", "bad_cursor", "this cursor does not fit this list"))?;
    let chained = ranges.into_iter().rev().fold(None, |then, range| Some(Box::new(rows(Some(range), then))));
    chained.map(|rows| *rows).ok_or_else(|| Error::internal("a page", "no range"))
}

/// Returns the records of one page, without counting. One more than the limit is read to know whether there are more.
///
/// # Errors
/// [`Error::BadRequest`] when the keys do not fit the sort.
fn page<R: Resource>(
    conn: &mut DbConn,
    list_params: &ListParams,
    access: Access<'_>,
    records: &RecordCache,
) -> Result<(Vec<Stored<R>>, Option<CursorKeys>)> {
    let mut items = records.load::<R>(conn, rows::<R>(list_params, access)?)?;
    let limit = page_size(list_params);
    if items.len() <= limit {
        return Ok((items, None));
    }
    items.truncate(limit);
    let mut keys = Vec::with_capacity(list_params.sort.len() + 1);
    if let Some(last) = items.last() {
        let code = last.record.code();
        for step in order::<R>(list_params) {
            keys.push(R::sort_key_value(conn, code, step.key)?);
        }
        keys.push(code.to_owned());
    }
    Ok((items, Some(keys)))
}

fn page_size(list_params: &ListParams) -> usize {
    usize::try_from(list_params.limit).unwrap_or(usize::MAX)
}

/// Returns the selection, which knows whether what is kept for a day holds on its own.
fn settled<'a, R: Resource>(conn: &mut DbConn, list_params: &'a ListParams) -> Result<Cow<'a, ListParams>> {
    let mut list_params = Cow::Borrowed(list_params);
    if R::is_kept(conn, &list_params.filter_set)? {
        list_params.to_mut().filter_set.kept = true;
    }
    Ok(list_params)
}

/// Returns a page with its total.
///
/// # Errors
/// [`Error::BadRequest`] when the keys do not fit the sort; what the database says.
pub fn list<R: Resource>(conn: &mut DbConn, list_params: &ListParams, counts: &Counts<'_>) -> Result<ListPage<R>> {
    let list_params = &*settled::<R>(conn, list_params)?;
    let found = counts.find::<R>(conn, list_params)?;
    let access = access::<R>(conn, list_params, counts, found.as_ref())?;
    let (items, next) = page::<R>(conn, list_params, access, counts.records)?;
    let complete = list_params.after.is_none() && next.is_none();
    let total = match found {
        Some(found) => found.total,
        None if complete => i64::try_from(items.len()).unwrap_or(i64::MAX),
        None => counts.total::<R>(conn, &list_params.filter_set)?,
    };
    Ok(ListPage { items, total, next })
}

/// Takes a batch of records.
pub type OnBatch<'a, R> = &'a mut dyn FnMut(&mut DbConn, &[Stored<R>]) -> Result<()>;

/// Reads the records that are selected batch by batch, at most `limit` of them, and hands each batch on; tells the keys
/// of the last one, where there are more. In one read transaction it is one snapshot, and memory holds one batch.
///
/// # Errors
/// As [`list`]; what `each` says.
pub fn for_each_batch<R: Resource>(
    conn: &mut DbConn,
    mut list_params: ListParams,
    limit: Option<i64>,
    each: OnBatch<'_, R>,
) -> Result<Option<CursorKeys>> {
    // A read of everything would push out records that are asked for again.
    let unkept = RecordCache::default();
    let mut remaining = limit.unwrap_or(i64::MAX);
    list_params.filter_set.kept = R::is_kept(conn, &list_params.filter_set)?;
    loop {
        list_params.limit = remaining.min(BATCH);
        let (items, next) = page::<R>(conn, &list_params, Access::Listed, &unkept)?;
        each(conn, &items)?;
        remaining = remaining.saturating_sub(i64::try_from(items.len()).unwrap_or(i64::MAX));
        if next.is_none() || remaining == 0 {
            return Ok(next);
        }
        list_params.after = next;
    }
}
