//! The inputs of a form, from the declaration of the kind.

use actix_web::http::StatusCode;
use serde_json::{Map, Value};

use super::conflict::Clash;
use crate::error::{At, Defect};
use crate::pages::cells::title;
use crate::pages::kinds::{FieldView, KindView};
use crate::pages::texts::Texts;
use crate::values::CellFormat;

/// The content of a form.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) document: Map<String, Value>,
    pub(super) version: Option<i64>,
    pub(super) status: Option<StatusCode>,
    pub(super) defects: Vec<crate::error::Defect>,
    pub(super) clashes: Vec<Clash>,
}

/// The number of empty rows that a list has.
const ROOM: usize = 3;

/// The records of a collection that a field can refer to.
pub(super) struct Choices {
    pub(super) collection: &'static str,
    /// Codes, and what they are called.
    pub(super) records: Vec<(String, String)>,
}

/// The form in which an input is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Line,
    Lines,
    Choice,
}

/// An input.
pub(super) struct Control {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) look: Look,
    /// Value, text, whether it is chosen.
    pub(super) options: Vec<(String, String, bool)>,
    /// The list of records that are offered.
    pub(super) list: Option<&'static str>,
    pub(super) required: bool,
}

impl Control {
    /// Returns the id that its label names it by.
    pub(super) fn id(&self) -> String {
        self.name.replace('.', "-")
    }
}

/// A field with its inputs: one, or a row of one or two for each entry of a list.
pub(super) struct Input {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) hint: Option<String>,
    pub(super) rows: Vec<Vec<Control>>,
    pub(super) is_list: bool,
    pub(super) required: bool,
    /// The faults, in English.
    pub(super) wrong: Vec<String>,
}

/// Returns the collections that a kind refers to.
pub(super) fn references(kind: &KindView) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = kind.fields.iter().filter_map(|field| field.refers).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Returns the records of a collection, by their names.
pub(super) fn choices(t: Texts, collection: &'static str, items: &[Value]) -> Choices {
    let code = |item: &Value| item.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut records: Vec<(String, String)> = items.iter().map(|item| (code(item), title(t, item))).collect();
    records.sort_by_cached_key(|(_, name)| crate::values::fold::fold(name));
    Choices { collection, records }
}

/// Returns the inputs of a form, and what is wrong that belongs to none of them.
pub(super) fn inputs(
    t: Texts,
    kind: &KindView,
    shown: &Shown,
    choices: &[Choices],
    exists: bool,
) -> (Vec<Input>, Vec<String>) {
    let of = |defect: &Defect| match &defect.at {
        At::Pointer(pointer) => pointer.split('/').nth(1).unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    // The code of a record does not change.
    let wanted = kind.fields.iter().filter(|field| !(field.derived || exists && field.name == "code"));
    let inputs: Vec<Input> = wanted
        .map(|field| {
            let wrong = shown.defects.iter().filter(|defect| of(defect) == field.name);
            let value = shown.document.get(field.name).unwrap_or(&Value::Null);
            Input {
                name: field.name,
                label: t.field(field.name),
                hint: hint(t, field),
                rows: rows(t, field, value, choices),
                is_list: is_list(field),
                required: !field.optional && field.name != "code",
                wrong: wrong.map(message).collect(),
            }
        })
        .collect();
    let known = |name: &str| inputs.iter().any(|input| input.name == name);
    let general = shown.defects.iter().filter(|defect| !known(&of(defect))).map(ToString::to_string).collect();
    (inputs, general)
}

/// Describes a fault, with the number of the row where there are several.
fn message(defect: &Defect) -> String {
    let row = match &defect.at {
        At::Pointer(pointer) => pointer.split('/').nth(2).and_then(|row| row.parse::<usize>().ok()),
        _ => None,
    };
    row.map_or_else(|| defect.detail.clone(), |row| format!("{}: {}", row.saturating_add(1), defect.detail))
}

fn is_list(field: &FieldView) -> bool {
    matches!(field.shape, CellFormat::List | CellFormat::Pair { .. } | CellFormat::Pairs { .. })
}

fn hint(t: Texts, field: &FieldView) -> Option<String> {
    let key = match (field.name, field.shape) {
        ("code", _) => "edit-hint-code",
        (_, CellFormat::Date) => "edit-hint-date",
        (_, CellFormat::List | CellFormat::Pair { .. } | CellFormat::Pairs { .. }) => "edit-hint-list",
        _ => return None,
    };
    Some(t.get(key))
}

fn rows(t: Texts, field: &FieldView, value: &Value, choices: &[Choices]) -> Vec<Vec<Control>> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let entries = value.as_array().map_or(&[][..], Vec::as_slice);
    let padded = entries.iter().chain(std::iter::repeat_n(&Value::Null, ROOM)).enumerate();
    let one = |name: String, label: String, value: String| control(t, field, choices, (name, label, value));
    match field.shape {
        CellFormat::List => padded
            .map(|(row, value)| {
                let label = t.with("edit-entry", &[("field", &t.field(field.name))], &[("n", number(row))]);
                vec![one(format!("{}.{row}", field.name), label, text(value))]
            })
            .collect(),
        CellFormat::Pair { key, role } | CellFormat::Pairs { key, role } => padded
            .map(|(row, value)| {
                let part = |part: &str| value.get(part).map(text).unwrap_or_default();
                let entry = |part: &str| t.with("edit-entry", &[("field", &t.field(part))], &[("n", number(row))]);
                let role_name = format!("{}.{row}.{role}", field.name);
                vec![
                    one(format!("{}.{row}.{key}", field.name), entry(key), part(key)),
                    role_control(t, field, (role_name, entry(role), part(role))),
                ]
            })
            .collect(),
        CellFormat::Text | CellFormat::Date | CellFormat::Integer => {
            vec![vec![one(field.name.to_owned(), t.field(field.name), text(value))]]
        }
    }
}

fn number(row: usize) -> i64 {
    i64::try_from(row.saturating_add(1)).unwrap_or(i64::MAX)
}

fn control(
    t: Texts,
    field: &FieldView,
    choices: &[Choices],
    (name, label, value): (String, String, String),
) -> Control {
    let required = !field.optional && field.name != "code" && !is_list(field);
    let base = Control { name, label, value, look: Look::Line, options: Vec::new(), list: None, required };
    if let Some(to) = field.refers {
        // Few enough to choose from; of many the code is typed, and the list helps.
        let known = choices.iter().find(|choices| choices.collection == to);
        let few = ["nations", "cooperation-areas", "partner-types"].contains(&to);
        return match known {
            Some(known) if few => {
                let options = known.records.iter().map(|(code, text)| (code.clone(), text.clone()));
                Control { look: Look::Choice, options: chosen(options, &base.value), ..base }
            }
            _ => Control { list: Some(to), ..base },
        };
    }
    if !field.words.is_empty() {
        let options = field.words.iter().map(|word| (word.clone(), t.word(word)));
        return Control { look: Look::Choice, options: chosen(options, &base.value), ..base };
    }
    Control { look: if field.long { Look::Lines } else { Look::Line }, ..base }
}

fn role_control(t: Texts, field: &FieldView, (name, label, value): (String, String, String)) -> Control {
    let options = field.roles.iter().map(|role| (role.clone(), t.get(&format!("role-{}", role.replace('_', "-")))));
    Control { options: chosen(options, &value), name, label, value, look: Look::Choice, list: None, required: false }
}

/// Returns the options; what was typed and is none of them stays one.
fn chosen(options: impl Iterator<Item = (String, String)>, value: &str) -> Vec<(String, String, bool)> {
    let mut all: Vec<_> = options.map(|(code, text)| (code.clone(), text, code == value)).collect();
    if !value.is_empty() && !all.iter().any(|(_, _, chosen)| *chosen) {
        all.push((value.to_owned(), value.to_owned(), true));
    }
    all
}
