//! Former states counted for their successors: what `count_as=successor` makes of the nations of a filter and of a group.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::having::Having;
use super::query::{Asked, Condition, Filter, Rule, filter};
use crate::db::schema::nations;
use crate::db::{Fragment, Sql, in_list};
use crate::values::{NationCode, text_enum};

text_enum! {
    /// As what a former state counts.
    pub enum CountAs {
        /// As each of the nations that came after it.
        Successor = "successor",
    }
}

/// The name of the parameter.
const COUNT_AS: &str = "count_as";

/// The parameter: the filters and groups by nation have taken it in.
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

/// That a column is one of these nations or a former state that counts for one, where that is asked for: `head` ends with the
/// column, and what it opens is still to be closed.
pub(super) fn counted(asked: &Asked, head: &'static str, nations: Vec<NationCode>) -> Option<Sql> {
    let these: Fragment = Box::new(nations::table.filter(in_list(nations::code, nations)).select(nations::code));
    let counted = Sql::new(head).text(" IN (WITH RECURSIVE counted(code) AS (").then(these).text(
        " UNION SELECT nation_successors.nation FROM nation_successors \
         JOIN counted ON counted.code = nation_successors.successor) SELECT counted.code FROM counted)",
    );
    asked.has(COUNT_AS).then_some(counted)
}

/// The filters and groups by nation, of which former states count for their successors where that is asked. `head` is as for
/// [`counted`], with one parenthesis to be closed.
pub(super) fn counting_successors<T: 'static>(
    having: Having<T>,
    head: &'static str,
    pairs: fn(&Asked) -> Fragment,
) -> Having<T> {
    let among = move |asked: &Asked, nations| -> Option<Condition<T>> {
        Some(Box::new(counted(asked, head, nations)?.text(")").expression::<Bool>()))
    };
    let any = move |asked: &Asked, name: &str| among(asked, asked.values(name));
    let every = move |asked: &Asked, name: &str| {
        let each = asked.values::<NationCode>(name).into_iter().filter_map(|nation| among(asked, vec![nation]));
        each.reduce(|all, one| Box::new(all.and(one)))
    };
    Having {
        any: instead(having.any, any, |none, some| Box::new(none.or(some))),
        every: instead(having.every, every, |none, some| Box::new(none.and(some))),
        pairs,
        ..having
    }
}

/// A filter whose values are judged by another rule where former states count for others; what has no nation at all has none
/// then, too.
fn instead<T: 'static>(
    filter: Filter<T>,
    rule: impl Fn(&Asked, &str) -> Option<Condition<T>> + Copy + 'static,
    joined: fn(Condition<T>, Condition<T>) -> Condition<T>,
) -> Filter<T> {
    let name = filter.name;
    let of = |plain: Rule<T>| -> Rule<T> {
        Box::new(move |asked| {
            if !asked.has(COUNT_AS) {
                return plain(asked);
            }
            let none = || plain(&Asked { filters: [(name, vec![String::new()])].into(), ..asked.clone() });
            let some = asked.filters.get(name)?.iter().any(|value| !value.is_empty());
            match (asked.wants_none(name), some) {
                (true, false) => none(),
                (true, true) => Some(joined(none()?, rule(asked, name)?)),
                (false, _) => rule(asked, name),
            }
        })
    };
    Filter { condition: of(filter.condition), probe: filter.probe.map(of), ..filter }
}

/// Every record of a table of links with each of its nations, each pair once. `owner` is the column of the record.
pub(super) fn nation_pairs(asked: &Asked, owner: &'static str, links: &'static str) -> Fragment {
    let sql = Sql::new("SELECT ").text(owner);
    if !asked.has(COUNT_AS) {
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
