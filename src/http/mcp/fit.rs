//! The size of answers: an assistant reads all of an answer, so that none is larger than
//! [`limits::MCP_ANSWER`]. The rest comes with a cursor.

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::http::request::cursor::Cursors;
use crate::limits;

/// The fields of an answer that hold its rows.
const LISTS: [&str; 5] = ["items", "groups", "by_calendar", "nodes", "edges"];

/// Returns the result of a tool: the answer as JSON, and the same as a text for clients that know nothing else.
pub(super) fn result(answer: &Value) -> Value {
    json!({ "content": [{ "type": "text", "text": answer.to_string() }], "structuredContent": answer, "isError": false })
}

/// Tells whether an answer is small enough.
pub(super) fn fits(answer: &Value) -> bool {
    // The text around a result has a few hundred bytes.
    result(answer).to_string().len() + 600 <= limits::MCP_ANSWER
}

/// Counts the rows of an answer that fit, at least one.
pub(super) fn rows_that_fit(answer: &Value) -> usize {
    let rows = answer.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut without = answer.clone();
    if let Some(fields) = without.as_object_mut() {
        fields.insert("items".to_owned(), json!([]));
    }
    let mut used = result(&without).to_string().len() + 600;
    let fitting = rows.iter().take_while(|row| {
        used += size_of(row);
        used <= limits::MCP_ANSWER
    });
    fitting.count().max(1)
}

/// Returns the size of a row: once as it is, once within a text.
fn size_of(row: &Value) -> usize {
    let text = row.to_string();
    let escaped = Value::from(text.as_str()).to_string().len();
    text.len() + escaped
}

/// Returns the part of an answer without pages of its own that fits, from where the cursor says. The cursor knows the
/// revision: a part of what has changed since would be neither the old nor the new.
///
/// # Errors
/// [`Error::BadRequest`] for a cursor of another question, or whose registry has changed; [`Error::TooLarge`]
/// for a row that is larger than an answer.
pub(super) fn part(answer: Value, revision: i64, cursors: &Cursors, cursor: Option<&str>) -> Result<Value> {
    let from = match cursor {
        None => 0,
        Some(text) => begin(&cursors.decode(text)?, revision)?,
    };
    let Value::Object(mut fields) = answer else { return Ok(answer) };
    let lists: Vec<(&str, Vec<Value>)> = LISTS
        .into_iter()
        .filter_map(|name| match fields.get_mut(name).map(Value::take) {
            Some(Value::Array(rows)) => Some((name, rows)),
            Some(other) => {
                fields.insert(name.to_owned(), other);
                None
            }
            None => None,
        })
        .collect();
    let all: usize = lists.iter().map(|(_, rows)| rows.len()).sum();
    let (mut shown, mut place) = (0, 0);
    let mut used = envelope(&fields, &lists);
    let mut full = false;
    for (name, rows) in lists {
        let mut kept = Vec::new();
        for row in rows {
            place += 1;
            if place <= from || full {
                continue;
            }
            used += size_of(&row);
            full = used > limits::MCP_ANSWER;
            if !full {
                kept.push(row);
                shown += 1;
            }
        }
        fields.insert(name.to_owned(), kept.into());
    }
    if shown == 0 && from < all {
        return Err(too_large());
    }
    let next = from + shown;
    let cursor = (next < all).then(|| cursors.encode(&[revision.to_string(), next.to_string()]));
    fields.insert("next_cursor".to_owned(), cursor.into());
    Ok(fields.into())
}

/// Returns the size of an answer without its rows.
fn envelope(fields: &Map<String, Value>, lists: &[(&str, Vec<Value>)]) -> usize {
    let mut empty = fields.clone();
    for (name, _) in lists {
        empty.insert((*name).to_owned(), json!([]));
    }
    // Room for the cursor, twice.
    result(&empty.into()).to_string().len() + 1_000
}

fn begin(keys: &[String], revision: i64) -> Result<usize> {
    let mut keys = keys.iter();
    let mut number = || keys.next().and_then(|text| text.parse::<i64>().ok());
    let (of, place) = (number(), number());
    if of != Some(revision) {
        let detail = "the registry has changed since: begin again without a cursor";
        return Err(Error::bad_parameter("cursor", "outdated", detail));
    }
    Ok(place.and_then(|place| usize::try_from(place).ok()).unwrap_or_default())
}

/// Returns the error for one thing that is larger than an answer.
pub(super) fn too_large() -> Error {
    let most = limits::MCP_ANSWER;
    Error::bad_request(format!("this is larger than the {most} bytes of an answer here: ask for some `fields` of it"))
}
