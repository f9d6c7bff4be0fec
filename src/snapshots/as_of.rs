//! `as_of`: the moment that is asked about, as it is written, and the revision that was the last one then.

use chrono::{DateTime, NaiveDate, SubsecRound as _, Utc};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::changes::releases::{self, NAME_PATTERN};
use crate::changes::{self, ReleaseName};
use crate::clock;
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::values::{FromText, ParseError, PartialDate, quote};

/// The moment that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsOf {
    text: String,
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// Right after a revision.
    Revision(i64),
    /// At a time.
    Time(DateTime<Utc>),
    /// At the end of a day, month or year in UTC; before that end, now.
    Date(PartialDate),
    /// Right after the revision that has this name.
    Release(ReleaseName),
}

impl AsOf {
    /// Right after a revision.
    pub fn of_revision(revision: i64) -> Self {
        Self { text: format!("r{revision}"), form: Form::Revision(revision) }
    }

    /// Returns the moment as it was written: what links and cursors carry.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the revision, where the moment is one.
    pub fn revision(&self) -> Option<i64> {
        match &self.form {
            Form::Revision(revision) => Some(*revision),
            Form::Time(_) | Form::Date(_) | Form::Release(_) => None,
        }
    }

    /// Returns the release, where the moment is one.
    pub fn release(&self) -> Option<&str> {
        match &self.form {
            Form::Release(name) => Some(name.as_str()),
            Form::Revision(_) | Form::Time(_) | Form::Date(_) => None,
        }
    }

    /// Tells whether a change with this revision and time had been made by then. The name of a release does not
    /// contain its revision: see [`AsOf::release`].
    pub fn includes(&self, revision: i64, at: &str) -> bool {
        match &self.form {
            Form::Revision(last) => revision <= *last,
            Form::Time(time) => at <= clock::stamp(*time).as_str(),
            // The first ten characters are the day.
            Form::Date(date) => at.get(..10).is_some_and(|day| day <= date.last_day().to_string().as_str()),
            Form::Release(_) => false,
        }
    }

    /// Finds the position of the moment in the log. A defect names the parameter that the moment was asked for with.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a moment that is still to come; what the database says.
    pub(super) fn resolve(&self, conn: &mut DbConn, parameter: &str) -> Result<LogPosition> {
        let now = clock::now();
        let today = now.date_naive();
        let future = |detail| Error::bad_parameter(parameter, "in_the_future", detail);
        match &self.form {
            Form::Release(name) => {
                let release = releases::find(conn, name.as_str())?.ok_or_else(|| {
                    let detail = format!(
                        "{} is no date, time or revision (r42), and there is no release of that name; GET /api/v1/releases \
                         lists them",
                        quote(name.as_str())
                    );
                    Error::bad_parameter(parameter, "unknown_release", detail)
                })?;
                Self::of_revision(release.revision).resolve(conn, parameter)
            }
            Form::Revision(revision) => {
                let head = changes::revision(conn)?;
                if *revision > head {
                    return Err(future(format!("there is no revision {revision} yet: the last one is r{head}")));
                }
                // So that the answer is the same for ever, the day is that of the revision, also while it is the last.
                let day = changes::day_of(conn, *revision)?.unwrap_or(today);
                Ok(LogPosition::past(*revision, head, day))
            }
            Form::Time(time) if *time > now => {
                Err(future(format!("{} is still to come: it is {}", self.text, clock::stamp(now))))
            }
            Form::Time(time) => LogPosition::at(conn, *time, time.date_naive()),
            Form::Date(date) if date.first_day() > today => {
                Err(future(format!("{date} is still to come: it is {today}")))
            }
            Form::Date(date) => {
                let last = date.last_day();
                let end = last.and_hms_micro_opt(23, 59, 59, 999_999).map(|end| end.and_utc());
                match end.filter(|end| *end <= now) {
                    Some(end) => LogPosition::at(conn, end, last),
                    None => Ok(LogPosition::present(today)),
                }
            }
        }
    }
}

/// The pattern of dates and times.
const MOMENT_PATTERN: &str =
    "[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])(T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2}))?)?)?";

impl FromText for AsOf {
    fn parse(text: &str) -> Result<Self, ParseError> {
        let revision = |digits: &str| -> Option<i64> {
            (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
        };
        let form = match text.strip_prefix('r') {
            Some(digits) => revision(digits).map(Form::Revision),
            None => PartialDate::parse(text).ok().map(Form::Date).or_else(|| time(text).map(Form::Time)),
        };
        let form = form.or_else(|| ReleaseName::parse(text).ok().map(Form::Release));
        form.map(|form| Self { text: text.to_owned(), form }).ok_or_else(|| {
            let detail = format!(
                "{} is no moment: a date (2026-11-24, 2026-11, 2026: its end, in UTC), a time with its offset \
                 (2026-11-24T09:00:00Z), a revision (r42) or the name of a release (seminar-2026) is wanted",
                quote(text)
            );
            ParseError::new("bad_moment", detail)
        })
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(format!("^(r[0-9]{{1,18}}|{NAME_PATTERN}|{MOMENT_PATTERN})$",)))
    }
}

/// Returns an RFC 3339 time. A `+` that was not percent-encoded has become a space in the query string.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let mended = match text.rsplit_once(' ') {
        Some((time, offset)) if time.contains('T') => format!("{time}+{offset}"),
        _ => text.to_owned(),
    };
    let time = DateTime::parse_from_rfc3339(&mended).ok()?;
    // The log knows microseconds: a change within the last one asked about has happened.
    Some(time.with_timezone(&Utc).trunc_subsecs(6))
}

/// A moment in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LogPosition {
    /// The last revision then; `None` for the present, whichever that is when the registry is read.
    pub(super) revision: Option<i64>,
    /// True if there were later ones when this was found out.
    pub(super) is_past: bool,
    /// The day that is asked about.
    pub(super) day: NaiveDate,
}

impl LogPosition {
    pub(super) fn present(today: NaiveDate) -> Self {
        Self { revision: None, is_past: false, day: today }
    }

    fn past(revision: i64, head: i64, day: NaiveDate) -> Self {
        Self { revision: Some(revision), is_past: revision < head, day }
    }

    fn at(conn: &mut DbConn, time: DateTime<Utc>, day: NaiveDate) -> Result<Self> {
        let revision = changes::revision_at(conn, &clock::stamp(time))?;
        Ok(Self::past(revision, changes::revision(conn)?, day))
    }
}

/// Returns the last revision at a moment, or now, and the day that is then asked about. A defect names the parameter.
///
/// # Errors
/// [`Error::BadRequest`] for a moment that is still to come; what the database says.
pub fn instant(conn: &mut DbConn, moment: Option<&AsOf>, parameter: &str) -> Result<(i64, NaiveDate)> {
    let point = match moment {
        Some(moment) => moment.resolve(conn, parameter)?,
        None => LogPosition::present(clock::today()),
    };
    let revision = point.revision.map_or_else(|| changes::revision(conn), Ok)?;
    Ok((revision, point.day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_is_read() {
        for (text, same) in [
            ("r0", "r0"),
            ("2026", "2026"),
            ("2026-11-24T09:00:00Z", "2026-11-24T09:00:00Z"),
            ("2026-11-24T09:00:00Z", "2026-11-24T10:30:00+01:30"),
            ("2026-11-24T09:00:00Z", "2026-11-24T10:30:00 01:30"),
            ("2026-11-24T09:00:00.000001Z", "2026-11-24T09:00:00.0000019Z"),
            ("2026-11-24T09:00:00Z", "2026-11-24T00:00:00-09:00"),
        ] {
            assert_eq!(AsOf::parse(text).unwrap().form, AsOf::parse(same).unwrap().form, "{text} {same}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "r",
            "r-1",
            "r1.5",
            "R1",
            "1",
            "r99999999999999999999",
            "now",
            "2026-02-30",
            "2026-11-24T09:00:00",
            "09:00:00Z",
        ] {
            let reason = AsOf::parse(text).unwrap_err();
            assert!(reason.detail.contains("r42"), "{text}: {}", reason.detail);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            let _ = AsOf::parse(&text);
        }
    }
}
