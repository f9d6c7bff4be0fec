//! Log lines: one line an event, whatever is in it, as text or as a JSON object.

use std::borrow::Cow;
use std::io::{self, Write};

use log::Record;
use log::kv::{Error, Key, Value, VisitSource};
use serde_json::{Map, Value as Json};

use super::request::{Request, place};
use crate::clock;
use crate::values::is_bidirectional_control;

/// The longest message in bytes.
const LIMIT: usize = 2048;

/// Writes a line of text: time, level, target, message, and the request that is being answered.
pub(super) fn text(out: &mut impl Write, record: &Record<'_>, request: Option<&Request>) -> io::Result<()> {
    write!(out, "{} {:5} {}: ", clock::stamp(clock::now()), record.level(), record.target())?;
    match record.args().as_str() {
        Some(message) => out.write_all(one_line(message).as_bytes())?,
        None => out.write_all(one_line(&record.args().to_string()).as_bytes())?,
    }
    match request {
        Some(request) => {
            write!(out, " [{} {}", request.id, place(request.address))?;
            request.trace.iter().try_for_each(|trace| write!(out, " {trace}"))?;
            writeln!(out, "]")
        }
        None => writeln!(out),
    }
}

/// Writes a JSON object with the same parts as fields, and the record's own fields beside them.
pub(super) fn json(out: &mut impl Write, record: &Record<'_>, request: Option<&Request>) -> io::Result<()> {
    let mut fields = Map::new();
    fields.insert("at".to_owned(), clock::stamp(clock::now()).into());
    fields.insert("level".to_owned(), record.level().as_str().to_ascii_lowercase().into());
    fields.insert("target".to_owned(), record.target().into());
    fields.insert("message".to_owned(), one_line(&record.args().to_string()).into());
    if let Some(request) = request {
        fields.insert("request_id".to_owned(), request.id.clone().into());
        fields.insert("address".to_owned(), place(request.address).into());
        fields.extend(request.trace.map(|trace| ("trace_id".to_owned(), trace.to_string().into())));
    }
    // A source that fails leaves its later fields out; the line is written in any case.
    let _ = record.key_values().visit(&mut Fields(&mut fields));
    serde_json::to_writer(&mut *out, &fields)?;
    writeln!(out)
}

/// Collects a record's fields.
struct Fields<'a>(&'a mut Map<String, Json>);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let number = value.to_u64().map(Json::from).or_else(|| value.to_bool().map(Json::from));
        let value = number.unwrap_or_else(|| one_line(&value.to_string()).into());
        self.0.insert(key.as_str().to_owned(), value);
        Ok(())
    }
}

/// Returns a message as one line of bounded length: what ends a line, steers a terminal or reorders text is escaped, so
/// that no input can forge a line or hide one.
fn one_line(message: &str) -> Cow<'_, str> {
    // Nearly all lines are plain; they are written as they are.
    if message.len() <= LIMIT && message.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(message);
    }
    let mut line = String::with_capacity(message.len().min(LIMIT));
    for c in message.chars() {
        let escaped = c.is_control() || is_bidirectional_control(c) || matches!(c, '\u{2028}' | '\u{2029}');
        let before = line.len();
        if escaped {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
        if line.len() > LIMIT {
            line.truncate(before);
            line.push_str("… (cut)");
            break;
        }
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_of_plain_text() {
        assert_eq!(one_line("ada\r\nINFO  x"), r"ada\r\nINFO  x");
        assert_eq!(one_line("\u{1b}[2J\u{7}\u{0}\u{85}"), r"\u{1b}[2J\u{7}\u{0}\u{85}");
        assert_eq!(one_line("a\u{2028}b\u{2029}c\u{202e}d\u{2066}e"), r"a\u{2028}b\u{2029}c\u{202e}d\u{2066}e");
        assert_eq!(one_line("VENµS, États-Unis, 𝔸"), "VENµS, États-Unis, 𝔸");
    }

    #[test]
    fn a_message_is_cut() {
        for long in ["x".repeat(1 << 20), "é".repeat(1 << 20), "\n".repeat(1 << 20)] {
            let line = one_line(&long);
            assert!(line.len() <= LIMIT + 16 && line.ends_with("… (cut)"), "{}", line.len());
        }
        assert_eq!(one_line(&"x".repeat(LIMIT)).len(), LIMIT);
    }

    #[test]
    fn a_json_line_holds_the_fields_of_the_record() {
        let request = Request { id: "r-1".to_owned(), address: None, trace: None };
        let fields: &[(&str, Value<'_>)] =
            &[("status", 200_u64.into()), ("cached", true.into()), ("route", "/a\nb".into())];
        let mut line = Vec::new();
        let message = format_args!("GET {}", "/a");
        let record =
            Record::builder().args(message).level(log::Level::Info).target("access").key_values(&fields).build();
        json(&mut line, &record, Some(&request)).unwrap();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        let mut line: Json = serde_json::from_slice(&line).unwrap();
        assert!(line["at"].take().as_str().unwrap().ends_with('Z'));
        let expected = serde_json::json!({
            "at": null, "level": "info", "target": "access", "message": "GET /a", "request_id": "r-1",
            "address": "unknown", "status": 200, "cached": true, "route": "/a\\nb"
        });
        assert_eq!(line, expected);
    }
}
