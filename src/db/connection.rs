//! One connection type for both databases, opened by URL, with SQLite's settings made and read back.

use std::path::PathBuf;
use std::str::FromStr;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::file;
use super::file_system::refuse_network;
use super::progress;
use crate::error::{Error, Result};

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum DbConn {
    /// SQLite, embedded.
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(PgConnection),
}

/// The diesel backend of [`DbConn`].
pub type DbBackend = <DbConn as Connection>::Backend;

/// The address of the database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://PATH`: a file.
    Sqlite(PathBuf),
    /// `postgres://…`: a server.
    #[cfg(feature = "postgres")]
    Postgres(String),
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            // The URL may hold a password.
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")) {
            return match path {
                "" | ":memory:" => Err("a file is wanted after sqlite://, such as sqlite://registry.db".to_owned()),
                path => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            #[cfg(feature = "postgres")]
            return Ok(Self::Postgres(text.to_owned()));
            #[cfg(not(feature = "postgres"))]
            return Err("this binary was built without PostgreSQL: build it with --features postgres".to_owned());
        }
        Err("sqlite://PATH or postgres://USER@HOST/DATABASE is wanted".to_owned())
    }
}

/// The purpose of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Reading; SQLite refuses anything else on it.
    Read,
    /// Everything.
    Write,
    /// Filling a file that may be lost: no care for a crash (SQLite).
    Scratch,
    /// Reading a file that no process writes any more: no locks (SQLite).
    Immutable,
}

/// SQLite's settings (rules.md 4) and what they must read back as.
const PRAGMAS: [(&str, &str, &str); 5] = [
    ("busy_timeout", "10000", "10000"),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("foreign_keys", "ON", "1"),
    ("trusted_schema", "OFF", "0"),
];

/// The settings of a connection that writes, beside the common ones. Nothing that a write needs is in the temporary
/// folder, which others can fill (rules.md 11c), not even what takes one statement back. The log that a large import
/// leaves is cut again.
const WRITING: [(&str, &str, &str); 3] = [
    ("temp_store", "MEMORY", "2"),
    ("journal_size_limit", WAL_KEPT_TEXT, WAL_KEPT_TEXT),
    // Enough that an import seldom writes a page down to read it again; it is given back when the writer is idle.
    ("cache_size", "-32000", "-32000"),
];

/// The number of bytes that the file of the write-ahead log keeps when its content has been written to the database.
pub(super) const WAL_KEPT: u64 = 16 * 1024 * 1024;
const WAL_KEPT_TEXT: &str = "16777216";

/// The settings of a file that may be lost.
const SCRATCH_PRAGMAS: [(&str, &str, &str); 6] = [
    ("journal_mode", "MEMORY", "memory"),
    ("temp_store", "MEMORY", "2"),
    ("synchronous", "OFF", "0"),
    ("foreign_keys", "ON", "1"),
    ("trusted_schema", "OFF", "0"),
    ("cache_size", "-32000", "-32000"),
];

/// The settings of a past state, whose file is only read. It has as many connections as the present, and several states
/// are kept: a connection gets the 2 MB of pages that SQLite gives by itself.
const IMMUTABLE_PRAGMAS: [(&str, &str, &str); 2] = [("trusted_schema", "OFF", "0"), ("query_only", "ON", "1")];

/// The last settings of a connection that only reads. It keeps up to 8 MB of pages: with SQLite's 2 MB a list of 10,000
/// projects reads a fifth of its time from the operating system's cache.
const QUERY_ONLY: [(&str, &str, &str); 2] = [("cache_size", "-8000", "-8000"), ("query_only", "ON", "1")];

impl Access {
    fn pragmas(self) -> Vec<(&'static str, &'static str, &'static str)> {
        match self {
            Self::Read => [PRAGMAS.as_slice(), QUERY_ONLY.as_slice()].concat(),
            Self::Write => [PRAGMAS.as_slice(), WRITING.as_slice()].concat(),
            Self::Scratch => SCRATCH_PRAGMAS.to_vec(),
            Self::Immutable => IMMUTABLE_PRAGMAS.to_vec(),
        }
    }
}

/// The oldest SQLite that is free of the WAL-reset corruption bug.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

impl DatabaseUrl {
    /// Opens a connection.
    pub(super) fn open(&self, access: Access) -> Result<DbConn> {
        match self {
            Self::Sqlite(path) => open_sqlite(path, access).map(DbConn::Sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => super::server::open(url).map(DbConn::Postgres),
        }
    }
}

fn open_sqlite(path: &std::path::Path, access: Access) -> Result<SqliteConnection> {
    let shown = path.display();
    if matches!(access, Access::Write | Access::Scratch) {
        file::create(path)?;
    }
    if access == Access::Write {
        refuse_network(path)?;
    }
    progress::install()?;
    let mode = if access == Access::Immutable { "mode=ro&immutable=1" } else { "mode=rw" };
    let address = file::address(path, mode);
    let mut conn = SqliteConnection::establish(&address)
        .map_err(|error| Error::internal(format!("the database file {shown} cannot be opened"), error))?;
    // That of the library that runs, whatever the bindings were made for.
    let version = text(&mut conn, "SELECT sqlite_version() AS value")?;
    if is_too_old(&version) {
        return Err(Error::internal("SQLite", format!("SQLite {version} is too old to keep data safely")));
    }
    let pragmas = access.pragmas();
    for (name, value, _) in &pragmas {
        conn.batch_execute(&format!("PRAGMA {name} = {value}"))?;
    }
    for (name, _, wanted) in &pragmas {
        let got = pragma(&mut conn, name)?;
        if got != *wanted {
            let problem = format!("PRAGMA {name} is {got}, not {wanted}: is the file on a network file system?");
            return Err(Error::internal(format!("the database file {shown} cannot be used"), problem));
        }
    }
    Ok(conn)
}

/// Tells whether a version, such as 3.53.2, comes before the oldest.
fn is_too_old(version: &str) -> bool {
    let numbers: Vec<u32> = version.split('.').map(|number| number.parse().unwrap_or(0)).collect();
    numbers.as_slice() < OLDEST_SQLITE.as_slice()
}

fn pragma(conn: &mut SqliteConnection, name: &str) -> Result<String> {
    // `timeout` is the column that busy_timeout answers with; the table-valued form names every column alike.
    let column = if name == "busy_timeout" { "timeout" } else { name };
    let sql = format!("SELECT CAST(\"{column}\" AS TEXT) AS value FROM pragma_{name}");
    text(conn, &sql)
}

fn text(conn: &mut SqliteConnection, sql: &str) -> Result<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        value: String,
    }
    Ok(diesel::sql_query(sql).get_result::<Row>(conn)?.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_that_is_kept_is_the_size_that_is_set() {
        assert_eq!(WAL_KEPT.to_string(), WAL_KEPT_TEXT);
    }

    #[test]
    fn the_library_that_runs_is_no_older_than_it_may_be() {
        for (version, old) in [("3.53.2", false), ("3.51.3", false), ("4.0.0", false), ("3.51.2", true), ("3.9", true)]
        {
            assert_eq!(is_too_old(version), old, "{version}");
        }
        assert!(is_too_old("unknown"));
    }

    /// Without `QUERY_ONLY` both may.
    #[test]
    fn a_connection_that_reads_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        url.open(Access::Write).unwrap().batch_execute("CREATE TABLE t (x)").unwrap();
        for access in [Access::Read, Access::Immutable] {
            let refused = url.open(access).unwrap().batch_execute("INSERT INTO t VALUES (1)").unwrap_err();
            assert!(refused.to_string().contains("readonly"), "{access:?}: {refused}");
        }
    }
}
