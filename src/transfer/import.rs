//! Many records written at once, all or nothing, with every defect told.
//!
//! Two steps, so that reading a large file holds no lock: [`Prepared`] decodes the rows (fields and the rules between
//! them), and [`Prepared::apply`] checks in a transaction what depends on other records, then writes. References are
//! asked for in sets; rows may refer to rows that come with them, in any order.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::Value;

use super::rows::{Row, Rows, Unread, too_many_rows};
use crate::error::{At, Defect, Error, Result};
use crate::limits::{self, DEFECTS};
use crate::registry::query::CHUNK;
use crate::registry::{Outcome, Reference, Resource, Tx, decode_collecting, references_in};
use crate::values::{Parsed as _, cut, quote, text_enum};

text_enum! {
    /// What happens to records that exist already.
    pub enum Mode {
        /// They are replaced.
        Upsert = "upsert",
        /// They are defects: every record must be new.
        Create = "create",
    }
}

/// How to import.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What happens to records that exist already.
    pub mode: Mode,
    /// Whether to check everything and write nothing.
    pub dry_run: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { mode: Mode::Upsert, dry_run: false }
    }
}

/// What an import did, or, as a dry run, would have done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows read.
    pub rows: u64,
    /// Records that were not there before.
    pub created: u64,
    /// Records that have changed.
    pub updated: u64,
    /// Records that were like this already.
    pub unchanged: u64,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// Hears how many of how many rows are done.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Files that have been read, ready to be checked against the registry and written.
pub struct Prepared {
    options: Options,
    files: Vec<Box<dyn File>>,
    /// The codes of the rows, by collection: rows may refer to them.
    coming: HashMap<&'static str, HashSet<String>>,
    /// Collections of which a file could not be read to its end: a reference there may well be to one of its rows.
    unread: HashSet<&'static str>,
}

impl Prepared {
    /// Nothing yet.
    pub fn new(options: Options) -> Self {
        Self { options, files: Vec::new(), coming: HashMap::new(), unread: HashSet::new() }
    }

    /// Reads the rows of a file. Files are added in the order of [`crate::registry::each`]. `name` is told with the
    /// file's defects.
    pub fn add<R: Resource>(&mut self, name: Option<&str>, rows: Rows<'_>) {
        let mut file = Decoded::<R>::new(name);
        let mut seen: HashMap<String, u64> = HashMap::new();
        for row in rows {
            match row {
                Ok(row) if file.rows.len() == limits::ROWS => {
                    file.tell(DEFECTS, too_many_rows(row.line));
                    self.unread.insert(R::COLLECTION);
                    break;
                }
                Ok(row) => {
                    file.count += 1;
                    file.decode(row, &mut seen);
                }
                Err(Unread::Row(defect)) => {
                    file.count += 1;
                    file.tell(DEFECTS, defect);
                    // Its code is not known, so nobody can say that a reference to it dangles.
                    self.unread.insert(R::COLLECTION);
                }
                Err(Unread::File(defect)) => {
                    file.tell(DEFECTS, defect);
                    self.unread.insert(R::COLLECTION);
                }
            }
        }
        self.coming.entry(R::COLLECTION).or_default().extend(seen.into_keys());
        self.files.push(Box::new(file));
    }

    /// Checks what depends on other records, and writes; tells what it did with each file.
    ///
    /// # Errors
    /// [`Error::Validation`] with the first [`DEFECTS`] defects, in the order of files and lines; then nothing is
    /// written.
    pub fn apply(self, tx: &mut Tx<'_>, progress: Progress<'_>) -> Result<Vec<(Option<String>, Report)>> {
        let Self { options, mut files, coming, unread } = self;
        let mut known = Known { coming, unread, asked: HashMap::new() };
        let mut defects = Vec::new();
        for file in &mut files {
            file.check(tx, options.mode, &mut known)?;
            defects.extend(file.take_defects());
        }
        if !defects.is_empty() {
            defects.truncate(DEFECTS);
            return Err(Error::Validation(defects));
        }
        let total = files.iter().map(|file| file.count()).sum();
        let mut before = 0;
        let mut reports = Vec::with_capacity(files.len());
        for file in files {
            let name = file.name();
            let report = file.write(tx, options, &mut |done| progress(before + done, total))?;
            before += report.rows;
            reports.push((name, report));
        }
        Ok(reports)
    }
}

/// Which codes exist, or will.
struct Known {
    coming: HashMap<&'static str, HashSet<String>>,
    unread: HashSet<&'static str>,
    /// What the database has answered.
    asked: HashMap<&'static str, HashMap<String, bool>>,
}

impl Known {
    /// Whether a code can be referred to; `None` when the database has not been asked.
    fn has(&self, to: &str, code: &str) -> Option<bool> {
        if self.unread.contains(to) || self.coming.get(to).is_some_and(|codes| codes.contains(code)) {
            return Some(true);
        }
        self.asked.get(to).and_then(|asked| asked.get(code)).copied()
    }

    /// A defect for each reference of these rows to nothing.
    fn dangling(&mut self, tx: &mut Tx<'_>, rows: &[(u64, Vec<Reference>)]) -> Result<Vec<Defect>> {
        let mut wanted: HashMap<&'static str, HashSet<String>> = HashMap::new();
        for reference in rows.iter().flat_map(|(_, references)| references) {
            if self.has(reference.to, &reference.code).is_none() {
                wanted.entry(reference.to).or_default().insert(reference.code.clone());
            }
        }
        self.ask(tx, wanted)?;
        let mut defects = Vec::new();
        for (line, references) in rows {
            let dangling = references.iter().filter(|one| self.has(one.to, &one.code) != Some(true));
            defects.extend(dangling.map(|reference| on_line(*line, reference.unknown())));
        }
        Ok(defects)
    }

    fn ask(&mut self, tx: &mut Tx<'_>, wanted: HashMap<&'static str, HashSet<String>>) -> Result<()> {
        for (to, codes) in wanted {
            let list: Vec<&str> = codes.iter().map(String::as_str).collect();
            let existing: HashSet<String> = tx.existing(to, &list)?.into_iter().collect();
            let answers = codes.into_iter().map(|code| {
                let exists = existing.contains(&code);
                (code, exists)
            });
            self.asked.entry(to).or_default().extend(answers);
        }
        Ok(())
    }
}

/// A file of records of some kind.
trait File: Send {
    fn name(&self) -> Option<String>;
    fn count(&self) -> u64;
    fn check(&mut self, tx: &mut Tx<'_>, mode: Mode, known: &mut Known) -> Result<()>;
    fn take_defects(&mut self) -> Vec<Defect>;
    fn write(self: Box<Self>, tx: &mut Tx<'_>, options: Options, done: &mut dyn FnMut(u64)) -> Result<Report>;
}

struct Decoded<R> {
    name: Option<String>,
    rows: Vec<(u64, R)>,
    /// The references of rows that are refused: those to nothing are told with what else is wrong.
    refused: Vec<(u64, Vec<Reference>)>,
    count: u64,
    defects: Vec<Defect>,
}

impl<R: Resource> Decoded<R> {
    fn new(name: Option<&str>) -> Self {
        Self { name: name.map(str::to_owned), rows: Vec::new(), refused: Vec::new(), count: 0, defects: Vec::new() }
    }

    /// Reads one row. `seen` holds the codes so far and their lines.
    fn decode(&mut self, row: Row, seen: &mut HashMap<String, u64>) {
        let Row { line, mut document } = row;
        let mut defects = Vec::new();
        let code = name_row::<R>(&mut document);
        let mut references = references_in(R::REFERENCES, &document);
        let record = decode_collecting::<R>(document, &mut defects);
        let code = record.as_ref().map(|record| record.code().to_owned()).or(code);
        if let Some(code) = code {
            if let Some(first) = seen.get(&code) {
                let detail = format!("{} stands on line {first} already", quote(&code));
                defects.push(Defect::pointer("/code", "duplicate_code", detail));
            } else {
                seen.insert(code, line);
            }
        }
        match record {
            Some(record) if defects.is_empty() => self.rows.push((line, record)),
            _ => {
                // What is no code at all has been told already, and must not reach the database.
                references.retain(|one| !defects.iter().any(|told| told.at == At::Pointer(one.pointer.clone())));
                if self.refused.len() < DEFECTS {
                    self.refused.push((line, references));
                }
                defects.into_iter().for_each(|defect| self.tell(DEFECTS, on_line(line, defect)));
            }
        }
    }

    /// Keeps a defect, unless there are so many.
    fn tell(&mut self, limit: usize, mut defect: Defect) {
        if let At::Line { file, .. } = &mut defect.at {
            file.clone_from(&self.name);
        }
        if self.defects.len() < limit {
            self.defects.push(defect);
        }
    }
}

/// Gives a row without a code the one that follows from it; tells the row's code.
fn name_row<R: Resource>(document: &mut Value) -> Option<String> {
    let fields = document.as_object_mut()?;
    if fields.get("code").is_none_or(Value::is_null) {
        let code = R::default_code(fields)?;
        fields.insert("code".to_owned(), code.into());
    }
    fields.get("code").and_then(Value::as_str).map(|code| code.trim().to_owned())
}

/// Puts a defect of a document on the line of its row: the column is the field that the JSON Pointer begins with.
fn on_line(line: u64, defect: Defect) -> Defect {
    let field = match &defect.at {
        At::Pointer(pointer) => pointer.split('/').nth(1).map(|name| cut(&name.replace("~1", "/").replace("~0", "~"))),
        _ => None,
    };
    Defect { at: At::Line { file: None, line, field }, ..defect }
}

impl<R: Resource> File for Decoded<R> {
    fn name(&self) -> Option<String> {
        self.name.clone()
    }

    fn count(&self) -> u64 {
        self.count
    }

    fn check(&mut self, tx: &mut Tx<'_>, mode: Mode, known: &mut Known) -> Result<()> {
        let mut found = Vec::new();
        for rows in self.rows.chunks(CHUNK) {
            let mut taken = HashSet::new();
            if mode == Mode::Create {
                let codes: Vec<&str> = rows.iter().map(|(_, record)| record.code()).collect();
                taken.extend(tx.existing(R::COLLECTION, &codes)?);
            }
            let references: Vec<_> = rows.iter().map(|(line, record)| (*line, record.references())).collect();
            for (line, record) in rows.iter().filter(|(_, record)| taken.contains(record.code())) {
                let detail = format!("{} exists already: mode upsert would replace it", quote(record.code()));
                found.push(on_line(*line, Defect::pointer("/code", "code_taken", detail)));
            }
            found.extend(known.dangling(tx, &references)?);
            if found.len() >= DEFECTS {
                break;
            }
        }
        found.extend(known.dangling(tx, &std::mem::take(&mut self.refused))?);
        // Each piece is in the order of lines and long enough, so the first of all together are the first.
        found.into_iter().for_each(|defect| self.tell(usize::MAX, defect));
        Ok(())
    }

    fn take_defects(&mut self) -> Vec<Defect> {
        let mut defects = std::mem::take(&mut self.defects);
        defects.sort_by_key(|defect| match defect.at {
            At::Line { line, .. } => line,
            _ => 0,
        });
        defects
    }

    fn write(self: Box<Self>, tx: &mut Tx<'_>, options: Options, done: &mut dyn FnMut(u64)) -> Result<Report> {
        let mut report = Report { rows: self.count, dry_run: options.dry_run, ..Report::default() };
        let mut rows = self.rows.into_iter();
        let mut written = 0;
        loop {
            let piece: Vec<R> = rows.by_ref().take(CHUNK).map(|(_, record)| record).collect();
            if piece.is_empty() {
                return Ok(report);
            }
            let codes: Vec<&str> = piece.iter().map(|record| record.code()).collect();
            let mut before = tx.find_all::<R>(&codes)?;
            for record in piece {
                let before = before.remove(record.code());
                let outcome = match (options.dry_run, &before) {
                    (false, _) => tx.put_checked(record, before)?.1,
                    (true, None) => Outcome::Created,
                    (true, Some(before)) if before.record == record => Outcome::Unchanged,
                    (true, Some(_)) => Outcome::Updated,
                };
                match outcome {
                    Outcome::Created => report.created += 1,
                    Outcome::Updated => report.updated += 1,
                    Outcome::Unchanged => report.unchanged += 1,
                }
                written += 1;
            }
            done(written);
        }
    }
}

impl std::str::FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|reason| reason.detail)
    }
}
