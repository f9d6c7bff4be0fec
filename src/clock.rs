//! The only place that reads the clock: UTC, to the microsecond.

use chrono::{DateTime, NaiveDate, SecondsFormat, SubsecRound as _, Utc};

/// Now, to the microsecond, which is what both databases can hold.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Today in UTC.
pub fn today() -> NaiveDate {
    now().date_naive()
}

/// Returns the one form of a timestamp in the database and the API: RFC 3339, UTC, six digits, so that text order is
/// time order.
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
