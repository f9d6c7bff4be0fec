//! Disposable SQLite databases, rebuilt from the change log: filled fast, not safe against a crash, then only read.

use std::path::Path;

use diesel::RunQueryDsl as _;

use super::connection::{Access, DatabaseUrl, DbConn};
use super::dialect::write_transaction;
use crate::error::Result;
use crate::temporary;

/// The check of references between records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKeys {
    /// At the end: a record may come before another one that it refers to.
    Deferred,
    /// Not at all: the content may be broken.
    Off,
}

/// The content that a file begins with.
#[derive(Clone, Copy, Debug)]
pub enum ScratchBase<'a> {
    /// Empty tables.
    Empty,
    /// A copy of a file that no process writes.
    CopyOf(&'a Path),
    /// The file itself, which is there already.
    InPlace,
}

/// Makes the file `path`, with the tables of a registry and in them what `fill` writes: all of it, or no file.
///
/// # Errors
/// Errors of `fill`, the database or the file system.
pub fn build_scratch_db<T>(
    path: &Path,
    base: ScratchBase<'_>,
    foreign_keys: ForeignKeys,
    fill: impl FnOnce(&mut DbConn) -> Result<T>,
) -> Result<T> {
    let begin = |conn: &mut DbConn| -> Result<()> {
        if matches!(base, ScratchBase::Empty) {
            super::migrate(conn)?;
        }
        if foreign_keys == ForeignKeys::Off {
            diesel::sql_query("PRAGMA foreign_keys = OFF").execute(conn)?;
        }
        Ok(())
    };
    whole(path, build(path, base, begin, fill))
}

/// Makes the file `path` with nothing but what `fill` makes in it: all of it, or no file.
///
/// # Errors
/// As [`build_scratch_db`].
pub fn make_file<T>(path: &Path, fill: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
    whole(path, build(path, ScratchBase::Empty, |_| Ok(()), fill))
}

/// Removes a file that could not be made.
pub(super) fn whole<T>(path: &Path, made: Result<T>) -> Result<T> {
    if made.is_err()
        && let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        log::warn!("the file {} cannot be removed: {error}", path.display());
    }
    made
}

fn build<T>(
    path: &Path,
    base: ScratchBase<'_>,
    begin: impl FnOnce(&mut DbConn) -> Result<()>,
    fill: impl FnOnce(&mut DbConn) -> Result<T>,
) -> Result<T> {
    if let ScratchBase::CopyOf(base) = base {
        std::fs::copy(base, path)
            .map_err(|error| temporary::failed(format_args!("{} cannot be copied", base.display()), error))?;
    }
    let mut conn = DatabaseUrl::Sqlite(path.to_owned()).open(Access::Scratch)?;
    begin(&mut conn)?;
    write_transaction(&mut conn, |conn| {
        diesel::sql_query("PRAGMA defer_foreign_keys = ON").execute(conn)?;
        fill(conn)
    })
}
