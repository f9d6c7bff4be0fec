//! A collection as a calendar (iCalendar, RFC 5545) that a calendar client can subscribe to: each date that a record
//! has is an all-day event.
//!
//! - An event's `UID` follows from the collection, the record and the field, so that a client that reads the calendar
//!   again finds its events again. `DTSTAMP`, `LAST-MODIFIED` and `SEQUENCE` are those of the record's last change.
//! - A date that is known to the month or the year alone is shown on its first day, an end on its last; the event says
//!   so in its title (`Signed (2018-03): …`) and in its text.
//! - An event lasts one day, which is what a `DTSTART` with a date alone means (RFC 5545 §3.6.1): the day after the
//!   last one that a date can say needs no name.
//! - The text of an event shows every field of the record that is not empty.

use std::io::Write;

use chrono::NaiveDate;
use serde_json::Value;

use super::cells;
use super::collection_out::{columns, row, table_fields};
use super::column::{Column, unwritable};
use crate::error::Result;
use crate::registry::{CalendarDate, Resource, Stored, View};
use crate::values::PartialDate;

/// The longest line, in bytes, without its line break (RFC 5545 §3.1).
const LINE: usize = 75;

/// A calendar that is being written.
pub struct Calendar<'w> {
    out: &'w mut (dyn Write + Send),
    fields: Vec<&'static str>,
    columns: Vec<Column>,
}

impl<'w> Calendar<'w> {
    /// Begins the calendar of a collection.
    ///
    /// # Errors
    /// Errors of the writer.
    pub fn begin<R: Resource>(out: &'w mut (dyn Write + Send)) -> Result<Self> {
        let fields = table_fields::<R>(None);
        let mut calendar = Self { out, columns: columns::<R>(&fields), fields };
        let name = label(R::COLLECTION);
        for (property, value) in [
            ("BEGIN", "VCALENDAR"),
            ("VERSION", "2.0"),
            ("PRODID", "-//Partnership registry//EN"),
            ("CALSCALE", "GREGORIAN"),
            // RFC 7986, and what older clients know instead.
            ("NAME", &name),
            ("X-WR-CALNAME", &name),
            ("REFRESH-INTERVAL;VALUE=DURATION", "P1D"),
            ("X-PUBLISHED-TTL", "P1D"),
        ] {
            calendar.line(property, value)?;
        }
        Ok(calendar)
    }

    /// Adds the events of a record. `day` is the one that derived fields are about.
    ///
    /// # Errors
    /// Errors of the writer.
    pub fn record<R: Resource>(&mut self, stored: &Stored<R>, day: NaiveDate) -> Result<()> {
        let shown = row(&View { stored, day, fields: Some(&self.fields), expanded: None })?;
        for event in R::CALENDAR {
            if let Some(date) = (event.date)(&stored.record, day) {
                self.event(stored, event, &date, &shown)?;
            }
        }
        Ok(())
    }

    /// Completes the calendar.
    ///
    /// # Errors
    /// Errors of the writer.
    pub fn finish(mut self) -> Result<()> {
        self.line("END", "VCALENDAR")?;
        self.out.flush().map_err(unwritable)
    }

    fn event<R: Resource>(
        &mut self,
        stored: &Stored<R>,
        event: &CalendarDate<R>,
        date: &PartialDate,
        shown: &Value,
    ) -> Result<()> {
        let (code, what) = (stored.record.code(), event.what);
        let first = date.first_day();
        let shown_on = if event.ends { date.last_day() } else { first };
        let text = |name: &str| shown.get(name).and_then(Value::as_str).unwrap_or_default();
        let exact = date.last_day() == first;
        let title = text(R::SLUG_FIELD);
        let summary = if exact { format!("{what}: {title}") } else { format!("{what} ({date}): {title}") };
        let mut description = self.describe(shown);
        if !exact {
            description.push_str(&format!(
                "\n\nThe day is not known, only {date}: it is shown on its {} day.",
                if event.ends { "last" } else { "first" }
            ));
        }
        let changed = timestamp(&stored.updated_at);
        self.line("BEGIN", "VEVENT")?;
        self.line("UID", &format!("{}.{code}.{}@partnership-registry", event.field, R::COLLECTION))?;
        self.line("DTSTAMP", &changed)?;
        self.line("LAST-MODIFIED", &changed)?;
        self.line("SEQUENCE", &stored.version.to_string())?;
        self.line("DTSTART;VALUE=DATE", &basic(shown_on))?;
        self.line("SUMMARY", &escape(&summary))?;
        self.line("DESCRIPTION", &escape(&description))?;
        self.line("CATEGORIES", &escape(what))?;
        // An all-day event leaves the reader's time free.
        self.line("TRANSP", "TRANSPARENT")?;
        if !text("url").is_empty() {
            self.line("URL", text("url"))?;
        }
        if let Some(days) = event.alarm {
            self.alarm(&summary, days)?;
        }
        self.line("END", "VEVENT")
    }

    fn alarm(&mut self, summary: &str, days: u16) -> Result<()> {
        self.line("BEGIN", "VALARM")?;
        self.line("ACTION", "DISPLAY")?;
        self.line("DESCRIPTION", &escape(summary))?;
        self.line("TRIGGER", &format!("-P{days}D"))?;
        self.line("END", "VALARM")
    }

    fn describe(&self, shown: &Value) -> String {
        let lines = self.columns.iter().filter_map(|column| {
            let text = cells::text(column.shape, column.value(shown));
            (!text.is_empty()).then(|| format!("{}: {text}", label(&column.name)))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Writes a content line, folded.
    fn line(&mut self, property: &str, value: &str) -> Result<()> {
        let line = format!("{property}:{value}");
        let mut rest = line.as_str();
        let mut room = LINE;
        loop {
            let mut end = room.min(rest.len());
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            let (piece, after) = rest.split_at(end);
            let space = if room == LINE { "" } else { " " };
            write!(self.out, "{space}{piece}\r\n").map_err(unwritable)?;
            if after.is_empty() {
                return Ok(());
            }
            // The space that begins a line counts.
            (rest, room) = (after, LINE - 1);
        }
    }
}

/// Returns a field or collection in words: `Signed on`.
fn label(name: &str) -> String {
    let mut words = name.replace(['_', '-'], " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn basic(day: NaiveDate) -> String {
    day.format("%Y%m%d").to_string()
}

/// Returns a timestamp of the registry in the form of iCalendar: `20261124T090000Z`.
fn timestamp(at: &str) -> String {
    let seconds = at.split('.').next().unwrap_or(at).trim_end_matches('Z');
    format!("{}Z", seconds.replace(['-', ':'], ""))
}

/// Returns a text value (RFC 5545 §3.3.11).
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            '\r' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(value: &str) -> String {
        let mut out = Vec::new();
        Calendar { out: &mut out, fields: Vec::new(), columns: Vec::new() }.line("SUMMARY", value).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        for text in ["short".to_owned(), "x".repeat(67), "x".repeat(68), "é".repeat(200), "\u{1F680}".repeat(90)] {
            let folded = folded(&text);
            assert!(folded.split("\r\n").all(|line| line.len() <= LINE), "{folded}");
            assert_eq!(folded.replace("\r\n ", ""), format!("SUMMARY:{text}\r\n"));
        }
        assert_eq!(folded(""), "SUMMARY:\r\n");
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(escape("a;b,c\\d\ne:\"f\""), "a\\;b\\,c\\\\d\\ne:\"f\"");
        assert_eq!(timestamp("2026-11-24T09:00:00.000000Z"), "20261124T090000Z");
        assert_eq!(label("cooperation-areas"), "Cooperation areas");
    }
}
