//! A change put into the tables again, as the log tells it: how a past state of the registry is made, and how the log
//! is compared with the tables.

use super::findings::Pending;
use super::resource::Resource;
use super::resource_info::{RESOURCES, ResourceVisitor, visit_resource};
use super::search::SQLITE_TABLES;
use super::stored::{READ_ONLY, Stored};
use super::tables::{Before, Tables};
use super::upcast;
use crate::changes::{Action, Change, LastChange};
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::values::Origin;

/// Puts a record into the state in which a change left it: nothing is logged, and no rule or reference is checked
/// again. The tables are those of a past state, or of a registry that is being restored. References in `pending` are
/// settled at the end.
///
/// # Errors
/// [`Error::Internal`] when a document in the log is no record; what the database says.
pub fn replay(conn: &mut DbConn, last: &LastChange, pending: &mut Pending) -> Result<()> {
    let change = &last.change;
    visit_resource(&change.resource, &mut Replay { conn, last, pending }).unwrap_or_else(|| {
        Err(unreadable(change, format!("there is no collection {}", crate::values::quote(&change.resource))))
    })
}

struct Replay<'a> {
    conn: &'a mut DbConn,
    last: &'a LastChange,
    pending: &'a mut Pending,
}

impl ResourceVisitor for Replay<'_> {
    type Output = Result<()>;

    fn visit<R: Resource>(&mut self) -> Result<()> {
        let change = &self.last.change;
        let mut tables = Tables::of(self.conn, self.pending);
        match change.action {
            Action::Deleted => tables.remove::<R>(&change.key),
            Action::Created | Action::Updated => {
                let before = if self.last.is_new { Before::Nothing } else { Before::Unknown };
                recorded::<R>(self.last).and_then(|stored| tables.save(&stored, before))
            }
        }
    }
}

/// Returns the record that a change left behind.
///
/// # Errors
/// [`Error::Internal`] when a document in the log is no record.
pub fn recorded<R: Resource>(last: &LastChange) -> Result<Stored<R>> {
    let change = &last.change;
    let mut defects = Vec::new();
    let record = R::decode_from(Origin::Log, upcast::document(change)?, "", &READ_ONLY, &mut defects);
    match record.filter(|record| defects.is_empty() && record.code() == change.key) {
        Some(record) => Ok(Stored::new(record, change.revision, last.created_at.clone(), change.at.clone())),
        None => {
            let reason = defects.first().map_or_else(|| "its code is not its key".to_owned(), ToString::to_string);
            Err(unreadable(change, reason))
        }
    }
}

/// Returns the tables that a replay fills, on SQLite. A copy of them is what a replay of the whole log makes.
pub fn sqlite_tables() -> Vec<&'static str> {
    let records = RESOURCES.iter().flat_map(|kind| kind.tables);
    records.copied().chain(SQLITE_TABLES).collect()
}

fn unreadable(change: &Change, reason: String) -> Error {
    Error::internal(format!("revision {} cannot be replayed", change.revision), reason)
}
