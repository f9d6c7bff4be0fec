//! The panorama: what the registry knows, on one page.

mod asks;
mod drawn;
mod figures;
mod lists;
mod matrix;
mod row;
mod years;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::cells::title;
use super::findings;
use super::frame::{Context, rendered};
use super::links::Links;
use super::page::Page;
use super::reading::Reading;
use super::texts::Texts;
use super::visit::Visit;
use crate::error::Result;
use crate::http::State;
use asks::{Asks, Choice};
use figures::Figure;
use lists::Line;
use matrix::{Group, Order};
use years::Years;

pub(super) use drawn::{PATH as PICTURES, Year as YearPicture, file as picture};

#[derive(Template)]
#[template(path = "panorama.html", config = "src/pages/askama.toml")]
struct Panorama {
    t: Texts,
    sentence: String,
    action: String,
    kept: Vec<(&'static str, String)>,
    choices: Vec<Choice>,
    as_of: String,
    compared: String,
    clear: Option<String>,
    figures: Vec<Figure>,
    no_earlier: Option<String>,
    without_home: Option<String>,
    areas: Vec<String>,
    groups: Vec<Group>,
    orders: Vec<Order>,
    map: Option<String>,
    kinds: Vec<(String, String)>,
    years: Years,
    ratings: figures::Ratings,
    drawn_ratings: String,
    reviews: Vec<Line>,
    reviews_all: String,
    decisions: Vec<Line>,
    decisions_all: String,
    end_unknown: Line,
    findings: Vec<Line>,
    findings_all: String,
    changes: String,
    network: String,
    files: Vec<asks::File>,
}

/// Returns the years with a picture of each area.
fn drawn_years(context: &Context, mut years: Years) -> Result<Years> {
    for place in 0..years.pictures.len() {
        let drawn = drawn::year(context.t, &years, place, None)?;
        if let Some(area) = years.pictures.get_mut(place) {
            area.drawn = drawn.unwrap_or_default();
        }
    }
    Ok(years)
}

/// `GET /`
pub(super) async fn page(visit: Visit, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit))?;
    if let Some(tidy) = context.tidy() {
        return Ok(tidy);
    }
    let mut reading = Reading::new(&state, context.as_of());
    let (head, made) = context.made(&reading).await?;
    if let Some(made) = made {
        return Ok(made);
    }
    let asks = Asks::plan(&context, &mut reading)?;
    let answers = reading.run().await?;
    let compared = asks::compared(&context, head.day)?;
    let before = figures::before(&context, &state, &compared).await?;
    let t = context.t;
    let seen = asks.seen(&context, &answers);
    let counts = figures::Counts::of(&asks.numbers, &answers);
    let years = drawn_years(&context, years::years(&context, &seen, answers.items(asks.activity)))?;
    let ratings = figures::ratings(&context, &counts);
    let to = context.as_of().unwrap_or_default();
    let changes = Links { as_of: None, ..context.links.clone() };
    let area = context.params.get("area").unwrap_or_default();
    let changes = changes.with(super::changes::PATH, &[("from", &compared), ("to", to), ("area", area)]);
    let view = Panorama {
        t,
        action: context.links.at("/"),
        sentence: figures::sentence(t, &counts),
        kept: asks::kept(&context),
        choices: asks.choices(&context, &answers),
        as_of: context.as_of().unwrap_or_default().to_owned(),
        clear: asks::is_narrowed(&context).then(|| context.links.to("/")),
        no_earlier: before.is_none().then(|| t.s("panorama-no-earlier", t.date(&compared))),
        figures: figures::figures(&context, &counts, before.as_ref(), &compared),
        compared,
        without_home: seen.home.as_ref().map(|home| t.s("panorama-without-home", home)),
        areas: seen.areas.iter().map(|area| title(t, area)).collect(),
        groups: matrix::groups(&context, &seen),
        orders: matrix::orders(&context),
        map: drawn::map(t, &seen, None)?,
        kinds: seen.types.iter().map(|kind| (matrix::class(kind), title(t, kind))).collect(),
        years,
        drawn_ratings: drawn::ratings(t, &ratings, None)?,
        ratings,
        reviews: lists::reviews(&context, answers.items(asks.reviews)),
        reviews_all: context.links.to("/reviews"),
        decisions: lists::decisions(&context, answers.items(asks.decisions), &head.day.to_string()),
        decisions_all: context.links.with("/agreements", &[("status", asks::STANDING), ("sort", asks::DECIDED)]),
        end_unknown: lists::end_unknown(&context, &asks, &answers),
        findings: lists::findings(&context, &asks, &answers),
        findings_all: context.links.with(findings::PATH, &asks::with(&context, &[]).pairs()),
        changes,
        network: context.links.with(super::network::PATH, &asks::with(&context, &[]).pairs()),
        files: asks.files(&context, &seen),
    };
    let main = rendered(&view)?;
    let query = asks::query(&context);
    let page = Page::new(t.get("nav-panorama"), main).at_head(answers.head).files(&context, "/partnerships", &query);
    Ok(context.keep(page))
}
