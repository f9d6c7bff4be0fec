//! `/about`: the meaning of the counts, their sources, and the accessibility of the pages.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::frame::{Context, rendered};
use super::page::Page;
use super::texts::Texts;
use super::visit::Visit;
use crate::error::{Error, Result};

#[derive(Template)]
#[template(path = "about.html", config = "src/pages/askama.toml")]
struct About {
    t: Texts,
    counted: Vec<(String, String)>,
}

/// The figures that are explained, in this order.
const COUNTED: [&str; 11] =
    ["active", "joint", "home", "area", "rating", "agreement", "decision", "finding", "change", "year", "unknown"];

/// `GET /about`
pub(super) async fn page(request: HttpRequest) -> Result<HttpResponse> {
    let visit = match Visit::of(&request).await {
        Ok(visit) => Some(visit),
        Err(Error::Unauthenticated(_)) => None,
        Err(error) => return Err(error),
    };
    let context = Context::of(&request, visit)?;
    let t = context.t;
    let counted = COUNTED.map(|what| (t.get(&format!("about-{what}")), t.get(&format!("about-{what}-text")))).into();
    let main = rendered(&About { t, counted })?;
    Ok(Page::new(t.get("nav-about"), main).answer(&context))
}
