//! Pictures: numbers made into places and lengths. Templates draw them; nothing here knows HTML.

pub(super) mod bar;
pub(super) mod history;
pub(super) mod map;
pub(super) mod network;
pub(super) mod timeline;
pub(super) mod years;

/// The style of a picture that is a file of its own.
pub(super) const STYLE: &str = include_str!("../assets/picture.css");

/// Returns a date as a point on the line of years, as far as it is known: `1992-07` is 1992.5.
pub(super) fn moment(date: &str) -> Option<f64> {
    let mut parts = date.split('-');
    let year: f64 = parts.next()?.parse().ok()?;
    let month: f64 = parts.next().and_then(|month| month.parse().ok()).unwrap_or(1.0);
    let day: f64 = parts.next().and_then(|day| day.parse().ok()).unwrap_or(1.0);
    Some(year + (month - 1.0) / 12.0 + (day - 1.0) / 372.0)
}

/// Returns a length in a picture, to a tenth of a unit.
pub(super) fn length(value: f64) -> String {
    format!("{value:.1}")
}

/// Returns a count as a number to draw with.
#[expect(clippy::cast_precision_loss, reason = "a picture is drawn to a tenth of a unit")]
pub(super) fn real(count: i64) -> f64 {
    count as f64
}
