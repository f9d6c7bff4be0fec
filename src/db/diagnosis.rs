//! The diagnosis of a database, for an operator: before the service starts, or when it does not start.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::connection::{Access, DatabaseUrl, DbConn};
use super::file_system::{free_space, refuse_network};
use super::migrate::{newer, pending};
use super::schema::changes;
use super::verdict::Diagnosis;
use crate::clock;
use crate::error::{Error, Result};

impl DatabaseUrl {
    /// Refuses a server that only looks like PostgreSQL, or is reached through a pool that gives a connection to
    /// several clients.
    ///
    /// # Errors
    /// Then, with the reason; what the server says.
    pub fn refuse_lookalikes(&self) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => super::lookalike::refuse(url),
        }
    }
}

/// The free space that a folder needs: below the first there is none, below the second there will be none soon.
const ROOM: [u64; 2] = [64 << 20, 1 << 30];

/// Checks the room in the file system of a folder.
pub fn room(check: &'static str, folder: &Path) -> Diagnosis {
    let shown = folder.display();
    let Some(free) = free_space(folder) else { return Diagnosis::ok(check, format!("{shown}: not known")) };
    let detail = format!("{shown}: {} free", bytesize::ByteSize::b(free));
    let [none, little] = ROOM;
    match free {
        free if free < none => Diagnosis::failed(check, detail, "make room there, or move it to a larger disk"),
        free if free < little => Diagnosis::warning(check, detail, "make room there before it is full"),
        _ => Diagnosis::ok(check, detail),
    }
}

/// Diagnoses the database at `url`. Writes nothing and makes nothing.
pub fn diagnose(url: &DatabaseUrl) -> Vec<Diagnosis> {
    let mut found = Vec::new();
    match url {
        DatabaseUrl::Sqlite(path) => {
            found.extend(file(path));
            if !path.exists() {
                return found;
            }
        }
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(_) => {}
    }
    let advice = "see whether it runs, and whether --database-url names it and a user who may use it";
    match url.open(Access::Read) {
        Err(error) => found.push(Diagnosis::failed("database", error.to_string(), advice)),
        Ok(mut conn) => {
            for checked in [engine(&mut conn), migrations(&mut conn), log(&mut conn)] {
                let failed = |error: Error| vec![Diagnosis::failed("database", error.to_string(), advice)];
                found.extend(checked.unwrap_or_else(failed));
            }
        }
    }
    found
}

/// SQLite's file.
fn file(path: &Path) -> Vec<Diagnosis> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found = vec![room("disk", folder)];
    if !path.exists() {
        let advice = "`migrate`, `import` and `serve` make it; if there should be one, see --database-url";
        found.push(Diagnosis::warning("database", format!("there is no file {}", path.display()), advice));
        return found;
    }
    if let Err(error) = refuse_network(path) {
        found.push(Diagnosis::failed("database", error.to_string(), "move it to a local disk, or use PostgreSQL"));
    }
    let mode = std::fs::metadata(path).map(|about| about.permissions().mode() & 0o777).unwrap_or_default();
    if mode & 0o077 != 0 {
        let detail = format!("others may read {} (mode {mode:o})", path.display());
        found.push(Diagnosis::warning("permissions", detail, format!("chmod 600 {}", path.display())));
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{Access, access};
        let places = [path, folder];
        let forbidden = places.into_iter().find(|place| access(*place, Access::READ_OK | Access::WRITE_OK).is_err());
        if let Some(place) = forbidden {
            let detail = format!("this user may not write {}", place.display());
            found.push(Diagnosis::failed("permissions", detail, "run as its owner, or give it to this user"));
        }
    }
    found
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    value: String,
}

/// Returns the program that keeps the data, and its settings.
fn engine(conn: &mut DbConn) -> Result<Vec<Diagnosis>> {
    let sqlite = "SELECT sqlite_version() AS name, quick_check AS value FROM pragma_quick_check LIMIT 1";
    #[cfg(feature = "postgres")]
    if let DbConn::Postgres(conn) = conn {
        return super::lookalike::settings(conn);
    }
    let Setting { name: version, value: check } = diesel::sql_query(sqlite).get_result(conn)?;
    let detail = format!("SQLite {version}");
    if check == "ok" {
        return Ok(vec![Diagnosis::ok("database", detail)]);
    }
    let advice = "stop the service, keep the files, and restore a backup";
    Ok(vec![Diagnosis::failed("database", format!("{detail}: {check}"), advice)])
}

fn migrations(conn: &mut DbConn) -> Result<Vec<Diagnosis>> {
    Ok(vec![match pending(conn)? {
        0 => match newer(conn)?.last() {
            None => Diagnosis::ok("migrations", "all have been applied"),
            Some(version) => {
                let detail = format!("a newer program has applied {version}, which this one does not know");
                Diagnosis::warning("migrations", detail, "bring this program up to that version")
            }
        },
        behind => {
            let advice = "run `partnership-registry migrate`; `serve` does it, too";
            Diagnosis::warning("migrations", format!("{behind} have not been applied"), advice)
        }
    }])
}

/// The time by which the clock may be behind.
const SKEW: TimeDelta = TimeDelta::seconds(5);

/// Returns the log, and the clock beside it: a change of tomorrow was made by a clock that was wrong then, or is now.
fn log(conn: &mut DbConn) -> Result<Vec<Diagnosis>> {
    if pending(conn)? > 0 {
        return Ok(Vec::new());
    }
    let last: Option<(i64, String)> = changes::table
        .order(changes::revision.desc())
        .select((changes::revision, changes::at))
        .first(conn)
        .optional()?;
    let Some((revision, at)) = last else { return Ok(vec![Diagnosis::ok("log", "there is no change yet")]) };
    let mut found = vec![Diagnosis::ok("log", format!("the last change is {revision}, at {at}"))];
    let at = DateTime::parse_from_rfc3339(&at).map(|at| at.with_timezone(&Utc));
    found.push(match at {
        Ok(at) if at > clock::now() + SKEW => {
            let detail = format!("the last change was made at {at}, and it is {} here", clock::now());
            Diagnosis::failed("time", detail, "set the clock, and keep it by NTP")
        }
        _ => Diagnosis::ok("time", format!("it is {}", clock::stamp(clock::now()))),
    });
    Ok(found)
}
