//! RFC 4180 read strictly. The csv crate forgives: it takes an open quote for a cell that swallows the rest of the
//! file, and a quote in the middle of a cell for itself. Here both are errors, with their line.

use std::borrow::Cow;

use crate::limits::CELLS;

/// A record of a CSV file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// The physical line on which it begins, counted from 1.
    pub(super) line: u64,
    /// Its cells.
    pub(super) cells: Vec<Cow<'a, str>>,
}

/// The reason why a record cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// The line on which the record begins.
    pub(super) line: u64,
    /// The column, where one is to blame.
    pub(super) column: Option<String>,
    /// For programs.
    pub(super) code: &'static str,
    /// For people.
    pub(super) detail: Cow<'static, str>,
}

/// The records of a CSV text. Empty lines are skipped; lines end with LF, CRLF or CR.
pub(super) struct Scan<'a> {
    rest: &'a str,
    line: u64,
    delimiter: char,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str, delimiter: char) -> Self {
        Self { rest: text, line: 1, delimiter }
    }

    /// Takes an end of line off, if here is one.
    fn end_of_line(&mut self) -> bool {
        let after = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix(['\n', '\r']));
        if let Some(after) = after {
            self.rest = after;
            self.line += 1;
        }
        after.is_some()
    }

    fn split(&mut self, at: usize) -> &'a str {
        let (head, tail) = self.rest.split_at(at);
        self.rest = tail;
        head
    }

    /// Returns a cell in quotes, the first of which has been taken. `None` when they stay open.
    fn quoted(&mut self) -> Option<Cow<'a, str>> {
        let mut cell = Cow::Borrowed("");
        loop {
            let at = self.rest.find('"')?;
            let piece = self.split(at);
            self.rest = self.rest.strip_prefix('"')?;
            self.line += lines_in(piece);
            // A spreadsheet may end the lines within a cell with CRLF; the registry's texts know LF alone.
            let piece = if piece.contains('\r') { piece.replace("\r\n", "\n").into() } else { Cow::Borrowed(piece) };
            if cell.is_empty() {
                cell = piece;
            } else {
                cell.to_mut().push_str(&piece);
            }
            let Some(after) = self.rest.strip_prefix('"') else { return Some(cell) };
            self.rest = after;
            cell.to_mut().push('"');
        }
    }

    /// Skips the rest of a line that cannot be read.
    fn skip(&mut self, broken: Broken) -> Option<Result<Record<'a>, Broken>> {
        let at = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        self.split(at);
        self.end_of_line();
        Some(Err(broken))
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Result<Record<'a>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.end_of_line() {}
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let broken = |code, detail: &str| Broken { line, column: None, code, detail: detail.to_owned().into() };
        let mut cells = Vec::new();
        loop {
            if cells.len() == CELLS {
                return self.skip(broken("long_row", &format!("the row has more than {CELLS} cells")));
            }
            if let Some(after) = self.rest.strip_prefix('"') {
                self.rest = after;
                let Some(cell) = self.quoted() else {
                    self.rest = "";
                    let detail = "a cell of this row opens a quote that nothing closes";
                    return Some(Err(broken("open_quote", detail)));
                };
                cells.push(cell);
                if !self.rest.is_empty() && !self.rest.starts_with([self.delimiter, '\n', '\r']) {
                    let detail = "text follows a closing quote: within quotes, a quote is written twice";
                    return self.skip(broken("bad_quote", detail));
                }
            } else {
                let at = self.rest.find([self.delimiter, '\n', '\r']).unwrap_or(self.rest.len());
                let cell = self.split(at);
                if cell.contains('"') {
                    let detail =
                        "a quote is in a cell that is not quoted: put the cell in quotes and write the quote twice";
                    return self.skip(broken("bad_quote", detail));
                }
                cells.push(cell.into());
            }
            if let Some(after) = self.rest.strip_prefix(self.delimiter) {
                self.rest = after;
            } else {
                self.end_of_line();
                return Some(Ok(Record { line, cells }));
            }
        }
    }
}

/// Counts the lines that end within a text.
pub(super) fn lines_in(text: &str) -> u64 {
    let ends = text.bytes().filter(|&byte| byte == b'\n').count();
    let old = text.matches('\r').count() - text.matches("\r\n").count();
    (ends + old) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Scanned = Result<(u64, Vec<String>), (u64, &'static str)>;

    fn scan(text: &str) -> Vec<Scanned> {
        Scan::new(text, ',')
            .map(|record| match record {
                Ok(record) => Ok((record.line, record.cells.into_iter().map(Cow::into_owned).collect())),
                Err(broken) => Err((broken.line, broken.code)),
            })
            .collect()
    }

    fn row(line: u64, cells: &[&str]) -> Result<(u64, Vec<String>), (u64, &'static str)> {
        Ok((line, cells.iter().map(|&cell| cell.to_owned()).collect()))
    }

    #[test]
    fn records_know_the_line_they_begin_on() {
        let text = "a,b\r\n\"1\n2\",\"say \"\"x\"\"\"\n\n\n,\"\"\r3,\"p\r\nq\"";
        let wanted =
            vec![row(1, &["a", "b"]), row(2, &["1\n2", "say \"x\""]), row(6, &["", ""]), row(7, &["3", "p\nq"])];
        assert_eq!(scan(text), wanted);
    }

    #[test]
    fn cells_are_separated_by_the_delimiter() {
        let cells = Scan::new("a;\"b;c\";d,e\n", ';').next().unwrap().unwrap().cells;
        assert_eq!(cells, ["a", "b;c", "d,e"]);
    }

    #[test]
    fn quotes_are_read_strictly() {
        assert_eq!(scan("a\n\"b"), vec![row(1, &["a"]), Err((2, "open_quote"))]);
        assert_eq!(scan("\"a\"b,c\nd"), vec![Err((1, "bad_quote")), row(2, &["d"])]);
        assert_eq!(scan("5\" disk\nd"), vec![Err((1, "bad_quote")), row(2, &["d"])]);
        assert_eq!(scan("\"\"\"\",x"), vec![row(1, &["\"", "x"])]);
        assert_eq!(scan(&",".repeat(2_000)), vec![Err((1, "long_row"))]);
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read(rows in proptest::collection::vec(
            proptest::collection::vec("[a\",; \n'é]{0,6}", 2..4), 0..6)
        ) {
            let mut csv = csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(Vec::new());
            for row in &rows {
                csv.write_record(row).unwrap();
            }
            let text = String::from_utf8(csv.into_inner().unwrap()).unwrap();
            let read: Vec<Vec<String>> = scan(&text).into_iter().map(|record| record.unwrap().1).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a\",\r\n]{0,40}") {
            scan(&text);
        }
    }
}
