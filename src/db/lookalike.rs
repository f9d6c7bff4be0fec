//! Refuses servers that only look like PostgreSQL, or are not set as the registry needs it: at the start, since they
//! would fail later, and quietly.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

use super::server;
use super::verdict::Diagnosis;
use crate::error::{Error, Result};

/// The oldest version that is tested.
const OLDEST: i32 = 13;

#[derive(QueryableByName)]
struct About {
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Integer)]
    pid: i32,
}

fn about(conn: &mut PgConnection) -> Result<About> {
    let sql =
        "SELECT version() AS version, current_setting('server_version_num')::int AS number, pg_backend_pid() AS pid";
    Ok(diesel::sql_query(sql).get_result(conn)?)
}

/// Refuses a server that the registry cannot be kept on.
///
/// # Errors
/// Then, with the reason; what the server says.
pub(super) fn refuse(url: &str) -> Result<()> {
    let mut one = server::open(url)?;
    let about_one = about(&mut one)?;
    if let Some(reason) = foreign(&about_one.version) {
        return Err(refused(reason));
    }
    let mut other = server::open(url)?;
    if shares(&mut one, &mut other, about_one.pid)? {
        return Err(refused(POOLED.to_owned()));
    }
    Ok(())
}

fn refused(reason: String) -> Error {
    Error::internal("this database cannot be used", reason)
}

const POOLED: &str = "a pool between it and the registry gives one connection to several clients (PgBouncer in transaction \
    mode): time-outs, prepared statements and LISTEN belong to a connection; use session mode, or no pool";

/// Returns the reason why a server with this version string is not PostgreSQL.
fn foreign(version: &str) -> Option<String> {
    let named = [
        ("CockroachDB", "CockroachDB"),
        ("-YB-", "YugabyteDB"),
        ("Redshift", "Amazon Redshift"),
        ("Materialize", "Materialize"),
    ];
    let (_, name) = named.into_iter().find(|(word, _)| version.contains(word))?;
    Some(format!(
        "it is {name}, not PostgreSQL: advisory locks, LISTEN and triggers, which keep the log in order, differ there"
    ))
}

/// Tells whether two connections that are open at once are served by one process: the mark of a pool that gives a
/// connection to each client for a transaction.
fn shares(one: &mut PgConnection, other: &mut PgConnection, before: i32) -> Result<bool> {
    // A pool that gives a connection for one statement allows no transaction.
    if other.batch_execute("BEGIN").is_err() {
        return Ok(true);
    }
    let others = about(other)?.pid;
    // In a pool of one connection this would wait for the transaction of the other.
    let shared = others == before || about(one)?.pid != before;
    other.batch_execute("ROLLBACK")?;
    Ok(shared)
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    setting: String,
}

/// Checks the settings of the server.
pub(super) fn settings(conn: &mut PgConnection) -> Result<Vec<Diagnosis>> {
    let About { version, number, .. } = about(conn)?;
    let short: String = version.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    found.push(match foreign(&version) {
        Some(reason) => Diagnosis::failed("database", reason, "use PostgreSQL"),
        None if number / 10_000 < OLDEST => {
            Diagnosis::failed("database", short, format!("use PostgreSQL {OLDEST} or later"))
        }
        None => Diagnosis::ok("database", short),
    });
    let sql = "SELECT name, setting FROM pg_settings WHERE name IN ('server_encoding', 'lc_messages', 'fsync', \
        'full_page_writes', 'max_connections', 'transaction_read_only')";
    for Setting { name, setting } in diesel::sql_query(sql).load::<Setting>(conn)? {
        let said = format!("{name} is {setting}");
        let advice = match (name.as_str(), setting.as_str()) {
            ("server_encoding", other) if other != "UTF8" => "make the database with ENCODING 'UTF8'",
            ("lc_messages", other)
                if !["C", "POSIX"].contains(&other) && !other.starts_with("C.") && !other.starts_with("en") =>
            {
                "set lc_messages to C: the registry reads what kind of error it is"
            }
            ("fsync" | "full_page_writes", "off") => "turn it on: without it a power cut damages the database",
            ("transaction_read_only", "on") => "connect to the primary: nothing can be written here",
            ("max_connections", other) if other.parse::<u32>().is_ok_and(|most| most < 40) => {
                "raise it: an instance opens up to 20 connections"
            }
            _ => continue,
        };
        let fails = matches!(name.as_str(), "server_encoding" | "fsync" | "full_page_writes" | "transaction_read_only");
        let made = if fails { Diagnosis::failed } else { Diagnosis::warning };
        found.push(made("settings", said, advice));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_looks_like_postgresql_is_known_by_its_version() {
        let versions = [
            ("PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc", None),
            ("CockroachDB CCL v25.2.1 (x86_64-pc-linux-gnu, built 2025/05/28 13:00:00, go1.23.7)", Some("CockroachDB")),
            (
                "PostgreSQL 11.2-YB-2.25.2.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 17.0.6",
                Some("YugabyteDB"),
            ),
        ];
        for (version, name) in versions {
            let reason = foreign(version);
            assert_eq!(reason.is_some(), name.is_some(), "{version}");
            assert!(reason.unwrap_or_default().contains(name.unwrap_or_default()));
        }
    }
}
