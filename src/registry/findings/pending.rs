//! The rows of the search index and the facts that are still to be written, in a transaction that writes records.

use std::collections::{BTreeMap, BTreeSet};

use super::concerned::Concerned;
use crate::registry::search::pending_rows::PendingRows;

/// The consequences of the records that a transaction writes which are still to be written: their rows of the search
/// index, and facts about other records.
#[derive(Debug, Default)]
pub struct Pending {
    pub(in crate::registry) rows: PendingRows,
    pub(super) projects: BTreeSet<String>,
    pub(super) agreements: BTreeSet<String>,
    /// Nations whose partner type has come or gone.
    pub(super) partners: BTreeSet<String>,
    /// Texts to be compared by, by collection.
    pub(super) likenesses: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Pending {
    /// Adds the facts that follow from a record, given what it concerned before it was written or removed, and after.
    pub(in crate::registry) fn add(&mut self, code: &str, before: Concerned, after: Concerned) {
        self.projects.extend(before.projects.into_iter().chain(after.projects));
        self.agreements.extend(before.agreements.into_iter().chain(after.agreements));
        if before.partner != after.partner {
            self.partners.insert(code.to_owned());
        }
    }

    /// Adds the facts about records that have one of these texts to be compared by.
    pub(in crate::registry) fn add_likenesses(&mut self, collection: &'static str, likenesses: Vec<String>) {
        if !likenesses.is_empty() {
            self.likenesses.entry(collection).or_default().extend(likenesses);
        }
    }
}
