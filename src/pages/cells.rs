//! Values as readers see them: names in place of codes, words in place of enumerations, links in place of addresses.

use serde_json::Value;

use super::frame::Context;
use super::kinds::{FieldView, KindView};
use super::links::Links;
use super::texts::Texts;
use crate::values::CellFormat;

/// A value in parts: a list has several.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    /// The heading of its column, which narrow screens show beside it.
    pub(super) label: String,
    /// The parts.
    pub(super) parts: Vec<Part>,
    /// True if it heads its row.
    pub(super) heads: bool,
}

/// A part of a value.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    /// The text.
    pub(super) text: String,
    /// The address of its link.
    pub(super) href: Option<String>,
    /// True if that is another site.
    pub(super) outside: bool,
    /// Its style class.
    pub(super) class: String,
    /// A note that goes with it: a role.
    pub(super) note: Option<String>,
}

impl Part {
    /// Makes a text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Makes a link within the pages.
    pub(super) fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: Some(href.into()), ..Self::default() }
    }

    /// Makes a word of an enumeration, with its own look.
    pub(super) fn word(t: Texts, word: &str) -> Self {
        Self { text: t.word(word), class: format!("word {}", word.replace('_', "-")), ..Self::default() }
    }
}

impl Cell {
    /// Makes a cell of some parts.
    pub(super) fn of(label: impl Into<String>, parts: Vec<Part>) -> Self {
        Self { label: label.into(), parts, ..Self::default() }
    }

    /// Makes the cell the head of its row.
    pub(super) fn heading(self) -> Self {
        Self { heads: true, ..self }
    }
}

/// A column of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    /// Its heading.
    pub(super) label: String,
    /// The same table sorted by it.
    pub(super) href: Option<String>,
    /// The order of a table that is sorted by it: `ascending`, `descending`, or nothing.
    pub(super) sorted: &'static str,
}

impl Head {
    /// Makes a column that the table is not sorted by.
    pub(super) fn of(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }
}

/// A table.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// A description for readers who do not see it.
    pub(super) caption: String,
    /// Its columns.
    pub(super) heads: Vec<Head>,
    /// Its rows.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// Returns the text of a member; nothing where there is none.
pub(super) fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the title of a record.
pub(super) fn title(t: Texts, item: &Value) -> String {
    let text = |name: &str| item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let own = [t.name_field(), "name_en", "name", "title"].into_iter().find_map(text);
    let title = own.or_else(|| text("code")).unwrap_or_default();
    title.to_owned()
}

/// Returns the name of the record that a code refers to, where `expand` brought it along.
fn name_of(t: Texts, kind: &KindView, item: &Value, collection: &str, code: &str) -> String {
    let expanded = item.get("expanded");
    let places = kind.expansions.iter().filter(|(_, from)| *from == collection);
    let found = places.filter_map(|(name, _)| expanded?.get(*name)?.get(code)).next();
    found.map_or_else(|| code.to_owned(), |record| title(t, record))
}

/// Returns the value of a field of a record.
pub(super) fn cell(context: &Context, kind: &KindView, item: &Value, name: &str) -> Cell {
    let t = context.t;
    let label = t.field(name);
    let link = |text: String| {
        let code = item.get("code").and_then(Value::as_str).unwrap_or_default();
        Cell::of(label.clone(), vec![Part::link(text, context.links.record(kind.collection, code))]).heading()
    };
    if name == "rating" && kind.field(name).is_none() {
        return latest_rating(t, label, item);
    }
    if ["name", "title"].contains(&name) {
        return link(title(t, item));
    }
    let value = item.get(name).unwrap_or(&Value::Null);
    let Some(field) = kind.field(name) else { return Cell::of(label, parts_of_text(value)) };
    if name == "code" {
        return link(title(t, item));
    }
    let cell = Cell::of(label, parts(context, kind, item, field, value));
    // A review has no name: its project is what it is about.
    if name == "project" && kind.collection == "reviews" { cell.heading() } else { cell }
}

fn latest_rating(t: Texts, label: String, item: &Value) -> Cell {
    let latest = item.pointer("/expanded/latest_review").and_then(Value::as_object);
    let review = latest.and_then(|reviews| reviews.values().next());
    let rating = review.and_then(|review| review.get("rating")?.as_str());
    Cell::of(label, rating.map(|rating| Part::word(t, rating)).into_iter().collect())
}

/// Returns the parts of a field's value.
pub(super) fn parts(context: &Context, kind: &KindView, item: &Value, field: &FieldView, value: &Value) -> Vec<Part> {
    let t = context.t;
    match (field.shape, value) {
        (_, Value::Null) => Vec::new(),
        (CellFormat::Pairs { key, role }, Value::Array(members)) => {
            members.iter().map(|member| member_part(context, kind, item, field, (member, key, role))).collect()
        }
        (_, Value::Array(values)) => values.iter().flat_map(|value| parts(context, kind, item, field, value)).collect(),
        (_, Value::String(text)) => match field.refers {
            Some(collection) => {
                let name = name_of(t, kind, item, collection, text);
                vec![Part::link(name, context.links.record(collection, text))]
            }
            None if field.shape == CellFormat::Date => {
                vec![Part { class: "date".to_owned(), ..Part::text(t.date(text)) }]
            }
            None if field.words.contains(text) || field.derived || field.name.ends_with("region") => {
                vec![Part::word(t, text)]
            }
            None => linked(text),
        },
        (_, Value::Number(number)) => {
            vec![Part::text(number.as_i64().map_or_else(|| number.to_string(), |number| t.number(number)))]
        }
        (_, other) => vec![Part::text(other.to_string())],
    }
}

fn member_part(
    context: &Context,
    kind: &KindView,
    item: &Value,
    field: &FieldView,
    (member, key, role): (&Value, &str, &str),
) -> Part {
    let text = |name: &str| member.get(name).and_then(Value::as_str);
    let code = text(key).unwrap_or_default();
    let name = field.refers.map_or_else(|| code.to_owned(), |to| name_of(context.t, kind, item, to, code));
    let note = text(role).map(|role| context.t.get(&format!("role-{}", role.replace('_', "-"))));
    let href = field.refers.map(|to| context.links.record(to, code));
    Part { href, note, ..Part::text(name) }
}

fn parts_of_text(value: &Value) -> Vec<Part> {
    value.as_str().map(linked).unwrap_or_default()
}

/// Returns a text, the addresses in it as links. Only `http` and `https` lead anywhere.
pub(super) fn linked(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let (before, address) = rest.split_at(at);
        let end = address
            .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '|' | ';'))
            .unwrap_or(address.len());
        let (address, after) = address.split_at(end);
        // Punctuation that ends a sentence is not part of the address.
        let bare = address.trim_end_matches(['.', ',', ')']);
        if !before.is_empty() {
            parts.push(Part { class: "run".to_owned(), ..Part::text(before) });
        }
        parts.push(Part { outside: true, class: "run".to_owned(), ..Part::link(bare, bare) });
        let tail = address.get(bare.len()..).unwrap_or_default();
        if !tail.is_empty() {
            parts.push(Part { class: "run".to_owned(), ..Part::text(tail) });
        }
        rest = after;
    }
    if parts.is_empty() {
        return vec![Part::text(rest)];
    }
    if !rest.is_empty() {
        parts.push(Part { class: "run".to_owned(), ..Part::text(rest) });
    }
    parts
}

/// Returns the rows of a list: these columns of each record.
pub(super) fn table(context: &Context, kind: &KindView, caption: String, columns: &[&str], items: &[Value]) -> Table {
    let heads = columns.iter().map(|name| Head::of(context.t.field(name))).collect();
    let rows = items.iter().map(|item| columns.iter().map(|name| cell(context, kind, item, name)).collect()).collect();
    Table { caption, heads, rows }
}

/// Returns the link that a record of the API is.
pub(super) fn record_link(t: Texts, links: &Links, collection: &str, item: &Value) -> Part {
    let code = item.get("code").and_then(Value::as_str).unwrap_or_default();
    Part::link(title(t, item), links.record(collection, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        let parts = linked("CNES, https://cnes.fr/en. | javascript:alert(1) http://a.example/x(y)");
        let shown: Vec<_> = parts.iter().map(|part| (part.text.as_str(), part.href.is_some())).collect();
        assert_eq!(
            shown,
            [
                ("CNES, ", false),
                ("https://cnes.fr/en", true),
                (".", false),
                (" | javascript:alert(1) ", false),
                ("http://a.example/x(y", true),
                (")", false),
            ]
        );
        assert!(linked("javascript:alert(1)").iter().all(|part| part.href.is_none()));
    }
}
