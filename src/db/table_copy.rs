//! A copy of some tables of a SQLite file that is in use.

use std::path::Path;

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;

use super::connection::{Access, DatabaseUrl, DbConn};
use super::dialect::write_transaction;
use super::file;
use super::scratch::whole;
use crate::error::Result;

/// Makes the file `path` from the file `source`, as it is in one snapshot: `tables` whole, with their indexes, and all
/// other tables empty. Answers with what `read` reads before they are emptied.
///
/// `VACUUM INTO` copies everything, a page at a time where it can; then the other tables are emptied. That takes a
/// third of the time of copying rows, for which each index is written again.
///
/// # Errors
/// Errors of `read`, and of the database.
pub fn copy_tables<T>(
    path: &Path,
    source: &Path,
    tables: &[&str],
    read: impl FnOnce(&mut DbConn) -> Result<T>,
) -> Result<T> {
    whole(path, copy(path, source, tables, read))
}

fn copy<T>(path: &Path, source: &Path, tables: &[&str], read: impl FnOnce(&mut DbConn) -> Result<T>) -> Result<T> {
    // An empty file is filled; SQLite would make one that others can read.
    file::create(path)?;
    let mut live = DatabaseUrl::Sqlite(source.to_owned()).open(Access::Write)?;
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(file::address(path, "mode=rw")).execute(&mut live)?;
    drop(live);
    let mut conn = DatabaseUrl::Sqlite(path.to_owned()).open(Access::Scratch)?;
    execute(&mut conn, "PRAGMA foreign_keys = OFF")?;
    let answer = read(&mut conn)?;
    // Deleted rows are overwritten with zeros, so that no secret of an account stays in the file. The log holds none,
    // and is long.
    for (secure, other) in [("OFF", vec![LOG.to_owned()]), ("ON", others(&mut conn, tables)?)] {
        execute(&mut conn, &format!("PRAGMA secure_delete = {secure}"))?;
        write_transaction(&mut conn, |conn| empty(conn, &other))?;
    }
    Ok(answer)
}

/// The table of the log.
const LOG: &str = "changes";

#[derive(diesel::QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Returns the tables beside these and the log.
fn others(conn: &mut DbConn, tables: &[&str]) -> Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let kept = |name: &str| tables.contains(&name) || name == LOG || name == "__diesel_schema_migrations";
    let all = diesel::sql_query(sql).load::<Named>(conn)?;
    Ok(all.into_iter().map(|table| table.name).filter(|name| !kept(name)).collect())
}

/// Empties tables, and drops their triggers, one of which forbids that the log is emptied. Nothing is written there
/// later.
fn empty(conn: &mut DbConn, tables: &[String]) -> Result<()> {
    for table in tables {
        let triggers = diesel::sql_query("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?");
        for Named { name } in triggers.bind::<Text, _>(table).load(conn)? {
            execute(conn, &format!("DROP TRIGGER \"{name}\""))?;
        }
        execute(conn, &format!("DELETE FROM \"{table}\""))?;
    }
    Ok(())
}

fn execute(conn: &mut DbConn, sql: &str) -> Result<()> {
    Ok(conn.batch_execute(sql)?)
}
