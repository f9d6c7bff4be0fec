//! Keyset pages: the rows that come after the last one of the page before, as conditions that an index can begin at.

use diesel::expression_methods::{BoolExpressionMethods as _, ExpressionMethods as _};

use super::query::{Condition, OrderBy, SortKey, TextKey};

/// The comparison of a row's key with a value, in the direction of its step.
#[derive(Clone, Copy)]
enum Compare {
    Equal,
    Beyond,
    NotBefore,
}

/// Returns the condition that a key compares with a value in this way. `None` when the value does not fit.
fn compare<T>(step: OrderBy<T>, how: Compare, value: &str) -> Option<Condition<T>>
where
    T: diesel::query_source::QuerySource + 'static,
{
    macro_rules! condition {
        ($key:expr, $value:expr) => {
            match (how, step.descending) {
                (Compare::Equal, _) => Box::new($key.eq($value)),
                (Compare::Beyond, false) => Box::new($key.gt($value)),
                (Compare::Beyond, true) => Box::new($key.lt($value)),
                (Compare::NotBefore, false) => Box::new($key.ge($value)),
                (Compare::NotBefore, true) => Box::new($key.le($value)),
            }
        };
    }
    Some(match step.key {
        SortKey::Text(key) => condition!(key, value.to_owned()),
        SortKey::Integer(key) => condition!(key, value.parse::<i64>().ok()?),
    })
}

/// Returns the condition that a row comes after the one with these keys, the code last: `a >= 1 AND (a > 1 OR b >= 2
/// AND …)`. The bound on the first key is what an index can begin at. `None` when a key does not fit.
pub(super) fn seek_predicate<T>(
    order: &dyn Fn() -> Vec<OrderBy<T>>,
    code: &dyn Fn() -> TextKey<T>,
    keys: &[String],
) -> Option<Condition<T>>
where
    T: diesel::query_source::QuerySource + 'static,
{
    let (last, firsts) = keys.split_last()?;
    let steps = order();
    if steps.len() != firsts.len() {
        return None;
    }
    let mut condition: Condition<T> = Box::new(code().gt(last.clone()));
    for ((step, again), value) in steps.into_iter().zip(order()).zip(firsts).rev() {
        let beyond = compare(step, Compare::Beyond, value)?;
        condition = Box::new(compare(again, Compare::NotBefore, value)?.and(beyond.or(condition)));
    }
    Some(condition)
}

/// [`after`] as conditions one after the other, each a range of an index on the first key and the code: the rows that
/// share the first key come first, then those beyond it. So a page costs the same at every depth, however many rows
/// share a key.
pub(super) fn seek_ranges<T>(
    order: &dyn Fn() -> Vec<OrderBy<T>>,
    code: &dyn Fn() -> TextKey<T>,
    keys: &[String],
) -> Option<Vec<Condition<T>>>
where
    T: diesel::query_source::QuerySource + 'static,
{
    let (first, others) = keys.split_first()?;
    let (Some(step), Some(again)) = (order().into_iter().next(), order().into_iter().next()) else {
        return Some(vec![seek_predicate(order, code, keys)?]);
    };
    let rest = || order().into_iter().skip(1).collect();
    let within = compare(step, Compare::Equal, first)?.and(seek_predicate(&rest, code, others)?);
    Some(vec![Box::new(within), compare(again, Compare::Beyond, first)?])
}
