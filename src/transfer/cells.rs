//! A field's JSON value as the text of a CSV cell, and back.
//!
//! A cell that a spreadsheet would take for a formula gets a `'` in front (OWASP, "CSV Injection"), and loses it again
//! on the way in: safe to open, exact in a round trip. The `'` is only taken off where such a character follows, which
//! is where it was put: a foreign file's `'t Hart` stays what it is.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::values::CellFormat;

/// The separator of the entries of a list.
const SEPARATOR: char = ';';
/// The separator of a code and its role.
const ROLE: char = ':';

/// Returns the text of a cell of CSV. Null and the empty list are the empty cell.
pub fn print(shape: CellFormat, value: &Value) -> String {
    let text = text(shape, value);
    if text.starts_with(is_guarded) { format!("'{text}") } else { text }
}

/// Returns the value of a cell of CSV. A cell without a valid value stays a text, which the field itself refuses.
pub fn parse(shape: CellFormat, cell: &str) -> Value {
    value(shape, unguard(cell))
}

/// Returns the value of a cell of a format in which text is never taken for a formula.
pub fn value(shape: CellFormat, cell: &str) -> Value {
    let entries = || cell.split(SEPARATOR).map(str::trim);
    match shape {
        CellFormat::List if cell.trim().is_empty() => Value::Array(Vec::new()),
        CellFormat::Pairs { .. } if cell.trim().is_empty() => Value::Array(Vec::new()),
        _ if cell.is_empty() => Value::Null,
        CellFormat::Text => cell.into(),
        CellFormat::Date => {
            if is_year(whole(cell)) {
                whole(cell).into()
            } else {
                cell.into()
            }
        }
        CellFormat::Integer => match cell.trim() {
            "" => Value::Null,
            number => whole(number).parse::<i64>().map_or_else(|_| cell.into(), Value::from),
        },
        CellFormat::List => entries().map(Value::from).collect(),
        CellFormat::Pair { key, role } => pair(cell.trim(), key, role),
        CellFormat::Pairs { key, role } => entries().map(|entry| pair(entry, key, role)).collect(),
    }
}

/// Returns a whole number as it is without the `.0` that programs write which know no other numbers.
fn whole(number: &str) -> &str {
    match number.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => number,
    }
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The end of a cell that does not hold a list whole; the sheet has all of it.
const CUT: &str = "… truncated: ";

/// Tells whether a cell says that it does not hold a list whole.
pub fn is_truncated(shape: CellFormat, cell: &str) -> bool {
    matches!(shape, CellFormat::List | CellFormat::Pairs { .. }) && cell.contains(CUT)
}

/// Cuts a list to the entries that fit into `units` UTF-16 units, and adds the place of the others.
pub fn truncated(text: &str, units: usize, sheet: &str) -> String {
    let total = text.split(SEPARATOR).count();
    let note = |kept: usize| format!("{CUT}{kept} of {total} are here, all of them in the sheet ‘{sheet}’");
    let room = units.saturating_sub(note(total).encode_utf16().count());
    let (mut kept, mut used, mut end) = (0, 0, 0);
    for entry in text.split_inclusive(SEPARATOR) {
        used += entry.encode_utf16().count();
        if used > room {
            break;
        }
        kept += 1;
        end += entry.len();
    }
    format!("{}{}", text.get(..end).unwrap_or_default(), note(kept))
}

/// Returns the entries of a list, each as a value and a role.
pub fn entries(shape: CellFormat, value: &Value) -> Vec<(String, String)> {
    let Value::Array(items) = value else { return Vec::new() };
    let entry = |item: &Value| match shape {
        CellFormat::Pairs { key, role } => {
            let part = |name| item.get(name).map(scalar).unwrap_or_default().into_owned();
            (part(key), part(role))
        }
        _ => (scalar(item).into_owned(), String::new()),
    };
    items.iter().map(entry).collect()
}

/// Returns the text of a value, for a format in which text is never taken for a formula.
pub fn text(shape: CellFormat, value: &Value) -> String {
    let joined = |print: &dyn Fn(&Value) -> String| match value {
        Value::Array(items) => items.iter().map(print).collect::<Vec<_>>().join(&SEPARATOR.to_string()),
        other => scalar(other).into_owned(),
    };
    match shape {
        CellFormat::Text | CellFormat::Date | CellFormat::Integer => scalar(value).into_owned(),
        CellFormat::List => joined(&|item| scalar(item).into_owned()),
        CellFormat::Pair { key, role } => unpair(value, key, role),
        CellFormat::Pairs { key, role } => joined(&|item| unpair(item, key, role)),
    }
}

fn scalar(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

fn pair(entry: &str, key: &str, role: &str) -> Value {
    let (code, part) = match entry.split_once(ROLE) {
        Some((code, part)) => (code.trim(), Value::from(part.trim())),
        None => (entry, Value::Null),
    };
    Value::Object(Map::from_iter([(key.to_owned(), code.into()), (role.to_owned(), part)]))
}

fn unpair(value: &Value, key: &str, role: &str) -> String {
    let text = |name| value.get(name).map(scalar).unwrap_or_default();
    match text(role) {
        role if role.is_empty() => text(key).into_owned(),
        role => format!("{}{ROLE}{role}", text(key)),
    }
}

/// Tells whether a cell that begins like this is guarded by a `'`.
fn is_guarded(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '\'' | '\t' | '\r')
}

fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(is_guarded) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const NATIONS: CellFormat = CellFormat::Pairs { key: "nation", role: "role" };

    #[test]
    fn cells_read_as_the_contract_says() {
        for (shape, value, cell) in [
            (CellFormat::Text, Value::Null, ""),
            (CellFormat::Text, json!("=1+1"), "'=1+1"),
            (CellFormat::Text, json!("'t Hart"), "''t Hart"),
            (CellFormat::Integer, json!(-3), "'-3"),
            (CellFormat::List, json!([]), ""),
            (CellFormat::List, json!(["climate", "innovation"]), "climate;innovation"),
            (NATIONS, json!([{"nation": "US", "role": "lead"}, {"nation": "IN", "role": null}]), "US:lead;IN"),
        ] {
            assert_eq!(print(shape, &value), cell);
            assert_eq!(parse(shape, cell), value);
        }
    }

    #[test]
    fn what_people_write_is_understood() {
        assert_eq!(parse(CellFormat::Text, "'t Hart"), json!("'t Hart"));
        assert_eq!(parse(CellFormat::List, " climate ; innovation "), json!(["climate", "innovation"]));
        assert_eq!(parse(CellFormat::List, "  "), json!([]));
        assert_eq!(parse(NATIONS, "US : lead"), json!([{"nation": "US", "role": "lead"}]));
        assert_eq!(parse(CellFormat::Integer, "many"), json!("many"));
        assert_eq!(parse(CellFormat::Integer, "-3"), json!(-3));
        assert_eq!(parse(CellFormat::Integer, "3.0"), json!(3));
        assert_eq!(parse(CellFormat::Date, "2015.0"), json!("2015"));
        assert_eq!(parse(CellFormat::Date, "2015.5"), json!("2015.5"));
        assert_eq!(parse(CellFormat::Text, "2015.0"), json!("2015.0"));
    }

    #[test]
    fn a_list_that_is_cut_says_so() {
        let list = vec!["climate"; 1000].join(";");
        let cut = truncated(&list, 200, "links");
        assert!(cut.starts_with("climate;climate;") && cut.encode_utf16().count() <= 200, "{cut}");
        assert!(cut.ends_with(";… truncated: 16 of 1000 are here, all of them in the sheet ‘links’"), "{cut}");
        assert!(is_truncated(CellFormat::List, &cut) && !is_truncated(CellFormat::Text, &cut));
    }

    fn code() -> impl Strategy<Value = String> {
        "[a-z0-9]{1,6}(-[a-z0-9]{1,4}){0,2}"
    }

    fn values() -> impl Strategy<Value = (CellFormat, Value)> {
        let text = prop_oneof!["[=+\\-@'\t\r]{0,3}\\PC{0,20}", "\\PC{0,20}", "[\"',;:\n\r\t =]{0,8}"];
        let role = proptest::option::of("[a-z_]{1,12}");
        prop_oneof![
            text.prop_map(|text| (CellFormat::Text, if text.is_empty() { Value::Null } else { text.into() })),
            proptest::option::of(any::<i64>()).prop_map(|number| (CellFormat::Integer, json!(number))),
            proptest::collection::vec(code(), 0..6).prop_map(|list| (CellFormat::List, json!(list))),
            proptest::collection::vec((code(), role), 0..6).prop_map(|list| {
                let pairs = list.into_iter().map(|(code, role)| json!({"nation": code, "role": role}));
                (NATIONS, pairs.collect())
            }),
        ]
    }

    proptest! {
        #[test]
        fn parse_and_print_are_inverse((shape, value) in values()) {
            prop_assert_eq!(parse(shape, &print(shape, &value)), value);
        }

        #[test]
        fn no_cell_begins_like_a_formula((shape, value) in values()) {
            prop_assert!(!print(shape, &value).starts_with(['=', '+', '-', '@', '\t', '\r']));
        }

        #[test]
        fn any_cell_is_read(cell in "\\PC{0,30}") {
            for shape in [CellFormat::Text, CellFormat::Integer, CellFormat::List, NATIONS] {
                parse(shape, &cell);
            }
        }
    }
}
