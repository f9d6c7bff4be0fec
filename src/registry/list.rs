//! Pages of a collection: exact totals, keyset cursors, expansions, each in a handful of queries.

use serde_json::{Map, Value};

use super::having::fineness;
use super::keyset::ranges_after;
use super::kind::Kind;
use super::query::{Asked, Condition, Rows, Step};
use super::resource::{Resource, Stored};
use super::statements::unless_kept;
use super::totals::Totals;
use crate::db::DbConn;
use crate::error::{Error, Result};

/// What a record sorts by, its code last, in the text form of cursors.
pub type Keys = Vec<String>;

/// What a list shows: which records, in which order, from where on, how many.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The filters.
    pub asked: Asked,
    /// The sort: names of [`Resource::sorts`], with whether each descends.
    pub sort: Vec<(&'static str, bool)>,
    /// The keys of the last record of the page before.
    pub after: Option<Keys>,
    /// How many records at most.
    pub limit: i64,
}

impl Selection {
    /// Everything that is asked for, in the order of the codes, in pages of a good size for reading all of it.
    pub fn all(asked: Asked) -> Self {
        Self { asked, sort: Vec::new(), after: None, limit: BATCH }
    }
}

/// How many records are read at once where all of them are wanted: memory holds no more.
const BATCH: i64 = 500;

/// A page of records.
#[derive(Debug)]
pub struct Listing<R> {
    /// The records.
    pub items: Vec<Stored<R>>,
    /// How many there are in all.
    pub total: i64,
    /// The keys of the last one, where there are more.
    pub next: Option<Keys>,
}

/// How the records that are asked for are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Access {
    /// From the list of those that have what the finest filter wants; good for few.
    Listed,
    /// In the order of the sort, each looked at in turn until the page is full; good for many.
    InOrder,
}

/// The conditions of what is asked.
pub fn conditions<R: Resource>(asked: &Asked) -> Vec<Condition<R::Table>> {
    conditions_by::<R>(asked, Access::Listed)
}

fn conditions_by<R: Resource>(asked: &Asked, access: Access) -> Vec<Condition<R::Table>> {
    let filters = R::filters();
    let wanted = || filters.iter().filter(|filter| asked.has(filter.name));
    // Codes are a list already.
    let listed = access == Access::Listed && !asked.has("code");
    let finest = wanted().filter(|filter| listed && filter.probe.is_some()).min_by_key(|filter| fineness(filter.name));
    let finest = finest.map(|filter| filter.name);
    wanted()
        .filter_map(|filter| match &filter.probe {
            Some(probe) if finest != Some(filter.name) => probe(asked),
            _ => (filter.condition)(asked),
        })
        .chain(unless_kept((R::COLLECTION, access, form(asked))))
        .collect()
}

/// What a statement with these filters is like: which there are, and of each whether it has one value or several, and none.
fn form(asked: &Asked) -> Vec<(&'static str, bool, bool)> {
    let of =
        |(name, values): (&&'static str, &Vec<String>)| (*name, values.len() > 1, values.iter().any(String::is_empty));
    asked.filters.iter().map(of).collect()
}

/// How a page is found at least cost: listed, every match is read and sorted; in order, as many records are looked at as it
/// takes to find a page of matches among all of them.
fn access<R: Resource>(conn: &mut DbConn, selection: &Selection, counts: &Counts<'_>) -> Result<Access> {
    let asked = &selection.asked;
    if !R::filters().iter().any(|filter| filter.probe.is_some() && asked.has(filter.name)) {
        return Ok(Access::Listed);
    }
    let matches = counts.total::<R>(conn, asked)?;
    let all = counts.total::<R>(conn, &Asked::nothing(asked.today))?;
    let looked_at = selection.limit.saturating_add(1).saturating_mul(all) / matches.max(1);
    // To read and sort a record costs about as much as to look at two.
    Ok(if matches.saturating_mul(2) > looked_at { Access::InOrder } else { Access::Listed })
}

/// Where totals are remembered, and the revision they are of.
#[derive(Clone, Copy, Debug)]
pub struct Counts<'a> {
    /// The totals.
    pub totals: &'a Totals,
    /// The last revision in what is read.
    pub revision: i64,
}

impl Counts<'_> {
    fn total<R: Resource>(&self, conn: &mut DbConn, asked: &Asked) -> Result<i64> {
        self.totals.of::<R>(asked, self.revision, || R::count(conn, conditions::<R>(asked)))
    }
}

fn order<R: Resource>(selection: &Selection) -> Vec<Step<R::Table>> {
    let sorts = R::sorts();
    let asked = &selection.asked;
    selection
        .sort
        .iter()
        .filter_map(|&(name, descending)| {
            let sort = sorts.iter().find(|sort| sort.name == name)?;
            let key = if descending { (sort.descending)(asked) } else { (sort.ascending)(asked) };
            Some(Step { key, descending })
        })
        .collect()
}

/// The rows of a page, and one more.
pub(super) fn rows<R: Resource>(selection: &Selection, access: Access) -> Result<Rows<R::Table>> {
    let form = (R::COLLECTION, access, form(&selection.asked), &selection.sort, selection.after.is_some());
    let whole = || unless_kept::<R::Table>(&form);
    let rows = |range: Option<Condition<R::Table>>, then: Option<Box<Rows<R::Table>>>| Rows {
        conditions: conditions_by::<R>(&selection.asked, access).into_iter().chain(range).chain(whole()).collect(),
        order: order::<R>(selection),
        limit: selection.limit.saturating_add(1),
        then,
    };
    let Some(keys) = &selection.after else { return Ok(rows(None, None)) };
    let ranges = ranges_after::<R::Table>(&|| order::<R>(selection), &R::code_key, keys)
        .ok_or_else(|| Error::bad_parameter("cursor", "bad_cursor", "this cursor does not fit this list"))?;
    let chained = ranges.into_iter().rev().fold(None, |then, range| Some(Box::new(rows(Some(range), then))));
    chained.map(|rows| *rows).ok_or_else(|| Error::internal("a page", "no range"))
}

/// The records of one page, without counting. One more than the limit is read to know whether there are more.
///
/// # Errors
/// [`Error::BadRequest`] when the keys do not fit the sort.
fn page<R: Resource>(
    conn: &mut DbConn,
    selection: &Selection,
    access: Access,
) -> Result<(Vec<Stored<R>>, Option<Keys>)> {
    let mut items = R::load(conn, rows::<R>(selection, access)?)?;
    let limit = usize::try_from(selection.limit).unwrap_or(usize::MAX);
    if items.len() <= limit {
        return Ok((items, None));
    }
    items.truncate(limit);
    let mut keys = Vec::with_capacity(selection.sort.len() + 1);
    if let Some(last) = items.last() {
        let code = last.record.code();
        for step in order::<R>(selection) {
            keys.push(R::key_text(conn, code, step.key)?);
        }
        keys.push(code.to_owned());
    }
    Ok((items, Some(keys)))
}

/// A page with its total.
///
/// # Errors
/// [`Error::BadRequest`] when the keys do not fit the sort; what the database says.
pub fn list<R: Resource>(conn: &mut DbConn, selection: &Selection, counts: &Counts<'_>) -> Result<Listing<R>> {
    let access = access::<R>(conn, selection, counts)?;
    let (items, next) = page::<R>(conn, selection, access)?;
    let complete = selection.after.is_none() && next.is_none();
    let total = if complete {
        i64::try_from(items.len()).unwrap_or(i64::MAX)
    } else {
        counts.total::<R>(conn, &selection.asked)?
    };
    Ok(Listing { items, total, next })
}

/// Takes a batch of records.
pub type OnBatch<'a, R> = &'a mut dyn FnMut(&mut DbConn, &[Stored<R>]) -> Result<()>;

/// Reads the records that are selected batch by batch, at most `limit` of them, and hands each batch on; tells the keys
/// of the last one, where there are more. In one read transaction it is one snapshot, and memory holds one batch.
///
/// # Errors
/// As [`list`]; what `each` says.
pub fn each_batch<R: Resource>(
    conn: &mut DbConn,
    mut selection: Selection,
    limit: Option<i64>,
    each: OnBatch<'_, R>,
) -> Result<Option<Keys>> {
    let mut remaining = limit.unwrap_or(i64::MAX);
    loop {
        selection.limit = remaining.min(BATCH);
        let (items, next) = page::<R>(conn, &selection, Access::Listed)?;
        each(conn, &items)?;
        remaining = remaining.saturating_sub(i64::try_from(items.len()).unwrap_or(i64::MAX));
        if next.is_none() || remaining == 0 {
            return Ok(next);
        }
        selection.after = next;
    }
}

/// What stands under `expanded` of each record: a query or two for each expansion, however many records there are.
///
/// # Errors
/// What the database says.
pub fn expand<R: Resource>(
    conn: &mut DbConn,
    items: &[Stored<R>],
    names: &[&'static str],
    asked: &Asked,
) -> Result<Vec<Map<String, Value>>> {
    let mut expanded = vec![Map::new(); items.len()];
    for expansion in R::EXPANSIONS.iter().filter(|expansion| names.contains(&expansion.name)) {
        let codes = (expansion.codes)(conn, items, asked)?;
        let mut wanted: Vec<&str> = codes.iter().flatten().map(String::as_str).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let Some(kind) = Kind::all().into_iter().find(|kind| kind.collection == expansion.from) else { continue };
        let records: std::collections::HashMap<String, Value> = if wanted.is_empty() {
            Default::default()
        } else {
            (kind.full)(conn, &wanted, asked)?.into_iter().collect()
        };
        for (expanded, codes) in expanded.iter_mut().zip(&codes) {
            let found: Map<String, Value> =
                codes.iter().filter_map(|code| Some((code.clone(), records.get(code)?.clone()))).collect();
            expanded.insert(expansion.name.to_owned(), Value::Object(found));
        }
    }
    Ok(expanded)
}
