//! Bars on the line of years: when each of some projects began and ended.

use super::{length, moment, real};

/// The width of a picture.
const WIDTH: f64 = 800.0;
/// The place where the bars begin: names are left of it.
const LEFT: f64 = 250.0;
/// The height of a row.
const ROW: f64 = 20.0;
/// The number of bars that are drawn; with more of them, years are counted instead.
pub(in crate::pages) const BARS: usize = 40;
/// The number of letters of a name for which there is room.
const LETTERS: usize = 34;

/// The bar of a record.
pub(in crate::pages) struct Span {
    pub(in crate::pages) name: String,
    /// When it began and ended, as far as that is known.
    pub(in crate::pages) begins: String,
    pub(in crate::pages) ends: Option<String>,
    pub(in crate::pages) class: String,
}

/// A bar.
pub(in crate::pages) struct Bar {
    pub(in crate::pages) name: String,
    pub(in crate::pages) class: String,
    pub(in crate::pages) x: String,
    pub(in crate::pages) y: String,
    pub(in crate::pages) width: String,
    /// The place of the text.
    pub(in crate::pages) line: String,
}

/// A mark on the line of years.
pub(in crate::pages) struct Tick {
    pub(in crate::pages) x: String,
    pub(in crate::pages) year: String,
}

/// The picture.
pub(in crate::pages) struct Timeline {
    pub(in crate::pages) width: String,
    pub(in crate::pages) height: String,
    pub(in crate::pages) ground: String,
    pub(in crate::pages) bars: Vec<Bar>,
    pub(in crate::pages) ticks: Vec<Tick>,
}

/// Draws spans, the earliest first, up to today or to what is later.
pub(in crate::pages) fn timeline(mut spans: Vec<Span>, today: &str) -> Option<Timeline> {
    let begins = |span: &Span| moment(&span.begins);
    spans.retain(|span| begins(span).is_some());
    spans.sort_by(|a, b| {
        begins(a).partial_cmp(&begins(b)).unwrap_or(std::cmp::Ordering::Equal).then_with(|| a.name.cmp(&b.name))
    });
    let now = moment(today)?;
    let first = spans.iter().filter_map(begins).reduce(f64::min)?.floor();
    let ends = |span: &Span| span.ends.as_deref().and_then(moment).map(|end| end + 0.5);
    let last =
        spans.iter().map(|span| ends(span).unwrap_or(now).max(begins(span).unwrap_or(now))).fold(now, f64::max).ceil();
    let scale = (WIDTH - LEFT) / (last - first).max(1.0);
    let x = |at: f64| LEFT + (at - first) * scale;
    let bars: Vec<Bar> = spans
        .iter()
        .enumerate()
        .filter_map(|(row, span)| {
            let (begin, top) = (begins(span)?, ROW * real(i64::try_from(row).ok()?));
            // A project that has not ended goes on until today; one that is still to begin is a mark.
            let end = ends(span).unwrap_or(now).max(begin);
            Some(Bar {
                name: shortened(&span.name),
                class: span.class.clone(),
                x: length(x(begin)),
                y: length(top + 4.0),
                width: length((x(end) - x(begin)).max(4.0)),
                line: length(top + 15.0),
            })
        })
        .collect();
    let ground = ROW * real(i64::try_from(bars.len()).ok()?);
    let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0].into_iter().find(|step| (last - first) / step <= 8.0).unwrap_or(100.0);
    let mut ticks = Vec::new();
    let mut year = (first / step).ceil() * step;
    while year <= last {
        ticks.push(Tick { x: length(x(year)), year: format!("{year:.0}") });
        year += step;
    }
    Some(Timeline { width: length(WIDTH), height: length(ground + 20.0), ground: length(ground), bars, ticks })
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(LETTERS.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_begin_and_end_where_their_projects_do() {
        let span = |name: &str, begins: &str, ends: Option<&str>| Span {
            name: name.to_owned(),
            begins: begins.to_owned(),
            ends: ends.map(str::to_owned),
            class: String::new(),
        };
        let spans = vec![span("open", "2001", None), span("short", "2000", Some("2005")), span("never", "", None)];
        let picture = timeline(spans, "2010-01-01").unwrap();
        let bars: Vec<_> = picture.bars.iter().map(|bar| (&*bar.name, &*bar.x, &*bar.width)).collect();
        assert_eq!(bars, [("short", "250.0", "302.5"), ("open", "305.0", "495.0")]);
        assert_eq!(picture.ticks.first().unwrap().year, "2000");
        assert!(timeline(Vec::new(), "2010").is_none());
    }
}
