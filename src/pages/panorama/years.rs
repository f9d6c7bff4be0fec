//! Active projects by year, a small picture an area.

use serde_json::Value;

use super::asks::{self, Seen};
use crate::pages::cells::title;
use crate::pages::frame::Context;
use crate::pages::pictures::years::{Column, SHOWN, columns};

/// The pictures, and the same as a table.
pub(super) struct Years {
    pub(super) pictures: Vec<Area>,
    pub(super) rows: Vec<Year>,
    pub(super) first: String,
    pub(super) last: String,
}

/// The picture of an area.
pub(super) struct Area {
    pub(super) name: String,
    pub(super) now: String,
    pub(super) describes: String,
    pub(super) columns: Vec<Column>,
    /// The picture, once it is drawn.
    pub(super) drawn: String,
}

/// A year of the table.
pub(super) struct Year {
    pub(super) year: String,
    /// By area, and in all: what is counted, how many, where they are.
    pub(super) counts: Vec<(String, i64, String)>,
}

fn count(year: &Value, area: Option<&str>) -> i64 {
    let of = |value: &Value| value.get("projects").and_then(Value::as_i64);
    let Some(area) = area else { return of(year).unwrap_or_default() };
    let areas = year.get("areas").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let found = areas.iter().find(|one| one.get("area").and_then(Value::as_str) == Some(area));
    found.and_then(of).unwrap_or_default()
}

/// Returns the last years of `GET /activity`.
pub(super) fn years(context: &Context, seen: &Seen<'_>, items: &[Value]) -> Years {
    let t = context.t;
    let shown = items.iter().rev().take(SHOWN).rev().collect::<Vec<_>>();
    let code = |area: &Value| area.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
    let counts = |area: &str| shown.iter().map(|year| count(year, Some(area))).collect::<Vec<i64>>();
    let most = seen.areas.iter().flat_map(|area| counts(&code(area))).max().unwrap_or(1);
    let name = |year: Option<&&Value>| year.and_then(|year| year.get("year")?.as_str()).unwrap_or_default().to_owned();
    let (first, last) = (name(shown.first()), name(shown.last()));
    let pictures = seen
        .areas
        .iter()
        .map(|area| {
            let counts = counts(&code(area));
            let now = counts.last().copied().unwrap_or_default();
            let peak = counts.iter().copied().max().unwrap_or_default();
            let begun = counts.first().copied().unwrap_or_default();
            Area {
                name: title(t, area),
                now: t.number(now),
                describes: t.with(
                    "years-describes",
                    &[("first", &first), ("last", &last)],
                    &[("begun", begun), ("now", now), ("peak", peak)],
                ),
                columns: columns(&counts, most),
                drawn: String::new(),
            }
        })
        .collect();
    let rows = shown.iter().rev().map(|year| row(context, seen, year)).collect();
    Years { pictures, rows, first, last }
}

fn row(context: &Context, seen: &Seen<'_>, year: &Value) -> Year {
    let t = context.t;
    let name = year.get("year").and_then(Value::as_str).unwrap_or_default();
    let cell = |label: String, area: Option<&str>| {
        let mut more = vec![("active_on", name)];
        more.extend(area.map(|area| ("area", area)));
        let href = context.links.with("/projects", &asks::with(context, &more).pairs());
        (label, count(year, area), href)
    };
    let mut counts: Vec<_> =
        seen.areas.iter().map(|area| cell(title(t, area), area.get("code").and_then(Value::as_str))).collect();
    counts.push(cell(t.get("matrix-total"), None));
    Year { year: name.to_owned(), counts }
}
