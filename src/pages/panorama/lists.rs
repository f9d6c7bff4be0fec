//! The short lists at the foot of the panorama.

use serde_json::Value;

use super::asks::{self, Asks, STANDING};
use crate::pages::cells::{Part, record_link, title};
use crate::pages::frame::Context;
use crate::pages::links::NONE;
use crate::pages::reading::Answers;

/// A line: what, and a word or a day.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) word: Part,
    pub(super) note: String,
    pub(super) count: Option<i64>,
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The latest reviews.
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

/// The agreements that end first.
pub(super) fn decisions(context: &Context, items: &[Value]) -> Vec<Line> {
    let t = context.t;
    let dated = items.iter().filter(|agreement| !text(agreement, asks::DECIDED).is_empty());
    let line = |agreement: &Value| {
        let link = record_link(t, &context.links, "agreements", agreement);
        Line {
            text: link.text,
            href: link.href.unwrap_or_default(),
            word: Part::text(t.date(text(agreement, asks::DECIDED))),
            note: String::new(),
            count: None,
        }
    };
    dated.map(line).collect()
}

/// The agreements whose end is not known: a figure of its own.
pub(super) fn end_unknown(context: &Context, asks: &Asks, answers: &Answers) -> Line {
    let t = context.t;
    let count = answers.total(asks.end_unknown);
    let params = asks::with(context, &[("status", STANDING), ("expires_on__lte", NONE)]);
    Line {
        text: t.get("decisions-unknown"),
        href: context.links.with("/agreements", &params.pairs()),
        word: Part::text(t.number(count)),
        note: String::new(),
        count: Some(count),
    }
}
