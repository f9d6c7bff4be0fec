//! The limit of the forms of statements that are kept. Diesel keeps every statement that it has prepared, on each
//! connection, for ever; filters and sorts combine to more forms than there is memory for. The first ones are kept,
//! which are those that are used.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::{LazyLock, Mutex, PoisonError};

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Bool;

use super::query::Condition;
use crate::db::DbBackend;

/// The number of forms that are kept. A prepared statement of a list takes 16 to 26 kB (`SQLITE_STMTSTATUS_MEMUSED`),
/// on each connection: these are at most 26 MB for each.
const FORMS: usize = 1_000;

static KEPT: LazyLock<Mutex<HashSet<u64>>> = LazyLock::new(Mutex::default);

/// Returns a condition that always holds, and keeps a statement of this form from being kept where there are too many
/// others.
pub(super) fn unless_kept<T>(form: impl Hash) -> Option<Condition<T>>
where
    T: diesel::query_source::QuerySource + 'static,
{
    let mut hasher = DefaultHasher::new();
    form.hash(&mut hasher);
    (!is_kept(&mut KEPT.lock().unwrap_or_else(PoisonError::into_inner), hasher.finish()))
        .then(|| -> Condition<T> { Box::new(NotKept) })
}

fn is_kept(kept: &mut HashSet<u64>, form: u64) -> bool {
    kept.contains(&form) || (kept.len() < FORMS && kept.insert(form))
}

/// `1 = 1`, in a statement that is prepared each time.
#[derive(Clone, Copy, Debug)]
struct NotKept;

impl Expression for NotKept {
    type SqlType = Bool;
}

impl<Source> AppearsOnTable<Source> for NotKept {}

impl<Source> SelectableExpression<Source> for NotKept {}

impl ValidGrouping<()> for NotKept {
    type IsAggregate = is_aggregate::No;
}

impl QueryId for NotKept {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<DbBackend> for NotKept {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DbBackend>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("1 = 1");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_forms_are_kept_and_no_more() {
        let mut kept = HashSet::new();
        for form in 0..3_000 {
            assert_eq!(is_kept(&mut kept, form), form < FORMS as u64, "{form}");
        }
        assert!(is_kept(&mut kept, 7), "what is kept stays so");
        assert_eq!(kept.len(), FORMS);
    }
}
