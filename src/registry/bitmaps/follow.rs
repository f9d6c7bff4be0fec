//! The records that an index has to read again after some changes.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::changes::{self, Action, Entry};
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::facet::{Dimension, Follows};
use crate::registry::resource::Resource;

/// The number of changes from which on an index is made again.
const CHANGES: i64 = 5_000;

/// The records that changes concern.
#[derive(Debug, Default)]
pub(super) struct Concerned {
    /// The records themselves that were written or removed.
    pub(super) records: BTreeSet<String>,
    /// The records that others name, by the collection of those.
    named: BTreeSet<(&'static str, String)>,
    /// The collections and fields of which a value has changed.
    values: BTreeSet<(&'static str, &'static str)>,
}

impl Concerned {
    /// Returns the records of a kind that the changes after a revision, up to another, concern; `None` for too many
    /// changes.
    pub(super) fn since<R: Resource>(conn: &mut DbConn, after: i64, until: i64) -> Result<Option<Self>> {
        if until - after > CHANGES {
            return Ok(None);
        }
        let dimensions = R::dimensions();
        let mut concerned = Self::default();
        for entry in changes::between_revisions(conn, after, until)? {
            concerned.add::<R>(&entry, dimensions)?;
        }
        Ok(Some(concerned))
    }

    fn add<R: Resource>(&mut self, entry: &Entry, dimensions: &[Dimension]) -> Result<()> {
        let change = &entry.change;
        if change.resource == R::COLLECTION {
            self.records.insert(change.key.clone());
        }
        let about = dimensions.iter().filter(|one| one.follows.collection() == Some(change.resource.as_str()));
        let follows: Vec<Follows> = about.map(|dimension| dimension.follows).collect();
        if follows.is_empty() {
            return Ok(());
        }
        let (before, after) = (entry.before()?.unwrap_or_default(), change.document()?);
        for follows in follows {
            match follows {
                Follows::Own => {}
                Follows::Naming { collection, field } => {
                    let codes = [&before, &after].into_iter().filter_map(|document| document.get(field)?.as_str());
                    self.named.extend(codes.map(|code| (collection, code.to_owned())));
                }
                // A new record has none that name it, unless they have been written since; one that is removed has
                // none.
                Follows::Value { collection, field } => {
                    let value = |document: &Value| document.get(field).cloned().unwrap_or_default();
                    if change.action == Action::Updated && value(&before) != value(&after) {
                        self.values.insert((collection, field));
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the records whose values of a dimension are to be read again; `None` for all.
    pub(super) fn of<'a>(&'a self, dimension: &Dimension) -> Option<Vec<&'a str>> {
        let mut records: Vec<&str> = self.records.iter().map(String::as_str).collect();
        match dimension.follows {
            Follows::Value { collection, field } if self.values.contains(&(collection, field)) => return None,
            Follows::Naming { collection, .. } => {
                let named = self.named.iter().filter(|(of, _)| *of == collection);
                records.extend(named.map(|(_, code)| code.as_str()));
            }
            Follows::Own | Follows::Value { .. } => {}
        }
        Some(records)
    }
}
