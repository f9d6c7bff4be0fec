//! What is different between two moments, from the log alone: records that were created, changed or deleted, and agreements
//! whose status the calendar moved. There and back is nothing.
//!
//! Law: applying the differences to the records at the earlier moment gives those at the later one, and the differences
//! from a to b followed by those from b to c are those from a to c.

mod about;
mod calendar;

pub use calendar::{Moved, moved_by_calendar};

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use self::about::About;
use crate::changes::{self, Action, Touched, Turn};
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::registry::Kind;
use crate::snapshots::{AsOf, instant};

/// How many records are compared at once: memory holds no more of the documents.
const BATCH: usize = 500;

/// A moment in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant {
    /// The last revision then.
    pub revision: i64,
    /// The day.
    pub day: NaiveDate,
}

/// The moments between which differences are asked for; the later one is now where none is given.
///
/// # Errors
/// [`Error::BadRequest`] that names `from` or `to`, for moments that are still to come or in the wrong order.
pub fn moments(conn: &mut DbConn, from: &AsOf, to: Option<&AsOf>) -> Result<(Instant, Instant)> {
    let moments = [instant(conn, Some(from), "from")?, instant(conn, to, "to")?];
    let [from, to] = moments.map(|(revision, day)| Instant { revision, day });
    // Before the first revision there is nothing that a day could matter to.
    if from.revision > to.revision || (from.revision > 0 && from.day > to.day) {
        let detail = "this moment is before `from`: the earlier one comes first";
        return Err(Error::bad_parameter("to", "end_before_start", detail));
    }
    Ok((from, to))
}

/// Which differences are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// Of records of this collection.
    pub resource: Option<String>,
    /// Of records that concern this nation.
    pub nation: Option<String>,
    /// Of records in this area.
    pub area: Option<String>,
}

impl Which {
    /// Whether records of a collection are asked about.
    pub fn takes(&self, collection: &str) -> bool {
        self.resource.as_deref().is_none_or(|wanted| wanted == collection)
    }
}

/// What is different in a record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Its collection.
    pub resource: String,
    /// Its code.
    pub code: String,
    /// What it goes by: now, or when it was last there.
    pub title: String,
    /// What happened to it, all in all.
    pub action: &'static str,
    /// Each field that is different, with what it was and is.
    pub changed: Vec<Value>,
    /// Who wrote it in between, each once, in the order of their first writes.
    pub actors: Vec<String>,
    /// The last of those writes.
    pub last_revision: i64,
}

/// How many records of a collection are different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The collection.
    pub resource: &'static str,
    /// How many are there that were not.
    pub created: i64,
    /// How many are there that were there, and differ.
    pub changed: i64,
    /// How many were there and are not.
    pub deleted: i64,
}

/// Hands every difference on, collection by collection, in the order of codes; tells how many there are in each collection
/// that is asked about, zeros included.
///
/// # Errors
/// What the database says, and what `each` says.
pub fn differences(
    conn: &mut DbConn,
    (from, to): (Instant, Instant),
    which: &Which,
    each: &mut dyn FnMut(Difference) -> Result<()>,
) -> Result<Vec<Count>> {
    let mut about = About::new(which, from.revision, to.revision);
    let mut touched = changes::touched(conn, from.revision, to.revision, which.resource.as_deref())?;
    let kinds = Kind::all();
    let place = |name: &str| kinds.iter().position(|kind| kind.collection == name);
    touched.sort_by_cached_key(|one| (place(&one.resource), one.key.clone()));
    let count = |kind: &Kind| Count { resource: kind.collection, created: 0, changed: 0, deleted: 0 };
    let mut counts: Vec<Count> = kinds.iter().filter(|kind| which.takes(kind.collection)).map(count).collect();
    for touched in touched.chunks(BATCH) {
        for (one, turn) in touched.iter().zip(changes::turns(conn, touched)?) {
            let Some(kind) = kinds.iter().find(|kind| kind.collection == one.resource) else { continue };
            let Some((difference, documents)) = difference(kind, one, &turn)? else { continue };
            if !about.concerns(conn, kind, &one.key, &documents)? {
                continue;
            }
            if let Some(count) = counts.iter_mut().find(|count| count.resource == kind.collection) {
                match (&documents.0, &documents.1) {
                    (None, _) => count.created += 1,
                    (_, None) => count.deleted += 1,
                    _ => count.changed += 1,
                }
            }
            each(difference)?;
        }
    }
    Ok(counts)
}

/// A record before and after.
type Documents = (Option<Value>, Option<Value>);

/// What is different in a record, if anything is.
fn difference(kind: &Kind, touched: &Touched, turn: &Turn) -> Result<Option<(Difference, Documents)>> {
    if turn.before == turn.after {
        return Ok(None);
    }
    let read = |text: &Option<String>| text.as_deref().map(parse).transpose();
    let documents = (read(&turn.before)?, read(&turn.after)?);
    let action = match &documents {
        (None, _) => Action::Created,
        (_, None) => Action::Deleted,
        _ => Action::Updated,
    };
    let changed = changes::differences(documents.0.as_ref(), documents.1.as_ref());
    if changed.is_empty() {
        return Ok(None);
    }
    let title = documents.1.as_ref().or(documents.0.as_ref()).and_then(|document| document.get(kind.searched.title));
    let difference = Difference {
        resource: touched.resource.clone(),
        code: touched.key.clone(),
        title: title.and_then(Value::as_str).unwrap_or(&touched.key).to_owned(),
        action: action.as_str(),
        changed,
        actors: touched.actors.clone(),
        last_revision: touched.last,
    };
    Ok(Some((difference, documents)))
}

/// A document of the log.
fn parse(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| Error::internal("a document in the log is not JSON", error))
}
