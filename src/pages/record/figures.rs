//! The figures of a record: each a picture with its title, its numbers as a table, and both as files.

use askama::Template;
use serde_json::Value;

use super::plan::{Plan, filter};
use crate::error::Result;
use crate::http::encode;
use crate::pages::cells::{Part, text, title};
use crate::pages::frame::{Context, rendered};
use crate::pages::panorama::YearPicture;
use crate::pages::paths::DATA;
use crate::pages::pictures::history::{History, history};
use crate::pages::pictures::timeline::{BARS, Span, Timeline, timeline};
use crate::pages::pictures::years::{self, SIZE};
use crate::pages::reading::Answers;
use crate::pages::texts::Texts;

type Style = Option<&'static str>;

/// A picture, drawn, with its numbers as a table and both as files.
pub(super) struct Figure {
    /// The name of its texts and places.
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) drawn: String,
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<(Part, Vec<String>)>,
    pub(super) csv: String,
    pub(super) svg: String,
}

#[derive(Template)]
#[template(path = "timeline.svg", config = "src/pages/askama.toml")]
struct Bars<'a> {
    t: Texts,
    picture: &'a Timeline,
    describes: &'a str,
    style: Style,
}

#[derive(Template)]
#[template(path = "history.svg", config = "src/pages/askama.toml")]
struct Ratings<'a> {
    t: Texts,
    picture: &'a History,
    describes: &'a str,
    style: Style,
}

/// The addresses of a figure and of its numbers as files.
struct Files<'a> {
    context: &'a Context,
    of: (&'a str, &'a str),
}

impl Files<'_> {
    fn csv(&self, path: &str, query: &[(&str, &str)]) -> String {
        let moment = self.context.as_of().map(|moment| ("as_of", moment));
        let query = encode(query.iter().copied().chain(moment).chain([("format", "csv")]));
        self.context.links.at(&format!("{}{path}?{query}", DATA))
    }

    fn svg(&self, name: &str) -> String {
        let (collection, code) = self.of;
        self.context.links.to(&format!("/pictures/{collection}/{code}/{name}.svg"))
    }
}

/// Draws the figures of a record. With a style each of them is a file of its own.
///
/// # Errors
/// When a template fails.
pub(super) fn figures(
    context: &Context,
    plan: &Plan,
    answers: &Answers,
    of: (&str, &str),
    style: Style,
) -> Result<Vec<Figure>> {
    let files = Files { context, of };
    let few = plan.projects.is_some_and(|nth| answers.total(nth) <= i64::try_from(BARS).unwrap_or(i64::MAX));
    let today = answers.head.day.to_string();
    let items = |nth: Option<_>| nth.map(|nth| answers.items(nth)).unwrap_or_default();
    let drawn = [
        if few { projects(&files, items(plan.projects), &today, style)? } else { None },
        activity(&files, items(plan.activity), style)?,
        reviews(&files, items(plan.reviews), style)?,
    ];
    Ok(drawn.into_iter().flatten().collect())
}

/// Returns the projects, a bar each.
fn projects(files: &Files<'_>, items: &[Value], today: &str, style: Style) -> Result<Option<Figure>> {
    let (context, t) = (files.context, files.context.t);
    let spans: Vec<Span> = items.iter().map(|project| span(context, project)).collect();
    let dated = spans.iter().filter(|span| !span.begins.is_empty()).count();
    let Some(picture) = timeline(spans, today) else { return Ok(None) };
    let describes = t.n("timeline-describes", i64::try_from(dated).unwrap_or_default());
    let Some(filter) = filter(files.of.0) else { return Ok(None) };
    let row = |project: &Value| {
        let link = Part::link(title(t, project), context.links.record("projects", text(project, "code")));
        let span = span(context, project);
        let ends = span.ends.as_deref().map(|date| t.date(date)).unwrap_or_default();
        (link, vec![t.date(&span.begins), ends, t.word(text(project, "status"))])
    };
    Ok(Some(Figure {
        name: "timeline",
        title: t.get("timeline-title"),
        subtitle: t.get("timeline-subtitle"),
        drawn: rendered(&Bars { t, picture: &picture, describes: &describes, style })?,
        heads: vec![t.get("one-projects"), t.field("start_date"), t.field("end_date"), t.field("status")],
        rows: items.iter().map(row).collect(),
        csv: files.csv("/projects", &[(filter, files.of.1), ("sort", "start_date")]),
        svg: files.svg("timeline"),
    }))
}

/// Returns the time from the beginning to the end of a project.
fn span(context: &Context, project: &Value) -> Span {
    let begins = [text(project, "start_date"), text(project, "launch_date")].into_iter().find(|date| !date.is_empty());
    let ends = Some(text(project, "end_date")).filter(|date| !date.is_empty());
    Span {
        name: title(context.t, project),
        begins: begins.unwrap_or_default().to_owned(),
        ends: ends.map(str::to_owned),
        class: text(project, "status").replace('_', "-"),
    }
}

/// Returns the projects under way, a column a year.
fn activity(files: &Files<'_>, items: &[Value], style: Style) -> Result<Option<Figure>> {
    let (context, t) = (files.context, files.context.t);
    let shown: Vec<&Value> = items.iter().rev().take(years::SHOWN).rev().collect();
    let count = |year: &Value| year.get("projects").and_then(Value::as_i64).unwrap_or_default();
    let counts: Vec<i64> = shown.iter().map(|year| count(year)).collect();
    let (Some(first), Some(last), Some(filter)) = (shown.first(), shown.last(), filter(files.of.0)) else {
        return Ok(None);
    };
    let (begins, ends) = (text(first, "year"), text(last, "year"));
    let most = counts.iter().copied().max().unwrap_or(1);
    if most == 0 {
        return Ok(None);
    }
    let numbers = [("begun", count(first)), ("now", count(last)), ("peak", most)];
    let describes = t.with("years-describes", &[("first", begins), ("last", ends)], &numbers);
    let columns = years::columns(&counts, most);
    let picture = YearPicture {
        t,
        nth: 1,
        width: SIZE.0,
        height: SIZE.1,
        name: "",
        describes: &describes,
        columns: &columns,
        first: begins,
        last: ends,
        style,
    };
    let row = |year: &&Value| {
        let name = text(year, "year");
        let href = context.links.with("/projects", &[("active_on", name), (filter, files.of.1)]);
        (Part::link(name, href), vec![t.number(count(year))])
    };
    Ok(Some(Figure {
        name: "years",
        title: t.get("years-title"),
        subtitle: t.get("years-subtitle"),
        drawn: rendered(&picture)?,
        heads: vec![t.get("year"), t.get("matrix-total")],
        rows: shown.iter().rev().map(row).collect(),
        csv: files.csv("/activity", &[(filter, files.of.1)]),
        svg: files.svg("years"),
    }))
}

/// Returns the ratings, a point a review.
fn reviews(files: &Files<'_>, items: &[Value], style: Style) -> Result<Option<Figure>> {
    let (context, t) = (files.context, files.context.t);
    let points = items.iter().map(|review| (text(review, "reviewed_on").to_owned(), text(review, "rating").to_owned()));
    let Some(picture) = history(points.collect()) else { return Ok(None) };
    let say = |review: &Value| format!("{} {}", t.date(text(review, "reviewed_on")), t.word(text(review, "rating")));
    let describes = items.iter().map(say).collect::<Vec<_>>().join(", ");
    let row = |review: &Value| {
        let href = context.links.record("reviews", text(review, "code"));
        (Part::link(t.date(text(review, "reviewed_on")), href), vec![t.word(text(review, "rating"))])
    };
    Ok(Some(Figure {
        name: "history",
        title: t.get("history-title"),
        subtitle: t.get("history-subtitle"),
        drawn: rendered(&Ratings { t, picture: &picture, describes: &describes, style })?,
        heads: vec![t.field("reviewed_on"), t.field("rating")],
        rows: items.iter().map(row).collect(),
        csv: files.csv("/reviews", &[("project", files.of.1), ("sort", "reviewed_on")]),
        svg: files.svg("history"),
    }))
}
