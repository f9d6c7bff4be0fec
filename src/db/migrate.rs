//! Migrations: embedded, applied in order, the same names on both databases.

use diesel::migration::{Migration, MigrationSource as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::DbConn;
use super::dialect::on;
use crate::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

fn source(conn: &DbConn) -> EmbeddedMigrations {
    match conn {
        DbConn::Sqlite(_) => SQLITE,
        #[cfg(feature = "postgres")]
        DbConn::Postgres(_) => POSTGRES,
    }
}

/// Returns the version of the last migration that this program knows: the same on both databases.
pub fn latest_migration() -> String {
    let known: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> = SQLITE.migrations().unwrap_or_default();
    known.iter().map(|migration| migration.name().version().to_string()).max().unwrap_or_default()
}

/// Applies the migrations that have not been applied yet, and returns their names.
///
/// # Errors
/// As [`migrate_and`].
pub fn migrate(conn: &mut DbConn) -> Result<Vec<String>> {
    migrate_and(conn, |_| Ok(()))
}

/// Migrates, and does the work that is needed before another program writes.
///
/// # Errors
/// [`Error::Internal`] when a migration fails; errors of `then`.
pub fn migrate_and(conn: &mut DbConn, then: impl FnOnce(&mut DbConn) -> Result<()>) -> Result<Vec<String>> {
    lock(conn)?;
    // Programs that still write would be in its way, and it in theirs: each holds tables that the other waits for.
    let waits = pending(conn)? > 0;
    if waits {
        hold_writers(conn, true)?;
    }
    let migrations = source(conn);
    let applied = on!(conn, inner => inner.run_pending_migrations(migrations).map(|versions| {
        versions.iter().map(ToString::to_string).collect()
    }))
    .map_err(|error| failed("the database cannot be migrated", error));
    let applied = applied.and_then(|applied| then(conn).map(|()| applied));
    if waits {
        hold_writers(conn, false)?;
    }
    unlock(conn)?;
    applied
}

/// Counts the migrations that have not been applied.
///
/// # Errors
/// Errors of the database.
pub fn pending(conn: &mut DbConn) -> Result<usize> {
    let migrations = source(conn);
    match conn {
        DbConn::Sqlite(inner) => inner.pending_migrations(migrations).map(|list| list.len()),
        #[cfg(feature = "postgres")]
        DbConn::Postgres(inner) => pending_on_postgres(inner, migrations),
    }
    .map_err(|error| failed("the state of the migrations cannot be read", error))
}

/// Returns the migrations that have been applied and are not known here: those of a newer program. A migration only
/// adds (`migrations/README.md`), so that this one can go on. The database must have been migrated.
///
/// # Errors
/// Errors of the database.
pub fn newer(conn: &mut DbConn) -> Result<Vec<String>> {
    use diesel::RunQueryDsl as _;
    let known: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> = SQLITE.migrations().unwrap_or_default();
    let known: Vec<String> = known.iter().map(|migration| migration.name().version().to_string()).collect();
    let sql = "SELECT version AS value FROM __diesel_schema_migrations ORDER BY version";
    let applied = diesel::sql_query(sql).load::<Text>(conn)?.into_iter().filter_map(|row| row.value);
    Ok(applied.filter(|version| !known.contains(version)).collect())
}

#[derive(diesel::QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    value: Option<String>,
}

fn failed(context: &str, error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    match error.downcast::<diesel::result::Error>() {
        Ok(error) => Error::database(context, *error),
        Err(other) => Error::internal(context, other),
    }
}

/// Returns the same without diesel's `CREATE TABLE IF NOT EXISTS`, which PostgreSQL refuses in a transaction that only
/// reads.
#[cfg(feature = "postgres")]
fn pending_on_postgres(
    conn: &mut diesel::PgConnection,
    migrations: EmbeddedMigrations,
) -> diesel::migration::Result<usize> {
    use diesel::RunQueryDsl as _;
    let table = "SELECT to_regclass('__diesel_schema_migrations')::text AS value";
    let applied: Vec<Text> = match diesel::sql_query(table).get_result::<Text>(conn)?.value {
        Some(_) => diesel::sql_query("SELECT version AS value FROM __diesel_schema_migrations").load(conn)?,
        None => Vec::new(),
    };
    let known: Vec<Box<dyn Migration<diesel::pg::Pg>>> = migrations.migrations()?;
    let missing = known.iter().filter(|migration| {
        let version = migration.name().version().to_string();
        !applied.iter().any(|row| row.value.as_deref() == Some(version.as_str()))
    });
    Ok(missing.count())
}

/// Takes every migration back: what the redo test proves to work.
///
/// # Errors
/// Errors of the database.
pub fn revert_all(conn: &mut DbConn) -> Result<()> {
    let migrations = source(conn);
    on!(conn, inner => inner.revert_all_migrations(migrations).map(drop))
        .map_err(|error| Error::internal("the migrations cannot be reverted", error))
}

/// Takes the lock of migrations: two instances of one registry, which is a schema, must not migrate together.
fn lock(conn: &mut DbConn) -> Result<()> {
    match conn {
        DbConn::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        DbConn::Postgres(inner) => {
            use diesel::RunQueryDsl as _;
            diesel::sql_query("SELECT pg_advisory_lock(7236822, hashtext(current_schema()))").execute(inner)?;
        }
    }
    Ok(())
}

fn unlock(conn: &mut DbConn) -> Result<()> {
    match conn {
        DbConn::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        DbConn::Postgres(inner) => {
            use diesel::RunQueryDsl as _;
            diesel::sql_query("SELECT pg_advisory_unlock(7236822, hashtext(current_schema()))").execute(inner)?;
        }
    }
    Ok(())
}

/// Has all writers wait, or go on: the lock of [`super::lock_log`], for the whole session.
fn hold_writers(
    conn: &mut DbConn,
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "unused without PostgreSQL"))] hold: bool,
) -> Result<()> {
    match conn {
        DbConn::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        DbConn::Postgres(inner) => {
            use diesel::RunQueryDsl as _;
            let lock = if hold { "lock" } else { "unlock" };
            let sql = format!(
                "SELECT pg_advisory_{lock}_shared(7236821), pg_advisory_{lock}(7236821, hashtext(current_schema()))"
            );
            diesel::sql_query(sql).execute(inner)?;
        }
    }
    Ok(())
}
