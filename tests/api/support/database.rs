//! A database for one test: a SQLite file in a directory of its own, or a PostgreSQL schema of its own.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use partnership_registry::db::{DatabaseUrl, Db, DbConn};
use tempfile::TempDir;

/// A migrated, empty database, which goes away with this value.
pub(crate) struct Database {
    url: DatabaseUrl,
    text: String,
    directory: TempDir,
    /// Its end drops the schema.
    #[cfg(feature = "postgres")]
    schema: Option<Schema>,
}

impl Database {
    pub(crate) fn create() -> Self {
        let this = Self::unmigrated();
        Db::migrate(&this.url).unwrap();
        this
    }

    pub(crate) fn unmigrated() -> Self {
        let directory = tempfile::tempdir().unwrap();
        #[cfg(feature = "postgres")]
        if let Ok(server) = std::env::var("TEST_POSTGRES_URL") {
            let schema = Schema::create(server);
            let text = schema.url();
            return Self { url: text.parse().unwrap(), text, directory, schema: Some(schema) };
        }
        let text = format!("sqlite://{}", directory.path().join("registry.db").display());
        Self {
            url: text.parse().unwrap(),
            text,
            directory,
            #[cfg(feature = "postgres")]
            schema: None,
        }
    }

    /// A SQLite file that an earlier version of the program made, whatever the suite runs on; it is brought up to this
    /// one.
    pub(crate) fn of_file(bytes: &[u8]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("registry.db");
        std::fs::write(&path, bytes).unwrap();
        let text = format!("sqlite://{}", path.display());
        let url: DatabaseUrl = text.parse().unwrap();
        partnership_registry::registry::search::migrate(&mut Db::connect(&url).unwrap()).unwrap();
        Self {
            url,
            text,
            directory,
            #[cfg(feature = "postgres")]
            schema: None,
        }
    }

    pub(crate) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The same database on another server, which follows this one's.
    pub(crate) fn at(
        &self,
        #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "only PostgreSQL has one"))]
        server: &str,
    ) -> DatabaseUrl {
        #[cfg(feature = "postgres")]
        if let Some(schema) = &self.schema {
            return schema.url_at(server).parse().unwrap();
        }
        self.url.clone()
    }

    /// The name by which PostgreSQL knows the connections.
    #[cfg(feature = "postgres")]
    pub(crate) fn name(&self) -> &str {
        self.schema.as_ref().map_or("", |schema| &schema.name)
    }

    /// The URL as a person writes it.
    pub(crate) fn url_text(&self) -> &str {
        &self.text
    }

    /// A connection after the database's own guards of the log have been taken away.
    pub(crate) fn disarmed(&self) -> DbConn {
        let mut conn = self.connect();
        let triggers: &[&str] = match conn {
            DbConn::Sqlite(_) => &["changes_are_not_updated", "changes_are_not_deleted", "changes_are_appended"],
            #[cfg(feature = "postgres")]
            DbConn::Postgres(_) => &["changes_are_append_only ON changes", "changes_are_appended ON changes"],
        };
        triggers.iter().for_each(|trigger| run(&mut conn, &format!("DROP TRIGGER {trigger}")));
        conn
    }

    /// A place for files.
    pub(crate) fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Tells whether this process has one of its files open.
    fn is_in_use(&self) -> bool {
        let Ok(descriptors) = std::fs::read_dir("/proc/self/fd") else { return false };
        let mut opened = descriptors.filter_map(|descriptor| std::fs::read_link(descriptor.ok()?.path()).ok());
        opened.any(|file| file.starts_with(self.directory.path()))
    }

    /// A connection that may do everything.
    pub(crate) fn connect(&self) -> DbConn {
        Db::connect(&self.url).unwrap()
    }
}

impl Drop for Database {
    /// Waits for the threads that still have a file open: a service whose files are deleted stops its process, and
    /// some of its threads may end after it has. A directory that is in use all the same stays.
    fn drop(&mut self) {
        let until = Instant::now() + Duration::from_secs(10);
        while self.is_in_use() {
            if Instant::now() > until {
                self.directory.disable_cleanup(true);
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

/// The column `value` of a query.
#[track_caller]
pub(crate) fn texts(conn: &mut DbConn, sql: &str) -> BTreeSet<String> {
    use diesel::RunQueryDsl as _;
    let rows = diesel::sql_query(sql).load::<Row>(conn).unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.into_iter().map(|row| row.value).collect()
}

/// Runs a statement.
#[track_caller]
pub(crate) fn run(conn: &mut DbConn, sql: &str) {
    use diesel::RunQueryDsl as _;
    diesel::sql_query(sql).execute(conn).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[cfg(feature = "postgres")]
struct Schema {
    server: String,
    name: String,
    /// A pool such as PgBouncer passes no `options`, by which a schema is chosen: then it is a database.
    is_database: bool,
}

#[cfg(feature = "postgres")]
impl Schema {
    fn create(server: String) -> Self {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let this = Self { server, name, is_database: std::env::var("TEST_POSTGRES_DATABASES").is_ok() };
        this.execute(&format!("CREATE {} {}", this.kind(), this.name));
        this
    }

    fn kind(&self) -> &'static str {
        if self.is_database { "DATABASE" } else { "SCHEMA" }
    }

    fn url(&self) -> String {
        self.url_at(&self.server)
    }

    fn url_at(&self, server: &str) -> String {
        let name = &self.name;
        if self.is_database {
            let (host, _) = server.rsplit_once('/').unwrap();
            return format!("{host}/{name}?application_name={name}");
        }
        let and = if server.contains('?') { '&' } else { '?' };
        format!("{server}{and}options=-csearch_path%3D{name}&application_name={name}")
    }

    fn execute(&self, sql: &str) {
        run(&mut Db::connect(&self.server.parse().unwrap()).unwrap(), sql);
    }
}

#[cfg(feature = "postgres")]
impl Drop for Schema {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let all = if self.is_database { "WITH (FORCE)" } else { "CASCADE" };
            self.execute(&format!("DROP {} {} {all}", self.kind(), self.name));
        }
    }
}
