//! Verifies that the registry agrees with its log: the chain of hashes is whole, each record is what its last change
//! says, and the search index and the facts beside the records are what the records say.
//!
//! The work is cut into parts, which threads take one after the other, each part in a read transaction of its own. A
//! part compares what it sees with the log that it sees, so that it does not matter which changes come in between.

mod finding;
mod part;
mod records;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{available_parallelism, scope};

pub use finding::Finding;
use part::{Part, parts};

use crate::changes::{self, Checkpoint, Head, releases, verify_checkpoint};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};

/// How many threads there are at most: each has a connection of its own.
const THREADS: usize = 8;
/// How many findings wait to be collected.
const WAITING: usize = 1024;

/// The extent of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The end of the log.
    pub head: Head,
    /// How many records the tables hold.
    pub records: u64,
}

/// Takes what is found.
pub type OnFinding<'a> = &'a mut dyn FnMut(Finding) -> Result<()>;

/// Takes how much has been done, of how much.
pub type OnProgress<'a> = &'a mut dyn FnMut(u64, u64);

/// Compares a registry with its log, on all cores, and tells each difference: those of the log first. `noted` is a
/// revision and its hash that were noted down before.
///
/// # Errors
/// Errors of the database or `found`. A finding is no error.
pub fn verify(db: &Db, noted: Option<&Checkpoint>, found: OnFinding<'_>, progress: OnProgress<'_>) -> Result<Verified> {
    let (head, parts, mut findings) =
        db.read_blocking(|conn| Ok((changes::head(conn)?, parts(conn)?, check_notes(conn, noted)?)))?;
    let whole: u64 = parts.iter().map(Part::size).sum();
    let (mut done, mut records) = (0, 0);
    check_all(db, &parts, |told| match told {
        Told::Finding(part, finding) => findings.push((part, finding)),
        Told::Done { size, records: seen } => {
            done += size;
            records += seen;
            progress(done, whole);
        }
    })?;
    // Threads come to their ends in any order; within a part the order is kept.
    findings.sort_by_key(|(part, finding)| (finding.order(), *part));
    findings.into_iter().try_for_each(|(_, finding)| found(finding))?;
    Ok(Verified { head, records })
}

/// Compares the log with the hashes that were noted down: in releases, and by the caller.
fn check_notes(conn: &mut DbConn, noted: Option<&Checkpoint>) -> Result<Vec<(usize, Finding)>> {
    let mut found = Vec::new();
    let log = |revision, detail| (0, Finding::Log { revision, detail });
    if let Some(flaw) = noted.map_or(Ok(None), |noted| verify_checkpoint(conn, noted))? {
        found.push(log(flaw.revision, flaw.detail));
    }
    for release in releases::list(conn, None, i64::MAX)?.0 {
        if changes::hash_of(conn, release.revision)? != release.hash {
            found.push(log(release.revision, format!("the release {} was named with another hash", release.name)));
        }
    }
    Ok(found)
}

/// The news of a thread.
enum Told {
    /// Something was found in the part with this number.
    Finding(usize, Finding),
    /// A part is done.
    Done {
        /// Its size.
        size: u64,
        /// How many records it saw in the tables.
        records: u64,
    },
}

/// Checks all parts; the first error ends it.
fn check_all(db: &Db, parts: &[Part], mut hear: impl FnMut(Told)) -> Result<()> {
    let threads = available_parallelism().map_or(1, usize::from).min(THREADS).min(parts.len());
    let next = AtomicUsize::new(0);
    scope(|scope| {
        let (tell, told) = sync_channel(WAITING);
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let (tell, next) = (tell.clone(), &next);
                scope.spawn(move || work(db, parts, next, &tell))
            })
            .collect();
        drop(tell);
        told.iter().for_each(&mut hear);
        let failed = |_| Err(Error::internal("a part was not checked", "its thread panicked: see the log"));
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(failed))
    })
}

/// Checks one part after the other, as long as there is one that nobody has taken.
fn work(db: &Db, parts: &[Part], next: &AtomicUsize, tell: &SyncSender<Told>) -> Result<()> {
    loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let Some(part) = parts.get(place) else { return Ok(()) };
        // The receiver is there until all threads have ended.
        let mut found = |finding| drop(tell.send(Told::Finding(place, finding)));
        let checked = db.read_blocking(|conn| part.check(conn, &mut found));
        if checked.is_err() {
            next.store(parts.len(), Ordering::Relaxed);
        }
        let _ = tell.send(Told::Done { size: part.size(), records: checked? });
    }
}
