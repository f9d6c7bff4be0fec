//! Counts by one or two dimensions.

use std::cmp::Ordering;

use super::count::{CountQuery, count};
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::Resource;
use crate::registry::bitmaps::{Bitmaps, Groups};
use crate::registry::facet::Dimension;
use crate::registry::query::FilterSet;

/// A group: the value of each dimension, null where the records have none, and how many records there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The values, in the order of the dimensions.
    pub key: Vec<Option<String>>,
    /// The number of records.
    pub count: i64,
}

/// The groups, and how many records there are in all, each counted once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The greatest first; those of one size in the order of their keys, null last. A page that shows their labels
    /// sorts by labels.
    pub groups: Vec<Group>,
    /// The number of records that match.
    pub total: i64,
}

/// Counts the records that match by the values of one or two dimensions. A record with several values counts in the
/// group of each; two dimensions are independent of each other and of the filters.
///
/// # Errors
/// Errors of the database.
pub fn summary<R: Resource>(
    conn: &mut DbConn,
    filter_set: &FilterSet,
    first: &Dimension,
    second: Option<&Dimension>,
    bitmaps: Option<&Bitmaps>,
) -> Result<Summary> {
    let Groups { rows, total } = count::<R>(conn, CountQuery { filter_set, marked: None, bitmaps }, first, second)?;
    let mut groups: Vec<Group> = rows
        .into_iter()
        .map(|(one, two, count, _)| {
            let key = if second.is_some() { vec![one, two] } else { vec![one] };
            Group { key, count }
        })
        .collect();
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| null_last(&a.key, &b.key)));
    Ok(Summary { groups, total })
}

fn null_last(a: &[Option<String>], b: &[Option<String>]) -> Ordering {
    a.iter().map(|value| (value.is_none(), value)).cmp(b.iter().map(|value| (value.is_none(), value)))
}
