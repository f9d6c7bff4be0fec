//! The feed: the changes after a revision, in commit order, so that a follower misses nothing and gets nothing twice.

use diesel::prelude::*;

use super::entry::{Entry, entries};
use super::log::{Action, Change, revision};
use crate::db::DbConn;
use crate::db::schema::changes;
use crate::error::Result;

/// The changes that a follower wants: those that satisfy every condition that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of one of these collections; of any, if the list is empty.
    pub resources: Vec<String>,
    /// Of the record with this code.
    pub key: Option<String>,
    /// Made by this user, or by the command line.
    pub actor: Option<String>,
    /// Made together with this batch id; the empty text means changes that were made alone.
    pub batch: Option<String>,
    /// Of this kind.
    pub action: Option<Action>,
}

impl Filter {
    /// Tells whether the filter admits a change. [`page`] says the same in SQL.
    pub fn admits(&self, change: &Change) -> bool {
        fn is<T: PartialEq>(wanted: &Option<T>, value: &T) -> bool {
            wanted.as_ref().is_none_or(|wanted| wanted == value)
        }
        (self.resources.is_empty() || self.resources.contains(&change.resource))
            && is(&self.key, &change.key)
            && is(&self.actor, &change.actor)
            && is(&self.action, &change.action)
            && self.batch.as_ref().is_none_or(|wanted| change.batch.as_deref().unwrap_or_default() == wanted)
    }
}

/// Some changes in commit order.
#[derive(Clone, Debug)]
pub struct Page {
    /// The changes.
    pub items: Vec<Entry>,
    /// The highest revision that was looked at: a follower that goes on from here misses nothing and gets nothing
    /// twice.
    pub last: i64,
}

/// Returns the changes after a revision, up to another.
///
/// # Errors
/// Errors of the database.
pub fn between_revisions(conn: &mut DbConn, after: i64, until: i64) -> Result<Vec<Entry>> {
    let some = entries().filter(changes::revision.gt(after)).filter(changes::revision.le(until));
    Ok(some.order(changes::revision).load(conn)?)
}

/// Returns the first `limit` changes after `since` that `filter` admits. Call it in one snapshot.
///
/// # Errors
/// Errors of the database.
pub fn page(conn: &mut DbConn, filter: &Filter, since: i64, limit: i64) -> Result<Page> {
    let head = revision(conn)?;
    let mut query = entries().filter(changes::revision.gt(since)).order(changes::revision).limit(limit);
    match filter.resources.as_slice() {
        [] => {}
        [only] => query = query.filter(changes::resource.eq(only)),
        several => query = query.filter(changes::resource.eq_any(several)),
    }
    if let Some(key) = &filter.key {
        query = query.filter(changes::key.eq(key));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(changes::actor.eq(actor));
    }
    match filter.batch.as_deref() {
        None => {}
        Some("") => query = query.filter(changes::batch.is_null()),
        Some(batch) => query = query.filter(changes::batch.eq(batch)),
    }
    if let Some(action) = filter.action {
        query = query.filter(changes::action.eq(action));
    }
    let items: Vec<Entry> = query.load(conn)?;
    let full = i64::try_from(items.len()).is_ok_and(|found| found >= limit);
    let last = items.last().filter(|_| full).map_or(head, |entry| entry.change.revision);
    Ok(Page { items, last })
}
