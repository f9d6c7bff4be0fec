//! `/network`: which nations work with which, as a picture and as a table.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::{Value, json};

use super::bar::{Bar, Control, names};
use super::cells::{Part, text, title};
use super::frame::{self, Context, SVG, rendered};
use super::page::Page;
use super::pictures::STYLE;
use super::pictures::network::{LINES, Node, Ring, Tie, ring};
use super::reading::{Answers, Nth, Reading};
use super::texts::Texts;
use super::visit::Visit;
use crate::error::{Error, Result};
use crate::http::{State, join_list};
use crate::transfer::{Column, TableFormat};
use crate::values::CellFormat;

/// Its path.
pub(super) const PATH: &str = "/network";
/// Its picture and its numbers as files.
pub(super) const FILE: &str = "/network.{format}";

/// Two nations that share projects.
struct Pair {
    a: Part,
    b: Part,
    /// The projects of both.
    href: String,
    count: i64,
    shown: String,
}

#[derive(Template)]
#[template(path = "network.html", config = "src/pages/askama.toml")]
struct Network {
    t: Texts,
    title: String,
    sentence: String,
    subtitle: String,
    bar: Bar,
    drawn: Option<String>,
    kinds: Vec<(String, String)>,
    pairs: Vec<Pair>,
    files: [(&'static str, String); 3],
}

#[derive(Template)]
#[template(path = "network.svg", config = "src/pages/askama.toml")]
struct Drawn<'a> {
    t: Texts,
    ring: &'a Ring,
    describes: &'a str,
    style: Option<&'static str>,
}

/// The questions.
struct Asks {
    network: Nth,
    nations: Nth,
    types: Nth,
    areas: Nth,
}

fn plan(context: &Context, reading: &mut Reading<'_>) -> Result<Asks> {
    let asked = context.params.without(&["as_of"]);
    Ok(Asks {
        network: reading.ask(PATH, &asked.api())?,
        nations: reading.ask("/nations", &format!("limit=200&sort={}", context.t.name_field()))?,
        types: reading.ask("/partner-types", "sort=position&limit=200")?,
        areas: reading.ask("/cooperation-areas", "sort=position&limit=200")?,
    })
}

/// The content of the answers.
struct Seen {
    nodes: Vec<Node>,
    /// The most projects first.
    ties: Vec<Tie>,
}

fn number(item: &Value, name: &str) -> i64 {
    item.get(name).and_then(Value::as_i64).unwrap_or_default()
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl Seen {
    /// Nations by their kind of partner, within it those with the most projects first; two that share projects
    /// likewise.
    fn of(context: &Context, answers: &Answers, asks: &Asks) -> Self {
        let nations: BTreeMap<&str, &Value> =
            answers.items(asks.nations).iter().map(|nation| (text(nation, "code"), nation)).collect();
        let kinds: Vec<&str> = answers.items(asks.types).iter().map(|kind| text(kind, "code")).collect();
        let answer = answers.of(asks.network);
        let kind = |code: &str| nations.get(code).and_then(|nation| nation.get("partner_type")?.as_str());
        let mut nodes: Vec<Node> = list(answer, "nodes")
            .iter()
            .map(|node| {
                let code = text(node, "code");
                let name =
                    nations.get(code).map_or_else(|| text(node, "label").to_owned(), |one| title(context.t, one));
                let class = format!("kind-{}", kind(code).unwrap_or("none"));
                Node { code: code.to_owned(), name, class, projects: number(node, "projects") }
            })
            .collect();
        let place = |node: &Node| kinds.iter().position(|one| kind(&node.code) == Some(one)).unwrap_or(kinds.len());
        nodes.sort_by_cached_key(|node| (place(node), -node.projects, node.code.clone()));
        let tie = |edge: &Value| Tie {
            a: text(edge, "a").to_owned(),
            b: text(edge, "b").to_owned(),
            projects: number(edge, "projects"),
        };
        let mut ties: Vec<Tie> = list(answer, "edges").iter().map(tie).collect();
        ties.sort_by_cached_key(|tie| (-tie.projects, tie.a.clone(), tie.b.clone()));
        Self { nodes, ties }
    }

    fn name(&self, code: &str) -> String {
        let node = self.nodes.iter().find(|node| node.code == code);
        node.map_or_else(|| code.to_owned(), |node| node.name.clone())
    }

    /// Returns the picture.
    fn drawn(&self, t: Texts, style: Option<&'static str>) -> Result<Option<String>> {
        let Some(ring) = ring(&self.nodes, &self.ties) else { return Ok(None) };
        let first = self.ties.iter().take(3);
        let first =
            first.map(|tie| format!("{} – {} {}", self.name(&tie.a), self.name(&tie.b), t.number(tie.projects)));
        let describes = t.s("network-describes", first.collect::<Vec<_>>().join(", "));
        rendered(&Drawn { t, ring: &ring, describes: &describes, style }).map(Some)
    }
}

/// `GET /network`
pub(super) async fn page(visit: Visit, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit))?;
    if let Some(tidy) = context.tidy() {
        return Ok(tidy);
    }
    let mut reading = Reading::new(&state, context.as_of());
    let (_, made) = context.made(&reading).await?;
    if let Some(made) = made {
        return Ok(made);
    }
    let asks = plan(&context, &mut reading)?;
    let answers = reading.run().await?;
    let view = view(&context, &answers, &asks)?;
    let main = rendered(&view)?;
    Ok(context.keep(Page::new(view.title, main).at_head(answers.head)))
}

fn view(context: &Context, answers: &Answers, asks: &Asks) -> Result<Network> {
    let t = context.t;
    let seen = Seen::of(context, answers, asks);
    let home = text(answers.of(asks.network), "without_home");
    let home = answers.items(asks.nations).iter().find(|nation| text(nation, "code") == home);
    let without = home.map(|home| format!(" {}", t.s("panorama-without-home", title(t, home)))).unwrap_or_default();
    let all = i64::try_from(seen.ties.len()).unwrap_or(i64::MAX);
    let shown = i64::try_from(seen.ties.len().min(LINES)).unwrap_or(i64::MAX);
    let nation = |code: &str| Part::link(seen.name(code), context.links.record("nations", code));
    let pairs = seen.ties.iter().map(|tie| Pair {
        a: nation(&tie.a),
        b: nation(&tie.b),
        href: shared(context, &tie.a, &tie.b),
        count: tie.projects,
        shown: t.number(tie.projects),
    });
    let file = |format: &str| context.links.with(&format!("{PATH}.{format}"), &context.params.pairs());
    let graph = context.params.without(&["as_of"]).setting("as_of", context.as_of().unwrap_or_default());
    let graph = format!("{}{PATH}?{}", super::paths::DATA, graph.setting("format", "graphml").api());
    let sentence = match seen.ties.first() {
        Some(tie) => t.with(
            "network-sentence",
            &[("a", &seen.name(&tie.a)), ("b", &seen.name(&tie.b))],
            &[("n", tie.projects), ("pairs", all)],
        ),
        None => t.get("network-empty"),
    };
    Ok(Network {
        t,
        title: t.get("network-title"),
        sentence,
        subtitle: format!("{}{without}", t.with("network-subtitle", &[], &[("n", shown), ("all", all)])),
        bar: Bar::of(
            context,
            vec![
                Control::choice(context, "area", names(t, answers.items(asks.areas))),
                Control::choice(context, "partner_type", names(t, answers.items(asks.types))),
                Control::choice(context, "status", statuses(t)),
                Control::field(context, "active_on"),
            ],
            &[],
        ),
        drawn: seen.drawn(t, None)?,
        kinds: answers
            .items(asks.types)
            .iter()
            .map(|kind| (format!("kind-{}", text(kind, "code")), title(t, kind)))
            .collect(),
        pairs: pairs.collect(),
        files: [("SVG", file("svg")), ("CSV", file("csv")), ("GraphML", context.links.at(&graph))],
    })
}

/// Returns the list of the projects that two nations share.
fn shared(context: &Context, a: &str, b: &str) -> String {
    let params = context.params.setting("nation__all", &join_list(&[a, b].map(str::to_owned)));
    context.links.with("/projects", &params.pairs())
}

fn statuses(t: Texts) -> Vec<(String, String)> {
    use crate::registry::projects::ProjectStatus;
    ProjectStatus::TEXTS.iter().map(|status| ((*status).to_owned(), t.word(status))).collect()
}

/// `GET /network.svg`, `GET /network.csv`
pub(super) async fn file(
    visit: Visit,
    format: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit))?;
    let mut reading = Reading::new(&state, context.as_of());
    let asks = plan(&context, &mut reading)?;
    let answers = reading.run().await?;
    let seen = Seen::of(&context, &answers, &asks);
    let unknown = || Error::NotFound("there is no such file".to_owned());
    let (kind, body) = match format.as_str() {
        "svg" => (SVG, seen.drawn(context.t, Some(STYLE))?.ok_or_else(unknown)?.into_bytes()),
        "csv" => ("text/csv; charset=utf-8", table(&seen)?),
        _ => return Err(unknown()),
    };
    Ok(frame::file(&format!("network.{}", format.as_str()), kind, body))
}

/// Returns a row for every two that share projects.
fn table(seen: &Seen) -> Result<Vec<u8>> {
    let mut columns: Vec<Column> =
        ["a", "a_name", "b", "b_name"].map(|name| Column::new(name, CellFormat::Text)).into();
    columns.push(Column::new("projects", CellFormat::Integer));
    let mut out = Vec::new();
    let mut table = TableFormat::Csv.open(columns, &mut out)?;
    for tie in &seen.ties {
        table.row(&json!({
            "a": tie.a, "a_name": seen.name(&tie.a), "b": tie.b, "b_name": seen.name(&tie.b), "projects": tie.projects,
        }))?;
    }
    table.finish()?;
    Ok(out)
}
