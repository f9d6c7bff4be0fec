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

/// The number of threads at most: each has a connection of its own.
const THREADS: usize = 8;
/// The number of findings that wait to be collected.
const WAITING: usize = 1024;

/// The extent of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The end of the log.
    pub head: Head,
    /// The number of records in the tables.
    pub records: u64,
}

/// Takes what is found.
pub type OnFinding<'a> = &'a mut dyn FnMut(Finding) -> Result<()>;

/// Takes how much has been done, of how much.
pub type OnProgress<'a> = &'a mut dyn FnMut(u64, u64);

/// Compares a registry with its log, on all cores, and reports each difference: those of the log first. `noted` is a
/// revision and its hash that were noted down before.
///
/// # Errors
/// Errors of the database or `found`. A finding is no error.
pub fn verify(db: &Db, noted: Option<&Checkpoint>, found: OnFinding<'_>, progress: OnProgress<'_>) -> Result<Verified> {
    let (head, parts, mut findings) =
        db.read_blocking(|conn| Ok((changes::head(conn)?, parts(conn)?, check_notes(conn, noted)?)))?;
    let whole: u64 = parts.iter().map(Part::size).sum();
    let (mut done, mut records) = (0, 0);
    check_all(db, &parts, |event| match event {
        Event::Finding(part, finding) => findings.push((part, finding)),
        Event::Done { size, records: seen } => {
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

/// A message of a thread.
enum Event {
    /// Something was found in the part with this number.
    Finding(usize, Finding),
    /// A part is done.
    Done {
        /// Its size.
        size: u64,
        /// The number of records that it saw in the tables.
        records: u64,
    },
}

/// Checks all parts; the first error ends it.
fn check_all(db: &Db, parts: &[Part], mut on_event: impl FnMut(Event)) -> Result<()> {
    let threads = available_parallelism().map_or(1, usize::from).min(THREADS).min(parts.len());
    let next = AtomicUsize::new(0);
    scope(|scope| {
        let (sender, events) = sync_channel(WAITING);
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || work(db, parts, next, &sender))
            })
            .collect();
        drop(sender);
        events.iter().for_each(&mut on_event);
        let failed = |_| Err(Error::internal("a part was not checked", "its thread panicked: see the log"));
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(failed))
    })
}

/// Checks one part after the other, as long as there is one that no thread has taken.
fn work(db: &Db, parts: &[Part], next: &AtomicUsize, sender: &SyncSender<Event>) -> Result<()> {
    loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let Some(part) = parts.get(place) else { return Ok(()) };
        // The receiver is there until all threads have ended.
        let mut found = |finding| drop(sender.send(Event::Finding(place, finding)));
        let checked = db.read_blocking(|conn| part.check(conn, &mut found));
        if checked.is_err() {
            next.store(parts.len(), Ordering::Relaxed);
        }
        let _ = sender.send(Event::Done { size: part.size(), records: checked? });
    }
}
