//! The short lists at the foot of the panorama.

use serde_json::Value;

use super::asks::{self, Asks, STANDING};
use crate::pages::cells::{Part, record_link, text, title};
use crate::pages::findings;
use crate::pages::frame::Context;
use crate::pages::reading::Answers;

/// A line: what, and a word or a day.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) word: Part,
    pub(super) note: String,
    pub(super) count: Option<i64>,
}

/// Returns the latest reviews.
pub(super) fn reviews(context: &Context, items: &[Value]) -> Vec<Line> {
    let t = context.t;
    let line = |review: &Value| {
        let code = text(review, "project");
        let project = review.pointer("/expanded/projects").and_then(|all| all.get(code));
        let project = project.or_else(|| review.pointer("/expanded/project").and_then(|all| all.get(code)));
        Line {
            text: project.map_or_else(|| code.to_owned(), |project| title(t, project)),
            href: context.links.record("projects", code),
            word: Part::word(t, text(review, "rating")),
            note: t.date(text(review, "reviewed_on")),
            count: None,
        }
    };
    items.iter().map(line).collect()
}

/// Returns the agreements that need a decision first; one whose decision was due before `today` says so.
pub(super) fn decisions(context: &Context, items: &[Value], today: &str) -> Vec<Line> {
    let t = context.t;
    let dated = items.iter().filter(|agreement| !text(agreement, asks::DECIDED).is_empty());
    let line = |agreement: &Value| {
        let link = record_link(t, &context.links, "agreements", agreement);
        let day = text(agreement, asks::DECIDED);
        Line {
            text: link.text,
            href: link.href.unwrap_or_default(),
            word: Part::text(t.date(day)),
            note: if day < today { t.get("decisions-overdue") } else { String::new() },
            count: None,
        }
    };
    dated.map(line).collect()
}

/// Returns the rules that find anything, the most findings first.
pub(super) fn findings(context: &Context, asks: &Asks, answers: &Answers) -> Vec<Line> {
    let t = context.t;
    let counts = answers.of(asks.findings).get("counts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let line = |count: &Value| {
        let number = count.get("count").and_then(Value::as_i64).filter(|number| *number > 0)?;
        let params = asks::with(context, &[("rule", text(count, "rule"))]);
        Some(Line {
            text: findings::title(t, count),
            href: context.links.with(findings::PATH, &params.pairs()),
            word: Part::text(t.number(number)),
            note: String::new(),
            count: Some(number),
        })
    };
    let mut lines: Vec<Line> = counts.iter().filter_map(line).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.count));
    lines
}

/// Returns the agreements whose end is not known: a figure of its own.
pub(super) fn end_unknown(context: &Context, asks: &Asks, answers: &Answers) -> Line {
    let t = context.t;
    let count = answers.total(asks.numbers.end_unknown);
    let endless: Vec<(&str, &str)> = [("status", STANDING)].into_iter().chain(asks::ENDLESS).collect();
    let params = asks::with(context, &endless);
    Line {
        text: t.get("decisions-unknown"),
        href: context.links.with("/agreements", &params.pairs()),
        word: Part::text(t.number(count)),
        note: String::new(),
        count: Some(count),
    }
}
