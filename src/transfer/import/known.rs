//! The references of rows: which codes exist, or come with the rows, and which one was probably meant by one that does
//! not.

use std::collections::{HashMap, HashSet};

use super::codes::Codes;
use crate::error::{Defect, Result};
use crate::registry::{Reference, Tx, resolve};

/// The most records that are suggested for a code that does not exist.
const SUGGESTED: usize = 3;

/// The codes that exist, or that the import will create.
#[derive(Default)]
pub(super) struct Known {
    /// The codes of the rows, by collection: rows may refer to them.
    pub(super) also_created: HashMap<&'static str, Codes>,
    /// Collections of which a file was not read to its end: a reference there may well be to one of its rows.
    pub(super) unread: HashSet<&'static str>,
    /// The answers of the database.
    asked: HashMap<&'static str, HashMap<String, bool>>,
}

impl Known {
    /// Tells whether a code can be referred to; `None` when the database has not been asked.
    fn has(&self, to: &str, code: &str) -> Option<bool> {
        if self.unread.contains(to) || self.also_created.get(to).is_some_and(|codes| codes.contain(code)) {
            return Some(true);
        }
        self.asked.get(to).and_then(|asked| asked.get(code)).copied()
    }

    /// Tells whether a reference is to nothing. [`Known::ask`] has been asked about it.
    pub(super) fn is_dangling(&self, reference: &Reference) -> bool {
        self.has(reference.to, &reference.code) != Some(true)
    }

    /// Asks the database about what is not known yet: a query for many.
    pub(super) fn ask<'r>(&mut self, tx: &mut Tx<'_>, references: impl Iterator<Item = &'r Reference>) -> Result<()> {
        let mut wanted: HashMap<&'static str, HashSet<&str>> = HashMap::new();
        for reference in references {
            if self.has(reference.to, &reference.code).is_none() {
                wanted.entry(reference.to).or_default().insert(&reference.code);
            }
        }
        for (to, codes) in wanted {
            let list: Vec<&str> = codes.iter().copied().collect();
            let existing: HashSet<String> = tx.existing_codes(to, &list)?.into_iter().collect();
            let answers = codes.into_iter().map(|code| (code.to_owned(), existing.contains(code)));
            self.asked.entry(to).or_default().extend(answers);
        }
        Ok(())
    }
}

/// Adds to a defect of a reference what was probably meant: the records that have the text as a name.
pub(super) fn suggest(tx: &mut Tx<'_>, reference: &Reference, defect: &mut Defect) -> Result<()> {
    let found = tx.meant(reference.to, &reference.code, SUGGESTED)?;
    resolve::suggest(&found, defect);
    Ok(())
}
