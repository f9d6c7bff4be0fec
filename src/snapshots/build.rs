//! The making of a past state.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::changes::{self, LastChange, earlier_changes, last_changes};
use crate::db::{Db, DbConn, ForeignKeys, ScratchBase, build_scratch_db, copy_tables};
use crate::error::Result;
use crate::registry::bitmaps::Bitmaps;
use crate::registry::findings::Pending;
use crate::registry::{replay, sqlite_tables};
use crate::temporary::TempDir;

/// The number of changes that are in memory at once.
const PAGE: i64 = 500;
/// The number of revisions of the present that are copied in the time that one change is replayed.
const COPIED: i64 = 10;

/// The registry as it was, in a file of its own, which goes with it.
pub struct Snapshot {
    db: Db,
    revision: i64,
    path: PathBuf,
    bitmaps: Bitmaps,
    /// Held so that the folder is there as long as the file.
    _folder: Arc<TempDir>,
}

impl Snapshot {
    /// Makes the state after a revision: from a state that is kept, from a copy of the present, or from nothing,
    /// whichever is sooner there, and forwards or backwards through the log.
    pub(super) fn build(live: &Db, folder: &Arc<TempDir>, kept: Option<&Self>, revision: i64) -> Result<Self> {
        let path = folder.path().join(format!("r{revision}-{}.db", uuid::Uuid::now_v7()));
        let (from, base) = match (file_of_present(live, kept, revision)?, kept) {
            (Some(file), _) => (copy_tables(&path, file, &sqlite_tables(), changes::revision)?, ScratchBase::InPlace),
            (None, Some(kept)) => (kept.revision, ScratchBase::CopyOf(&kept.path)),
            (None, None) => (0, ScratchBase::Empty),
        };
        build_scratch_db(&path, base, ForeignKeys::Deferred, |past| {
            let mut pending = Pending::default();
            let mut page = from.min(revision);
            loop {
                // Rows of the log never change: each page can be read in a transaction of its own.
                let (last, changes) = live.read_blocking(|conn| changes(conn, page, from, revision))?;
                // There is one change for each record.
                changes.iter().try_for_each(|change| replay(past, change, &mut pending))?;
                match last {
                    Some(last) => page = last,
                    None => return pending.settle(past),
                }
            }
        })?;
        let db = live.open_immutable(&path)?;
        Ok(Self { db, revision, path, bitmaps: Bitmaps::default(), _folder: folder.clone() })
    }

    /// Returns the state as a database, which cannot be written.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Returns the indexes in memory of the state.
    pub(super) fn bitmaps(&self) -> &Bitmaps {
        &self.bitmaps
    }

    /// Returns the last revision that is in it.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Returns the path of its file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // A reader that has it open still can read it. When the folder is gone already, so is the file.
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            log::warn!("the past state {} cannot be removed: {error}", self.path.display());
        }
    }
}

/// Returns the file of the present, where it is a better beginning than a state that is kept, or than nothing.
fn file_of_present<'a>(live: &'a Db, kept: Option<&Snapshot>, revision: i64) -> Result<Option<&'a Path>> {
    let Some(file) = live.file() else { return Ok(None) };
    let present = live.read_blocking(changes::revision)?;
    let distance = kept.map_or(revision, |kept| kept.revision.abs_diff(revision).cast_signed());
    Ok((present - revision + present / COPIED < distance).then_some(file))
}

/// Returns the next changes on the way from one revision to another, and the revision to go on after.
fn changes(conn: &mut DbConn, page: i64, from: i64, to: i64) -> Result<(Option<i64>, Vec<LastChange>)> {
    if from > to {
        return earlier_changes(conn, page, to, from, PAGE);
    }
    let found = last_changes(conn, page, from, to, PAGE)?;
    Ok((found.last().map(|last| last.change.revision), found))
}
