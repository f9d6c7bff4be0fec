//! SQLite files that hold nothing which is not elsewhere: filled fast, without care for a crash, then only read.

use std::path::Path;

use diesel::RunQueryDsl as _;

use super::connection::{Access, DatabaseUrl, DbConn};
use super::dialect::write_transaction;
use crate::error::Result;
use crate::temporary;

/// Whether what a record refers to must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum References {
    /// At the end; records come in an order in which one may stand before what it refers to.
    Checked,
    /// Not at all: what is to be looked at may be broken.
    Unchecked,
}

/// Makes the file `path`, with the tables of a registry and in them what `fill` writes: all of it, or no file. It begins
/// empty, or as a copy of `base`, which nobody may be writing.
///
/// # Errors
/// What `fill`, the database or the file system says.
pub fn make_scratch<T>(
    path: &Path,
    base: Option<&Path>,
    references: References,
    fill: impl FnOnce(&mut DbConn) -> Result<T>,
) -> Result<T> {
    let made = make(path, base, references, fill);
    if made.is_err()
        && let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        log::warn!("the file {} cannot be removed: {error}", path.display());
    }
    made
}

fn make<T>(
    path: &Path,
    base: Option<&Path>,
    references: References,
    fill: impl FnOnce(&mut DbConn) -> Result<T>,
) -> Result<T> {
    if let Some(base) = base {
        std::fs::copy(base, path)
            .map_err(|error| temporary::failed(format_args!("{} cannot be copied", base.display()), error))?;
    }
    let mut conn = DatabaseUrl::Sqlite(path.to_owned()).open(Access::Scratch)?;
    if base.is_none() {
        super::migrate(&mut conn)?;
    }
    if references == References::Unchecked {
        diesel::sql_query("PRAGMA foreign_keys = OFF").execute(&mut conn)?;
    }
    write_transaction(&mut conn, |conn| {
        diesel::sql_query("PRAGMA defer_foreign_keys = ON").execute(conn)?;
        fill(conn)
    })
}
