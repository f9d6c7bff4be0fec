//! The pictures of a record: its projects on the line of years, its ratings over time, who else takes part.

use serde_json::Value;

use crate::error::Result;
use crate::http::encode;
use crate::pages::cells::title;
use crate::pages::frame::Context;
use crate::pages::kinds::KindView;
use crate::pages::pictures::history::{History, history};
use crate::pages::pictures::timeline::{BARS, Span, Timeline, timeline};
use crate::pages::pictures::years::{self, Column};
use crate::pages::reading::{Answers, Nth, Reading};

/// How many others are named.
const OTHERS: usize = 15;

/// The questions of the pictures.
pub(super) struct Plan {
    projects: Option<Nth>,
    activity: Option<Nth>,
    reviews: Option<Nth>,
    others: Option<Nth>,
    home: Option<Nth>,
}

/// The pictures.
pub(super) struct Pictures {
    pub(super) timeline: Option<Timeline>,
    pub(super) timeline_describes: String,
    pub(super) years: Option<Years>,
    pub(super) history: Option<History>,
    pub(super) history_describes: String,
    pub(super) others: Vec<Other>,
    /// The home nation, which is not among the others.
    pub(super) without_home: Option<String>,
}

/// Active projects by year, where there are too many to be drawn one by one.
pub(super) struct Years {
    pub(super) columns: Vec<Column>,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) describes: String,
}

/// A nation that takes part.
pub(super) struct Other {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) list: String,
    pub(super) count: i64,
    pub(super) shown: String,
}

/// Asks.
pub(super) fn plan(kind: &KindView, code: &str, reading: &mut Reading<'_>) -> Result<Plan> {
    let mut plan = Plan { projects: None, activity: None, reviews: None, others: None, home: None };
    let filter = match kind.collection {
        "nations" => "nation",
        "cooperation-areas" => "area",
        "projects" => {
            let query = encode([("project", code), ("sort", "reviewed_on"), ("limit", "200")]);
            plan.reviews = Some(reading.ask("/reviews", &query)?);
            return Ok(plan);
        }
        _ => return Ok(plan),
    };
    let limit = BARS.to_string();
    plan.projects =
        Some(reading.ask("/projects", &encode([(filter, code), ("sort", "start_date"), ("limit", &limit)]))?);
    plan.activity = Some(reading.ask("/activity", &encode([(filter, code)]))?);
    plan.others = Some(reading.ask("/summaries/projects", &encode([(filter, code), ("group_by", "nation")]))?);
    plan.home = Some(reading.ask("/nations", "partner_type=&limit=200")?);
    Ok(plan)
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

impl Plan {
    /// The pictures, from their answers.
    pub(super) fn pictures(&self, context: &Context, answers: &Answers, code: &str) -> Pictures {
        let t = context.t;
        let few = self.projects.is_some_and(|nth| answers.total(nth) <= i64::try_from(BARS).unwrap_or(i64::MAX));
        let today = answers.head.day.to_string();
        let spans: Vec<Span> = self
            .projects
            .map(|nth| answers.items(nth))
            .unwrap_or_default()
            .iter()
            .map(|project| span(context, project))
            .collect();
        let dated = spans.iter().filter(|span| !span.begins.is_empty()).count();
        let reviews = self.reviews.map(|nth| answers.items(nth)).unwrap_or_default();
        let told =
            reviews.iter().map(|review| (text(review, "reviewed_on").to_owned(), text(review, "rating").to_owned()));
        let homes = self.home.map(|nth| answers.items(nth)).unwrap_or_default();
        let history = history(told.collect());
        Pictures {
            timeline_describes: t.n("timeline-describes", i64::try_from(dated).unwrap_or_default()),
            timeline: few.then(|| timeline(spans, &today)).flatten(),
            years: self.activity.filter(|_| !few).and_then(|nth| years(context, answers.items(nth))),
            history_describes: reviews
                .iter()
                .map(|review| format!("{} {}", t.date(text(review, "reviewed_on")), t.word(text(review, "rating"))))
                .collect::<Vec<_>>()
                .join(", "),
            history,
            others: self.others.map(|nth| others(context, answers.items(nth), homes, code)).unwrap_or_default(),
            without_home: homes
                .iter()
                .find(|home| text(home, "ended_on").is_empty())
                .map(|home| t.s("panorama-without-home", title(t, home))),
        }
    }
}

/// When a project began and ended.
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

fn years(context: &Context, items: &[Value]) -> Option<Years> {
    let shown: Vec<&Value> = items.iter().rev().take(years::SHOWN).rev().collect();
    let counts: Vec<i64> = shown.iter().filter_map(|year| year.get("projects")?.as_i64()).collect();
    let (first, last) = (text(shown.first()?, "year").to_owned(), text(shown.last()?, "year").to_owned());
    let most = counts.iter().copied().max().unwrap_or(1);
    let numbers = [("begun", *counts.first()?), ("now", *counts.last()?), ("peak", most)];
    Some(Years {
        columns: years::columns(&counts, most),
        width: years::SIZE.0,
        height: years::SIZE.1,
        describes: context.t.with("years-describes", &[("first", &first), ("last", &last)], &numbers),
        first,
        last,
    })
}

/// Who else takes part: neither the nation itself nor the home nation.
fn others(context: &Context, groups: &[Value], homes: &[Value], code: &str) -> Vec<Other> {
    let t = context.t;
    let is_home = |nation: &str| homes.iter().any(|home| text(home, "code") == nation);
    let other = |group: &Value| {
        let nation = group.get("key")?.get("nation")?.as_str()?;
        if nation == code || is_home(nation) {
            return None;
        }
        let count = group.get("count")?.as_i64()?;
        Some(Other {
            name: group.get("label")?.get("nation")?.get(t.language().tag())?.as_str()?.to_owned(),
            href: context.links.record("nations", nation),
            list: context.links.of_api(text(group, "href")),
            count,
            shown: t.number(count),
        })
    };
    groups.iter().filter_map(other).take(OTHERS).collect()
}
