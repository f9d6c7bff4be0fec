//! The scope of differences: two moments, and the records between them.

use chrono::NaiveDate;

use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::snapshots::{AsOf, instant};

/// A moment in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant {
    /// The last revision then.
    pub revision: i64,
    /// The day.
    pub day: NaiveDate,
}

/// Returns the moments between which differences are asked for; the later one is now where none is given.
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

/// The differences that a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeScope {
    /// Of records of this collection.
    pub resource: Option<String>,
    /// Of records that concern this nation.
    pub nation: Option<String>,
    /// Of records in this area.
    pub area: Option<String>,
}

impl ChangeScope {
    /// Tells whether records of a collection are asked about.
    pub fn takes(&self, collection: &str) -> bool {
        self.resource.as_deref().is_none_or(|wanted| wanted == collection)
    }
}
