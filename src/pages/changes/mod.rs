//! `/changes`: what changed between two days, in words: how much by nation and area, and then record by record.

mod asks;
mod lines;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::Value;

use super::bar::{Bar, Control, names};
use super::cells::{Part, text};
use super::frame::{Context, rendered};
use super::page::Page;
use super::reading::{Answers, Reading};
use super::texts::Texts;
use super::visit::Visit;
use crate::error::Result;
use crate::http::State;
use asks::Asks;
use lines::Group;

/// Its path.
pub(super) const PATH: &str = "/changes";
/// The number of nations or areas of a table that is not folded.
const ROWS: usize = 12;

/// A number of records, with the view that shows them.
struct Number {
    shown: String,
    count: i64,
}

/// The number of changes of a collection, a nation or an area.
struct Counted {
    link: Part,
    numbers: [Number; 3],
}

/// Numbers of a kind.
struct Counts {
    id: &'static str,
    title: String,
    rows: Vec<Counted>,
    /// The rest of them, where there are many.
    more: Vec<Counted>,
}

/// An agreement whose status the calendar moved.
struct Moved {
    link: Part,
    before: Part,
    after: Part,
}

#[derive(Template)]
#[template(path = "changes.html", config = "src/pages/askama.toml")]
struct Changes {
    t: Texts,
    sentence: String,
    span: String,
    bar: Bar,
    counts: Vec<Counts>,
    moved: Vec<Moved>,
    groups: Vec<Group>,
    nothing: bool,
}

/// `GET /changes`
pub(super) async fn page(visit: Visit, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit))?;
    if let Some(tidy) = context.tidy() {
        return Ok(tidy);
    }
    let mut reading = Reading::new(&state, None);
    let (head, made) = context.made(&reading).await?;
    if let Some(made) = made {
        return Ok(made);
    }
    let asks = Asks::plan(&context, &mut reading, head.day)?;
    let answers = reading.run().await?;
    let known = asks::known(&state, &context, answers.items(asks.summary)).await?;
    let view = view(&context, &answers, &asks, &known);
    let main = rendered(&view)?;
    let query = asks.asked.api();
    let page = Page::new(context.t.get("nav-changes"), main).at_head(answers.head);
    Ok(context.keep(page.files(&context, "/changes/summary", &query)))
}

fn view(context: &Context, answers: &Answers, asks: &Asks, known: &asks::Known) -> Changes {
    let t = context.t;
    let summary = answers.of(asks.summary);
    let list = |name: &str| summary.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let (nations, areas) = (names(t, answers.items(asks.nations)), names(t, answers.items(asks.areas)));
    let day = |name: &str| text(summary.get(name).unwrap_or(&Value::Null), "day").to_owned();
    let collections: Vec<_> =
        asks::collections().map(|name| (name.to_owned(), t.get(&format!("collection-{name}")))).collect();
    let controls = vec![
        Control::day(context, "from", &asks.from),
        Control::day(context, "to", ""),
        Control::choice(context, "resource", collections.clone()),
        Control::choice(context, "nation", nations.clone()),
        Control::choice(context, "area", areas.clone()),
    ];
    let by = |name: &str, list: &[Value], names: &[(String, String)]| counted(context, asks, name, list, names);
    let of_calendar = list("by_calendar");
    let nothing = list("items").is_empty() && of_calendar.is_empty();
    let tables = [
        ("resource", "changes-by-collection", by("resource", list("counts"), &collections)),
        ("nation", "changes-by-nation", by("nation", list("by_nation"), &nations)),
        ("area", "changes-by-area", by("area", list("by_area"), &areas)),
    ];
    let table = |(id, title, mut rows): (&'static str, &str, Vec<Counted>)| {
        let more = if rows.len() > ROWS { rows.split_off(ROWS) } else { Vec::new() };
        Counts { id, title: t.get(title), rows, more }
    };
    Changes {
        t,
        sentence: sentence(t, list("counts"), of_calendar.len()),
        span: t.with("changes-span", &[("from", &t.date(&day("from"))), ("to", &t.date(&day("to")))], &[]),
        bar: Bar::of(context, controls, &[]),
        counts: tables.into_iter().map(table).filter(|table| !table.rows.is_empty()).collect(),
        moved: of_calendar.iter().map(|one| moved(context, one)).collect(),
        groups: lines::groups(context, asks, list("items"), known),
        nothing,
    }
}

fn numbers(item: &Value) -> [i64; 3] {
    ["created", "changed", "deleted"].map(|name| item.get(name).and_then(Value::as_i64).unwrap_or_default())
}

/// Sums the changes up in a sentence: `3 records new, 12 changed, 1 deleted; 2 agreements by the calendar.`
fn sentence(t: Texts, counts: &[Value], by_calendar: usize) -> String {
    let mut all = [0; 3];
    for count in counts {
        for (sum, number) in all.iter_mut().zip(numbers(count)) {
            *sum += number;
        }
    }
    let by_calendar = i64::try_from(by_calendar).unwrap_or(i64::MAX);
    let parts = ["changes-created", "changes-changed", "changes-deleted", "changes-by-calendar-count"]
        .iter()
        .zip(all.into_iter().chain([by_calendar]))
        .filter(|(_, number)| *number > 0)
        .map(|(key, number)| t.n(key, number));
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { t.get("changes-nothing") } else { t.s("changes-sentence", parts.join(", ")) }
}

/// Returns the rows of a table, the most changes first.
fn counted(context: &Context, asks: &Asks, name: &str, list: &[Value], names: &[(String, String)]) -> Vec<Counted> {
    let t = context.t;
    let mut rows: Vec<(i64, Counted)> = list
        .iter()
        .map(|item| {
            let (code, numbers) = (text(item, name), numbers(item));
            let called = names.iter().find(|(known, _)| known == code).map(|(_, text)| text.clone());
            let called = called.unwrap_or_else(|| t.get(&format!("collection-{code}")));
            let href = context.links.with(PATH, &asks.asked.setting(name, code).pairs());
            let numbers = numbers.map(|count| Number { shown: t.number(count), count });
            let sum = numbers.iter().map(|number| number.count).sum();
            (sum, Counted { link: Part::link(called, href), numbers })
        })
        .filter(|(sum, _)| *sum > 0)
        .collect();
    rows.sort_by(|(one, a), (other, b)| other.cmp(one).then_with(|| a.link.text.cmp(&b.link.text)));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn moved(context: &Context, one: &Value) -> Moved {
    let word = |name: &str| Part::word(context.t, text(one, name));
    Moved {
        link: Part::link(text(one, "title"), context.links.record("agreements", text(one, "code"))),
        before: word("before"),
        after: word("after"),
    }
}
