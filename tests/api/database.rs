//! The database: migrations that go up, down and up again, and SQLite built and set as it must be.

use std::collections::BTreeSet;

use diesel::prelude::*;
use partnership_registry::db::{DbConn, migrate, pending, revert_all};

use crate::support::database::texts;
use crate::support::{Database, TestApp, records};

/// Every table, index, trigger and function, with how it is made.
fn schema(conn: &mut DbConn) -> BTreeSet<String> {
    let sql = match conn {
        DbConn::Sqlite(_) => {
            "SELECT name || ': ' || coalesce(sql, '') AS value FROM sqlite_schema
             WHERE name NOT LIKE '__diesel%' AND name NOT LIKE 'sqlite%' AND tbl_name NOT LIKE '__diesel%'"
        }
        #[cfg(feature = "postgres")]
        DbConn::Postgres(_) => {
            "SELECT indexname || indexdef AS value FROM pg_indexes
             WHERE schemaname = current_schema() AND tablename NOT LIKE '\\_\\_diesel%'
             UNION ALL SELECT table_name || '.' || column_name || data_type FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_\\_diesel%'
             UNION ALL SELECT trigger_name || event_manipulation FROM information_schema.triggers
             WHERE trigger_schema = current_schema()
             UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
               AND proname NOT LIKE 'diesel%'"
        }
    };
    texts(conn, sql)
}

#[test]
fn migrations_go_up_down_and_up_again() {
    let database = Database::unmigrated();
    let mut conn = database.connect();
    assert_eq!(schema(&mut conn), BTreeSet::new());
    let names = migrate(&mut conn).unwrap();
    let first = schema(&mut conn);
    assert!(first.len() > 20 && names.len() >= 3);
    assert_eq!(pending(&mut conn).unwrap(), 0);
    assert_eq!(migrate(&mut conn).unwrap(), Vec::<String>::new(), "what is applied is not applied again");
    revert_all(&mut conn).unwrap();
    assert_eq!(schema(&mut conn), BTreeSet::new(), "nothing is left behind");
    assert_eq!(pending(&mut conn).unwrap(), names.len());
    assert_eq!(migrate(&mut conn).unwrap(), names);
    assert_eq!(schema(&mut conn), first);
}

/// `.cargo/config.toml` sets the flags; `db::connection` the pragmas.
#[test]
fn sqlite_is_built_and_set_as_it_must_be() {
    let database = Database::create();
    let mut conn = database.connect();
    #[cfg(feature = "postgres")]
    if matches!(conn, DbConn::Postgres(_)) {
        return;
    }
    let options = texts(&mut conn, "SELECT compile_options AS value FROM pragma_compile_options");
    for option in ["ENABLE_QPSG", "DEFAULT_MEMSTATUS=0", "THREADSAFE=2", "DQS=0", "ENABLE_MATH_FUNCTIONS"] {
        assert!(options.contains(option), "{option} is not among {options:?}: is .cargo/config.toml read?");
    }
    assert!(!options.contains("ENABLE_MEMORY_MANAGEMENT"));
    for (pragma, wanted) in
        [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("trusted_schema", "0")]
    {
        let value = texts(&mut conn, &format!("SELECT CAST({pragma} AS TEXT) AS value FROM pragma_{pragma}"));
        assert_eq!(value, [wanted.to_owned()].into(), "{pragma}");
    }
    let loose = texts(
        &mut conn,
        "SELECT name AS value FROM pragma_table_list
         WHERE type = 'table' AND schema = 'main' AND strict = 0 AND name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
    );
    assert_eq!(loose, BTreeSet::new(), "every table is STRICT");
}

#[test]
fn the_database_holds_what_the_service_promises_even_against_other_programs() {
    let app = TestApp::spawn();
    records::fill(&app);
    let mut conn = app.database.connect();
    for sql in [
        "DELETE FROM nations WHERE code = 'IN'",
        "UPDATE organisations SET nation = 'XX'",
        "UPDATE projects SET status = 'flying'",
        "UPDATE projects SET name = NULL",
        "UPDATE reviews SET rating = ''",
        "UPDATE agreements SET kind = 'handshake'",
        "INSERT INTO project_areas (project, position, area) VALUES ('trishna', 9, 'nowhere')",
        "INSERT INTO project_nations (project, position, nation) VALUES ('trishna', 9, 'IN')",
        "UPDATE nations SET alpha3 = 'FRA' WHERE code = 'IN'",
    ] {
        assert!(diesel::sql_query(sql).execute(&mut conn).is_err(), "{sql}");
    }
}
