//! The restore of a backup into an empty database.

use std::path::Path;

use diesel::prelude::*;

use super::accounts::is_empty;
use super::archive::{Line, Manifest, Reader, damaged};
use crate::auth;
use crate::changes::{self, Action, Change, LastChange, releases};
use crate::db::schema::{changes as table, webhooks};
use crate::db::{Db, DbConn, ForeignKeys, ScratchBase, announce_log, build_scratch_db, lock_log, plan_each_time};
use crate::error::{Error, Result};
use crate::registry::findings::Pending;
use crate::registry::replay;
use crate::snapshots::{AsOf, OnProgress};
use crate::temporary::TempDir;

/// The result of a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The last revision that is there now.
    pub revision: i64,
    /// Its hash.
    pub hash: String,
    /// The description of the archive.
    pub manifest: Manifest,
}

/// Puts a backup into an empty database, all or nothing: as it was when it was made, or as the registry was at a moment
/// before that, with the log up to there; the users are those of the backup. Every row is checked against its hash, and
/// the last one against the manifest of the archive. Every session and named token is ended, and `data_dir` has a
/// new signing key and no other: what was signed since the backup was made must not be good again (rules.md 10).
///
/// # Errors
/// [`Error::Conflict`] when the database is not empty; [`Error::BadRequest`] for a file that is no backup, or a damaged
/// one; what the database or the file system says. Then nothing is restored.
pub fn restore(
    db: &Db,
    path: &Path,
    as_of: Option<AsOf>,
    data_dir: &Path,
    mut progress: impl FnMut(u64, u64) + Send + 'static,
) -> Result<Restored> {
    let mut archive = Reader::open(path)?;
    db.read_blocking(refuse_full)?;
    let key = auth::replace_keys(data_dir)?;
    let restored = db.write_blocking(move |conn| {
        lock_log(conn)?;
        plan_each_time(conn)?;
        refuse_full(conn)?;
        let restored = load(conn, &mut archive, as_of.as_ref(), &mut progress)?;
        auth::revoke_all_sessions_and_tokens(conn)?;
        announce_log(conn)?;
        Ok(restored)
    })?;
    key.delete_others()?;
    Ok(restored)
}

/// Restores a backup into a place of its own, which goes afterwards: then it can be restored.
///
/// # Errors
/// As [`restore`].
pub fn verify(path: &Path, progress: OnProgress<'_>) -> Result<Restored> {
    let folder = TempDir::make("backup")?;
    let mut archive = Reader::open(path)?;
    build_scratch_db(&folder.path().join("restored.db"), ScratchBase::Empty, ForeignKeys::Deferred, |conn| {
        load(conn, &mut archive, None, progress)
    })
}

fn refuse_full(conn: &mut DbConn) -> Result<()> {
    if is_empty(conn)? {
        return Ok(());
    }
    Err(Error::Conflict("the database is not empty: a backup is restored into a new one".to_owned()))
}

/// Fills the tables from an archive.
fn load(conn: &mut DbConn, archive: &mut Reader, as_of: Option<&AsOf>, progress: OnProgress<'_>) -> Result<Restored> {
    let mut pending = Pending::default();
    let manifest = archive.manifest().clone();
    // No backup has any; one that is there already would get every change that is restored now.
    diesel::delete(webhooks::table).execute(conn)?;
    let as_of = as_of.map(|moment| known(moment, &manifest)).transpose()?;
    let as_of = as_of.as_ref();
    if let Some(revision) = as_of.and_then(AsOf::revision).filter(|revision| *revision > manifest.revision) {
        let last = manifest.revision;
        return Err(Error::bad_request(format!("the backup has no revision {revision}: its last one is r{last}")));
    }
    let total = u64::try_from(manifest.revision).unwrap_or(0);
    let (mut users, mut named_tokens) = (0, 0);
    // The end of the archive's log, and of what was restored of it.
    let mut end = changes::head(conn)?;
    let mut restored = end.clone();
    while let Some(line) = archive.next()? {
        match line {
            Line::User(user) => {
                user.insert(conn)?;
                users += 1;
            }
            Line::NamedToken(token) => {
                token.insert(conn)?;
                named_tokens += 1;
            }
            Line::Change(line) => {
                let change = Change::try_from(line)?;
                if change.revision != end.revision + 1
                    || change.compute_hash(&end.hash) != change.hash
                    || change.at < end.at
                {
                    return Err(damaged(format!("r{} does not follow r{}", change.revision, end.revision)));
                }
                end = head_of(&change);
                if as_of.is_none_or(|moment| moment.includes(change.revision, &change.at)) {
                    restored = end.clone();
                    apply(conn, change, &mut pending)?;
                }
                progress(u64::try_from(end.revision).unwrap_or(0), total);
            }
            Line::Backup(_) | Line::End { .. } => return Err(damaged("a line is not where it should be")),
        }
    }
    pending.settle(conn)?;
    if (end.revision, &end.hash) != (manifest.revision, &manifest.hash) {
        return Err(damaged(format!("its log ends with r{} and not with r{}", end.revision, manifest.revision)));
    }
    if (users, named_tokens) != (manifest.users, manifest.named_tokens) {
        return Err(damaged("users are missing from it"));
    }
    for release in manifest.releases.iter().filter(|release| release.revision <= restored.revision) {
        if changes::hash_of(conn, release.revision)? != release.hash {
            return Err(damaged(format!("the release {} is not r{}", release.name, release.revision)));
        }
        releases::insert(conn, release)?;
    }
    Ok(Restored { revision: restored.revision, hash: restored.hash, manifest })
}

/// Returns a moment whose place in the archive's log is known: of a release its revision.
fn known(moment: &AsOf, manifest: &Manifest) -> Result<AsOf> {
    let Some(name) = moment.release() else { return Ok(moment.clone()) };
    let release = manifest.releases.iter().find(|release| release.name == name);
    let unknown = || Error::bad_request(format!("the backup has no release {name}"));
    release.map(|release| AsOf::of_revision(release.revision)).ok_or_else(unknown)
}

fn head_of(change: &Change) -> changes::Head {
    changes::Head { revision: change.revision, at: change.at.clone(), hash: change.hash.clone() }
}

/// Appends a row to the log, and does what it says. The rows come in their old order, in which each found what it
/// refers to.
fn apply(conn: &mut DbConn, change: Change, pending: &mut Pending) -> Result<()> {
    diesel::insert_into(table::table).values(&change).execute(conn)?;
    let created_at = changes::created_at(conn, &change)?;
    let is_new = change.action == Action::Created;
    replay(conn, &LastChange { change, created_at, is_new }, pending)
}
