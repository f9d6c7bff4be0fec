//! The past in the log: the last revision at a moment, and each record as it was then.

use chrono::NaiveDate;
use diesel::dsl::{exists, max, min, not};
use diesel::prelude::*;

use super::log::{Action, Change};
use crate::db::DbConn;
use crate::db::schema::changes;
use crate::error::{Error, Result};

diesel::alias! {
    const LATER: Alias<LaterChanges> = changes as later_changes;
    const EARLIER: Alias<EarlierChanges> = changes as earlier_changes;
    const KNOWN: Alias<KnownChanges> = changes as known_changes;
}

/// The last change of a record within some range of revisions.
#[derive(Clone, Debug)]
pub struct LastChange {
    /// The change.
    pub change: Change,
    /// When the record was created that this change is about: the last creation up to then.
    pub created_at: String,
    /// True if the record was not there before the range.
    pub is_new: bool,
}

/// The last change of each record among the revisions `$after + 1` to `$upto`, with the time of its creation, and
/// whether there was a change of it before.
macro_rules! last_changes {
    ($after:expr, $upto:expr) => {{
        let later = LATER
            .filter(LATER.field(changes::resource).eq(changes::resource))
            .filter(LATER.field(changes::key).eq(changes::key))
            .filter(LATER.field(changes::revision).gt(changes::revision))
            .filter(LATER.field(changes::revision).le($upto));
        // Time never goes back in the log: the greatest time is that of the last creation.
        let created_at = EARLIER
            .filter(EARLIER.field(changes::resource).eq(changes::resource))
            .filter(EARLIER.field(changes::key).eq(changes::key))
            .filter(EARLIER.field(changes::revision).le(changes::revision))
            .filter(EARLIER.field(changes::action).eq(Action::Created))
            .select(max(EARLIER.field(changes::at)))
            .single_value();
        let known = KNOWN
            .filter(KNOWN.field(changes::resource).eq(changes::resource))
            .filter(KNOWN.field(changes::key).eq(changes::key))
            .filter(KNOWN.field(changes::revision).le($after));
        changes::table
            .filter(changes::revision.gt($after))
            .filter(changes::revision.le($upto))
            .filter(not(exists(later)))
            .select((Change::as_select(), created_at, exists(known)))
    }};
}

/// A row of [`last_changes!`].
type Row = (Change, Option<String>, bool);

fn last_change((change, created_at, is_known): Row) -> LastChange {
    let created_at = created_at.unwrap_or_else(|| change.at.clone());
    LastChange { change, created_at, is_new: !is_known }
}

/// Reads the last change of each record among the revisions `after + 1` to `upto`, in their order: at most `limit` of
/// those after the revision `page`.
///
/// # Errors
/// Errors of the database.
pub fn last_changes(conn: &mut DbConn, page: i64, after: i64, upto: i64, limit: i64) -> Result<Vec<LastChange>> {
    let found = last_changes!(after, upto)
        .filter(changes::revision.gt(page))
        .order(changes::revision)
        .limit(limit)
        .load::<Row>(conn)?;
    Ok(found.into_iter().map(last_change).collect())
}

/// Reads the last change up to the revision `upto` of each record that was written after it, up to the revision `from`:
/// these changes lead from the later state back to the earlier one. A record that was not there yet comes as deleted.
/// Returns at most `limit` of those that were written first after the revision `page`, with the revision of the last.
///
/// # Errors
/// Errors of the database.
pub fn earlier_changes(
    conn: &mut DbConn,
    page: i64,
    upto: i64,
    from: i64,
    limit: i64,
) -> Result<(Option<i64>, Vec<LastChange>)> {
    let sooner = EARLIER
        .filter(EARLIER.field(changes::resource).eq(changes::resource))
        .filter(EARLIER.field(changes::key).eq(changes::key))
        .filter(EARLIER.field(changes::revision).lt(changes::revision))
        .filter(EARLIER.field(changes::revision).gt(upto));
    let firsts: Vec<Change> = changes::table
        .filter(changes::revision.gt(page))
        .filter(changes::revision.le(from))
        .filter(not(exists(sooner)))
        .order(changes::revision)
        .limit(limit)
        .select(Change::as_select())
        .load(conn)?;
    let last = firsts.last().map(|change| change.revision);
    let mut found = Vec::with_capacity(firsts.len());
    for first in firsts {
        let before = match first.action {
            Action::Created => None,
            Action::Updated | Action::Deleted => last_changes!(0, upto)
                .filter(changes::resource.eq(&first.resource))
                .filter(changes::key.eq(&first.key))
                .get_result::<Row>(conn)
                .optional()?,
        };
        let gone = Change { action: Action::Deleted, ..first };
        let change = last_change(before.unwrap_or((gone, None, true)));
        // The later state has it, unless it was removed in between.
        found.push(LastChange { is_new: false, ..change });
    }
    Ok((last, found))
}

/// Keys after one, or from the first, up to another, or to the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyRange {
    /// The key before the first.
    pub after: Option<String>,
    /// The last key.
    pub upto: Option<String>,
}

/// Reads the last change of each record of a collection whose key is in a range, in the order of keys: at most `limit`.
///
/// # Errors
/// Errors of the database.
pub fn last_changes_by_key(conn: &mut DbConn, resource: &str, range: &KeyRange, limit: i64) -> Result<Vec<LastChange>> {
    let mut found = last_changes!(0, i64::MAX).filter(changes::resource.eq(resource)).into_boxed();
    if let Some(after) = &range.after {
        found = found.filter(changes::key.gt(after));
    }
    if let Some(upto) = &range.upto {
        found = found.filter(changes::key.le(upto));
    }
    let found = found.order(changes::key).limit(limit).load::<Row>(conn)?;
    Ok(found.into_iter().map(last_change).collect())
}

/// Ranges that cover all keys of a collection, each with about `size` changes.
///
/// # Errors
/// Errors of the database.
pub fn key_ranges(conn: &mut DbConn, resource: &str, size: i64) -> Result<Vec<KeyRange>> {
    let mut ranges = Vec::new();
    let mut after = None;
    loop {
        let mut keys = changes::table.filter(changes::resource.eq(resource)).select(changes::key).into_boxed();
        if let Some(after) = &after {
            keys = keys.filter(changes::key.gt(after));
        }
        let upto = keys.order(changes::key).offset(size - 1).first::<String>(conn).optional()?;
        ranges.push(KeyRange { after, upto: upto.clone() });
        if upto.is_none() {
            return Ok(ranges);
        }
        after = upto;
    }
}

/// Returns the collections that are in the log and not among these, with their first revision.
///
/// # Errors
/// Errors of the database.
pub fn other_resources(conn: &mut DbConn, known: &[&str]) -> Result<Vec<(String, i64)>> {
    let others = changes::table
        .filter(changes::resource.ne_all(known.iter().map(|name| (*name).to_owned())))
        .group_by(changes::resource)
        .select((changes::resource, min(changes::revision).assume_not_null()));
    Ok(others.order(changes::resource).load(conn)?)
}

/// Returns the time at which the record of a change was created. The change is in the log already.
///
/// # Errors
/// Errors of the database.
pub fn created_at(conn: &mut DbConn, change: &Change) -> Result<String> {
    if change.action == Action::Created {
        return Ok(change.at.clone());
    }
    let created = changes::table
        .filter(changes::resource.eq(&change.resource))
        .filter(changes::key.eq(&change.key))
        .filter(changes::revision.le(change.revision))
        .filter(changes::action.eq(Action::Created))
        .select(max(changes::at))
        .get_result::<Option<String>>(conn)?;
    Ok(created.unwrap_or_else(|| change.at.clone()))
}

/// Returns the last revision up to a time in the form of [`crate::clock::stamp`]; 0 before the first.
///
/// # Errors
/// Errors of the database.
pub fn revision_at(conn: &mut DbConn, time: &str) -> Result<i64> {
    let last = changes::table
        .filter(changes::at.le(time))
        .order((changes::at.desc(), changes::revision.desc()))
        .select(changes::revision)
        .first(conn)
        .optional()?;
    Ok(last.unwrap_or(0))
}

/// Returns the time at which a revision was made; `None` where there is no such revision.
///
/// # Errors
/// Errors of the database.
pub fn time_of(conn: &mut DbConn, revision: i64) -> Result<Option<String>> {
    Ok(changes::table.find(revision).select(changes::at).get_result(conn).optional()?)
}

/// Returns the day on which a revision was made; `None` where there is no such revision.
///
/// # Errors
/// Errors of the database.
pub fn day_of(conn: &mut DbConn, revision: i64) -> Result<Option<NaiveDate>> {
    time_of(conn, revision)?
        .map(|at| {
            let day = at.get(..10).and_then(|day| day.parse().ok());
            day.ok_or_else(|| Error::internal(format!("the time of revision {revision} is not one"), at))
        })
        .transpose()
}
