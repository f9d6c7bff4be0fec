//! Agreements whose status changed because of the calendar: no write made the difference.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::about::About;
use super::document::parse;
use super::scope::{ChangeScope, Instant};
use crate::changes;
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::registry::agreements::{Agreement, AgreementStatus};
use crate::registry::{READ_ONLY, Resource, ResourceInfo};
use crate::values::{FromText as _, Origin, PartialDate, Record as _};

/// An agreement whose status the calendar moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Its status at the earlier moment.
    pub before: &'static str,
    /// Its status at the later one.
    pub after: &'static str,
}

/// The dates that a status can change on.
#[derive(Deserialize)]
struct Dates {
    effective_on: Option<String>,
    expires_on: Option<String>,
    ended_on: Option<String>,
}

impl Dates {
    /// Tells whether one of them is, or begins or ends, between two days: otherwise the calendar has moved nothing.
    fn are_between(&self, from: NaiveDate, to: NaiveDate) -> bool {
        let all = [&self.effective_on, &self.expires_on, &self.ended_on].into_iter().flatten();
        all.filter_map(|text| PartialDate::parse(text).ok())
            .any(|date| date.first_day() <= to && date.last_day() >= from)
    }
}

/// Returns the agreements that were there at both moments, in the order of their codes, whose status is another, and
/// would be if nothing had been written: what was written between is not what moved it.
///
/// # Errors
/// Errors of the database.
pub fn moved_by_calendar(conn: &mut DbConn, (from, to): (Instant, Instant), scope: &ChangeScope) -> Result<Vec<Moved>> {
    let mut moved = Vec::new();
    if from.day == to.day || !scope.takes(Agreement::COLLECTION) {
        return Ok(moved);
    }
    let mut about = About::new(scope, from.revision, to.revision);
    let kind = ResourceInfo::of::<Agreement>();
    for (code, text) in changes::last_documents(conn, Agreement::COLLECTION, from.revision)? {
        let dates: Dates =
            serde_json::from_str(&text).map_err(|error| Error::internal("a document in the log is not JSON", error))?;
        if !dates.are_between(from.day, to.day) {
            continue;
        }
        let earlier = parse(&text)?;
        let (before, unwritten) = (status(earlier.clone(), from.day)?, status(earlier.clone(), to.day)?);
        if before == unwritten {
            continue;
        }
        let mut now = changes::documents_at(conn, Agreement::COLLECTION, &[&code], to.revision)?;
        let Some(now) = now.remove(&code) else { continue };
        let later = parse(&now)?;
        let after = status(later.clone(), to.day)?;
        let title = later.get("title").and_then(serde_json::Value::as_str).unwrap_or(&code).to_owned();
        if after != unwritten {
            continue;
        }
        let places = about.places(conn, &kind, &code, &(Some(earlier), Some(later)))?;
        if about.wants(&places) {
            moved.push(Moved { code, title, before: before.as_str(), after: after.as_str() });
        }
    }
    Ok(moved)
}

fn status(document: serde_json::Value, day: NaiveDate) -> Result<AgreementStatus> {
    let mut defects = Vec::new();
    match Agreement::decode_from(Origin::Log, document, "", &READ_ONLY, &mut defects) {
        Some(agreement) => Ok(agreement.status_on(day)),
        None => {
            let why = defects.first().map(ToString::to_string).unwrap_or_default();
            Err(Error::internal("an agreement in the log cannot be read", why))
        }
    }
}
