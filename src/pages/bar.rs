//! The bar of parameters above a page: a form that asks for another view of the same page.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cells::title;
use super::frame::Context;
use super::texts::Texts;

/// A choice.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) text: String,
    pub(super) chosen: bool,
}

/// A parameter as it is shown: choices, or a field.
#[derive(Clone, Debug)]
pub(super) struct Control {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) choices: Vec<Choice>,
    pub(super) hint: Option<String>,
    /// The type of the field.
    pub(super) kind: &'static str,
}

/// The bar.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    pub(super) action: String,
    /// The parameters that stay as they are.
    pub(super) kept: Vec<(String, String)>,
    pub(super) controls: Vec<Control>,
    /// The page without filters, where there are any.
    pub(super) clear: Option<String>,
}

impl Control {
    /// Makes a parameter with these choices, value and text.
    pub(super) fn choice(context: &Context, name: &'static str, choices: Vec<(String, String)>) -> Self {
        let mut control = Self::field(context, name);
        control.choices = choose(context.t, choices, &control.value);
        control
    }

    /// Makes a parameter that is typed.
    pub(super) fn field(context: &Context, name: &'static str) -> Self {
        let value = context.params.get(name).unwrap_or_default().to_owned();
        let kind = if name == "q" { "search" } else { "text" };
        Self { name, label: context.t.field(name), value, choices: Vec::new(), hint: None, kind }
    }

    /// Makes a day; what is asked otherwise (a moment, a revision) is typed as it is.
    pub(super) fn day(context: &Context, name: &'static str, default: &str) -> Self {
        let mut control = Self::field(context, name);
        if control.value.is_empty() {
            default.clone_into(&mut control.value);
        }
        let is_day = chrono::NaiveDate::parse_from_str(&control.value, "%Y-%m-%d").is_ok();
        control.kind = if is_day || control.value.is_empty() { "date" } else { "text" };
        control
    }
}

impl Bar {
    /// Makes a bar with these controls. The other parameters of the page stay, except `forgotten`.
    pub(super) fn of(context: &Context, controls: Vec<Control>, forgotten: &[&str]) -> Self {
        let shown: Vec<&str> = controls.iter().map(|control| control.name).collect();
        let pairs = context.params.pairs();
        let others = pairs.iter().filter(|(name, _)| !shown.contains(name) && !forgotten.contains(name));
        let mut kept: Vec<(String, String)> =
            others.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        kept.extend(context.params.language.map(|language| ("lang".to_owned(), language.tag().to_owned())));
        let is_asked = |name: &str| !forgotten.contains(&name) && !["as_of", "sort", "limit"].contains(&name);
        let narrowed = pairs.iter().any(|(name, _)| is_asked(name));
        let clear = narrowed.then(|| context.links.to(&context.path));
        Self { action: context.links.at(&context.path), kept, controls, clear }
    }
}

/// Returns the choices, with the one that is made: one that is not among them (several at once, one without any record)
/// stays a choice.
pub(super) fn choose(t: Texts, choices: Vec<(String, String)>, value: &str) -> Vec<Choice> {
    if choices.is_empty() {
        return Vec::new();
    }
    let mut all: Vec<Choice> =
        choices.into_iter().map(|(code, text)| Choice { chosen: code == value, value: code, text }).collect();
    if !value.is_empty() && !all.iter().any(|choice| choice.chosen) {
        let name = |code: &str| {
            let known = all.iter().find(|choice| choice.value == code);
            known.map_or_else(
                || t.word(code),
                |choice| choice.text.rsplit_once(" (").map_or(&*choice.text, |(text, _)| text).to_owned(),
            )
        };
        let text = value.split(',').map(name).collect::<Vec<_>>().join(", ");
        all.insert(0, Choice { value: value.to_owned(), text, chosen: true });
    }
    all
}

/// Records as choices: their codes and what they are called.
pub(super) fn names(t: Texts, items: &[Value]) -> Vec<(String, String)> {
    let code = |item: &Value| item.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
    items.iter().map(|item| (code(item), title(t, item))).collect()
}

/// Returns the organisations that answer for records, from summaries by `responsible`.
pub(super) fn responsible(t: Texts, summaries: [&[Value]; 2]) -> Vec<(String, String)> {
    let named = |group: &Value| {
        let code = group.get("key")?.get("responsible")?.as_str()?.to_owned();
        let name = group.get("label")?.get("responsible")?.get(t.language().tag())?.as_str()?.to_owned();
        Some((name, code))
    };
    let all: BTreeMap<String, String> = summaries.into_iter().flatten().filter_map(named).collect();
    all.into_iter().map(|(name, code)| (code, name)).collect()
}
