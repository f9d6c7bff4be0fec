//! The filters of a list as a form: choices with counts where the API counts by them, else the words or records there
//! are.

use serde_json::Value;

use crate::error::Result;
use crate::pages::bar::{Control, names};
use crate::pages::frame::Context;
use crate::pages::kinds::KindView;
use crate::pages::links::NONE;
use crate::pages::reading::{Answers, Nth, Reading};
use crate::pages::texts::Texts;

/// The number of records that a choice lists; a collection with more is searched by its code.
const CHOICES: usize = 200;

/// The source of the choices of a filter.
enum Source {
    Summary(Nth),
    Records(Nth),
    Words(Vec<String>),
    Free,
}

/// A filter, while its choices are asked for.
pub(super) struct Plan {
    pub(super) name: &'static str,
    source: Source,
}

/// Returns the collection whose codes a filter takes.
fn collection(name: &str) -> Option<&'static str> {
    match name {
        "nation" => Some("nations"),
        "area" => Some("cooperation-areas"),
        "partner_type" => Some("partner-types"),
        _ => None,
    }
}

/// Asks for the choices of the filters of a kind.
pub(super) fn plan(context: &Context, kind: &KindView, reading: &mut Reading<'_>) -> Result<Vec<Plan>> {
    kind.offered().into_iter().map(|name| Ok(Plan { name, source: source(context, kind, name, reading)? })).collect()
}

fn source(context: &Context, kind: &KindView, name: &'static str, reading: &mut Reading<'_>) -> Result<Source> {
    if kind.dimensions.contains(&name) {
        // The values that the other filters leave.
        let others = context.params.without(&["as_of", "trail", "cursor", "sort", "limit", "fields", "expand", name]);
        // The home nation is a choice, too.
        let query = others.setting("group_by", name).setting("home", "true").api();
        return Ok(Source::Summary(reading.ask(&format!("/summaries/{}", kind.collection), &query)?));
    }
    if let Some(collection) = collection(name) {
        let sort = if collection == "nations" { context.t.name_field() } else { "position" };
        let nth = reading.ask(&format!("/{collection}"), &format!("limit={CHOICES}&sort={sort}"))?;
        return Ok(Source::Records(nth));
    }
    if name == "region" {
        return Ok(Source::Words(REGIONS.map(str::to_owned).into()));
    }
    Ok(kind
        .field(name)
        .filter(|field| !field.words.is_empty())
        .map_or(Source::Free, |field| Source::Words(field.words.clone())))
}

/// The regions of UN M49.
const REGIONS: [&str; 6] = ["Africa", "Americas", "Antarctica", "Asia", "Europe", "Oceania"];

impl Plan {
    /// Returns the filter as it is shown.
    pub(super) fn control(self, context: &Context, kind: &KindView, answers: &Answers) -> Control {
        let t = context.t;
        let choices = match self.source {
            Source::Summary(nth) => {
                answers.items(nth).iter().filter_map(|group| counted(t, self.name, group)).collect()
            }
            Source::Records(nth) => names(t, answers.items(nth)),
            Source::Words(words) => words.into_iter().map(|word| (word.clone(), t.word(&word))).collect(),
            Source::Free => Vec::new(),
        };
        let mut control = Control::choice(context, self.name, choices);
        control.hint = kind.filters.contains(&self.name).then(|| hint(self.name)).flatten().map(|key| t.get(key));
        control
    }
}

fn hint(name: &str) -> Option<&'static str> {
    let is_date = name.ends_with("_on") || name.contains("__");
    is_date.then_some("hint-date")
}

/// Returns a group of a summary as a choice: its key, what it is called and how many there are.
fn counted(t: Texts, name: &str, group: &Value) -> Option<(String, String)> {
    let key = group.get("key")?.get(name)?;
    let label = group.get("label")?.get(name)?.get(t.language().tag())?.as_str()?;
    let count = group.get("count")?.as_i64()?;
    Some((key.as_str().unwrap_or(NONE).to_owned(), format!("{label} ({})", t.number(count))))
}
