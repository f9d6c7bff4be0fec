//! `/findings`: what does not fit together, is missing or is due, rule by rule; and what is meant to be so, with its
//! reason.

mod said;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::{Value, json};

use super::bar::{Bar, Control, names, responsible};
use super::cells::{Part, text};
use super::frame::{Context, rendered};
use super::links::collection;
use super::page::Page;
use super::params::Params;
use super::post::Post;
use super::reading::{Answers, Nth, Reading};
use super::texts::Texts;
use super::visit::Visit;
use crate::error::{At, Defect, Error, Result};
use crate::http::{State, created_from, split_list};
use crate::registry::dismissals::Dismissal;
use crate::registry::{Resource as _, TableRecord as _};
use said::Said;

/// Their path.
pub(super) const PATH: &str = "/findings";
/// The number of findings that a page has by default.
const SHOWN: &str = "60";
/// The finding that was just dismissed.
const DONE: &str = "done";

/// A rule with how many records it finds.
struct Counted {
    title: String,
    about: String,
    href: String,
    count: i64,
    shown: String,
    /// The number of findings that are meant to be so, and the address of their list.
    dismissed: Option<(String, String)>,
    current: bool,
}

/// The findings of a rule.
struct Group {
    id: String,
    title: String,
    about: String,
    lines: Vec<Line>,
}

/// A finding.
struct Line {
    id: String,
    link: Part,
    kind: String,
    said: Said,
    /// Collection and code, which the form sends.
    resource: String,
    key: String,
    /// The text that was typed as the reason, and the fault in it.
    typed: String,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "findings.html", config = "src/pages/askama.toml")]
struct Findings {
    t: Texts,
    title: String,
    sentence: String,
    bar: Bar,
    counts: Vec<Counted>,
    groups: Vec<Group>,
    /// The address that dismissals are sent to, for users who may make them.
    dismiss: Option<String>,
    form_token: String,
    done: Option<Part>,
    /// The fault of a finding that is not in the list any more.
    wrong: Option<String>,
    next: Option<String>,
    dismissals: String,
}

/// A reason that was not taken.
struct Refused {
    rule: String,
    key: String,
    typed: String,
    wrong: String,
}

/// `GET /findings`
pub(super) async fn page(visit: Visit, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit))?;
    if let Some(tidy) = context.tidy() {
        return Ok(tidy);
    }
    show(&context, &state, None).await
}

/// `POST /findings`: a finding is meant to be so.
pub(super) async fn dismiss(
    visit: Visit,
    request: HttpRequest,
    state: web::Data<State>,
    post: Post,
) -> Result<HttpResponse> {
    visit.require(Dismissal::WRITTEN_BY)?;
    let context = Context::of(&request, Some(visit.clone()))?;
    let sent = |name: &str| post.get(name).unwrap_or_default().to_owned();
    let document = json!({
        "rule": sent("rule"), "resource": sent("resource"), "key": sent("key"), "reason": sent("reason"),
    });
    let refused = |wrong: String| Refused { rule: sent("rule"), key: sent("key"), typed: sent("reason"), wrong };
    match created_from::<Dismissal>(&state, visit.author(), document).await {
        Ok(stored) => {
            let here = context.params.without(&["cursor"]).setting(DONE, stored.record.code());
            let target = context.links.with(PATH, &here.pairs());
            Ok(HttpResponse::SeeOther().insert_header((LOCATION, target)).finish())
        }
        Err(Error::Validation(defects)) if defects.iter().all(is_of_reason) => {
            show(&context, &state, Some(refused(context.t.get("finding-reason-wrong")))).await
        }
        Err(Error::Conflict(_)) => {
            show(&context, &state, Some(refused(context.t.get("finding-dismissed-already")))).await
        }
        Err(error) => Err(error),
    }
}

/// Tells whether the fault is in the reason: it alone is typed.
fn is_of_reason(defect: &Defect) -> bool {
    matches!(&defect.at, At::Pointer(pointer) if pointer == "/reason")
}

/// The questions of the page.
struct Asks {
    findings: Nth,
    nations: Nth,
    areas: Nth,
    responsible: [Nth; 2],
}

fn plan(context: &Context, reading: &mut Reading<'_>) -> Result<(Asks, Params)> {
    let asked = context.params.without(&["as_of", DONE]);
    let limited = if asked.get("limit").is_some() { asked.clone() } else { asked.setting("limit", SHOWN) };
    let asks = Asks {
        findings: reading.ask(PATH, &limited.api())?,
        nations: reading.ask("/nations", &format!("limit=200&sort={}", context.t.name_field()))?,
        areas: reading.ask("/cooperation-areas", "limit=200&sort=position")?,
        responsible: [
            reading.ask("/summaries/projects", "group_by=responsible")?,
            reading.ask("/summaries/agreements", "group_by=responsible")?,
        ],
    };
    Ok((asks, asked.without(&["cursor", "limit"])))
}

async fn show(context: &Context, state: &State, refused: Option<Refused>) -> Result<HttpResponse> {
    let may = context.as_of().is_none() && context.visit.as_ref().is_some_and(|visit| visit.may(Dismissal::WRITTEN_BY));
    let mut reading = Reading::new(state, context.as_of());
    let plain = !may && refused.is_none();
    if plain {
        let (_, made) = context.made(&reading).await?;
        if let Some(made) = made {
            return Ok(made);
        }
    }
    let (asks, asked) = plan(context, &mut reading)?;
    let answers = reading.run().await?;
    let view = view(context, &answers, &asks, may, refused.as_ref());
    let main = rendered(&view)?;
    let page = Page::new(view.title, main).at_head(answers.head).files(context, PATH, &asked.api());
    if plain {
        return Ok(context.keep(page));
    }
    // A form token is the visitor's own.
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page.status(status).answer(context))
}

fn view(context: &Context, answers: &Answers, asks: &Asks, may: bool, refused: Option<&Refused>) -> Findings {
    let t = context.t;
    let answer = answers.of(asks.findings);
    let counts = answer.get("counts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let nations = names(t, answers.items(asks.nations));
    let rules = counts.iter().map(|count| {
        let number = count.get("count").and_then(Value::as_i64).unwrap_or_default();
        (text(count, "rule").to_owned(), format!("{} ({})", title(t, count), t.number(number)))
    });
    let found: i64 = counts.iter().filter_map(|count| count.get("count")?.as_i64()).sum();
    let next = answer.get("next_cursor").and_then(Value::as_str);
    let here = context.params.without(&[DONE]);
    let controls = vec![
        Control::choice(context, "rule", rules.collect()),
        Control::choice(context, "resource", collections(t)),
        Control::choice(context, "nation", nations.clone()),
        Control::choice(context, "area", names(t, answers.items(asks.areas))),
        Control::choice(context, "responsible", responsible(t, asks.responsible.map(|nth| answers.items(nth)))),
    ];
    let groups = groups(context, counts, answers.items(asks.findings), &nations, refused);
    let said = groups.iter().flat_map(|group| &group.lines).any(|line| line.wrong.is_some());
    Findings {
        t,
        wrong: refused.filter(|_| !said).map(|refused| refused.wrong.clone()),
        title: t.get("nav-findings"),
        sentence: t.n("findings-sentence", found),
        bar: Bar::of(context, controls, &[DONE, "cursor"]),
        counts: counts.iter().map(|count| counted(context, count)).collect(),
        groups,
        dismiss: may.then(|| context.links.with(PATH, &here.without(&["cursor"]).pairs())),
        form_token: context.visit.as_ref().map(Visit::form_token).unwrap_or_default(),
        done: context
            .params
            .get(DONE)
            .map(|code| Part::link(t.get("finding-dismissed-see"), context.links.record(Dismissal::COLLECTION, code))),
        next: next.map(|cursor| context.links.with(PATH, &here.setting("cursor", cursor).pairs())),
        dismissals: context.links.to(&collection(Dismissal::COLLECTION)),
    }
}

/// Returns the title of a rule in the reader's language.
pub(super) fn title(t: Texts, count: &Value) -> String {
    let name = if t.name_field() == "name_fr" { "title_fr" } else { "title" };
    text(count, name).to_owned()
}

/// Returns the collections whose records rules find.
fn collections(t: Texts) -> Vec<(String, String)> {
    ["nations", "organisations", "projects", "agreements", "reviews"]
        .map(|name| (name.to_owned(), t.get(&format!("collection-{name}"))))
        .into()
}

fn about(t: Texts, rule: &str) -> String {
    t.get(&format!("rule-{rule}"))
}

fn counted(context: &Context, count: &Value) -> Counted {
    let t = context.t;
    let rule = text(count, "rule");
    let number = |name: &str| count.get(name).and_then(Value::as_i64).unwrap_or_default();
    let asked = context.params.without(&[DONE, "cursor", "rule"]);
    let dismissed = number("dismissed");
    Counted {
        title: title(t, count),
        about: about(t, rule),
        href: context.links.with(PATH, &asked.setting("rule", rule).pairs()),
        count: number("count"),
        shown: t.number(number("count")),
        dismissed: (dismissed > 0)
            .then(|| (t.number(dismissed), context.links.with(&collection(Dismissal::COLLECTION), &[("rule", rule)]))),
        current: context.params.get("rule").is_some_and(|asked| split_list(asked).iter().any(|one| one == rule)),
    }
}

fn groups(
    context: &Context,
    counts: &[Value],
    items: &[Value],
    nations: &[(String, String)],
    refused: Option<&Refused>,
) -> Vec<Group> {
    let t = context.t;
    let line = |item: &Value| {
        let (rule, resource, code) = (text(item, "rule"), text(item, "resource"), text(item, "code"));
        let refused = refused.filter(|refused| refused.rule == rule && refused.key == code);
        Line {
            id: format!("finding-{rule}-{code}"),
            link: Part::link(text(item, "title"), context.links.record(resource, code)),
            kind: t.get(&format!("one-{resource}")),
            said: Said::of(t, text(item, "detail"), nations),
            resource: resource.to_owned(),
            key: code.to_owned(),
            typed: refused.map(|refused| refused.typed.clone()).unwrap_or_default(),
            wrong: refused.map(|refused| refused.wrong.clone()),
        }
    };
    counts
        .iter()
        .map(|count| {
            let rule = text(count, "rule");
            let of_rule = items.iter().filter(|item| text(item, "rule") == rule);
            Group {
                id: rule.to_owned(),
                title: title(t, count),
                about: about(t, rule),
                lines: of_rule.map(line).collect(),
            }
        })
        .filter(|group| !group.lines.is_empty())
        .collect()
}

/// Returns the findings of one nation or area, in short: each with its rule.
pub(super) fn lines(context: &Context, answer: &Value, items: &[Value]) -> Vec<(Part, String)> {
    let t = context.t;
    let counts = answer.get("counts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let rule = |name: &str| counts.iter().find(|count| text(count, "rule") == name).map(|count| title(t, count));
    let line = |item: &Value| {
        let link = Part::link(text(item, "title"), context.links.record(text(item, "resource"), text(item, "code")));
        (link, rule(text(item, "rule")).unwrap_or_default())
    };
    items.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use crate::pages::texts::says;
    use crate::registry::findings::RULES;

    #[test]
    fn every_rule_is_explained_in_both_languages() {
        for rule in RULES {
            for language in ["en", "fr"] {
                let key = format!("rule-{}", rule.name);
                assert!(says(language, &key).is_some(), "{key} in {language}");
            }
        }
    }
}
