//! `GET /review`: the meeting. Projects under way, each with its last rating and a form that saves at once; and the
//! minutes.

use std::collections::BTreeMap;

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::{Map, Value, json};

use super::cells::{Cell, Part, cell, text, title};
use super::frame::{Context, rendered};
use super::kinds;
use super::links::Links;
use super::page::Page;
use super::post::Post;
use super::reading::Reading;
use super::texts::Texts;
use super::visit::Visit;
use crate::auth::Role;
use crate::clock;
use crate::error::{Error, Result};
use crate::http::{State, created_from, replaced_with};
use crate::registry::Resource as _;
use crate::registry::reviews::{Rating, Review};

/// The path of the meeting.
pub(super) const PATH: &str = "/review";
/// The path of its minutes.
pub(super) const MINUTES: &str = "/review/minutes";
/// The statuses that are reviewed by default.
const ACTIVE: &str = "in_development,operational";
/// The number of projects that a page of the meeting has.
const SHOWN: usize = 50;

/// A project at the meeting.
struct Row {
    id: String,
    name: String,
    href: String,
    nations: Cell,
    last: Option<Last>,
    changed: Option<String>,
    /// The rating of today, if there is one: its form shows it.
    chosen: Option<String>,
    summary: String,
    code: String,
}

/// The last review.
struct Last {
    rating: Part,
    when: String,
    age: String,
    summary: String,
    href: String,
}

#[derive(Template)]
#[template(path = "review.html", config = "src/pages/askama.toml")]
struct Meeting {
    t: Texts,
    count: String,
    today: String,
    rows: Vec<Row>,
    ratings: Vec<(String, String)>,
    editor: bool,
    form_token: String,
    action: String,
    minutes: String,
    choose: String,
    next: Option<String>,
    saved: Option<String>,
}

/// `GET /review`
pub(super) async fn page(visit: Visit, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit.clone()))?;
    if let Some(tidy) = context.tidy() {
        return Ok(tidy);
    }
    let mut params = context.params.without(&["as_of", "saved"]);
    for (name, value) in [("status", ACTIVE), ("sort", "name"), ("limit", &SHOWN.to_string())] {
        if params.get(name).is_none() {
            params = params.setting(name, value);
        }
    }
    let mut reading = Reading::new(&state, context.as_of());
    let nth = reading.ask("/projects", &params.setting("expand", "latest_review,nations").api())?;
    let answers = reading.run().await?;
    let t = context.t;
    let today = answers.head.day.to_string();
    let next = answers.of(nth).get("next_cursor").and_then(Value::as_str);
    let here = context.params.without(&["saved"]);
    let view = Meeting {
        t,
        count: t.n("count-projects", answers.total(nth)),
        today: t.date(&today),
        rows: answers.items(nth).iter().map(|project| row(&context, project, &today)).collect(),
        ratings: Rating::TEXTS.iter().map(|rating| ((*rating).to_owned(), t.word(rating))).collect(),
        editor: visit.may(Role::Editor) && context.as_of().is_none(),
        form_token: visit.form_token(),
        action: context.links.with(PATH, &here.pairs()),
        minutes: context.links.with(MINUTES, &[("on", &today)]),
        choose: context.links.with("/projects", &params.without(&["cursor", "limit"]).pairs()),
        next: next.map(|cursor| context.links.with(PATH, &here.setting("cursor", cursor).pairs())),
        saved: context.params.get("saved").map(|code| format!("project-{code}")),
    };
    let main = rendered(&view)?;
    let query = params.without(&["cursor", "limit"]).api();
    Ok(Page::new(t.get("nav-review"), main).at_head(answers.head).files(&context, "/projects", &query).answer(&context))
}

fn row(context: &Context, project: &Value, today: &str) -> Row {
    let t = context.t;
    let code = text(project, "code").to_owned();
    let latest = project.pointer("/expanded/latest_review").and_then(Value::as_object);
    let review = latest.and_then(|reviews| reviews.values().next());
    let day = review.map(|review| text(review, "reviewed_on").to_owned()).unwrap_or_default();
    let last = review.map(|review| Last {
        rating: Part::word(t, text(review, "rating")),
        when: t.date(&day),
        age: age(t, &day, today),
        summary: text(review, "summary").to_owned(),
        href: context.links.record("reviews", text(review, "code")),
    });
    let updated: String = text(project, "updated_at").chars().take(10).collect();
    // A review that is known to the month is of any day of it.
    let changed = !day.is_empty() && updated.get(..day.len()).is_some_and(|updated| updated > day.as_str());
    let of_today = review.filter(|_| day == today);
    let kind = kinds::of("projects");
    Row {
        id: format!("project-{code}"),
        name: title(t, project),
        href: context.links.record("projects", &code),
        nations: kind.map(|kind| cell(context, kind, project, "nations")).unwrap_or_default(),
        changed: changed.then(|| t.s("review-changed", t.date(&updated))),
        chosen: of_today.map(|review| text(review, "rating").to_owned()),
        summary: of_today.map(|review| text(review, "summary").to_owned()).unwrap_or_default(),
        last,
        code,
    }
}

/// Returns the age of a review, in whole months.
fn age(t: Texts, day: &str, today: &str) -> String {
    let months = |date: &str| -> Option<i64> {
        let mut parts = date.split('-');
        let year: i64 = parts.next()?.parse().ok()?;
        Some(year * 12 + parts.next().and_then(|month| month.parse::<i64>().ok()).unwrap_or(1))
    };
    let ago = months(today).zip(months(day)).map(|(now, then)| (now - then).max(0)).unwrap_or_default();
    t.n("review-age", ago)
}

/// `POST /review`: the review of a project of today, new or changed.
pub(super) async fn save(
    visit: Visit,
    request: HttpRequest,
    state: web::Data<State>,
    post: Post,
) -> Result<HttpResponse> {
    visit.require(Review::WRITTEN_BY)?;
    let context = Context::of(&request, Some(visit.clone()))?;
    let project = post.get("project").unwrap_or_default().to_owned();
    let today = clock::today().to_string();
    let mut document = Map::new();
    document.insert("project".to_owned(), json!(project));
    document.insert("reviewed_on".to_owned(), json!(today));
    document.insert("rating".to_owned(), json!(post.get("rating").unwrap_or_default()));
    document.insert("summary".to_owned(), json!(post.get("summary").unwrap_or_default()));
    document.insert("reviewer".to_owned(), json!(visit.caller().name()));
    // The registry names a review after its project and its day: saved once more on the same day it is the same one.
    let code = Review::default_code(&document).unwrap_or_default();
    match created_from::<Review>(&state, visit.author(), Value::Object(document.clone())).await {
        Err(Error::Conflict(_)) => {
            replaced_with::<Review>(&state, visit.author(), code, Value::Object(document), |_| Ok(())).await?;
        }
        created => drop(created?),
    }
    let here = context.params.setting("saved", &project);
    let target = context.links.with(PATH, &here.pairs());
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, format!("{target}#project-{project}"))).finish())
}

/// A decision about a project.
struct Minute {
    project: Part,
    rating: Part,
    summary: String,
    reviewer: String,
}

#[derive(Template)]
#[template(path = "minutes.html", config = "src/pages/askama.toml")]
struct Minutes {
    t: Texts,
    title: String,
    counts: String,
    minutes: Vec<Minute>,
    on: String,
    action: String,
    kept: Vec<(&'static str, String)>,
    back: String,
}

/// `GET /review/minutes`
pub(super) async fn minutes(visit: Visit, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit))?;
    let mut reading = Reading::new(&state, context.as_of());
    let head = reading.head().await?;
    if let Some(known) = context.not_modified(&head)? {
        return Ok(known);
    }
    let on = context.params.get("on").map_or_else(|| head.day.to_string(), str::to_owned);
    let query = [("reviewed_on__gte", &*on), ("reviewed_on__lte", &*on), ("sort", "project")];
    let query = crate::http::encode(query);
    let nth = reading.ask("/reviews", &format!("{query}&expand=project&limit=200"))?;
    let answers = reading.run().await?;
    let t = context.t;
    let minute = |review: &Value| {
        let code = text(review, "project");
        let project = review.pointer("/expanded/project").and_then(|all| all.get(code));
        let name = project.map_or_else(|| code.to_owned(), |project| title(t, project));
        Minute {
            project: Part::link(name, context.links.record("projects", code)),
            rating: Part::word(t, text(review, "rating")),
            summary: text(review, "summary").to_owned(),
            reviewer: text(review, "reviewer").to_owned(),
        }
    };
    let items = answers.items(nth);
    let mut by_rating: BTreeMap<&str, i64> = BTreeMap::new();
    for review in items {
        *by_rating.entry(text(review, "rating")).or_default() += 1;
    }
    let counted = Rating::TEXTS
        .iter()
        .filter_map(|rating| by_rating.get(rating).map(|count| format!("{} {}", t.word(rating), t.number(*count))));
    let view = Minutes {
        t,
        title: t.s("minutes-title", t.date(&on)),
        counts: counted.collect::<Vec<_>>().join(", "),
        minutes: items.iter().map(minute).collect(),
        on,
        action: context.links.at(MINUTES),
        kept: context.params.language.map(|language| ("lang", language.tag().to_owned())).into_iter().collect(),
        back: Links { as_of: None, ..context.links.clone() }.to(PATH),
    };
    let main = rendered(&view)?;
    Ok(Page::new(view.title, main).at_head(answers.head).files(&context, "/reviews", &query).answer(&context))
}
