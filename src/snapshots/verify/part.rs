//! The parts of a verification.

use super::finding::Finding;
use super::records::compare;
use crate::changes::{KeyRange, key_ranges, other_resources, revision, verify_chain};
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::findings::false_facts;
use crate::registry::search::orphaned;
use crate::registry::{RESOURCES, ResourceInfo};
use crate::values::quote;

/// The number of changes that a part is about.
const SIZE: i64 = 5_000;

/// A part of a verification, which can be checked beside the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The chain of hashes after a revision, up to another.
    Chain(i64, i64),
    /// Collections in the log that this program does not know.
    OtherResources,
    /// The records of a collection, with their rows of the search index.
    Records(&'static str, KeyRange),
    /// Rows of the search index without a record.
    Orphans,
    /// The facts beside records.
    Facts,
}

/// Returns the parts of a registry. Those that cannot be cut come first, so that they do not run alone at the end.
pub(super) fn parts(conn: &mut DbConn) -> Result<Vec<Part>> {
    let end = revision(conn)?;
    let mut parts = vec![Part::OtherResources, Part::Facts, Part::Orphans];
    let begins = (0..end).step_by(usize::try_from(SIZE).unwrap_or(usize::MAX));
    parts.extend(begins.map(|after| Part::Chain(after, end.min(after + SIZE))));
    for kind in RESOURCES {
        let ranges = key_ranges(conn, kind.collection, SIZE)?;
        parts.extend(ranges.into_iter().map(|range| Part::Records(kind.collection, range)));
    }
    Ok(parts)
}

impl Part {
    /// Returns the number of changes that it is about.
    pub(super) fn size(&self) -> u64 {
        let changes = match self {
            Self::Chain(after, upto) => upto - after,
            Self::OtherResources | Self::Records(..) | Self::Orphans | Self::Facts => SIZE,
        };
        u64::try_from(changes).unwrap_or_default()
    }

    /// Checks it, and tells how many records of the tables it has seen.
    pub(super) fn check(&self, conn: &mut DbConn, found: &mut dyn FnMut(Finding)) -> Result<u64> {
        match self {
            Self::Chain(after, upto) => verify_chain(conn, *after, *upto, &mut |flaw| {
                found(Finding::Log { revision: flaw.revision, detail: flaw.detail });
                Ok(())
            })?,
            Self::OtherResources => check_resources(conn, found)?,
            Self::Records(collection, range) => return compare(conn, collection, range, found),
            Self::Orphans => match orphaned(conn) {
                Ok(orphans) => orphans.into_iter().for_each(|row| found(Finding::Search { detail: row.to_string() })),
                Err(error) => found(Finding::unreadable("the search index", &error)),
            },
            Self::Facts => match false_facts(conn) {
                Ok(facts) => facts.into_iter().for_each(|fact| found(Finding::Fact(fact))),
                Err(error) => found(Finding::unreadable("what is kept for findings", &error)),
            },
        }
        Ok(0)
    }
}

/// Looks for changes of unknown collections.
fn check_resources(conn: &mut DbConn, found: &mut dyn FnMut(Finding)) -> Result<()> {
    let known: Vec<&str> = ResourceInfo::collections().collect();
    for (resource, revision) in other_resources(conn, &known)? {
        let detail = format!("revision {revision} cannot be replayed: there is no collection {}", quote(&resource));
        found(Finding::Log { revision, detail });
    }
    Ok(())
}
