//! The pictures of the panorama, drawn: within the page, whose style sheet colours them, or alone, with colours of
//! their own.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::asks::{Asks, Seen};
use super::figures::{self, Counts, Part};
use super::matrix;
use super::row::Row;
use super::years::{self, Years};
use crate::error::{Error, Result};
use crate::http::State;
use crate::pages::frame::{self, Context, SVG, rendered};
use crate::pages::pictures::STYLE;
use crate::pages::pictures::map::{self, Circle, LAND, Partner};
use crate::pages::pictures::years::{Column, SIZE};
use crate::pages::reading::{Answers, Reading};
use crate::pages::texts::Texts;
use crate::pages::visit::Visit;

/// The path of a picture as a file.
pub(in crate::pages) const PATH: &str = "/pictures/{name}.svg";
type Style = Option<&'static str>;

#[derive(Template)]
#[template(path = "map.svg", config = "src/pages/askama.toml")]
struct Map {
    t: Texts,
    width: f64,
    height: f64,
    land: &'static str,
    circles: Vec<Circle>,
    describes: String,
    style: Style,
}

/// Active projects by year, in one picture.
#[derive(Template)]
#[template(path = "year.svg", config = "src/pages/askama.toml")]
pub(in crate::pages) struct Year<'a> {
    pub(in crate::pages) t: Texts,
    pub(in crate::pages) nth: usize,
    pub(in crate::pages) width: f64,
    pub(in crate::pages) height: f64,
    pub(in crate::pages) name: &'a str,
    pub(in crate::pages) describes: &'a str,
    pub(in crate::pages) columns: &'a [Column],
    pub(in crate::pages) first: &'a str,
    pub(in crate::pages) last: &'a str,
    pub(in crate::pages) style: Style,
}

#[derive(Template)]
#[template(path = "ratings.svg", config = "src/pages/askama.toml")]
struct Ratings<'a> {
    t: Texts,
    describes: &'a str,
    parts: &'a [Part],
    style: Style,
}

/// Returns the map; nothing where no partner has a project.
///
/// # Errors
/// When the template fails.
pub(super) fn map(t: Texts, seen: &Seen<'_>, style: Style) -> Result<Option<String>> {
    let partner = |row: &Row<'_>| Partner {
        code: row.code().to_owned(),
        projects: row.projects(),
        class: matrix::class_of(row.partner_type()),
    };
    let partners: Vec<Partner> = seen.partners.iter().map(partner).collect();
    let circles = map::circles(&partners);
    if circles.is_empty() {
        return Ok(None);
    }
    let mut rows: Vec<_> = seen.partners.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.projects()));
    let most: Vec<String> =
        rows.iter().take(5).map(|row| format!("{} {}", row.name(t), t.number(row.projects()))).collect();
    let describes = t.s("map-describes", most.join(", "));
    let (width, height) = map::SIZE;
    rendered(&Map { t, width, height, land: LAND.trim_end(), circles, describes, style }).map(Some)
}

/// Returns the picture of an area, by its place among them.
///
/// # Errors
/// When the template fails.
pub(super) fn year(t: Texts, years: &Years, place: usize, style: Style) -> Result<Option<String>> {
    let Some(area) = years.pictures.get(place) else { return Ok(None) };
    rendered(&Year {
        t,
        nth: place.saturating_add(1),
        width: SIZE.0,
        height: SIZE.1,
        name: &area.name,
        describes: &area.describes,
        columns: &area.columns,
        first: &years.first,
        last: &years.last,
        style,
    })
    .map(Some)
}

/// Returns the bar of the ratings.
///
/// # Errors
/// When the template fails.
pub(super) fn ratings(t: Texts, ratings: &figures::Ratings, style: Style) -> Result<String> {
    rendered(&Ratings { t, describes: &ratings.describes, parts: &ratings.parts, style })
}

/// `GET /pictures/{name}.svg`
pub(in crate::pages) async fn file(
    visit: Visit,
    name: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit))?;
    let mut reading = Reading::new(&state, context.as_of());
    let asks = Asks::plan(&context, &mut reading)?;
    let answers = reading.run().await?;
    let unknown = || Error::NotFound("there is no such picture".to_owned());
    let drawn = alone(&context, &asks, &answers, &name)?.ok_or_else(unknown)?;
    Ok(frame::file(&format!("{}.svg", name.as_str()), SVG, drawn))
}

fn alone(context: &Context, asks: &Asks, answers: &Answers, name: &str) -> Result<Option<String>> {
    let t = context.t;
    let seen = asks.seen(context, answers);
    match name {
        "map" => map(t, &seen, Some(STYLE)),
        "ratings" => ratings(t, &figures::ratings(context, &Counts::of(&asks.numbers, answers)), Some(STYLE)).map(Some),
        _ => {
            let area = name.strip_prefix("years-").unwrap_or_default();
            let is_it = |one: &serde_json::Value| one.get("code").and_then(serde_json::Value::as_str) == Some(area);
            let Some(place) = seen.areas.iter().position(|one| is_it(one)) else { return Ok(None) };
            year(t, &years::years(context, &seen, answers.items(asks.activity)), place, Some(STYLE))
        }
    }
}
