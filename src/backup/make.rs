//! The making of a backup.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use diesel::prelude::*;

use super::accounts::Accounts;
use super::archive::{Line, Manifest, Writer};
use crate::changes::{self, Change, releases};
use crate::clock;
use crate::db::schema::changes as table;
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::snapshots::OnProgress;

/// The number of changes that are in memory at once.
const PAGE: i64 = 500;

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The description of its content.
    pub manifest: Manifest,
    /// The number of bytes that the file has.
    pub bytes: u64,
}

/// Writes the registry as it is now to a new file, while others go on writing. The file is there whole or not at all,
/// and readable to its owner alone.
///
/// # Errors
/// [`Error::Conflict`] when there is such a file; what the database or the file system says.
pub fn backup(db: &Db, path: &Path, progress: OnProgress<'_>) -> Result<Backup> {
    if path.symlink_metadata().is_ok() {
        return Err(Error::Conflict(format!("{} is there already: take another name", path.display())));
    }
    let failed = |error| Error::file(format!("{} cannot be written", path.display()), error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let draft = tempfile::Builder::new().prefix(".backup-").suffix(".part").tempfile_in(folder).map_err(failed)?;
    // One transaction says who there is and where the log ends. Rows of the log never change: they are read after it,
    // page by page, so that no transaction is as long as the backup.
    let (head, accounts, releases) = db.read_blocking(|conn| {
        let (releases, _) = releases::list(conn, None, i64::MAX)?;
        Ok((changes::head(conn)?, Accounts::read(conn)?, releases))
    })?;
    let stamp = clock::stamp(clock::now());
    let manifest = Manifest::new(&head, stamp, &accounts, releases);
    let mut archive = Writer::begin(BufWriter::new(draft), manifest.clone())?;
    for user in accounts.users {
        archive.line(&Line::User(user))?;
    }
    for token in accounts.named_tokens {
        archive.line(&Line::NamedToken(token))?;
    }
    let total = u64::try_from(head.revision).unwrap_or(0);
    let mut last = 0;
    while last < head.revision {
        let rows = db.read_blocking(|conn| page(conn, last, head.revision))?;
        let Some(end) = rows.last() else {
            return Err(Error::internal("a backup", format!("the log has no row after r{last}")));
        };
        last = end.revision;
        for row in rows {
            archive.line(&Line::Change(row.into()))?;
        }
        progress(u64::try_from(last).unwrap_or(0), total);
    }
    let mut written = archive.finish()?;
    written.flush().map_err(failed)?;
    let draft = written.into_inner().map_err(|error| failed(error.into_error()))?;
    draft.as_file().sync_all().map_err(failed)?;
    let bytes = draft.as_file().metadata().map_err(failed)?.len();
    draft.persist_noclobber(path).map_err(|error| failed(error.error))?;
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(Backup { manifest, bytes })
}

fn page(conn: &mut DbConn, after: i64, upto: i64) -> Result<Vec<Change>> {
    Ok(table::table
        .filter(table::revision.gt(after))
        .filter(table::revision.le(upto))
        .order(table::revision)
        .limit(PAGE)
        .select(Change::as_select())
        .load(conn)?)
}
