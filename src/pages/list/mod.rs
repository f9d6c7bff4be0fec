//! The list of a collection: its filters as a form, a table that sorts, page by page, and exactly this as a file.

mod filters;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::bar::Bar;
use super::cells::{Head, Table, table};
use super::frame::{Context, rendered};
use super::kinds::{self, KindView};
use super::page::Page;
use super::reading::{Answers, Nth, Reading};
use super::texts::Texts;
use super::visit::Visit;
use crate::error::{Error, Result};
use crate::http::State;
use crate::limits::PAGE_DEFAULT;
use crate::registry::Resource;
use filters::Plan;

/// The cursors of the pages before, so that one can go back.
const TRAIL: &str = "trail";
/// The number of them that an address holds.
const STEPS: usize = 12;

#[derive(Template)]
#[template(path = "list.html", config = "src/pages/askama.toml")]
struct List {
    t: Texts,
    title: String,
    count: String,
    bar: Bar,
    table: Table,
    empty: bool,
    previous: Option<String>,
    next: Option<String>,
    new: Option<String>,
}

/// `GET /{collection}`
pub(super) async fn page<R: Resource>(
    visit: Visit,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit))?;
    if let Some(tidy) = context.tidy() {
        return Ok(tidy);
    }
    let kind = kinds::of(R::COLLECTION).ok_or_else(|| Error::NotFound("there is no such list".to_owned()))?;
    let mut reading = Reading::new(&state, context.as_of());
    let (_, made) = context.made(&reading).await?;
    if let Some(made) = made {
        return Ok(made);
    }
    let sort = sorted_by(&context, kind);
    let mut asked = context.params.without(&["as_of", TRAIL]);
    if !sort.is_empty() {
        asked = asked.setting("sort", &sort);
    }
    let files = asked.without(&["cursor"]).api();
    let path = format!("/{}", R::COLLECTION);
    let expand = if kind.expansions.is_empty() { asked.clone() } else { asked.setting("expand", &kind.expand()) };
    let list = reading.ask(&path, &expand.api())?;
    let plans = filters::plan(&context, kind, &mut reading)?;
    let answers = reading.run().await?;
    let view = view(&context, kind, &answers, list, plans);
    let main = rendered(&view)?;
    Ok(context.keep(Page::new(view.title, main).at_head(answers.head).files(&context, &path, &files)))
}

/// Returns the order of the request, else the kind's own.
fn sorted_by(context: &Context, kind: &KindView) -> String {
    let asked = context.params.get("sort").map(str::to_owned);
    asked.unwrap_or_else(|| kind.sort(context.t.name_field()))
}

fn view(context: &Context, kind: &KindView, answers: &Answers, list: Nth, plans: Vec<Plan>) -> List {
    let t = context.t;
    let (items, total) = (answers.items(list), answers.total(list));
    let title = t.get(&format!("collection-{}", kind.collection));
    let columns = kind.columns();
    let mut table = table(context, kind, title.clone(), &columns, items);
    let sort = sorted_by(context, kind);
    for (head, name) in table.heads.iter_mut().zip(&columns) {
        sortable(context, kind, &sort, head, name);
    }
    let controls = plans.into_iter().map(|plan| plan.control(context, kind, answers)).collect();
    let editor = context.as_of().is_none() && context.visit.as_ref().is_some_and(|visit| visit.may(kind.written_by));
    let (previous, next) = neighbours(context, answers.of(list).get("next_cursor").and_then(|next| next.as_str()));
    List {
        t,
        count: range(context, items.len(), total),
        bar: Bar::of(context, controls, &[TRAIL, "cursor"]),
        empty: items.is_empty(),
        table,
        previous,
        next,
        new: editor.then(|| context.links.to(&format!("{}/new", context.path))),
        title,
    }
}

/// Lets a column sort the table, the other way round where it does already.
fn sortable(context: &Context, kind: &KindView, sort: &str, head: &mut Head, name: &str) {
    let field = if name == "name" && !kind.sorts.contains(&"name") { context.t.name_field() } else { name };
    if !kind.sorts.contains(&field) {
        return;
    }
    let first = sort.split(',').next().unwrap_or_default();
    let (target, sorted) = match first.strip_prefix('-') {
        Some(by) if by == field => (field.to_owned(), "descending"),
        None if first == field => (format!("-{field}"), "ascending"),
        _ => (field.to_owned(), ""),
    };
    head.sorted = sorted;
    let params = context.params.without(&["cursor", TRAIL]).setting("sort", &target);
    head.href = Some(context.links.with(&context.path, &params.pairs()));
}

fn trail(context: &Context) -> Vec<String> {
    context.params.values(TRAIL)
}

/// Returns the pages before and after.
fn neighbours(context: &Context, next_cursor: Option<&str>) -> (Option<String>, Option<String>) {
    let here = context.params.get("cursor");
    let mut trail = trail(context);
    let base = context.params.without(&["cursor", TRAIL]);
    let next = next_cursor.map(|cursor| {
        let mut trail = trail.clone();
        trail.push(here.unwrap_or("first").to_owned());
        let excess = trail.len().saturating_sub(STEPS);
        let trail: Vec<String> = trail.into_iter().skip(excess).collect();
        let params = base.setting("cursor", cursor).setting(TRAIL, &trail.join(","));
        context.links.with(&context.path, &params.pairs())
    });
    let previous = here.map(|_| {
        let before = trail.pop().filter(|before| before != "first");
        let params = base.setting("cursor", before.as_deref().unwrap_or_default());
        let params = if before.is_some() { params.setting(TRAIL, &trail.join(",")) } else { params };
        context.links.with(&context.path, &params.pairs())
    });
    (previous, next)
}

/// `1–50 of 98`; without a place where the way here is longer than the address tells.
fn range(context: &Context, shown: usize, total: i64) -> String {
    let t = context.t;
    let limit = context.params.get("limit").and_then(|text| text.parse().ok()).unwrap_or(PAGE_DEFAULT);
    let shown = i64::try_from(shown).unwrap_or_default();
    let steps = trail(context);
    let begun = steps.first().is_some_and(|first| first == "first") || context.params.get("cursor").is_none();
    if shown == 0 || shown == total || !begun {
        return t.n("list-total", total);
    }
    let before = i64::try_from(steps.len()).unwrap_or_default().saturating_mul(limit);
    let [from, to, all] = [before + 1, before + shown, total].map(|number| t.number(number));
    t.with("list-range", &[("from", &from), ("to", &to), ("total", &all)], &[])
}
