//! A part that this very executable plays as another process: a stranger at the file, or a writer to kill.

use std::path::Path;
use std::process::{Command, Stdio};

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use partnership_registry::db::{DatabaseUrl, Db, DbConn, Limits, write_transaction};

const PART: &str = "REGISTRY_TEST_PART";
const FILE: &str = "REGISTRY_TEST_FILE";

/// This executable in a part, at a database file.
pub(crate) fn command(part: &str, file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["part::plays", "--exact", "--nocapture"]).env(PART, part).env(FILE, file);
    command.env("RUST_LOG", "error").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Not a test by itself.
#[test]
#[expect(clippy::disallowed_methods, reason = "no setting: how a test speaks to itself")]
fn plays() {
    let (Ok(part), Ok(file)) = (std::env::var(PART), std::env::var(FILE)) else { return };
    let file = Path::new(&file);
    let url = DatabaseUrl::Sqlite(file.to_owned());
    let sql = |sql: &str| Db::connect(&url).unwrap().batch_execute(sql).unwrap();
    match part.as_str() {
        "select" => sql("SELECT count(*) FROM changes"),
        "checkpoint" => sql("PRAGMA wal_checkpoint(TRUNCATE)"),
        "vacuum" => sql(&format!("VACUUM INTO '{}'", file.with_extension(uuid::Uuid::now_v7().to_string()).display())),
        "last" => be_last(&url, file),
        "write" => write(&mut Db::connect(&url).unwrap(), file, false),
        "write-behind" => write(&mut Db::connect(&url).unwrap(), file, true),
        "serve-behind" => serve(&url, file),
        other => panic!("no part {other}"),
    }
}

/// Closes the database as SQLite does up to some version before 3.53: where no other process has a lock on the file,
/// the log is written to it, and deleted.
fn be_last(url: &DatabaseUrl, file: &Path) {
    use rustix::fs::{FlockOperation::NonBlockingLockExclusive, fcntl_lock};
    let mut conn = Db::connect(url).unwrap();
    conn.batch_execute("SELECT count(*) FROM sqlite_schema; PRAGMA wal_checkpoint(PASSIVE)").unwrap();
    drop(conn);
    let database = std::fs::File::options().write(true).open(file).unwrap();
    if fcntl_lock(&database, NonBlockingLockExclusive).is_ok() {
        for end in ["-wal", "-shm"] {
            std::fs::remove_file(format!("{}{end}", file.display())).unwrap();
        }
    }
}

const INSERT: &str = "INSERT INTO numbers VALUES (NULL)";

fn last(conn: &mut DbConn) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        value: i64,
    }
    diesel::sql_query("SELECT max(n) AS value FROM numbers").get_result::<Row>(conn).unwrap().value
}

/// Opens the file and closes it: what must never be done.
fn open_behind(file: &Path) {
    drop(std::fs::File::open(file).unwrap());
}

/// `blind`: whether the log was gone already when the write began.
fn acknowledge(n: i64, blind: bool) {
    println!("acknowledged {n}");
    if blind {
        println!("blind {n}");
    }
}

fn log_is_gone(file: &Path) -> bool {
    !Path::new(&format!("{}-wal", file.display())).exists()
}

/// Writes through a connection that nothing watches, until it is killed.
fn write(conn: &mut DbConn, file: &Path, behind: bool) {
    loop {
        let blind = log_is_gone(file);
        let n = write_transaction(conn, |conn| {
            conn.batch_execute(INSERT)?;
            Ok(last(conn))
        });
        if behind {
            open_behind(file);
        }
        acknowledge(n.unwrap(), blind);
    }
}

/// Writes as the service does, until it is killed or ends itself.
fn serve(url: &DatabaseUrl, file: &Path) {
    env_logger::init();
    let db = Db::open(url, Limits::default()).unwrap();
    loop {
        let blind = log_is_gone(file);
        let n = db.write_blocking(|conn| {
            conn.batch_execute(INSERT)?;
            Ok(last(conn))
        });
        open_behind(file);
        acknowledge(n.unwrap(), blind);
    }
}
