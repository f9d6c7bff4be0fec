//! Questions as SQL: which rows of the index they match, in which order.

use diesel::dsl::sql;
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use serde_json::Value;

use super::predicate::SearchPredicate;
use super::query::SearchQuery;
use super::snippet::snippet;
use crate::db::schema::search_index;
use crate::db::{DbBackend, DbConn};
use crate::error::{Error, Result};
use crate::registry::keyset::seek_predicate;
use crate::registry::list::CursorKeys;
use crate::registry::query::{Condition, FilterSet, OrderBy, SortKey, TextKey};
use crate::registry::resource_info::{RESOURCES, ResourceInfo};

/// A search: its words, its scope, and the page that is wanted.
#[derive(Clone, Debug)]
pub struct Search {
    /// The words.
    pub question: SearchQuery,
    /// In which collections.
    pub collections: Vec<&'static str>,
    /// The keys of the last result of the page before.
    pub after: Option<CursorKeys>,
    /// How many results at most.
    pub limit: i64,
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its collection.
    pub collection: &'static str,
    /// Its code.
    pub code: String,
    /// The title of the record.
    pub title: String,
    /// The text around the first match, as it was written; empty where the title says it all.
    pub snippet: String,
}

/// A page of results, the best first; how many there are in all; and the keys of the last, where there are more.
///
/// # Errors
/// [`Error::BadRequest`] when the keys are none of such a search.
pub fn search(
    conn: &mut DbConn,
    search: &Search,
    filter_set: &FilterSet,
) -> Result<(Vec<Hit>, i64, Option<CursorKeys>)> {
    let matching = || SearchPredicate::of(&search.collections, &search.question);
    let total = search_index::table.count().filter(matching()).get_result(conn)?;
    let mut page = search_index::table
        .select((search_index::resource, search_index::key, rank(&search.question), place()))
        .filter(matching())
        .order((rank(&search.question), place(), search_index::key))
        .limit(search.limit.saturating_add(1))
        .into_boxed::<DbBackend>();
    if let Some(keys) = &search.after {
        let step = |key| OrderBy { key: SortKey::Integer(key), descending: false };
        let order = || vec![step(rank(&search.question)), step(place())];
        let code = || -> TextKey<search_index::table> { Box::new(search_index::key) };
        let beyond = seek_predicate(&order, &code, keys)
            .ok_or_else(|| Error::bad_parameter("cursor", "bad_cursor", "this cursor does not fit this search"))?;
        page = page.filter(beyond);
    }
    let mut rows: Vec<(String, String, i64, i64)> = page.load(conn)?;
    let limit = usize::try_from(search.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next = last.map(|(_, code, rank, place)| vec![rank.to_string(), place.to_string(), code.clone()]);
    let rows: Vec<(String, String)> = rows.into_iter().map(|(collection, code, ..)| (collection, code)).collect();
    Ok((hydrate(conn, &rows, &search.question, filter_set)?, total, next))
}

/// How well a row matches, the less the better: 1, a name is what was asked for; 2, a name begins with it; 3, all of it
/// is in the names; 4, some of it is; 5, none: it is in the texts.
fn rank(question: &SearchQuery) -> Box<dyn BoxableExpression<search_index::table, DbBackend, SqlType = BigInt>> {
    let whole: Vec<&str> = question.wanted.iter().flat_map(|term| &term.words).map(String::as_str).collect();
    let whole = whole.join(" ");
    let open = question.wanted.last().is_some_and(|term| term.open);
    let names = |pattern: String| search_index::names.like(pattern);
    let mut all: Condition<search_index::table> = Box::new(sql::<Bool>("1 = 1"));
    let mut some: Condition<search_index::table> = Box::new(sql::<Bool>("1 = 0"));
    for term in &question.wanted {
        all = Box::new(all.and(names(term.pattern())));
        some = Box::new(some.or(names(term.pattern())));
    }
    let number = |rank: i64| rank.into_sql::<BigInt>();
    Box::new(
        diesel::dsl::case_when(names(format!("%| {whole} |%")), number(1))
            .when(names(format!("%| {whole}{}%", if open { "" } else { " " })), number(2))
            .when(all, number(3))
            .when(some, number(4))
            .otherwise(number(5)),
    )
}

/// Among equals the collections come in the order of [`RESOURCES`].
fn place() -> Box<dyn BoxableExpression<search_index::table, DbBackend, SqlType = BigInt>> {
    let places =
        ResourceInfo::collections().enumerate().map(|(place, collection)| format!(" WHEN '{collection}' THEN {place}"));
    Box::new(sql::<BigInt>(&format!(
        "CAST(CASE search_index.resource{} ELSE 99 END AS BIGINT)",
        places.collect::<String>()
    )))
}

/// The results with title and snippet: a query for each collection among them.
fn hydrate(
    conn: &mut DbConn,
    rows: &[(String, String)],
    question: &SearchQuery,
    filter_set: &FilterSet,
) -> Result<Vec<Hit>> {
    let mut found: Vec<(usize, Hit)> = Vec::with_capacity(rows.len());
    for kind in RESOURCES {
        let codes: Vec<&str> = rows
            .iter()
            .filter(|(collection, _)| collection == kind.collection)
            .map(|(_, code)| code.as_str())
            .collect();
        if codes.is_empty() {
            continue;
        }
        for (code, document) in (kind.load_json)(conn, &codes, filter_set)? {
            let at = rows.iter().position(|(collection, key)| collection == kind.collection && *key == code);
            let title = document.get(kind.search_fields.title).and_then(Value::as_str).unwrap_or(&code).to_owned();
            let snippet = snippet(&document, kind.search_fields, question);
            found.push((at.unwrap_or(usize::MAX), Hit { collection: kind.collection, code, title, snippet }));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, found)| found).collect())
}
