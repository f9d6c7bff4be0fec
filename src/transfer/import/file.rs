//! A file of records of one kind: read once for what is wrong with the rows alone, then again to write them.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::codes::{Codes, First};
use super::known::{Known, suggest};
use super::options::{Defects, Mode, Options};
use super::report::Report;
use super::row::{Fields, Sent, defect_of_known, on_line, taken, version_required};
use crate::error::{At, Defect, Result};
use crate::limits::DEFECTS;
use crate::registry::query::CHUNK;
use crate::registry::{Outcome, ParentRefs, Reference, Resource, Stored, Tx, decode_collecting};
use crate::transfer::rows::ReadError;
use crate::transfer::source::Source;
use crate::values::quote;

/// A file of records of some kind.
pub(super) trait File: Send {
    /// Its name, where there are several.
    fn name(&self) -> Option<String>;

    /// Returns the number of its rows.
    fn count(&self) -> u64;

    /// Checks every row and writes it, unless something is `wrong` with any row so far.
    fn write(
        self: Box<Self>,
        tx: &mut Tx<'_>,
        wrong: bool,
        known: &mut Known,
        defects: &mut Defects,
        done: &mut dyn FnMut(u64),
    ) -> Result<Report>;
}

/// The result of reading a file.
pub(super) struct Scan {
    /// The codes of its rows.
    pub(super) codes: Codes,
    /// True if a row is wrong.
    pub(super) wrong: bool,
    /// True if it was not read to its end, or has a row whose code is not known.
    pub(super) unread: bool,
}

/// A file that has been read once.
pub(super) struct Loaded<R> {
    name: Option<String>,
    source: Source,
    options: Options,
    /// The number of rows that were read; with too many defects those after them were not.
    count: u64,
    /// The example, for what a row does not name.
    example: Map<String, Value>,
    kind: std::marker::PhantomData<fn() -> R>,
}

impl<R: Resource> Loaded<R> {
    /// Reads a file, up to the first defect that is too many to report.
    pub(super) fn read(name: Option<&str>, source: Source, options: Options) -> (Self, Scan) {
        let example = match serde_json::to_value(R::example()) {
            Ok(Value::Object(example)) => example,
            _ => Map::new(),
        };
        let name = name.map(str::to_owned);
        let mut file = Self { name, source, options, count: 0, example, kind: std::marker::PhantomData };
        let mut scan = Scan { codes: Codes::default(), wrong: false, unread: false };
        let (mut found, mut count) = (0, 0);
        for row in file.source.rows::<R>(options.mode == Mode::Upsert) {
            match row {
                Ok(row) => {
                    let sent = Sent::read::<R>(row);
                    let first = First { place: u32::try_from(count).unwrap_or(u32::MAX), line: sent.line };
                    let repeats = sent.code.as_ref().is_some_and(|code| scan.codes.add(code, first).is_some());
                    found += usize::from(repeats) + usize::from(sent.version.is_err());
                    let mut defects = Vec::new();
                    sent.decode::<R>(options, &file.example, &mut defects);
                    found += defects.len();
                }
                Err(_) => {
                    found += 1;
                    // Its code is not known: a reference may well be to it.
                    scan.unread = true;
                }
            }
            count += 1;
            if found > DEFECTS {
                scan.unread = true;
                break;
            }
        }
        scan.wrong = found > 0;
        file.count = count;
        (file, scan)
    }
}

/// A row that has been checked.
struct CheckedRow<R> {
    line: u64,
    /// The record as it is to be written, and as it was.
    record: Option<(R, Option<Stored<R>>)>,
    references: Vec<Reference>,
    defects: Vec<Defect>,
}

impl<R: Resource> Loaded<R> {
    /// Checks a row, given the record with its code.
    fn check_row(
        &self,
        sent: Sent,
        place: u32,
        codes: Option<&Codes>,
        before: Option<Stored<R>>,
        wrong: bool,
    ) -> CheckedRow<R> {
        let line = sent.line;
        let references = R::references_of(&sent.document);
        let first = sent.code.as_deref().and_then(|code| codes?.first(code)).filter(|first| first.place != place);
        let mut late = Vec::new();
        if let (Some(code), Some(First { line, .. })) = (&sent.code, first) {
            late.push(if sent.is_derived {
                taken(code, &format!("by the row on line {line}"))
            } else {
                Defect::pointer("/code", "duplicate_code", format!("{} is on line {line} already", quote(code)))
            });
        } else if let Some(before) = &before {
            late.extend(defect_of_known(&sent, before, self.options));
        }
        late.extend(sent.version.as_ref().err().cloned());
        let has_version = !matches!(sent.version, Ok(None));
        let (code, repeats) = (sent.code.clone(), first.is_some());
        // The record that the row changes; a row that has a code by accident changes nothing.
        let target = before.as_ref().filter(|_| !sent.is_derived && !repeats);
        // A row that cannot be read is read once more, with what the record has in the fields that it does not name.
        let again = wrong.then(|| sent.document.clone());
        let mut defects = Vec::new();
        let (mut record, fields) = sent.decode::<R>(self.options, &self.example, &mut defects);
        if let Some(record) = record.as_mut().filter(|_| !repeats) {
            match target {
                Some(before) if self.options.mode == Mode::Upsert => {
                    record.keep_unnamed(&before.record, &|name| fields.named.contains(&name));
                    record.check(&mut defects);
                }
                _ if fields.missing.is_empty() => record.check(&mut defects),
                _ => defects.extend(fields.missing_of_a_new::<R>(code.as_deref().unwrap_or_default())),
            }
            if let Some(before) = target.filter(|before| before.record != *record)
                && self.options.require_version
                && !has_version
                && late.is_empty()
            {
                late.push(version_required(before));
            }
        } else if let Some(again) = again.filter(|_| record.is_none()) {
            defects.clear();
            decode_collecting::<R>(self.completed(again, target, &fields), &mut defects);
        }
        defects.append(&mut late);
        CheckedRow { line, record: record.map(|record| (record, before)), references, defects }
    }

    /// Returns a document with what the record has in the fields that it does not name.
    fn completed(&self, mut document: Value, before: Option<&Stored<R>>, fields: &Fields) -> Value {
        if self.options.mode == Mode::Upsert
            && let Some(Ok(Value::Object(whole))) = before.map(|before| serde_json::to_value(&before.record))
            && let Value::Object(sent) = &mut document
        {
            for (name, value) in whole {
                if !fields.named.contains(&name.as_str()) {
                    sent.insert(name, value);
                }
            }
        }
        document
    }

    /// Adds the references to records that do not exist, and suggests the code that was probably meant.
    fn check_references(&self, tx: &mut Tx<'_>, checked: &mut [CheckedRow<R>], known: &mut Known) -> Result<()> {
        for row in checked.iter_mut() {
            let CheckedRow { references, defects, .. } = row;
            if defects.is_empty() {
                continue;
            }
            // A text that is no code at all has been reported already, and must not reach the database.
            for defect in defects.iter_mut().filter(|defect| defect.code == "bad_code") {
                let named = references.iter().find(|one| defect.at == At::Pointer(one.pointer.clone()));
                if let Some(reference) = named {
                    suggest(tx, reference, defect)?;
                }
            }
            references.retain(|one| {
                let at = |known: &Defect| matches!(&known.at, At::Pointer(place) if is_within(&one.pointer, place));
                !defects.iter().any(at)
            });
        }
        known.ask(tx, checked.iter().flat_map(|row| &row.references))?;
        for row in checked {
            for reference in row.references.iter().filter(|reference| known.is_dangling(reference)) {
                let mut defect = reference.unknown();
                suggest(tx, reference, &mut defect)?;
                row.defects.push(defect);
                if row.defects.len() > DEFECTS {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Tells whether a place is at another or below it.
fn is_within(pointer: &str, place: &str) -> bool {
    pointer.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl<R: Resource> File for Loaded<R> {
    fn name(&self) -> Option<String> {
        self.name.clone()
    }

    fn count(&self) -> u64 {
        self.count
    }

    fn write(
        self: Box<Self>,
        tx: &mut Tx<'_>,
        wrong: bool,
        known: &mut Known,
        defects: &mut Defects,
        done: &mut dyn FnMut(u64),
    ) -> Result<Report> {
        let mut report = Report::of::<R>(self.options.dry_run);
        let mut rows = self.source.rows::<R>(self.options.mode == Mode::Upsert).peekable();
        let mut place = 0;
        let mut chained: Vec<(u64, ParentRefs)> = Vec::new();
        while rows.peek().is_some() && !defects.more && report.rows < self.count {
            let piece: Vec<_> = rows.by_ref().take(CHUNK).map(|row| row.map(Sent::read::<R>)).collect();
            let sent = piece.iter().filter_map(|row| row.as_ref().ok()?.code.as_deref());
            let codes: Vec<&str> = sent.filter(|code| R::is_valid_code(code)).collect();
            let mut before: HashMap<String, Stored<R>> = tx.find_all::<R>(&codes)?;
            let mut checked = Vec::with_capacity(piece.len());
            for row in piece {
                let row = match row {
                    Ok(sent) => {
                        let before = sent.code.as_ref().and_then(|code| before.remove(code));
                        self.check_row(sent, place, known.also_created.get(R::COLLECTION), before, wrong)
                    }
                    Err(ReadError::Row(defect) | ReadError::File(defect)) => unread(defect),
                };
                report.rows += 1;
                place += 1;
                checked.push(row);
            }
            self.check_references(tx, &mut checked, known)?;
            for row in checked {
                for defect in row.defects {
                    defects.tell(on_line(&self.name, row.line, defect));
                }
                if let Some((record, before)) = row.record.filter(|_| defects.is_empty() && !wrong) {
                    chained.extend(ParentRefs::of(&record).map(|one| (row.line, one)));
                    let outcome = report.count(before.as_ref().map(|before| &before.record), &record);
                    if !self.options.dry_run && outcome != Outcome::Unchanged {
                        tx.put_checked(record, before)?;
                    }
                }
            }
            done(report.rows);
        }
        if defects.is_empty() && !chained.is_empty() {
            let (lines, chained): (Vec<u64>, Vec<ParentRefs>) = chained.into_iter().unzip();
            for (index, defect) in tx.cycles::<R>(&chained)? {
                let line = lines.get(index).copied().unwrap_or_default();
                defects.tell(on_line(&self.name, line, defect));
            }
        }
        Ok(report.finish())
    }
}

/// Returns a row that could not be read.
fn unread<R>(defect: Defect) -> CheckedRow<R> {
    let line = match defect.at {
        At::Line { line, .. } => line,
        _ => 0,
    };
    CheckedRow { line, record: None, references: Vec::new(), defects: vec![defect] }
}
