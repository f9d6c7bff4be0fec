//! Releases: revisions of the log that have a name, so that a paper can cite what it was written from. A release is
//! never changed or deleted: a citation must lead to the same registry for ever.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::log::{hash_of, head};
use crate::clock;
use crate::db::schema::{changes, releases};
use crate::db::{DbConn, lock_log};
use crate::error::{Defect, Error, Result};
use crate::limits;
use crate::values::{FromText, ParseError, Text, quote, text_newtype};

/// The names that no release may have: these words mean the present, or will be taken for it.
const RESERVED: [&str; 6] = ["current", "head", "latest", "now", "present", "today"];
/// The pattern of a name: it begins with two letters, so that no moment is written like it.
pub const NAME_PATTERN: &str = "[a-z]{2}[a-z0-9]*(-[a-z0-9]+)*";

text_newtype!(
    /// The name of a release: lower-case letters and digits with single hyphens between, the first two of them letters.
    ReleaseName
);

impl FromText for ReleaseName {
    fn parse(text: &str) -> std::result::Result<Self, ParseError> {
        let word = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let begins = text.bytes().take(2).filter(u8::is_ascii_lowercase).count() == 2;
        if begins && text.len() <= limits::CODE && text.split('-').all(word) && !RESERVED.contains(&text) {
            return Ok(Self(text.to_owned()));
        }
        let detail = format!(
            "{} is no name of a release: at most {} lower-case letters and digits with single hyphens between, the \
             first two of them letters, and none of {}",
            quote(text),
            limits::CODE,
            RESERVED.join(", ")
        );
        Err(ParseError::new("bad_name", detail))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(format!("^{NAME_PATTERN}$")))
            .min_length(Some(2))
            .max_length(Some(limits::CODE))
    }
}

/// A revision that has a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, utoipa::ToSchema)]
pub struct Release {
    /// Its name, which `as_of` takes.
    #[schema(example = "seminar-2026")]
    pub name: String,
    /// The revision.
    #[schema(example = 42)]
    pub revision: i64,
    /// The hash of that revision, which seals it and every one before.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub hash: String,
    /// When that revision was made.
    #[schema(format = DateTime, example = "2026-11-24T09:30:00.000000Z")]
    pub revised_at: String,
    /// Its purpose.
    #[schema(required, example = "As shown at the seminar of the executive board")]
    pub note: Option<String>,
    /// When it got its name.
    #[schema(format = DateTime, example = "2026-11-25T10:00:00.000000Z")]
    pub created_at: String,
    /// The user who gave it.
    #[schema(example = "ada.lovelace")]
    pub created_by: String,
}

/// A release to make.
#[derive(Clone, Debug)]
pub struct NewRelease {
    /// Its name.
    pub name: ReleaseName,
    /// The revision; the last one by default.
    pub revision: Option<i64>,
    /// Its purpose.
    pub note: Option<Text>,
    /// The user who makes it.
    pub by: String,
}

type Columns = (
    releases::name,
    releases::revision,
    releases::hash,
    changes::at,
    releases::note,
    releases::created_at,
    releases::created_by,
);

const COLUMNS: Columns = (
    releases::name,
    releases::revision,
    releases::hash,
    changes::at,
    releases::note,
    releases::created_at,
    releases::created_by,
);

/// Names a revision.
///
/// # Errors
/// [`Error::Conflict`] when the name is taken, or there are too many; [`Error::Validation`] for a revision that is
/// none; what the database says.
pub fn create(conn: &mut DbConn, new: &NewRelease) -> Result<Release> {
    // The last revision must be the last one still when this commits.
    lock_log(conn)?;
    let last = head(conn)?;
    let revision = new.revision.unwrap_or(last.revision);
    if revision < 1 || revision > last.revision {
        let detail = format!("there is no revision {revision}: the last one is r{}", last.revision);
        return Err(Error::Validation(vec![Defect::pointer("/revision", "unknown_revision", detail)]));
    }
    if let Some(taken) = find(conn, new.name.as_str())? {
        let detail =
            format!("‘{}’ is r{} already: a release keeps its name, choose another", taken.name, taken.revision);
        return Err(Error::Conflict(detail));
    }
    let count: i64 = releases::table.count().get_result(conn)?;
    if count >= limits::RELEASES {
        return Err(Error::Conflict(format!("there are {count} releases already, as many as there may be")));
    }
    let release = Release {
        name: new.name.to_string(),
        revision,
        hash: hash_of(conn, revision)?,
        revised_at: String::new(),
        note: new.note.as_ref().map(ToString::to_string),
        created_at: clock::stamp(clock::now()),
        created_by: new.by.clone(),
    };
    insert(conn, &release)?;
    find(conn, new.name.as_str())?.ok_or_else(|| unknown(new.name.as_str()))
}

/// Writes a release as it is, into a registry that has its revision.
///
/// # Errors
/// Errors of the database.
pub fn insert(conn: &mut DbConn, release: &Release) -> Result<()> {
    diesel::insert_into(releases::table)
        .values((
            releases::name.eq(&release.name),
            releases::revision.eq(release.revision),
            releases::hash.eq(&release.hash),
            releases::note.eq(&release.note),
            releases::created_at.eq(&release.created_at),
            releases::created_by.eq(&release.created_by),
        ))
        .execute(conn)?;
    Ok(())
}

/// Returns the release with this name.
///
/// # Errors
/// Errors of the database.
pub fn find(conn: &mut DbConn, name: &str) -> Result<Option<Release>> {
    let named = releases::table.inner_join(changes::table).filter(releases::name.eq(name));
    Ok(named.select(COLUMNS).get_result(conn).optional()?)
}

/// Releases in the order of their names, from the one after `after` on, and how many there are in all.
///
/// # Errors
/// Errors of the database.
pub fn list(conn: &mut DbConn, after: Option<&str>, limit: i64) -> Result<(Vec<Release>, i64)> {
    let rows = releases::table
        .inner_join(changes::table)
        .filter(releases::name.gt(after.unwrap_or_default()))
        .order(releases::name)
        .limit(limit)
        .select(COLUMNS)
        .load(conn)?;
    Ok((rows, releases::table.count().get_result(conn)?))
}

/// Returns the error for a release that does not exist.
pub fn unknown(name: &str) -> Error {
    Error::NotFound(format!("there is no release {}; GET /api/v1/releases lists them", quote(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_moment() {
        for good in ["seminar-2026", "ab", "revision", "ra1", "a".repeat(64).as_str()] {
            assert!(ReleaseName::parse(good).is_ok(), "{good}");
        }
        let long = "a".repeat(65);
        for bad in ["", "a", "r1", "2026", "2026-11", "a1", "Ab", "ab-", "ab--c", "ab_c", "now", "latest", "é", &long]
        {
            assert_eq!(ReleaseName::parse(bad).unwrap_err().code, "bad_name", "{bad}");
        }
    }
}
