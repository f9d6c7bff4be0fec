//! The names of a collection, to be looked up in every way in which people write them.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::candidate::{Candidate, decide};
use super::how::How;
use super::similar::{grams, numbers, similarity};
use crate::registry::likeness::{content_words, likeness};
use crate::values::fold::fold;

/// The score that a candidate needs to be shown.
const LEAST: u8 = 55;
/// The number of names that share pieces with a text and are compared with it.
const COMPARED: usize = 40;
/// The shortest text that is compared for likeness: shorter ones are all alike.
const SHORTEST: usize = 4;
/// The score of a name that is given with another nation than its own.
const UNLIKELY: u8 = 60;
/// The number of words of a nation's name that is looked for in a text.
const LONGEST: usize = 5;

/// The names of a collection.
#[derive(Debug, Default)]
pub struct Names {
    codes: Vec<String>,
    /// The nation that each record belongs to; empty where it belongs to none.
    scopes: Vec<String>,
    /// Each name with the record that has it.
    names: Vec<(usize, String)>,
    exact: HashMap<String, Vec<usize>>,
    joined: HashMap<String, Vec<usize>>,
    worded: HashMap<String, Vec<usize>>,
    spelled: HashMap<String, Vec<usize>>,
    pieces: HashMap<String, Vec<usize>>,
}

impl Names {
    /// Of these records: their codes, the nations they belong to, and their folded names.
    pub fn new<'a>(records: impl Iterator<Item = (&'a str, &'a str, Vec<&'a str>)>) -> Self {
        let mut this = Self::default();
        for (code, scope, names) in records {
            let record = this.codes.len();
            this.codes.push(code.to_owned());
            this.scopes.push(scope.to_owned());
            let mut seen = HashSet::new();
            for name in names.into_iter().filter(|name| seen.insert(*name)) {
                this.add(record, name);
            }
        }
        this
    }

    fn add(&mut self, record: usize, name: &str) {
        let place = self.names.len();
        self.exact.entry(name.to_owned()).or_default().push(place);
        self.joined.entry(name.replace(' ', "")).or_default().push(place);
        if let Some(words) = worded(name) {
            self.worded.entry(words).or_default().push(place);
        }
        if let Some(spelling) = likeness("", name) {
            self.spelled.entry(spelling).or_default().push(place);
        }
        for piece in grams(name) {
            self.pieces.entry(piece).or_default().push(place);
        }
        self.names.push((record, name.to_owned()));
    }

    /// Returns the records that a text may mean, the likeliest first, at most `limit`. `qualifiers` are texts that may
    /// be beside a name and are not part of it: names of countries.
    pub fn find(&self, text: &str, limit: usize, qualifiers: Option<&Names>) -> Vec<Candidate> {
        let whole = fold(text);
        let mut found: BTreeMap<usize, (u8, How, usize)> = BTreeMap::new();
        self.look_up(&whole, None, &mut found);
        for part in parts(text, &whole, qualifiers) {
            self.look_up(&part.text, Some(&part), &mut found);
        }
        self.compare(&whole, &mut found);
        let mut ranked: Vec<(usize, (u8, How, usize))> = found.into_iter().collect();
        ranked.sort_by(|one, other| (other.1.0, other.1.1).cmp(&(one.1.0, one.1.1)).then(one.0.cmp(&other.0)));
        let candidates = ranked.iter().filter_map(|(record, (score, how, name))| {
            Some(Candidate {
                code: self.codes.get(*record)?.clone(),
                score: *score,
                name_score: *score,
                how: *how,
                name: self.names.get(*name)?.1.clone(),
                sure: false,
            })
        });
        let mut candidates: Vec<Candidate> = candidates.collect();
        decide(&mut candidates);
        candidates.truncate(limit);
        candidates
    }

    /// Returns the records whose names begin with a text, or hold it at the beginning of a word, in the order of their
    /// names.
    pub fn beginning(&self, text: &str, limit: usize) -> Vec<String> {
        let prefix = fold(text);
        let inner = format!(" {prefix}");
        let mut found: Vec<(bool, &str, usize)> = self
            .names
            .iter()
            .filter(|(_, name)| name.starts_with(&prefix) || name.contains(&inner))
            .map(|(record, name)| (!name.starts_with(&prefix), name.as_str(), *record))
            .collect();
        found.sort_unstable();
        let mut seen = HashSet::new();
        let codes = found.into_iter().filter(|(_, _, record)| seen.insert(*record));
        codes.filter_map(|(_, _, record)| self.codes.get(record).cloned()).take(limit).collect()
    }

    /// Notes the records that have a text as a name, in any of the ways that need no comparison. One that is found as a
    /// part of a text is at best qualified, and unlikely where another nation than its own is beside it.
    fn look_up(&self, text: &str, part: Option<&Part>, found: &mut BTreeMap<usize, (u8, How, usize)>) {
        if text.is_empty() {
            return;
        }
        let tables = [
            (How::Exact, self.exact.get(text)),
            (How::Spaces, self.joined.get(&text.replace(' ', ""))),
            (How::Words, worded(text).and_then(|words| self.worded.get(&words))),
            (How::Spelling, likeness("", text).and_then(|text| self.spelled.get(&text))),
        ];
        for (how, places) in tables {
            let how = part.map_or(how, |_| how.min(How::Qualified));
            for &place in places.into_iter().flatten() {
                match part.and_then(|part| part.nation.as_deref()) {
                    Some(nation) if self.scope(place) != Some(nation) => {
                        self.note(place, UNLIKELY, How::Similar, found);
                    }
                    _ => self.note(place, how.score(), how, found),
                }
            }
        }
    }

    fn scope(&self, place: usize) -> Option<&str> {
        let (record, _) = self.names.get(place)?;
        self.scopes.get(*record).map(String::as_str)
    }

    /// Returns the code of the only record with this name, which is folded.
    pub fn only(&self, name: &str) -> Option<&str> {
        let mut records = self.exact.get(name)?.iter().filter_map(|place| Some(self.names.get(*place)?.0));
        let first = records.next()?;
        records.all(|record| record == first).then(|| self.codes.get(first).map(String::as_str))?
    }

    fn note(&self, place: usize, score: u8, how: How, found: &mut BTreeMap<usize, (u8, How, usize)>) {
        let Some((record, _)) = self.names.get(place) else { return };
        let best = found.entry(*record).or_insert((score, how, place));
        if (score, how) > (best.0, best.1) {
            *best = (score, how, place);
        }
    }

    /// Notes the records with a name that looks like a text. Numbers must be the same: Jason-1 is not Jason-2.
    fn compare(&self, text: &str, found: &mut BTreeMap<usize, (u8, How, usize)>) {
        if text.chars().count() < SHORTEST {
            return;
        }
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for piece in grams(text) {
            for &place in self.pieces.get(&piece).into_iter().flatten() {
                *shared.entry(place).or_default() += 1;
            }
        }
        let mut near: Vec<(usize, usize)> = shared.into_iter().map(|(place, count)| (count, place)).collect();
        near.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        let digits = numbers(text);
        for (_, place) in near.into_iter().take(COMPARED) {
            let Some((_, name)) = self.names.get(place) else { continue };
            if name.chars().count() < SHORTEST || numbers(name) != digits {
                continue;
            }
            let score = (similarity(text, name) * f64::from(How::Similar.score())).round();
            // From 0 to 88.
            let score = score as u8;
            if score >= LEAST {
                self.note(place, score, How::Similar, found);
            }
        }
    }

    /// Returns the longest of these names that a text begins or ends with, as words: the code of what has it, and the
    /// rest.
    fn beside(&self, text: &str) -> Option<Part> {
        let words: Vec<&str> = text.split(' ').collect();
        (1..words.len()).rev().filter(|count| *count <= LONGEST).find_map(|count| {
            let (head, rest) = words.split_at_checked(count)?;
            let (front, tail) = words.split_at_checked(words.len() - count)?;
            let part = |name: &[&str], rest: &[&str]| {
                Some(Part { text: rest.join(" "), nation: Some(self.only(&name.join(" "))?.to_owned()) })
            };
            part(head, rest).or_else(|| part(tail, front))
        })
    }
}

/// A part of a text that may be a name, and the nation that is beside it.
struct Part {
    text: String,
    nation: Option<String>,
}

/// Returns the words of a name that tell it apart, in an order of their own.
fn worded(name: &str) -> Option<String> {
    let words = content_words(name);
    (!words.is_empty()).then(|| words.join(" "))
}

/// Returns the readings of a text without its qualifiers, folded: the part before a bracket, a comma or a dash, the
/// part behind it, and the text without the name of a nation at its beginning or end.
fn parts(text: &str, whole: &str, nations: Option<&Names>) -> Vec<Part> {
    let nation = |text: &str| nations.and_then(|names| names.only(text)).map(str::to_owned);
    let mut parts = Vec::new();
    let mut add = |one: &str, other: &str| {
        let (one, other) = (fold(one), fold(other));
        let (of_one, of_other) = (nation(&one), nation(&other));
        // A nation beside a name is not what is meant.
        if of_one.is_none() {
            parts.push(Part { text: one, nation: of_other.clone() });
        }
        if of_other.is_none() {
            parts.push(Part { text: other, nation: of_one });
        }
    };
    if let Some((before, rest)) = text.split_once(['(', '[']) {
        add(before, rest.trim_end_matches([')', ']', ' ']));
    }
    for mark in [", ", " - ", " – ", " — ", " / "] {
        if let Some((before, after)) = text.split_once(mark) {
            add(before, after);
        }
    }
    parts.extend(nations.and_then(|names| names.beside(whole)));
    parts.retain(|part| !part.text.is_empty() && part.text != whole);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agencies() -> Names {
        let records = [
            ("isro", "IN", vec!["isro", "indian space research organisation"]),
            ("nasa", "US", vec!["nasa", "national aeronautics and space administration"]),
            ("jason-1", "", vec!["jason 1"]),
            ("jason-2", "", vec!["jason 2", "ocean surface topography mission"]),
            ("one", "FR", vec!["space agency"]),
            ("two", "IT", vec!["space agency"]),
        ];
        Names::new(records.into_iter())
    }

    fn nations() -> Names {
        let records = [("IN", "", vec!["in", "india", "inde"]), ("US", "", vec!["us", "united states"])];
        Names::new(records.into_iter())
    }

    fn best(text: &str) -> Option<(String, How, bool)> {
        let found = agencies().find(text, 5, Some(&nations()));
        found.into_iter().next().map(|one| (one.code, one.how, one.sure))
    }

    #[test]
    fn a_name_is_found_as_people_write_it() {
        for (text, code, how, sure) in [
            ("ISRO", "isro", How::Exact, true),
            ("I.S.R.O.", "isro", How::Spaces, true),
            ("ISRO (India)", "isro", How::Qualified, true),
            ("ISRO, Inde", "isro", How::Qualified, true),
            ("United States NASA", "nasa", How::Qualified, true),
            ("Research Organisation, Indian Space", "isro", How::Words, true),
            ("Indian Space Research Organization", "isro", How::Spelling, false),
            ("Nasional Aeronautics and Space Adminitration", "nasa", How::Similar, false),
            ("JASON1", "jason-1", How::Spaces, true),
            ("Jason 2", "jason-2", How::Exact, true),
        ] {
            assert_eq!(best(text), Some((code.to_owned(), how, sure)), "{text}");
        }
    }

    #[test]
    fn what_may_mean_two_is_not_sure_and_what_means_none_is_not_found() {
        assert_eq!(best("Space Agency"), Some(("one".to_owned(), How::Exact, false)));
        for text in ["Jason-3", "", "…", "India", "of the", "x", "entirely different"] {
            assert_eq!(best(text), None, "{text}");
        }
    }

    #[test]
    fn another_nation_beside_a_name_makes_it_unlikely() {
        let found = agencies().find("ISRO (United States)", 5, Some(&nations()));
        assert_eq!(found.first().map(|one| (one.code.as_str(), one.score, one.sure)), Some(("isro", 60, false)));
    }

    #[test]
    fn names_are_offered_by_their_beginnings() {
        assert_eq!(agencies().beginning("Space", 5), ["one", "two", "isro", "nasa"]);
        assert_eq!(agencies().beginning("jas", 1), ["jason-1"]);
    }
}
