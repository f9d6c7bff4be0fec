//! JSON read row by row: an object a line (NDJSON), or an array of objects. Each row is read on its own, so that one
//! that cannot be read is reported with its line and hides no other.

use super::rows::{Row, Rows, Unread, defect, text, too_many_rows};
use crate::error::Defect;
use crate::limits::{self, ROW};
use crate::values::json;

/// The rows of an NDJSON file; empty lines are skipped.
pub(super) fn lines(bytes: &[u8]) -> Rows<'_> {
    match text(bytes) {
        Ok(text) => {
            let lines = (1u64..).zip(text.split('\n')).filter(|(_, line)| !line.trim().is_empty());
            Box::new(lines.map(|(line, text)| row(line, text)))
        }
        Err(defect) => failed(defect),
    }
}

/// The rows of a JSON array.
pub(super) fn array(bytes: &[u8]) -> Rows<'_> {
    match text(bytes).and_then(elements) {
        Ok(elements) => Box::new(elements.into_iter().map(|(line, text)| row(line, text))),
        Err(defect) => failed(defect),
    }
}

fn failed<'a>(defect: Defect) -> Rows<'a> {
    Box::new(std::iter::once(Err(Unread::File(defect))))
}

fn row(line: u64, text: &str) -> Result<Row, Unread> {
    if text.len() > ROW {
        return Err(Unread::Row(defect(line, None, "too_long", format!("a row holds at most {ROW} bytes"))));
    }
    if text.trim().is_empty() {
        return Err(Unread::Row(defect(line, None, "bad_json", "an object is missing: nothing stands beside a comma")));
    }
    match json::parse(text.as_bytes()) {
        Ok(document) => Ok(Row { line, document }),
        Err(error) => {
            // The parser counts lines from the beginning of the row.
            let detail = error.to_string();
            let detail = detail.rsplit_once(" at line ").map_or(detail.as_str(), |(head, _)| head);
            Err(Unread::Row(defect(line, None, "bad_json", detail)))
        }
    }
}

/// Cuts an array into its elements, each with the line it begins on. Only brackets, strings and commas are looked at:
/// what an element is, [`json::parse`] says.
fn elements(text: &str) -> Result<Vec<(u64, &str)>, Defect> {
    let at_line = |at: usize| 1 + text.bytes().take(at).filter(|&byte| byte == b'\n').count() as u64;
    let wanted = |at: usize| defect(at_line(at), None, "bad_json", "a JSON array of objects is wanted: [{…}, {…}]");
    let open = text.find(|c: char| !is_space(c)).filter(|&at| text.get(at..).is_some_and(|t| t.starts_with('[')));
    let open = open.ok_or_else(|| wanted(0))?;
    let mut cuts = Vec::new();
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    let mut close = None;
    for (at, byte) in text.bytes().enumerate().skip(open + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' if depth == 0 => {
                close = Some(at);
                break;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 && cuts.len() == limits::ROWS => return Err(too_many_rows(at_line(at))),
            b',' if depth == 0 => cuts.push(at),
            _ => {}
        }
    }
    let Some(close) = close else {
        return Err(defect(at_line(text.len()), None, "bad_json", "the array is not closed: ] is missing"));
    };
    if let Some(more) = text.get(close + 1..).and_then(|rest| rest.find(|c: char| !is_space(c))) {
        let detail = "something follows the array";
        return Err(defect(at_line(close + 1 + more), None, "bad_json", detail));
    }
    if cuts.is_empty() && text.get(open + 1..close).is_some_and(|inside| inside.chars().all(is_space)) {
        return Ok(Vec::new());
    }
    cuts.push(close);
    let (mut begin, mut line, mut counted) = (open + 1, 1u64, 0usize);
    let mut elements = Vec::with_capacity(cuts.len());
    for cut in cuts {
        let element = text.get(begin..cut).unwrap_or_default();
        let first = begin + (element.len() - element.trim_start().len());
        line += text.get(counted..first).map_or(0, |passed| passed.bytes().filter(|&b| b == b'\n').count() as u64);
        counted = first;
        elements.push((line, element));
        begin = cut + 1;
    }
    Ok(elements)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    type Read<T> = Result<(u64, T), (u64, &'static str)>;

    fn read(rows: Rows<'_>) -> Vec<Read<Value>> {
        rows.map(|row| match row {
            Ok(row) => Ok((row.line, row.document)),
            Err(Unread::Row(defect) | Unread::File(defect)) => match defect.at {
                crate::error::At::Line { line, .. } => Err((line, defect.code)),
                other => panic!("{other:?}"),
            },
        })
        .collect()
    }

    #[test]
    fn lines_are_read_each_on_its_own() {
        let rows = read(lines(b"{\"a\":1}\r\n\n{\"a\":1,\"a\":2}\n{\"b\":\"]\"}"));
        assert_eq!(rows, vec![Ok((1, json!({"a": 1}))), Err((3, "bad_json")), Ok((4, json!({"b": "]"})))]);
    }

    #[test]
    fn elements_know_their_lines() {
        let rows = read(array(b"\xef\xbb\xbf [\n  {\"a\": [1, 2]},\n\n {\"b\": \"],\\\"\"}, {\"c\": }\n]\n"));
        let wanted = vec![Ok((2, json!({"a": [1, 2]}))), Ok((4, json!({"b": "],\""}))), Err((4, "bad_json"))];
        assert_eq!(rows, wanted);
        assert_eq!(read(array(b" [ ] ")), vec![]);
    }

    #[test]
    fn what_is_no_array_is_refused() {
        for (text, line) in [("{}", 1), ("", 1), ("[\n1", 2), ("[]\nx", 2), ("[1,]", 1)] {
            assert!(read(array(text.as_bytes())).contains(&Err((line, "bad_json"))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_array_is_read_as_its_elements(texts in proptest::collection::vec("[\\[\\]{},\"\\\\ a]{0,6}", 0..6)) {
            let value: Value = texts.iter().map(|text| json!({"t": text})).collect();
            let rows = read(array(serde_json::to_string_pretty(&value).unwrap().as_bytes()));
            let back: Value = rows.into_iter().map(|row| row.unwrap().1).collect();
            prop_assert_eq!(back, value);
        }
    }
}
