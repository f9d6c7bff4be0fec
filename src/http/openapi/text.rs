//! The document as text: each value on one line where it fits, so that the file is short and its changes can be read.

use serde_json::Value;

/// The number of columns of a line: wider than code, since no line is read alone.
const COLUMNS: usize = 200;

/// Writes a document.
pub(super) fn of(document: &Value) -> String {
    let mut text = String::new();
    write(document, 0, 0, &mut text);
    text.push('\n');
    text
}

/// Writes a value whose first line begins after `used` columns, and whose further lines are indented by `indent`.
fn write(value: &Value, indent: usize, used: usize, text: &mut String) {
    let begin = text.len();
    if inline(value, begin + COLUMNS.saturating_sub(used), text) {
        return;
    }
    text.truncate(begin);
    let inner = indent + 1;
    match value {
        Value::Array(values) => {
            text.push('[');
            for (n, value) in values.iter().enumerate() {
                begin_line(n, inner, text);
                write(value, inner, inner, text);
            }
            end_line(indent, ']', text);
        }
        Value::Object(fields) => {
            text.push('{');
            for (n, (name, value)) in fields.iter().enumerate() {
                begin_line(n, inner, text);
                let key = Value::from(name.as_str()).to_string();
                text.push_str(&key);
                text.push_str(": ");
                write(value, inner, inner + key.len() + 2, text);
            }
            end_line(indent, '}', text);
        }
        _ => text.push_str(&value.to_string()),
    }
}

fn begin_line(n: usize, indent: usize, text: &mut String) {
    text.push_str(if n == 0 { "\n" } else { ",\n" });
    text.push_str(&" ".repeat(indent));
}

fn end_line(indent: usize, bracket: char, text: &mut String) {
    text.push('\n');
    text.push_str(&" ".repeat(indent));
    text.push(bracket);
}

/// Writes a value on one line. Tells whether the text is then no longer than `most`, comma included.
fn inline(value: &Value, most: usize, text: &mut String) -> bool {
    match value {
        Value::Array(values) => {
            text.push('[');
            for (n, value) in values.iter().enumerate() {
                text.push_str(if n == 0 { "" } else { ", " });
                if !inline(value, most, text) {
                    return false;
                }
            }
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            for (n, (name, value)) in fields.iter().enumerate() {
                text.push_str(if n == 0 { "" } else { ", " });
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push_str(": ");
                if !inline(value, most, text) {
                    return false;
                }
            }
            text.push('}');
        }
        _ => text.push_str(&value.to_string()),
    }
    text.len() < most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_on_one_line_and_all_of_it_is_there() {
        let long = "x".repeat(COLUMNS);
        let document = serde_json::json!({
            "short": { "a": [1, null, "\"é"], "b": {} },
            "long": { "text": long, "list": [long, { "c": true }] },
        });
        let text = of(&document);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.get(1), Some(&r#" "short": {"a": [1, null, "\"é"], "b": {}},"#));
        assert_eq!(lines.get(6), Some(&r#"   {"c": true}"#));
        assert_eq!(lines.len(), 10);
    }
}
