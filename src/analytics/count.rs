//! The number of records of a kind with each value, or each pair of values, of the dimensions.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::db::{DbConn, RawSql};
use crate::error::Result;
use crate::registry::Resource;
use crate::registry::bitmaps::{Bitmaps, CountRequest, Groups};
use crate::registry::conditions::conditions;
use crate::registry::facet::Dimension;
use crate::registry::query::{Condition, FilterSet, FilterValues};

/// A value or a pair of values (null means none), how many records have it, and how many of those are marked.
pub(super) type Counted = (Option<String>, Option<String>, i64, i64);

/// The records that are counted.
#[derive(Clone, Copy)]
pub(super) struct CountQuery<'a> {
    /// The filters, with the day that is asked about.
    pub(super) filter_set: &'a FilterSet,
    /// A filter and its values: the records that satisfy it are counted apart.
    pub(super) marked: Option<(&'static str, &'a FilterValues)>,
    /// The indexes in memory; without them SQL counts.
    pub(super) bitmaps: Option<&'a Bitmaps>,
}

/// The names that the values of a dimension have in a query.
struct CteNames {
    all: &'static str,
    distinct: &'static str,
    direct: &'static str,
}

const FIRST: CteNames = CteNames {
    all: ", all_first(record, value) AS (",
    distinct: "), first(record, value) AS MATERIALIZED \
        (SELECT DISTINCT all_first.record, all_first.value FROM matched CROSS JOIN all_first WHERE all_first.record = matched.code)",
    direct: ", first(record, value) AS (",
};

const SECOND: CteNames = CteNames {
    all: ", all_second(record, value) AS (",
    distinct: "), second(record, value) AS MATERIALIZED \
        (SELECT DISTINCT all_second.record, all_second.value FROM matched CROSS JOIN all_second WHERE all_second.record = matched.code)",
    direct: ", second(record, value) AS (",
};

impl CteNames {
    /// Adds the pairs of record and value of a dimension, each pair once. A record with two nations in one region is
    /// in that region once: hence DISTINCT; CROSS JOIN keeps SQLite from reading all links then to find those of a few
    /// records.
    fn add(&self, sql: RawSql, dimension: &Dimension, filter_set: &FilterSet) -> RawSql {
        let pairs = (dimension.pairs)(filter_set);
        if dimension.may_repeat {
            sql.text(self.all).push(pairs).text(self.distinct)
        } else {
            sql.text(self.direct).push(pairs).text(")")
        }
    }
}

/// Returns the records that match, `matched(code)`, and the values of a dimension, `first(record, value)`, of these and
/// perhaps others. MATERIALIZED, or SQLite looks for the records again in every step.
pub(super) fn with_values<R: Resource>(
    filter_set: &FilterSet,
    conditions: Vec<Condition<R::Table>>,
    dimension: &Dimension,
) -> RawSql {
    let matched = RawSql::new("WITH matched(code) AS MATERIALIZED (").push(R::code_subquery(conditions)).text(")");
    FIRST.add(matched, dimension, filter_set)
}

/// Counts by one or two dimensions. Each record counts once in every group that it has the values of; a dimension of
/// which it has no value counts it under null.
pub(super) fn count<R: Resource>(
    conn: &mut DbConn,
    count_query: CountQuery<'_>,
    first: &Dimension,
    second: Option<&Dimension>,
) -> Result<Groups> {
    if let Some(bitmaps) = count_query.bitmaps {
        let dimensions = [Some(first), second].into_iter().flatten().collect();
        let request = CountRequest { filter_set: count_query.filter_set, dimensions, marked: count_query.marked };
        if let Some(groups) = bitmaps.groups::<R>(conn, &request)? {
            return Ok(groups);
        }
    }
    let query =
        counting::<R>(count_query, first, second).returning::<(Nullable<Text>, Nullable<Text>, BigInt, BigInt)>();
    let rows = query.load::<Counted>(conn)?;
    Ok(Groups { rows, total: R::count(conn, conditions::<R>(count_query.filter_set))? })
}

fn counting<R: Resource>(count_query: CountQuery<'_>, first: &Dimension, second: Option<&Dimension>) -> RawSql {
    let filter_set = count_query.filter_set;
    let mut sql = with_values::<R>(filter_set, conditions::<R>(filter_set), first);
    if let Some(second) = second {
        sql = SECOND.add(sql, second, filter_set);
    }
    let marks = count_query.marked.is_some();
    if let Some((name, values)) = count_query.marked {
        let marked = filter_set.with([(name, values.clone())].into());
        sql = sql.text(", marked(code) AS (").push(R::code_subquery(conditions::<R>(&marked))).text(")");
    }
    sql = sql
        .text(if second.is_some() {
            " SELECT first.value, second.value"
        } else {
            " SELECT first.value, CAST(NULL AS TEXT)"
        })
        .text(if marks { ", count(*), count(marked.code)" } else { ", count(*), CAST(0 AS BIGINT)" })
        .text(" FROM matched LEFT JOIN first ON first.record = matched.code");
    if second.is_some() {
        sql = sql.text(" LEFT JOIN second ON second.record = matched.code");
    }
    if marks {
        sql = sql.text(" LEFT JOIN marked ON marked.code = matched.code");
    }
    sql.text(if second.is_some() { " GROUP BY first.value, second.value" } else { " GROUP BY first.value" })
}

/// Returns the dimension of this name; an unknown name is a fault of this program.
pub(super) fn dimension<R: Resource>(name: &str) -> Result<&'static Dimension> {
    R::dimensions()
        .iter()
        .find(|dimension| dimension.name == name)
        .ok_or_else(|| crate::error::Error::internal("a question", format!("{} have no {name}", R::COLLECTION)))
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::Integer;

    use super::*;
    use crate::db::{DatabaseUrl, Db};
    use crate::registry::agreements::Agreement;
    use crate::registry::projects::Project;

    /// Returns the tables that SQLite reads from end to end for a question.
    fn scanned<R: Resource>(conn: &mut DbConn, filter: &'static str, value: &str, by: [&str; 2]) -> Vec<String> {
        let parse = R::filters().iter().find(|known| known.name == filter).unwrap().parse;
        let values = parse(vec![value.to_owned()], true).unwrap();
        let filter_set = FilterSet::of([(filter, values)].into(), crate::clock::today());
        let count_query = CountQuery { filter_set: &filter_set, marked: None, bitmaps: None };
        let [first, second] = by.map(|name| dimension::<R>(name).unwrap());
        let sql = counting::<R>(count_query, first, Some(second));
        let plan = RawSql::new("EXPLAIN QUERY PLAN ")
            .push(Box::new(sql))
            .returning::<(Integer, Integer, Integer, Text)>()
            .load::<(i32, i32, i32, String)>(conn)
            .unwrap();
        let scans = plan.into_iter().filter_map(|(_, _, _, step)| Some(step.strip_prefix("SCAN ")?.to_owned()));
        // Tables that have been narrowed already may be read from end to end, and so may the nations of the world.
        scans
            .filter(|step| !["matched", "first", "second", "nations"].iter().any(|name| step.starts_with(name)))
            .collect()
    }

    #[test]
    fn a_selective_filter_reads_no_table_from_end_to_end() {
        let directory = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(directory.path().join("registry.db"));
        Db::migrate(&url).unwrap();
        let conn = &mut Db::connect(&url).unwrap();
        for (filter, value) in [
            ("code", "trishna"),
            ("nation", "IN"),
            ("nation__all", "IN"),
            ("area", "climate"),
            ("status", "proposed"),
            ("organisation", "isro"),
            ("partner_type", "emerging"),
            ("region", "Asia"),
            ("organisation_kind", "university"),
            ("start_date__gte", "2026"),
            ("launch_date__lte", "1970"),
            ("end_date__gte", "2026"),
            ("active_on", "1970"),
        ] {
            for by in [
                ["nation", "area"],
                ["partner_type", "status"],
                ["organisation_kind", "launch_year"],
                ["region", "rating"],
            ] {
                let found = scanned::<Project>(conn, filter, value, by);
                assert!(found.is_empty(), "{filter} by {by:?}: {found:?}");
            }
        }
        for (filter, value) in [
            ("code", "a"),
            ("nation", "IN"),
            ("area", "climate"),
            ("project", "trishna"),
            ("signed_on__gte", "2026"),
            ("region", "Asia"),
        ] {
            for by in [["nation", "area"], ["kind", "status"], ["signed_year", "partner_type"]] {
                let found = scanned::<Agreement>(conn, filter, value, by);
                assert!(found.is_empty(), "{filter} by {by:?}: {found:?}");
            }
        }
    }
}
