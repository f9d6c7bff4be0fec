//! Former states counted for their successors: what `count_as=successor` makes of the nations of a filter and of a
//! group.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::facet::Facet;
use super::query::{Condition, ConditionFn, Filter, FilterSet, FilterValues, filter};
use crate::db::schema::nations;
use crate::db::{RawSql, SqlFragment, in_list};
use crate::values::{NationCode, text_enum};

text_enum! {
    /// The nations that a former state counts for.
    pub enum CountAs {
        /// As each of the nations that came after it.
        Successor = "successor",
    }
}

/// The name of the parameter.
pub(super) const COUNT_AS: &str = "count_as";

/// Returns the parameter: the filters and groups by nation have taken it in.
pub(super) fn count_as<T>() -> Filter<T> {
    filter::<T, CountAs>(
        COUNT_AS,
        "`successor` counts a former state for the nations that came after it (`successors`), and those after them: \
         `nation=RU` then finds what names the Soviet Union, too, and groups by nation have no former state whose successors \
         are known.",
        false,
        |_| None,
    )
}

/// Makes the condition that a column is one of these nations, or a former state that counts for one if the filters say
/// so: `head` ends with the column, and what it opens is still to be closed.
pub(super) fn counted(filter_set: &FilterSet, head: &'static str, nations: &[NationCode]) -> Option<RawSql> {
    let these: SqlFragment = Box::new(nations::table.filter(in_list(nations::code, nations)).select(nations::code));
    let counted = RawSql::new(head).text(" IN (WITH RECURSIVE counted(code) AS (").push(these).text(
        " UNION SELECT nation_successors.nation FROM nation_successors \
         JOIN counted ON counted.code = nation_successors.successor) SELECT counted.code FROM counted)",
    );
    filter_set.has(COUNT_AS).then_some(counted)
}

/// Returns the filters and groups by nation, of which former states count for their successors where that is asked.
/// `head` is as for [`counted`], with one parenthesis to be closed.
pub(super) fn counting_successors<T: 'static>(
    having: Facet<T>,
    head: &'static str,
    pairs: fn(&FilterSet) -> SqlFragment,
) -> Facet<T> {
    let among = move |filter_set: &FilterSet, nations: &[NationCode]| -> Option<Condition<T>> {
        Some(Box::new(counted(filter_set, head, nations)?.text(")").expression::<Bool>()))
    };
    let any = move |filter_set: &FilterSet, name: &str| among(filter_set, filter_set.values(name));
    let every = move |filter_set: &FilterSet, name: &str| {
        let nations = filter_set.values::<NationCode>(name).iter();
        let each = nations.filter_map(|nation| among(filter_set, std::slice::from_ref(nation)));
        each.reduce(|all, one| Box::new(all.and(one)))
    };
    Facet {
        any: instead(having.any, any, |none, some| Box::new(none.or(some))),
        every: instead(having.every, every, |none, some| Box::new(none.and(some))),
        pairs,
        ..having
    }
}

/// Returns a filter whose values are judged by another rule where former states count for others; what has no nation at
/// all has none then, too.
fn instead<T: 'static>(
    filter: Filter<T>,
    rule: impl Fn(&FilterSet, &str) -> Option<Condition<T>> + Copy + Send + Sync + 'static,
    joined: fn(Condition<T>, Condition<T>) -> Condition<T>,
) -> Filter<T> {
    let name = filter.name;
    let of = |plain: ConditionFn<T>| -> ConditionFn<T> {
        Box::new(move |filter_set| {
            if !filter_set.has(COUNT_AS) {
                return plain(filter_set);
            }
            let none = || plain(&filter_set.with([(name, FilterValues::null())].into()));
            let values = filter_set.filters.get(name)?;
            match (values.includes_null(), values.has_values()) {
                (true, false) => none(),
                (true, true) => Some(joined(none()?, rule(filter_set, name)?)),
                (false, _) => rule(filter_set, name),
            }
        })
    };
    Filter { condition: of(filter.condition), probe: filter.probe.map(of), ..filter }
}

/// Returns every record of a table of links with each of its nations, each pair once. `owner` is the column of the
/// record.
pub(super) fn nation_pairs(filter_set: &FilterSet, owner: &'static str, links: &'static str) -> SqlFragment {
    let sql = RawSql::new("SELECT ").text(owner);
    if !filter_set.has(COUNT_AS) {
        return Box::new(sql.text(", ").text(links).text(".nation FROM ").text(links));
    }
    let counted = sql
        .text(", counted.successor FROM ")
        .text(links)
        .text(
            " JOIN (WITH RECURSIVE followed(nation, successor) AS (SELECT nations.code, nations.code FROM nations \
             UNION SELECT followed.nation, nation_successors.successor FROM followed \
             JOIN nation_successors ON nation_successors.nation = followed.successor) \
             SELECT followed.nation, followed.successor FROM followed WHERE NOT EXISTS \
             (SELECT 1 FROM nation_successors WHERE nation_successors.nation = followed.successor)) counted ON counted.nation = ",
        )
        .text(links)
        .text(".nation GROUP BY ")
        .text(owner)
        .text(", counted.successor");
    Box::new(counted)
}
