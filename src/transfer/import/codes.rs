//! The codes of a file's rows: each once, in one text, so that a file of a million rows takes little memory.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

/// A set of codes, each with the row that brought it first.
#[derive(Default)]
pub(super) struct Codes {
    /// All codes, one after the other.
    text: String,
    entries: Vec<Entry>,
    /// Places in `entries`, by the hash of the code.
    table: HashTable<u32>,
    hasher: RandomState,
}

/// A code's place in the text, and its row.
struct Entry {
    end: usize,
    first: First,
}

/// The row that brought a code first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct First {
    /// The number of rows that came before it.
    pub(super) place: u32,
    /// Its line.
    pub(super) line: u64,
}

impl Codes {
    /// Adds a code. Tells the row that had brought it already, if one had.
    pub(super) fn add(&mut self, code: &str, first: First) -> Option<First> {
        if let Some(known) = self.first(code) {
            return Some(known);
        }
        // A file of more rows than a u32 counts is larger than what is read.
        let place = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.text.push_str(code);
        self.entries.push(Entry { end: self.text.len(), first });
        let Self { text, entries, table, hasher } = self;
        let rehash = |&place: &u32| hasher.hash_one(code_at(text, entries, place));
        table.insert_unique(hasher.hash_one(code), place, rehash);
        None
    }

    /// Returns the row that brought a code first.
    pub(super) fn first(&self, code: &str) -> Option<First> {
        let is_valid_code = |&place: &u32| code_at(&self.text, &self.entries, place) == code;
        let place = self.table.find(self.hasher.hash_one(code), is_valid_code)?;
        self.entries.get(*place as usize).map(|entry| entry.first)
    }

    /// Tells whether a row has this code.
    pub(super) fn contain(&self, code: &str) -> bool {
        self.first(code).is_some()
    }
}

fn code_at<'t>(text: &'t str, entries: &[Entry], place: u32) -> &'t str {
    let place = place as usize;
    let begin = place.checked_sub(1).and_then(|before| entries.get(before)).map_or(0, |entry| entry.end);
    let end = entries.get(place).map_or(begin, |entry| entry.end);
    text.get(begin..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn codes_are_found_as_in_a_map(codes in proptest::collection::vec("[a-c]{0,3}", 0..60), asked in "[a-c]{0,3}") {
            let (mut set, mut map) = (Codes::default(), HashMap::new());
            for (place, code) in (0u32..).zip(&codes) {
                let first = First { place, line: u64::from(place) + 2 };
                prop_assert_eq!(set.add(code, first), map.get(code).copied());
                map.entry(code.clone()).or_insert(first);
            }
            prop_assert_eq!(set.first(&asked), map.get(&asked).copied());
        }
    }
}
