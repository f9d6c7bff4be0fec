//! Faults on our side: a panic, too much work, a full disk. Each is a problem, says no more than it should, and leaves
//! nothing half-written.

use std::sync::mpsc::channel;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use diesel::RunQueryDsl as _;
use futures_util::FutureExt as _;
use partnership_registry::db::{Db, DbConn, Limits, ReadClass};
use partnership_registry::http::envelope;
use serde_json::{Value, json};

use crate::support::{Client, Database, Options, PASSWORD, RawAnswer, TestApp, raw};

/// A service of nothing but handlers that panic, in the envelope of the real one.
fn panicking(paths: &[&str]) -> Vec<RawAnswer> {
    let (started, ready) = channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let panic_at_once = || async { if true { panic!("the secret of the panic") } else { "" } };
            let panic_later = || async {
                actix_web::rt::task::yield_now().await;
                if true { panic!("the secret of the panic") } else { "" }
            };
            let server = HttpServer::new(move || {
                App::new()
                    .wrap(from_fn(envelope))
                    .route("/at-once", web::get().to(panic_at_once))
                    .route("/later", web::get().to(panic_later))
                    .route("/well", web::get().to(|| async { "well" }))
            })
            .workers(1)
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .unwrap();
            let address = server.addrs()[0];
            let server = server.run();
            started.send((address, server.handle())).unwrap();
            server.await.unwrap();
        });
    });
    let (address, server) = ready.recv().unwrap();
    let get = |path: &&str| {
        raw(address, format!("GET {path} HTTP/1.1\nX-Request-Id: the-{}", path.trim_matches('/')).into_bytes(), b"")
    };
    let answers = paths.iter().map(get).collect();
    drop(server.stop(true));
    thread.join().unwrap();
    answers
}

#[test]
fn a_panic_is_a_problem_with_the_request_id_and_no_detail_and_the_worker_goes_on() {
    let answers = panicking(&["/at-once", "/later", "/well"]);
    for (answer, id) in answers.iter().zip(["the-at-once", "the-later"]) {
        let problem = answer.problem(500, "internal");
        assert_eq!(problem["instance"], id);
        assert!(!problem.to_string().contains("secret"), "{problem}");
        let head = answer.head.to_lowercase();
        assert!(head.contains(&format!("x-request-id: {id}")) && head.contains("x-content-type-options: nosniff"));
    }
    assert_eq!(answers[2].status, 200, "the one worker still answers");
}

/// Fails when the pool's own words, or those of the connection that it could not make, go into the answer. How the
/// service itself meets that: `durability` has a test without descriptors.
#[cfg(feature = "postgres")]
#[test]
fn a_server_that_does_not_answer_is_not_described_to_strangers() {
    let url = "postgres://somebody:secret@127.0.0.1:1/somewhere".parse().unwrap();
    let error = Db::open(&url, Limits::default()).unwrap().read_blocking(|_| Ok(())).unwrap_err();
    assert_eq!(error.to_string(), "the database does not answer; try again in a second");
}

/// Fails without the deadline in `Db::read`. Work that is not a query goes on, and keeps its place: `db::blocking_pool`
/// has the test.
#[test]
fn a_read_that_takes_too_long_is_given_up() {
    let database = Database::create();
    let limits = Limits { read: Duration::from_millis(50), ..Limits::default() };
    let db = Db::open(database.url(), limits).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (end, ends) = channel::<()>();
    // So long only where it is not given up.
    let reading = db.read(ReadClass::Pooled, move |_| Ok(ends.recv_timeout(Duration::from_secs(20))));
    let late = runtime.block_on(reading).unwrap_err();
    assert_eq!(late.to_string(), "the database does not answer in time; try again");
    drop(end);
}

fn create(client: &Client, code: &str) -> crate::support::Answer {
    client.put(
        &format!("/projects/{code}"),
        &json!({ "name": "Large", "status": "proposed", "summary": "x".repeat(4000) }),
    )
}

#[test]
fn a_write_that_would_have_to_wait_too_long_is_refused_at_once() {
    let app = TestApp::with(Options { waiting: 1, ..Options::default() });
    let editor = app.editor();
    // Writes that wait for this test to end them, until one more would wait.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _inside = runtime.enter();
    let (begun, begins) = channel();
    let mut held = Vec::new();
    loop {
        let (end, ends) = channel::<()>();
        let begun = begun.clone();
        let write = app.db.write_grouped(move |_| {
            begun.send(()).unwrap();
            // An error here is the other end dropped: the same message.
            let _ = ends.recv();
            Ok(())
        });
        let mut write = Box::pin(write);
        match write.as_mut().now_or_never() {
            None => held.push((write, end)),
            Some(refused) => {
                refused.expect_err("it waits, or is refused");
                break;
            }
        }
        if held.len() == 1 {
            begins.recv().unwrap();
        }
    }
    let answer = create(&editor, "late");
    answer.problem(503, "unavailable");
    assert!(answer.header("Retry-After").is_some_and(|seconds| seconds.parse::<u64>().is_ok_and(|s| s > 0)));
    // All are ended before one is waited for: they may share a commit.
    let (writes, ends): (Vec<_>, Vec<_>) = held.into_iter().unzip();
    drop(ends);
    for write in writes {
        runtime.block_on(write).unwrap();
    }
    editor.get("/projects/late").problem(404, "not-found");
    create(&editor, "late").expect(201);
}

/// Lets the database grow no further, or lets it again.
fn storage(app: &TestApp, full: bool) {
    let sql = match app.database.connect() {
        DbConn::Sqlite(_) if full => "PRAGMA max_page_count = 1",
        DbConn::Sqlite(_) => "PRAGMA max_page_count = 1073741823",
        // The error that PostgreSQL gives when it cannot extend a file.
        #[cfg(feature = "postgres")]
        DbConn::Postgres(_) if full => {
            r#"CREATE FUNCTION storage_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING
               ERRCODE = 'disk_full', MESSAGE = 'could not extend file "base/1/1": No space left on device'; END $$;
               CREATE TRIGGER storage_is_full BEFORE INSERT ON refresh_tokens EXECUTE FUNCTION storage_is_full();
               CREATE TRIGGER storage_is_full BEFORE INSERT ON projects EXECUTE FUNCTION storage_is_full()"#
        }
        #[cfg(feature = "postgres")]
        DbConn::Postgres(_) => "DROP FUNCTION storage_is_full() CASCADE",
    };
    // On SQLite the limit is the writer's own: no smaller than the file is now.
    let run = move |conn: &mut DbConn| match conn {
        #[cfg(feature = "postgres")]
        DbConn::Postgres(conn) => Ok(diesel::connection::SimpleConnection::batch_execute(conn, sql)?),
        DbConn::Sqlite(conn) => Ok(diesel::sql_query(sql).execute(conn).map(drop)?),
    };
    app.db.write_blocking(run).unwrap();
}

#[test]
fn a_full_disk_is_said_and_nothing_is_half_written() {
    let app = TestApp::spawn();
    let editor = app.editor();
    app.viewer();
    create(&editor, "before").expect(201);
    storage(&app, true);
    let mut written = 1;
    let refused = loop {
        let answer = create(&editor, &format!("large-{written}"));
        if answer.status != 201 {
            break answer;
        }
        written += 1;
        assert!(written < 1000, "the storage never fills up");
    };
    refused.problem(507, "storage-full");
    assert!(refused.header("Retry-After").is_some());
    let logged = |app: &TestApp| {
        let total: Value = app.viewer().get("/projects?limit=1").expect(200).json();
        let last = app.viewer().get("/projects?sort=-updated_at&limit=1").expect(200).json();
        (total["total"].as_u64().unwrap(), last["items"][0]["version"].as_u64().unwrap())
    };
    assert_eq!(logged(&app), (written, written), "reads go on, and no revision is lost");
    editor.get(&format!("/projects/large-{written}")).problem(404, "not-found");
    storage(&app, false);
    create(&editor, "after").expect(201);
    assert_eq!(logged(&app), (written + 1, written + 1), "the log has no gap");
}

/// Fails where a refresh must be written: then every user is signed out after a quarter of an hour.
#[test]
fn with_a_full_disk_the_service_is_degraded_and_people_stay_signed_in() {
    let app = TestApp::spawn();
    let form = |form: String| {
        app.anonymous().request("POST", "/auth/token").body("application/x-www-form-urlencoded", form).send()
    };
    let refresh = |token: &str| form(format!("grant_type=refresh_token&refresh_token={token}"));
    let password = PASSWORD.replace(' ', "+");
    let first: Value = form(format!("grant_type=password&username=viewer&password={password}")).expect(200).json();
    let text = |answer: &Value, name: &str| answer[name].as_str().unwrap().to_owned();
    let mut token = text(&first, "refresh_token");
    storage(&app, true);
    // There may be some room in a page.
    let answer = loop {
        let answer: Value = refresh(&token).expect(200).json();
        let next = text(&answer, "refresh_token");
        if next == token {
            break answer;
        }
        token = next;
    };
    app.anonymous().with_token(&text(&answer, "access_token")).get("/auth/me").expect(200);
    assert_eq!(text(&refresh(&token).expect(200).json(), "refresh_token"), token, "as often as it comes");
    assert_eq!(refresh("nonsense").expect(400).json()["error"], "invalid_grant");
    let ready = || -> Value { app.root().get("/health/ready").expect(200).json() };
    assert_eq!(ready(), json!({ "status": "degraded", "reasons": ["storage-full"] }));
    storage(&app, false);
    let next = text(&refresh(&token).expect(200).json(), "refresh_token");
    assert_ne!(next, token);
    refresh(&next).expect(200);
    while ready() != json!({ "status": "ready" }) {
        std::thread::yield_now();
    }
}
