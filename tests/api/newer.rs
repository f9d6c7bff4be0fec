//! A database that a newer program has migrated while this one runs: a rolling upgrade, seen from the older side. A
//! migration only adds (`migrations/README.md`), so that this program goes on, and keeps what it does not know.

use std::process::Command;

use partnership_registry::db::{migrate, newer, pending};
use partnership_registry::registry::search::{self, differences};
use serde_json::json;

use crate::support::database::{run, texts};
use crate::support::{Database, EventStream, Options, PASSWORD, TestApp, records};

/// Later than every migration of this program.
const VERSION: &str = "99991231000000";

/// Migrates as a newer program does: with each kind of addition that a migration may make.
fn migrate_further(database: &Database) {
    let mut conn = database.connect();
    for sql in [
        "ALTER TABLE projects ADD COLUMN later TEXT",
        "ALTER TABLE projects ADD COLUMN later_sort TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX projects_by_later ON projects (later_sort, code)",
        "CREATE TABLE later_things (code TEXT NOT NULL PRIMARY KEY)",
        &format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{VERSION}')"),
        "UPDATE projects SET later = 'by the newer program'",
    ] {
        run(&mut conn, sql);
    }
}

fn command(app: &TestApp, args: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partnership-registry"));
    command.env_clear().env("DATABASE_URL", app.database.url_text()).current_dir(app.database.directory());
    let output = command.args(args).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// Fails where a statement names no columns, or a record that is written again loses what is not known here.
#[test]
fn a_service_goes_on_when_a_newer_program_migrates_its_database() {
    let app = TestApp::spawn();
    records::fill(&app);
    let work = |app: &TestApp, code: &str| {
        let project = json!({ "code": code, "name": format!("Project {code}"), "status": "proposed" });
        app.editor().post("/projects", &project).expect(201);
        app.editor().patch(&format!("/projects/{code}"), &json!({ "acronym": "NEW" })).expect(200);
        for path in
            ["/projects?q=project&sort=name", "/projects/trishna/history", "/summaries/projects?group_by=nation"]
        {
            app.viewer().get(path).expect(200);
        }
        let revision = app.viewer().get("/changes/head").expect(200).json()["revision"].as_i64().unwrap();
        let past = format!("/projects/trishna?as_of=r{}", revision - 1);
        app.viewer().get(&past).expect(200);
        app.viewer().get("/projects?format=csv").expect(200);
        app.editor().delete(&format!("/projects/{code}")).expect(204);
        revision + 1
    };
    // Its statements are prepared before.
    let before = work(&app, "before");
    let token = app.viewer().token().unwrap().to_owned();
    let mut stream = EventStream::open(app.address(), &token, &format!("since={before}"), &[]);
    migrate_further(&app.database);
    let after = work(&app, "after");
    assert_eq!(stream.changes_to(after).len(), usize::try_from(after - before).unwrap());
    app.editor().patch("/projects/trishna", &json!({ "summary": "By the older program." })).expect(200);
    let kept = "SELECT later AS value FROM projects WHERE code = 'trishna'";
    assert_eq!(texts(&mut app.database.connect(), kept), ["by the newer program".to_owned()].into());
    let ready = app.root().get("/health/ready").expect(200).json();
    assert_eq!(ready["status"], "ready");
    // One that starts only now works as well.
    work(&app.beside(Options { users: &[], ..Default::default() }), "beside");
    let (well, said) = command(&app, &["verify"]);
    assert!(well && said.contains("the registry is what its log says"), "{said}");
}

/// Fails where an older program does not tell what it finds.
#[test]
fn commands_say_that_a_newer_program_was_there() {
    let app = TestApp::spawn();
    let mut conn = app.database.connect();
    assert_eq!(newer(&mut conn).unwrap(), Vec::<String>::new());
    let (_, said) = command(&app, &["doctor"]);
    assert!(said.contains("all have been applied"), "{said}");
    migrate_further(&app.database);
    assert_eq!((newer(&mut conn).unwrap(), pending(&mut conn).unwrap()), (vec![VERSION.to_owned()], 0));
    assert_eq!(migrate(&mut conn).unwrap(), Vec::<String>::new());
    let (_, said) = command(&app, &["doctor"]);
    assert!(said.contains(&format!("a newer program has applied {VERSION}")), "{said}");
    std::fs::write(app.database.directory().join("password"), PASSWORD).unwrap();
    let add = ["user", "add", "late", "--role", "viewer", "--password-file", "password"];
    let (well, said) = command(&app, &add);
    assert!(well && said.contains(&format!("a newer program has migrated this database ({VERSION})")), "{said}");
}

/// Fails where the rebuilding leaves something as the older program has left it.
#[test]
fn values_that_an_older_program_left_out_are_made_anew() {
    let app = TestApp::spawn();
    records::fill(&app);
    let derived = "SELECT concat(name_sort, first_review) AS value FROM projects";
    let mut conn = app.database.connect();
    let right = texts(&mut conn, derived);
    run(&mut conn, "UPDATE projects SET name_sort = '', first_review = '~'");
    let (well, said) = command(&app, &["verify"]);
    assert!(!well && said.contains("projects/trishna"), "{said}");
    let (well, said) = command(&app, &["migrate"]);
    assert!(well && said.contains("nothing to do"), "{said}");
    let (well, said) = command(&app, &["migrate", "--rebuild"]);
    assert!(well && said.contains("made anew"), "{said}");
    assert_eq!(texts(&mut conn, derived), right);
    let (well, said) = command(&app, &["verify"]);
    assert!(well, "{said}");
}

/// Fails where an index is taken for whole because it is not empty: a migration has emptied it, and an older program
/// has written since.
#[test]
fn an_index_that_was_emptied_and_written_to_is_filled() {
    let app = TestApp::spawn();
    records::fill(&app);
    let mut conn = app.database.connect();
    run(&mut conn, "DELETE FROM search_index");
    app.editor().patch("/projects/trishna", &json!({ "acronym": "OLD" })).expect(200);
    assert!(!differences(&mut conn).unwrap().is_empty());
    assert_eq!(search::migrate(&mut conn).unwrap(), Vec::<String>::new());
    assert_eq!(differences(&mut conn).unwrap(), []);
}

/// Fails where an older program and this one append to the log at once: the older one takes the first number of the
/// lock alone.
#[cfg(feature = "postgres")]
#[test]
fn a_write_waits_for_that_of_an_older_program() {
    let app = TestApp::spawn();
    // Signing in writes, too.
    let editor = app.editor();
    let mut older = app.database.connect();
    if matches!(older, partnership_registry::db::DbConn::Sqlite(_)) {
        return;
    }
    run(&mut older, "SELECT pg_advisory_lock(7236821)");
    let waiting = format!(
        "SELECT l.pid::text AS value FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.objid = 7236821 AND NOT l.granted AND a.application_name = '{}'",
        app.database.name()
    );
    std::thread::scope(|scope| {
        let project = json!({ "code": "late", "name": "Late", "status": "proposed" });
        let write = scope.spawn(move || editor.post("/projects", &project).expect(201));
        while texts(&mut older, &waiting).is_empty() {
            assert!(!write.is_finished(), "it has not waited");
        }
        run(&mut older, "SELECT pg_advisory_unlock(7236821)");
        write.join().unwrap();
    });
}
