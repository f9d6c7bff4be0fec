//! A form as a document: `name` is a field, `areas.0` an entry of a list, `nations.0.role` a part of one.

use serde_json::{Map, Value};

use crate::pages::kinds::{FieldView, KindView};
use crate::values::CellFormat;

/// Returns the document that the fields of a form make. An empty text is none; an empty entry of a list is left out.
pub(super) fn of<'a>(kind: &KindView, fields: impl Iterator<Item = (&'a str, &'a str)>) -> Map<String, Value> {
    let sent: Vec<(&str, &str)> = fields.collect();
    let written = kind.fields.iter().filter(|field| !field.derived);
    written.filter_map(|field| Some((field.name.to_owned(), value(field, &sent)?))).collect()
}

fn value(field: &FieldView, sent: &[(&str, &str)]) -> Option<Value> {
    let own = |name: &str| sent.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    match field.shape {
        CellFormat::List => {
            let entries: Vec<Value> = rows(field.name, sent)
                .into_iter()
                .filter_map(|row| own(&format!("{}.{row}", field.name)))
                .chain(own(field.name))
                .filter(|text| !text.trim().is_empty())
                .map(Value::from)
                .collect();
            Some(Value::Array(entries))
        }
        CellFormat::Pair { key, role } | CellFormat::Pairs { key, role } => {
            let entries = rows(field.name, sent).into_iter().filter_map(|row| {
                let part = |part: &str| own(&format!("{}.{row}.{part}", field.name)).unwrap_or_default().trim();
                let (code, role_text) = (part(key), part(role));
                if code.is_empty() && role_text.is_empty() {
                    return None;
                }
                let role_value = if role_text.is_empty() { Value::Null } else { role_text.into() };
                Some(Value::Object(
                    [(key.to_owned(), code.into()), (role.to_owned(), role_value)].into_iter().collect(),
                ))
            });
            Some(Value::Array(entries.collect()))
        }
        CellFormat::Integer => own(field.name).map(|text| match text.trim().parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) if text.trim().is_empty() => Value::Null,
            Err(_) => text.into(),
        }),
        CellFormat::Text | CellFormat::Date => {
            own(field.name).map(|text| if text.trim().is_empty() { Value::Null } else { text.into() })
        }
    }
}

/// Returns the numbers of the rows of a list, in order.
fn rows(name: &str, sent: &[(&str, &str)]) -> Vec<usize> {
    let number = |field: &str| field.strip_prefix(name)?.strip_prefix('.')?.split('.').next()?.parse().ok();
    let mut rows: Vec<usize> = sent.iter().filter_map(|(field, _)| number(field)).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pages::kinds;

    #[test]
    fn rows_become_entries_and_empty_ones_are_left_out() {
        let sent = [
            ("name", " Trishna "),
            ("acronym", ""),
            ("areas.0", ""),
            ("areas.2", "climate"),
            ("nations.0.nation", "IN"),
            ("nations.0.role", ""),
            ("nations.1.nation", ""),
            ("nations.1.role", ""),
            ("form_token", "x"),
        ];
        let document = of(kinds::of("projects").unwrap(), sent.into_iter());
        assert_eq!(document["name"], " Trishna ");
        assert_eq!(document["acronym"], Value::Null);
        assert_eq!(document["areas"], json!(["climate"]));
        assert_eq!(document["nations"], json!([{ "nation": "IN", "role": null }]));
        assert!(!document.contains_key("form_token"));
    }

    #[test]
    fn a_number_that_is_none_is_kept_as_it_was_typed() {
        let kind = kinds::of("cooperation-areas").unwrap();
        assert_eq!(of(kind, [("position", "3")].into_iter())["position"], 3);
        assert_eq!(of(kind, [("position", "three")].into_iter())["position"], "three");
        assert_eq!(of(kind, [("position", "")].into_iter())["position"], Value::Null);
    }
}
