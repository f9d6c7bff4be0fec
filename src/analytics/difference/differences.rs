//! Records that were created, changed or deleted between two moments.

use serde::Serialize;
use serde_json::Value;

use super::about::{About, Places};
use super::document::{Documents, parse};
use super::scope::{ChangeScope, Instant};
use crate::changes::{self, Action, Touched, Transition};
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::{RESOURCES, ResourceInfo};

/// The number of records compared at once: memory holds no more of the documents.
const BATCH: usize = 500;

/// A record that is different.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Its collection.
    pub resource: String,
    /// Its code.
    pub code: String,
    /// Its name or title: now, or when it was last there.
    pub title: String,
    /// The change in sum: created, updated or deleted.
    pub action: &'static str,
    /// Each field that is different, with what it was and is.
    pub changed: Vec<Value>,
    /// The users who wrote it in between, each once, in the order of their first writes.
    pub actors: Vec<String>,
    /// The last of those writes.
    pub last_revision: i64,
    /// The nations and areas that it concerns.
    #[serde(skip)]
    pub places: Places,
}

/// The number of records of a collection that are different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The collection.
    pub resource: &'static str,
    /// The number that are there and were not.
    pub created: i64,
    /// The number that were there, still are, and differ.
    pub changed: i64,
    /// The number that were there and are not.
    pub deleted: i64,
}

/// Hands every difference on, collection by collection, in the order of codes; tells how many there are in each
/// collection that is asked about, zeros included.
///
/// # Errors
/// Errors of the database and of `each`.
pub fn differences(
    conn: &mut DbConn,
    (from, to): (Instant, Instant),
    scope: &ChangeScope,
    each: &mut dyn FnMut(Difference) -> Result<()>,
) -> Result<Vec<Count>> {
    let mut about = About::new(scope, from.revision, to.revision);
    let mut touched = changes::touched(conn, from.revision, to.revision, scope.resource.as_deref())?;
    let place = |name: &str| RESOURCES.iter().position(|kind| kind.collection == name);
    touched.sort_by_cached_key(|one| (place(&one.resource), one.key.clone()));
    let count = |kind: &ResourceInfo| Count { resource: kind.collection, created: 0, changed: 0, deleted: 0 };
    let mut counts: Vec<Count> = RESOURCES.iter().filter(|kind| scope.takes(kind.collection)).map(count).collect();
    for touched in touched.chunks(BATCH) {
        for (one, transition) in touched.iter().zip(changes::transitions(conn, touched)?) {
            let Some(kind) = ResourceInfo::find(&one.resource) else { continue };
            let Some((difference, documents)) = difference(kind, one, &transition)? else { continue };
            let places = about.places(conn, kind, &one.key, &documents)?;
            if !about.wants(&places) {
                continue;
            }
            if let Some(count) = counts.iter_mut().find(|count| count.resource == kind.collection) {
                match (&documents.0, &documents.1) {
                    (None, _) => count.created += 1,
                    (_, None) => count.deleted += 1,
                    _ => count.changed += 1,
                }
            }
            each(Difference { places, ..difference })?;
        }
    }
    Ok(counts)
}

/// Compares a record before and after; none where nothing is different.
fn difference(
    kind: &ResourceInfo,
    touched: &Touched,
    transition: &Transition,
) -> Result<Option<(Difference, Documents)>> {
    if transition.before == transition.after {
        return Ok(None);
    }
    let read = |text: &Option<String>| text.as_deref().map(parse).transpose();
    let documents = (read(&transition.before)?, read(&transition.after)?);
    let action = match &documents {
        (None, _) => Action::Created,
        (_, None) => Action::Deleted,
        _ => Action::Updated,
    };
    let changed = changes::differences(documents.0.as_ref(), documents.1.as_ref());
    if changed.is_empty() {
        return Ok(None);
    }
    let title =
        documents.1.as_ref().or(documents.0.as_ref()).and_then(|document| document.get(kind.search_fields.title));
    let difference = Difference {
        resource: touched.resource.clone(),
        code: touched.key.clone(),
        title: title.and_then(Value::as_str).unwrap_or(&touched.key).to_owned(),
        action: action.as_str(),
        changed,
        actors: touched.actors.clone(),
        last_revision: touched.last,
        places: Places::new(),
    };
    Ok(Some((difference, documents)))
}
