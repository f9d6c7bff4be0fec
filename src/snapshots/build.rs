//! How a past state is made.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::changes::{LastChange, last_changes};
use crate::db::{Db, DbConn, ForeignKeys, build_scratch_db};
use crate::error::{Error, Result};
use crate::registry::bitmaps::Bitmaps;
use crate::registry::findings::Pending;
use crate::registry::replay;
use crate::temporary::TempDir;

/// How many changes are in memory at once.
pub(super) const PAGE: i64 = 500;

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
    /// Makes the state after a revision from the log of a registry, and from an earlier state where there is one.
    pub(super) fn build(live: &Db, folder: &Arc<TempDir>, base: Option<&Self>, revision: i64) -> Result<Self> {
        let path = folder.path().join(format!("r{revision}-{}.db", uuid::Uuid::now_v7()));
        let after = base.map_or(0, |base| base.revision);
        build_scratch_db(&path, base.map(|base| base.path.as_path()), ForeignKeys::Deferred, |past| {
            // Rows of the log never change: each page can be read in a transaction of its own.
            let mut read = |page| live.read_blocking(|conn| last_changes(conn, page, revision, PAGE));
            fill(past, after, revision, &mut read, &mut |_, error| Err(error))
        })?;
        let db = live.open_immutable(&path)?;
        Ok(Self { db, revision, path, bitmaps: Bitmaps::default(), _folder: folder.clone() })
    }

    /// The state as a database. Nobody can write it.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The indexes in memory of the state.
    pub(super) fn bitmaps(&self) -> &Bitmaps {
        &self.bitmaps
    }

    /// The last revision that is in it.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Where it is kept.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // Whoever has it open still can read it. When the folder is gone already, so is the file.
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            log::warn!("the past state {} cannot be removed: {error}", self.path.display());
        }
    }
}

/// Brings the tables of a past state from one revision to a later one. `changes` gives the last changes of all records
/// that come after a revision, page by page; `refused` takes one that cannot be replayed.
///
/// # Errors
/// Errors of `changes` and `refused`.
pub(super) fn fill(
    past: &mut DbConn,
    after: i64,
    upto: i64,
    changes: &mut dyn FnMut(i64) -> Result<Vec<LastChange>>,
    refused: &mut dyn FnMut(&LastChange, Error) -> Result<()>,
) -> Result<()> {
    let (mut page, mut pending) = (after, Pending::default());
    while page < upto {
        let found = changes(page)?;
        let Some(last) = found.last() else { break };
        page = last.change.revision;
        for last in &found {
            // Of each record the last change alone is told.
            replay(past, last, after == 0, &mut pending).or_else(|error| refused(last, error))?;
        }
    }
    pending.settle(past)
}
