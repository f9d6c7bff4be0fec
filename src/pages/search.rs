//! `GET /search`: results over all collections.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::Value;

use super::frame::{Context, rendered};
use super::page::Page;
use super::reading::Reading;
use super::texts::Texts;
use super::visit::Visit;
use crate::error::Result;
use crate::http::State;

/// A result.
struct Found {
    kind: String,
    title: String,
    href: String,
    snippet: String,
}

#[derive(Template)]
#[template(path = "search.html", config = "src/pages/askama.toml")]
struct Search {
    t: Texts,
    q: String,
    count: Option<String>,
    found: Vec<Found>,
    next: Option<String>,
    kept: Vec<(&'static str, String)>,
    action: String,
}

/// `GET /search`
pub(super) async fn page(visit: Visit, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit))?;
    if let Some(tidy) = context.tidy() {
        return Ok(tidy);
    }
    let t = context.t;
    let title = t.get("nav-search");
    let action = context.links.at("/search");
    let language = context.params.language.map(|language| ("lang", language.tag().to_owned()));
    let kept = language.into_iter().chain(context.as_of().map(|moment| ("as_of", moment.to_owned()))).collect();
    let Some(q) = context.params.get("q").map(str::to_owned) else {
        let view = Search { t, q: String::new(), count: None, found: Vec::new(), next: None, kept, action };
        return Ok(Page::new(title, rendered(&view)?).answer(&context));
    };
    let mut reading = Reading::new(&state, context.as_of());
    let (_, made) = context.made(&reading).await?;
    if let Some(made) = made {
        return Ok(made);
    }
    let query = context.params.without(&["as_of"]).api();
    let nth = reading.ask("/search", &query)?;
    let answers = reading.run().await?;
    let text = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let found = answers.items(nth).iter().map(|item| Found {
        kind: t.get(&format!("one-{}", text(item, "resource"))),
        title: text(item, "title"),
        href: context.links.record(&text(item, "resource"), &text(item, "code")),
        snippet: text(item, "snippet"),
    });
    let next = answers.of(nth).get("next_cursor").and_then(Value::as_str);
    let next = next.map(|cursor| context.links.with("/search", &context.params.setting("cursor", cursor).pairs()));
    let count = Some(t.n("search-total", answers.total(nth)));
    let view = Search { t, q, count, found: found.collect(), next, kept, action };
    let main = rendered(&view)?;
    Ok(context.keep(Page::new(title, main).at_head(answers.head)))
}
