//! How many records of a kind have each value, or each pair of values, of what they can be grouped by.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::db::{DbConn, Fragment, Sql};
use crate::error::Result;
use crate::registry::Resource;
use crate::registry::having::Dimension;
use crate::registry::query::{Asked, Condition};

/// A value or a pair of values (null stands for none), how many records have it, and how many of those are marked.
pub(super) type Counted = (Option<String>, Option<String>, i64, i64);

/// Which records are counted.
pub(super) struct Which<'a, R: Resource> {
    /// What is asked, for dimensions that depend on the day.
    pub(super) asked: &'a Asked,
    /// All must hold.
    pub(super) conditions: Vec<Condition<R::Table>>,
    /// Which of them are marked.
    pub(super) marked: Option<Condition<R::Table>>,
}

/// The records that match, and which value of a dimension each has: `first(record, value)`.
pub(super) fn with_values<R: Resource>(conditions: Vec<Condition<R::Table>>, pairs: Fragment) -> Sql {
    // A record with two nations in one region is in that region once: hence DISTINCT.
    Sql::new("WITH matched(code) AS (")
        .then(R::matching(conditions))
        .text("), all_first(record, value) AS (")
        .then(pairs)
        .text(
            "), first(record, value) AS \
             (SELECT DISTINCT all_first.record, all_first.value FROM matched JOIN all_first ON all_first.record = matched.code)",
        )
}

/// Counts by one or two dimensions. Each record counts once in every group that it has the values of; a dimension of which
/// it has no value counts it under null.
pub(super) fn count<R: Resource>(
    conn: &mut DbConn,
    which: Which<'_, R>,
    first: &Dimension,
    second: Option<&Dimension>,
) -> Result<Vec<Counted>> {
    let mut sql = with_values::<R>(which.conditions, (first.pairs)(which.asked));
    if let Some(second) = second {
        sql = sql.text(", all_second(record, value) AS (").then((second.pairs)(which.asked)).text(
            "), second(record, value) AS \
             (SELECT DISTINCT all_second.record, all_second.value FROM matched JOIN all_second ON all_second.record = matched.code)",
        );
    }
    let marks = which.marked.is_some();
    if let Some(marked) = which.marked {
        sql = sql.text(", marked(code) AS (").then(R::matching(vec![marked])).text(")");
    }
    sql = sql
        .text(if second.is_some() {
            " SELECT first.value, second.value"
        } else {
            " SELECT first.value, CAST(NULL AS TEXT)"
        })
        .text(if marks { ", count(*), count(marked.code)" } else { ", count(*), 0" })
        .text(" FROM matched LEFT JOIN first ON first.record = matched.code");
    if second.is_some() {
        sql = sql.text(" LEFT JOIN second ON second.record = matched.code");
    }
    if marks {
        sql = sql.text(" LEFT JOIN marked ON marked.code = matched.code");
    }
    sql = sql.text(if second.is_some() { " GROUP BY first.value, second.value" } else { " GROUP BY first.value" });
    Ok(sql.returning::<(Nullable<Text>, Nullable<Text>, BigInt, BigInt)>().load::<Counted>(conn)?)
}

/// The dimension of this name; a name that is none is a fault of ours.
pub(super) fn dimension<R: Resource>(name: &str) -> Result<Dimension> {
    R::dimensions()
        .into_iter()
        .find(|dimension| dimension.name == name)
        .ok_or_else(|| crate::error::Error::internal("a question", format!("{} have no {name}", R::COLLECTION)))
}
