//! A record: its fields, what is related to it, how it came to be what it is.

mod figures;
pub(super) mod history;
mod panels;
mod pictures;
mod plan;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::Value;

use super::cells::{Cell, Part, parts, title};
use super::findings;
use super::frame::{Context, rendered};
use super::kinds::{self, FieldView, KindView};
use super::page::Page;
use super::reading::Reading;
use super::texts::Texts;
use super::visit::Visit;
use crate::error::{Error, Result};
use crate::http::{State, encode};
use crate::registry::Resource;
use history::Change;
use panels::Panel;
use pictures::Pictures;

pub(super) use pictures::file as picture;

#[derive(Template)]
#[template(path = "record.html", config = "src/pages/askama.toml")]
struct Record {
    t: Texts,
    kind: String,
    list: String,
    title: String,
    badges: Vec<Part>,
    lead: Option<String>,
    facts: Vec<Cell>,
    pictures: Pictures,
    findings: Option<Findings>,
    panels: Vec<Panel>,
    changes: Vec<Change>,
    older: bool,
    edit: Option<String>,
}

/// The findings about a nation or an area.
struct Findings {
    lines: Vec<(Part, String)>,
    all: String,
    count: i64,
    shown: String,
}

/// The number of findings that are shown; the rest is a link away.
const FOUND: &str = "8";

/// `GET /{collection}/{code}`
pub(super) async fn page<R: Resource>(
    visit: Visit,
    code: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit))?;
    let unknown = || Error::NotFound("there is no such record".to_owned());
    let kind = kinds::of(R::COLLECTION).ok_or_else(unknown)?;
    if !R::is_valid_code(&code) {
        return Err(unknown());
    }
    let mut reading = Reading::new(&state, context.as_of());
    let (_, made) = context.made(&reading).await?;
    if let Some(made) = made {
        return Ok(made);
    }
    let path = format!("/{}/{}", R::COLLECTION, code.as_str());
    let expand = if kind.expansions.is_empty() { String::new() } else { format!("expand={}", kind.expand()) };
    let record = reading.ask(&path, &expand)?;
    let history = reading.ask(&format!("{path}/history"), &format!("limit={}", history::SHOWN))?;
    let filter = plan::filter(kind.collection);
    let narrowed = |filter| encode([(filter, code.as_str()), ("limit", FOUND)]);
    let found = filter.map(|filter| reading.ask(findings::PATH, &narrowed(filter))).transpose()?;
    let drawn = plan::plan(kind.collection, &code, &mut reading)?;
    let plans = panels::plan(kind, &code, &mut reading)?;
    let answers = reading.run().await?;
    let item = answers.of(record);
    let t = context.t;
    let editor = context.as_of().is_none() && context.visit.as_ref().is_some_and(|visit| visit.may(kind.written_by));
    let panels = plans.into_iter().map(|plan| plan.panel(&context, &answers, &code)).collect();
    let changes = answers.items(history).iter().map(|entry| history::change(&context, kind, item, entry)).collect();
    let found = filter.zip(found).map(|(filter, nth)| Findings {
        lines: findings::lines(&context, answers.of(nth), answers.items(nth)),
        all: context.links.with(findings::PATH, &[(filter, &code)]),
        count: answers.total(nth),
        shown: t.number(answers.total(nth)),
    });
    let view = Record {
        t,
        findings: found,
        kind: t.get(&format!("one-{}", kind.collection)),
        list: context.links.to(&super::links::collection(kind.collection)),
        title: name(&context, kind, item),
        badges: badges(t, item),
        lead: lead(item).map(str::to_owned),
        facts: facts(&context, kind, item),
        pictures: drawn.pictures(&context, &answers, (kind.collection, &code))?,
        panels,
        changes,
        edit: editor.then(|| context.links.to(&format!("{}/edit", context.path))),
        older: answers.of(history).get("next_cursor").is_some_and(Value::is_string),
    };
    let main = rendered(&view)?;
    let list = format!("/{}", R::COLLECTION);
    let query = encode([("code", code.as_str())]);
    Ok(context.keep(Page::new(view.title, main).at_head(answers.head).files(&context, &list, &query)))
}

/// Returns the name of a record; of a review its project and its day.
fn name(context: &Context, kind: &KindView, item: &Value) -> String {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    match (kind.collection, text("reviewed_on"), kind.field("project")) {
        ("reviews", Some(day), Some(field)) => {
            let project = parts(context, kind, item, field, item.get("project").unwrap_or(&Value::Null));
            let project = project.first().map(|part| part.text.clone()).unwrap_or_default();
            format!("{project}, {}", context.t.date(day))
        }
        _ => title(context.t, item),
    }
}

/// Returns the words at the head of a page.
fn badges(t: Texts, item: &Value) -> Vec<Part> {
    let word = |name: &str| item.get(name).and_then(Value::as_str).map(|word| Part::word(t, word));
    let latest = item.pointer("/expanded/latest_review").and_then(Value::as_object).and_then(|all| all.values().next());
    let latest = latest.and_then(|review| Some(Part::word(t, review.get("rating")?.as_str()?)));
    [word("status"), word("rating"), latest].into_iter().flatten().collect()
}

/// Returns the subject of a record, in a sentence.
fn lead(item: &Value) -> Option<&str> {
    ["summary", "description", "reason"].into_iter().find_map(|name| item.get(name)?.as_str())
}

/// Returns the fields, empty ones too: not to know is an answer.
fn facts(context: &Context, kind: &KindView, item: &Value) -> Vec<Cell> {
    let t = context.t;
    let named = [t.name_field(), "name", "title", "status", "summary", "description", "reason"];
    let wanted = |field: &&FieldView| !named.contains(&field.name);
    let mut facts: Vec<Cell> = kind
        .fields
        .iter()
        .filter(wanted)
        .map(|field| {
            let value = item.get(field.name).unwrap_or(&Value::Null);
            Cell::of(t.field(field.name), parts(context, kind, item, field, value))
        })
        .collect();
    let at = |name: &str| item.get(name).and_then(Value::as_str).map(|at| Part::text(t.time(at)));
    facts.push(Cell::of(t.field("created_at"), at("created_at").into_iter().collect()));
    facts.push(Cell::of(t.field("updated_at"), at("updated_at").into_iter().collect()));
    facts
}
