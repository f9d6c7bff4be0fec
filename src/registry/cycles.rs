//! Chains of records of one kind (an agreement takes the place of another, a nation comes after another) make no
//! circle.

use std::collections::{HashMap, HashSet};

use super::query::{CHUNK, RowQuery};
use super::references::Reference;
use super::resource::Resource;
use crate::db::DbConn;
use crate::error::{Defect, Result};

/// The references of a record that is to be written, in the fields that may make no circle.
#[derive(Clone, Debug)]
pub struct ParentRefs {
    code: String,
    references: Vec<Reference>,
}

impl ParentRefs {
    /// Reads the references of a record; none where its kind has no such fields.
    pub fn of<R: Resource>(record: &R) -> Option<Self> {
        let all = || R::CHAINS.iter().flat_map(|field| references(record, field)).collect();
        (!R::CHAINS.is_empty()).then(|| Self { code: record.code().to_owned(), references: all() })
    }

    fn within(&self, field: &str) -> impl Iterator<Item = &Reference> {
        self.references.iter().filter(move |one| is_within(&one.pointer, field))
    }
}

/// Returns the defects of records that would make a circle, each with the place of the record among those that are to
/// be written.
///
/// # Errors
/// Errors of the database.
pub(super) fn cycles<R: Resource>(conn: &mut DbConn, written: &[ParentRefs]) -> Result<Vec<(usize, Defect)>> {
    let mut found = Vec::new();
    for field in R::CHAINS {
        let mut chain = Chain::of::<R>(conn, field, written)?;
        for (index, record) in written.iter().enumerate() {
            if let Some(cycle) = chain.cycle_from::<R>(conn, &record.code)? {
                found.extend(chain.defect(&cycle, index));
            }
        }
    }
    Ok(found)
}

/// The references of records in one field.
struct Chain<'a> {
    field: &'static str,
    /// The codes that each record refers to: of those to be written, and of those that have been read.
    links: HashMap<String, Vec<String>>,
    /// Those to be written.
    written: &'a [ParentRefs],
    /// Those from which no circle can be reached, or one that is known.
    seen: HashSet<String>,
}

impl<'a> Chain<'a> {
    fn of<R: Resource>(conn: &mut DbConn, field: &'static str, written: &'a [ParentRefs]) -> Result<Self> {
        let codes = |one: &ParentRefs| one.within(field).map(|reference| reference.code.clone()).collect();
        let links = written.iter().map(|one| (one.code.clone(), codes(one))).collect();
        let mut chain = Self { field, links, written, seen: HashSet::new() };
        // One query for all that are referred to; what those refer to is asked for when a chain comes there.
        let unread: HashSet<String> =
            chain.links.values().flatten().filter(|code| !chain.links.contains_key(*code)).cloned().collect();
        chain.read::<R>(conn, unread.iter().map(String::as_str).collect())?;
        Ok(chain)
    }

    fn read<R: Resource>(&mut self, conn: &mut DbConn, codes: Vec<&str>) -> Result<()> {
        for codes in codes.chunks(CHUNK) {
            let limit = i64::try_from(codes.len()).unwrap_or(i64::MAX);
            for stored in R::load(conn, RowQuery::by_code(vec![R::with_codes(codes)], limit))? {
                let links = references(&stored.record, self.field).into_iter().map(|one| one.code).collect();
                self.links.insert(stored.record.code().to_owned(), links);
            }
            // A record that does not exist has no references; the reference to it is a defect of its own.
            for code in codes {
                self.links.entry((*code).to_owned()).or_default();
            }
        }
        Ok(())
    }

    /// Returns the codes of a circle that can be reached from a record, in their order.
    fn cycle_from<R: Resource>(&mut self, conn: &mut DbConn, start: &str) -> Result<Option<Vec<String>>> {
        let mut path: Vec<(String, Vec<String>)> = Vec::new();
        let mut next = Some(start.to_owned());
        loop {
            if let Some(code) = next.take() {
                // A record that refers to itself has a defect of its own.
                let again = path.last().is_some_and(|(last, _)| *last == code);
                if let Some(at) = path.iter().position(|(earlier, _)| *earlier == code).filter(|_| !again) {
                    self.seen.extend(path.iter().map(|(code, _)| code.clone()));
                    return Ok(Some(path.into_iter().skip(at).map(|(code, _)| code).collect()));
                }
                if !again && !self.seen.contains(&code) {
                    if !self.links.contains_key(&code) {
                        self.read::<R>(conn, vec![&code])?;
                    }
                    let links = self.links.get(&code).cloned().unwrap_or_default();
                    path.push((code, links));
                }
            }
            let Some((_, links)) = path.last_mut() else { return Ok(None) };
            next = links.pop();
            if next.is_none() {
                self.seen.extend(path.pop().map(|(code, _)| code));
            }
        }
    }

    /// Returns the defect of a circle, at the first of its records that is to be written.
    fn defect(&self, cycle: &[String], from: usize) -> Option<(usize, Defect)> {
        let places = cycle
            .iter()
            .enumerate()
            .filter_map(|(at, code)| Some((at, self.written.iter().position(|one| one.code == *code)?)));
        let (at, index) = places.min_by_key(|(_, index)| index.abs_diff(from))?;
        let mut codes: Vec<&str> = cycle.iter().skip(at).chain(cycle.iter().take(at)).map(String::as_str).collect();
        codes.extend(cycle.get(at).map(String::as_str));
        let second = codes.get(1)?;
        let reference = self.written.get(index)?.within(self.field).find(|reference| reference.code == *second)?;
        let detail = format!("this makes a circle: {}", codes.join(" → "));
        Some((index, Defect::pointer(reference.pointer.clone(), "circle", detail)))
    }
}

fn references<R: Resource>(record: &R, field: &str) -> Vec<Reference> {
    let all = record.references().into_iter();
    all.filter(|one| one.to == R::COLLECTION && is_within(&one.pointer, field)).collect()
}

fn is_within(pointer: &str, field: &str) -> bool {
    pointer.split('/').nth(1) == Some(field)
}
