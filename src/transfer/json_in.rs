//! JSON read row by row: an object a line (NDJSON), or an array of objects. Each row is read on its own, so that one
//! that cannot be read is reported with its line and hides no other.

use super::rows::{ReadError, Row, Rows, defect, failed, text};
use crate::error::Defect;
use crate::limits::ROW;
use crate::values::json;

/// Returns the rows of an NDJSON file; empty lines are skipped.
pub(super) fn lines(bytes: &[u8]) -> Rows<'_> {
    match text(bytes) {
        Ok(text) => {
            let lines = (1u64..).zip(text.split('\n')).filter(|(_, line)| !line.trim().is_empty());
            Box::new(lines.map(|(line, text)| row(line, text)))
        }
        Err(defect) => failed(defect),
    }
}

/// Returns the rows of a JSON array.
pub(super) fn array(bytes: &[u8]) -> Rows<'_> {
    match text(bytes).and_then(Elements::begin) {
        Ok(elements) => Box::new(elements.map(|element| {
            let (line, text) = element.map_err(ReadError::File)?;
            row(line, text)
        })),
        Err(defect) => failed(defect),
    }
}

fn row(line: u64, text: &str) -> Result<Row, ReadError> {
    if text.len() > ROW {
        return Err(ReadError::Row(defect(line, None, "too_long", format!("a row holds at most {ROW} bytes"))));
    }
    if text.trim().is_empty() {
        return Err(ReadError::Row(defect(line, None, "bad_json", "an object is missing beside a comma")));
    }
    match json::parse(text.as_bytes()) {
        Ok(document) => Ok(Row { line, document }),
        Err(error) => {
            // The parser counts lines from the beginning of the row.
            let detail = error.to_string();
            let detail = detail.rsplit_once(" at line ").map_or(detail.as_str(), |(head, _)| head);
            Err(ReadError::Row(defect(line, None, "bad_json", detail)))
        }
    }
}

/// The elements of an array, each with the line it begins on. Only brackets, strings and commas are looked at: what an
/// element is, [`json::parse`] says.
struct Elements<'a> {
    /// The rest, after the opening bracket or a comma.
    rest: &'a str,
    line: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    First,
    AfterComma,
    Closed,
    Done,
}

impl<'a> Elements<'a> {
    fn begin(text: &'a str) -> Result<Self, Defect> {
        let inside = text.trim_start_matches(is_space).strip_prefix('[');
        let wanted = "a JSON array of objects is wanted: [{…}, {…}]";
        let rest = inside.ok_or_else(|| defect(1, None, "bad_json", wanted))?;
        let line = 1 + lines_in(text.get(..text.len() - rest.len()).unwrap_or_default());
        Ok(Self { rest, line, state: State::First })
    }

    /// Takes a piece off what is left; tells on which line what follows begins.
    fn skip(&mut self, length: usize) -> &'a str {
        let (head, tail) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.line += lines_in(head);
        self.rest = tail;
        head
    }

    fn fail(&mut self, detail: &'static str) -> Result<(u64, &'a str), Defect> {
        self.state = State::Done;
        Err(defect(self.line, None, "bad_json", detail))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<(u64, &'a str), Defect>;

    fn next(&mut self) -> Option<Self::Item> {
        if matches!(self.state, State::First | State::AfterComma) {
            let Some((end, last)) = element_end(self.rest) else {
                self.skip(self.rest.len());
                return Some(self.fail("the array is not closed: ] is missing"));
            };
            let spaces = (self.rest.len() - self.rest.trim_start_matches(is_space).len()).min(end);
            self.skip(spaces);
            let line = self.line;
            let element = self.skip(end - spaces);
            self.skip(1);
            let nothing = last && element.is_empty() && self.state == State::First;
            self.state = if last { State::Closed } else { State::AfterComma };
            if !nothing {
                return Some(Ok((line, element)));
            }
        }
        if self.state == State::Closed {
            self.state = State::Done;
            let more = self.rest.trim_start_matches(is_space);
            if !more.is_empty() {
                self.skip(self.rest.len() - more.len());
                return Some(self.fail("something follows the array"));
            }
        }
        None
    }
}

/// Finds the end of an element, and whether it is the last one.
fn element_end(text: &str) -> Option<(usize, bool)> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' if depth == 0 => return Some((at, true)),
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => return Some((at, false)),
            _ => {}
        }
    }
    None
}

fn lines_in(text: &str) -> u64 {
    text.bytes().filter(|&byte| byte == b'\n').count() as u64
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
            Err(ReadError::Row(defect) | ReadError::File(defect)) => match defect.at {
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
