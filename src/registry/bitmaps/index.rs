//! One index: the records of a kind, numbered, and the sets of their numbers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Text;
use roaring::RoaringBitmap;

use super::follow::Concerned;
use super::request::{CountRequest, Needed};
use super::words::WordSets;
use crate::db::{DbConn, RawSql, SqlFragment, in_list};
use crate::error::Result;
use crate::registry::facet::Dimension;
use crate::registry::query::FilterSet;
use crate::registry::resource::Resource;
use crate::registry::search::{index, predicate};

/// The number of values beyond which they are not compared pair by pair.
const PAIRED: usize = 500;

/// The sets of the records of one kind.
#[derive(Debug, Default)]
pub struct Index {
    /// The revision and the day that the sets are of; none before they are made.
    moment: Option<(i64, NaiveDate)>,
    /// The number of each record.
    numbers: HashMap<Arc<str>, u32>,
    /// The code of each number. None is used twice.
    codes: Vec<Arc<str>>,
    /// All records.
    records: RoaringBitmap,
    dimensions: HashMap<&'static str, Sets>,
    /// The number of the record of each row of the search index, once words have been asked for.
    row_numbers: Option<HashMap<i64, u32>>,
    /// The records that have a word, of the words that were asked for.
    words: WordSets,
    /// The number of codes, from the first on, that are sorted.
    sorted: u32,
}

/// The sets of one dimension by its values.
pub(super) type Sets = HashMap<Box<str>, RoaringBitmap>;

/// Counts of the records that match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// A value or a pair of values (null for none), the number of records that have it, and of those that are marked.
    pub rows: Vec<(Option<String>, Option<String>, i64, i64)>,
    /// The number of records that match.
    pub total: i64,
}

impl Index {
    /// Tells whether it is of a revision and a day and has these dimensions.
    pub(super) fn is_at(&self, revision: i64, day: NaiveDate, needed: &Needed<'_>) -> bool {
        self.moment == Some((revision, day))
            && needed.dimensions.iter().all(|one| self.dimensions.contains_key(one.name))
            && (self.row_numbers.is_some() || !needed.words)
    }

    /// Tells whether it is of a later revision.
    pub(super) fn is_ahead_of(&self, revision: i64) -> bool {
        self.moment.is_some_and(|(own, _)| own > revision)
    }

    /// Returns the number of records.
    pub(super) fn len(&self) -> u64 {
        self.records.len()
    }

    /// Brings it to a revision and a day: along the log where that is short, else from the tables.
    pub(super) fn advance<R: Resource>(&mut self, conn: &mut DbConn, revision: i64, day: NaiveDate) -> Result<()> {
        match self.moment {
            Some((own, own_day)) if own == revision && own_day == day => return Ok(()),
            Some((own, own_day)) if own_day == day => match Concerned::since::<R>(conn, own, revision)? {
                Some(concerned) => self.follow::<R>(conn, concerned, day)?,
                None => *self = Self::of_all::<R>(conn, day)?,
            },
            _ => *self = Self::of_all::<R>(conn, day)?,
        }
        self.moment = Some((revision, day));
        Ok(())
    }

    fn of_all<R: Resource>(conn: &mut DbConn, day: NaiveDate) -> Result<Self> {
        let mut index = Self { moment: Some((0, day)), ..Self::default() };
        let mut codes = codes::<R>(conn, &FilterSet::empty(day))?;
        codes.sort_unstable();
        for code in codes {
            index.number(code);
        }
        index.sorted = u32::try_from(index.codes.len()).unwrap_or(u32::MAX);
        Ok(index)
    }

    /// Returns the number of a record, which gets one where it has none.
    fn number(&mut self, code: String) -> u32 {
        let codes = &mut self.codes;
        let code = Arc::<str>::from(code);
        let number = *self.numbers.entry(code.clone()).or_insert_with(|| {
            codes.push(code);
            u32::try_from(codes.len() - 1).unwrap_or(u32::MAX)
        });
        self.records.insert(number);
        number
    }

    /// Reads what is needed and not there yet.
    pub(super) fn load<R: Resource>(&mut self, conn: &mut DbConn, needed: &Needed<'_>) -> Result<()> {
        let Some((_, day)) = self.moment else { return Ok(()) };
        if needed.words && self.row_numbers.is_none() {
            self.row_numbers = Some(self.numbered(index::rows(conn, R::COLLECTION, None)?).collect());
        }
        for dimension in &needed.dimensions {
            if !self.dimensions.contains_key(dimension.name) {
                let mut sets = Sets::default();
                self.fill(&mut sets, pairs(conn, dimension, day, None)?);
                self.dimensions.insert(dimension.name, sets);
            }
        }
        Ok(())
    }

    fn fill(&self, sets: &mut Sets, pairs: Vec<(String, String)>) {
        for (code, value) in pairs {
            if let Some(number) = self.numbers.get(code.as_str()) {
                match sets.get_mut(value.as_str()) {
                    Some(set) => set.insert(*number),
                    None => sets.entry(value.into_boxed_str()).or_default().insert(*number),
                };
            }
        }
    }

    /// Returns the numbers of records, from pairs of a value and a code.
    fn numbered(&self, rows: Vec<(i64, String)>) -> impl Iterator<Item = (i64, u32)> {
        rows.into_iter().filter_map(|(row, code)| Some((row, *self.numbers.get(code.as_str())?)))
    }

    /// Reads again what the log says has changed.
    fn follow<R: Resource>(&mut self, conn: &mut DbConn, concerned: Concerned, day: NaiveDate) -> Result<()> {
        let changed: Vec<&str> = concerned.records.iter().map(String::as_str).collect();
        let exist: HashSet<String> = R::existing_codes(conn, &changed)?.into_iter().collect();
        for code in &concerned.records {
            if exist.contains(code) {
                self.number(code.clone());
            } else if let Some(number) = self.numbers.remove(code.as_str()) {
                self.records.remove(number);
                for set in self.dimensions.values_mut().flat_map(|sets| sets.values_mut()) {
                    set.remove(number);
                }
            }
        }
        if let Some(mut row_numbers) = self.row_numbers.take() {
            // Rows of records that are gone stay behind: their numbers are in no set.
            if !changed.is_empty() {
                row_numbers.extend(self.numbered(index::rows(conn, R::COLLECTION, Some(changed))?));
                self.words = WordSets::default();
            }
            self.row_numbers = Some(row_numbers);
        }
        for dimension in R::dimensions() {
            let Some(mut sets) = self.dimensions.remove(dimension.name) else { continue };
            let Some(records) = concerned.of(dimension) else { continue };
            for number in records.iter().filter_map(|code| self.numbers.get(*code)) {
                for set in sets.values_mut() {
                    set.remove(*number);
                }
            }
            if !records.is_empty() {
                self.fill(&mut sets, pairs(conn, dimension, day, Some(records))?);
            }
            sets.retain(|_, set| !set.is_empty());
            self.dimensions.insert(dimension.name, sets);
        }
        Ok(())
    }

    /// Returns all records.
    pub(super) fn records(&self) -> &RoaringBitmap {
        &self.records
    }

    /// Returns the records with these codes.
    pub(super) fn with_codes(&self, codes: Vec<String>) -> RoaringBitmap {
        codes.iter().filter_map(|code| self.numbers.get(code.as_str()).copied()).collect()
    }

    /// Returns the records that have all of these words, in the form that the database's index takes.
    pub(super) fn with_words(&self, conn: &mut DbConn, words: &str) -> Result<RoaringBitmap> {
        let mut all: Option<RoaringBitmap> = None;
        for word in words.split(' ') {
            let set = self.words.get(word, || Ok(self.records_of_rows(&predicate::rows_with(conn, word)?)))?;
            all = Some(all.map_or_else(|| RoaringBitmap::clone(&set), |all| all & &*set));
        }
        Ok(all.unwrap_or_default())
    }

    /// Returns the records of these rows of the search index, which has rows of other kinds as well.
    fn records_of_rows(&self, rows: &[i64]) -> RoaringBitmap {
        let Some(row_numbers) = &self.row_numbers else { return RoaringBitmap::new() };
        rows.iter().filter_map(|row| row_numbers.get(row).copied()).collect::<RoaringBitmap>() & &self.records
    }

    /// Returns the codes of the first records after a code, at most `limit`.
    pub(super) fn first_after(&self, matched: &RoaringBitmap, after: Option<&str>, limit: usize) -> Vec<Arc<str>> {
        let sorted = self.codes.get(..self.sorted as usize).unwrap_or_default();
        let begin = after.map_or(0, |after| sorted.partition_point(|code| **code <= *after));
        let begin = u32::try_from(begin).unwrap_or(u32::MAX);
        let code = |number: u32| self.codes.get(number as usize);
        // Those that came later have numbers in no order; they are few, or the index is made again.
        let later =
            matched.range(self.sorted..).filter_map(code).filter(|code| after.is_none_or(|after| ***code > *after));
        let mut first: Vec<&Arc<str>> =
            matched.range(begin..self.sorted).filter_map(code).take(limit).chain(later).collect();
        first.sort_unstable();
        first.truncate(limit);
        first.into_iter().cloned().collect()
    }

    /// Returns the records that have a value of a dimension; those that have none for the empty text.
    pub(super) fn having(&self, dimension: &str, value: &str) -> RoaringBitmap {
        let Some(sets) = self.dimensions.get(dimension) else { return RoaringBitmap::new() };
        if value.is_empty() {
            return self.lacking(sets);
        }
        sets.get(value).cloned().unwrap_or_default()
    }

    fn lacking(&self, sets: &Sets) -> RoaringBitmap {
        let mut rest = self.records.clone();
        for set in sets.values() {
            rest -= set;
        }
        rest
    }

    /// Returns the values of a dimension with their records among `matched`, and last those that have none.
    fn split(&self, dimension: &str, matched: &RoaringBitmap) -> Vec<(Option<&str>, RoaringBitmap)> {
        let Some(sets) = self.dimensions.get(dimension) else { return Vec::new() };
        let mut rest = matched.clone();
        let mut split = Vec::with_capacity(sets.len() + 1);
        for (value, set) in sets {
            rest -= set;
            split.push((Some(&**value), set & matched));
        }
        split.push((None, rest));
        split.retain(|(_, set)| !set.is_empty());
        split
    }

    /// Counts the records of `matched` that have both of two values; `None` for too many values.
    pub(super) fn pairs(&self, dimension: &str, matched: &RoaringBitmap) -> Option<Vec<(String, String, i64)>> {
        let mut sets = self.split(dimension, matched);
        sets.retain(|(value, _)| value.is_some());
        sets.sort_unstable_by_key(|(value, _)| *value);
        if sets.len() > PAIRED {
            return None;
        }
        let mut pairs = Vec::new();
        for (at, (value, set)) in sets.iter().enumerate() {
            for (other, with) in sets.iter().skip(at + 1) {
                let count = length(set.intersection_len(with));
                if let (Some(value), Some(other), true) = (value, other, count > 0) {
                    pairs.push(((*value).to_owned(), (*other).to_owned(), count));
                }
            }
        }
        Some(pairs)
    }

    /// Counts the records of `matched` in the groups of a request.
    pub(super) fn groups(&self, matched: &RoaringBitmap, request: &CountRequest<'_>) -> Groups {
        let marked: Option<RoaringBitmap> = request.marked.map(|(name, values)| {
            values.texts().iter().fold(RoaringBitmap::new(), |all, value| all | self.having(name, value))
        });
        let marks = |set: &RoaringBitmap| marked.as_ref().map_or(0, |marked| length(set.intersection_len(marked)));
        let mut rows = Vec::new();
        let text = |value: Option<&str>| value.map(str::to_owned);
        match request.dimensions.as_slice() {
            [] => {}
            [only] => rows.extend(
                self.split(only.name, matched)
                    .into_iter()
                    .map(|(value, set)| (text(value), None, length(set.len()), marks(&set))),
            ),
            [first, second, ..] => {
                let columns = self.split(second.name, matched);
                for (value, row) in self.split(first.name, matched) {
                    for (other, column) in &columns {
                        let count = row.intersection_len(column);
                        if count > 0 {
                            let marked = if marked.is_some() { marks(&(&row & column)) } else { 0 };
                            rows.push((text(value), text(*other), length(count), marked));
                        }
                    }
                }
            }
        }
        Groups { rows, total: length(matched.len()) }
    }
}

pub(super) fn length(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Returns the codes of the records that match.
pub(super) fn codes<R: Resource>(conn: &mut DbConn, filter_set: &FilterSet) -> Result<Vec<String>> {
    let conditions = crate::registry::conditions::conditions::<R>(filter_set);
    let sql = RawSql::new("SELECT matched.code FROM (").push(R::code_subquery(conditions)).text(") AS matched");
    Ok(sql.returning::<Text>().load(conn)?)
}

/// Returns the records with each of their values of a dimension: all records, or these.
fn pairs(
    conn: &mut DbConn,
    dimension: &Dimension,
    day: NaiveDate,
    of: Option<Vec<&str>>,
) -> Result<Vec<(String, String)>> {
    let all = (dimension.pairs)(&FilterSet::empty(day));
    let mut sql = RawSql::new("WITH pairs(record, value) AS (").push(all).text(") SELECT record, value FROM pairs");
    if let Some(records) = of {
        let record = diesel::dsl::sql::<Text>("record");
        let these: SqlFragment = Box::new(in_list(record, records));
        sql = sql.text(" WHERE ").push(these);
    }
    Ok(sql.returning::<(Text, Text)>().load(conn)?)
}
