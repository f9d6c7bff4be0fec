//! The records that satisfy some filters, as a set: from the index where a filter asks for a value of a dimension, from
//! the database for the others.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::index::{Index, codes};
use super::request::{CountRequest, Needed};
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::facet::{Dimension, Drilldown};
use crate::registry::query::FilterSet;
use crate::registry::resource::Resource;
use crate::registry::search::query::SearchQuery;

/// The filter by words.
const WORDS: &str = "q";

/// A filter that the index answers.
struct ByValue<'a> {
    dimension: &'a Dimension,
    /// True if every value must be there, false if any will do.
    every: bool,
}

/// Returns the dimension that a filter asks for a value of, if it does.
fn by_value<'a>(dimensions: &'a [Dimension], name: &str, filter_set: &FilterSet) -> Option<ByValue<'a>> {
    dimensions.iter().find_map(|dimension| match dimension.drilldown {
        Drilldown::Values { any, every, refined_by } if refined_by.is_none_or(|name| !filter_set.has(name)) => {
            let every = every == Some(name);
            (every || any == name).then_some(ByValue { dimension, every })
        }
        Drilldown::Values { .. } | Drilldown::Year { .. } => None,
    })
}

/// Returns the dimensions that a question needs; `None` where the records that are marked are no values of one.
pub(super) fn needed<'a>(all: &'a [Dimension], request: &CountRequest<'a>) -> Option<Needed<'a>> {
    let mut dimensions = request.dimensions.clone();
    for name in request.filter_set.filters.keys() {
        dimensions.extend(by_value(all, name, request.filter_set).map(|found| found.dimension));
    }
    if let Some((name, _)) = request.marked {
        dimensions.push(by_value(all, name, request.filter_set)?.dimension);
    }
    Some(Needed { dimensions, words: words(request.filter_set).is_some() })
}

/// Tells whether sets alone answer the filters.
pub(super) fn are_sets(dimensions: &[Dimension], filter_set: &FilterSet) -> bool {
    let is_set = |name: &&'static str| match *name {
        WORDS => words(filter_set).is_some(),
        name => by_value(dimensions, name, filter_set).is_some(),
    };
    filter_set.filters.keys().all(is_set)
}

/// Returns the words that are asked for, in the form that the database's index takes; `None` where the texts have to be
/// looked at as well.
fn words(filter_set: &FilterSet) -> Option<String> {
    filter_set.has(WORDS).then(|| filter_set.values::<SearchQuery>(WORDS).first()?.as_words()).flatten()
}

/// Returns the records that satisfy all filters.
pub(super) fn matched<R: Resource>(
    index: &Index,
    conn: &mut DbConn,
    dimensions: &[Dimension],
    filter_set: &FilterSet,
) -> Result<RoaringBitmap> {
    let mut all = Vec::new();
    let mut others = BTreeMap::new();
    for (name, values) in &filter_set.filters {
        if *name == WORDS
            && let Some(words) = words(filter_set)
        {
            all.push(index.with_words(conn, &words)?);
            continue;
        }
        let Some(ByValue { dimension, every }) = by_value(dimensions, name, filter_set) else {
            others.insert(*name, values.clone());
            continue;
        };
        let texts = (dimension.canonical)(values);
        let sets = texts.iter().map(|text| index.having(dimension.name, text));
        let set = if every { sets.reduce(|all, set| all & set) } else { sets.reduce(|all, set| all | set) };
        all.push(set.unwrap_or_default());
    }
    if !others.is_empty() {
        all.push(index.with_codes(codes::<R>(conn, &filter_set.with(others))?));
    }
    Ok(all.into_iter().reduce(|all, set| all & set).unwrap_or_else(|| index.records().clone()))
}
