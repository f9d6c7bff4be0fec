//! Reading from a replica, with a real one: `tests/replica/run` starts a primary and a standby of PostgreSQL, and
//! names the latter in `TEST_REPLICA_URL`. The standby stops applying what it receives where a test says so, and so
//! lags for sure.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use partnership_registry::db::{Db, DbConn};
use serde_json::json;

use crate::support::database::{run, texts};
use crate::support::{Answer, Client, Options, TestApp};

/// The server of the replica.
fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<String>> = OnceLock::new();
    SERVER.get_or_init(|| std::env::var("TEST_REPLICA_URL").ok()).as_deref()
}

/// A way to the primary that can be cut.
#[derive(Default)]
struct Way {
    is_cut: AtomicBool,
    sockets: Mutex<Vec<TcpStream>>,
}

impl Way {
    /// The way to a server, and the address where it begins. A client that comes while it is cut is sent away.
    fn to(server: &str) -> (Arc<Self>, String) {
        let (before, after) = server.split_once('@').unwrap();
        let (host, database) = after.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("{before}@{}/{database}", listener.local_addr().unwrap());
        let (way, host) = (Arc::new(Self::default()), host.to_owned());
        let this = way.clone();
        std::thread::spawn(move || {
            for near in listener.incoming().map(Result::unwrap) {
                if this.is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let far = TcpStream::connect(&host).unwrap();
                let ends = || (near.try_clone().unwrap(), far.try_clone().unwrap());
                this.sockets.lock().unwrap().extend([ends().0, ends().1]);
                for (mut from, mut to) in [ends(), (ends().1, ends().0)] {
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        (way, address)
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        self.sockets.lock().unwrap().drain(..).for_each(|socket| drop(socket.shutdown(Shutdown::Both)));
    }

    fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

/// A service with a replica, which one test at a time has for itself.
struct Replicated {
    app: TestApp,
    replica: DbConn,
    _turn: MutexGuard<'static, ()>,
}

impl Replicated {
    /// `None` where there is no replica.
    fn spawn() -> Option<Self> {
        static TURN: Mutex<()> = Mutex::new(());
        let replica = Some(server()?);
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let app = TestApp::with(Options { replica, ..Options::default() });
        let replica = Db::connect(&server()?.parse().unwrap()).unwrap();
        let mut this = Self { app, replica, _turn: turn };
        this.resume();
        Some(this)
    }

    /// Lets the replica apply no more of what it receives.
    fn pause(&mut self) {
        run(&mut self.replica, "SELECT pg_wal_replay_pause()");
        let mut state = String::new();
        while state != "paused" {
            state = texts(&mut self.replica, "SELECT pg_get_wal_replay_pause_state() AS value").pop_first().unwrap();
        }
    }

    /// Waits until the replica has applied all that was committed.
    fn resume(&mut self) {
        run(&mut self.replica, "SELECT pg_wal_replay_resume()");
        let mut primary = self.app.database.connect();
        // A commit that waits until the standby shows it, and with it all before.
        run(&mut primary, "SET synchronous_commit = remote_apply");
        run(&mut primary, "CREATE TABLE caught_up ()");
        run(&mut primary, "DROP TABLE caught_up");
    }

    fn project(&self, code: &str) -> Answer {
        self.app.editor().put(&format!("/projects/{code}"), &json!({ "name": code, "status": "proposed" })).expect(201)
    }
}

impl Drop for Replicated {
    fn drop(&mut self) {
        run(&mut self.replica, "SELECT pg_wal_replay_resume()");
    }
}

/// How many projects an answer shows, and at which revision.
#[track_caller]
fn shown(answer: &Answer) -> (i64, i64) {
    let total = answer.json()["total"].as_i64().unwrap();
    (total, answer.header("registry-revision").unwrap().parse().unwrap())
}

fn asked(client: &Client, least: i64) -> Answer {
    client.request("GET", "/projects").header("Registry-Min-Revision", &least.to_string()).send()
}

/// Fails when what the replica shows is said, or kept, to be of another revision; when a revision that it lacks is not
/// waited for or asked for on the primary; and when nothing is read from it.
#[test]
fn an_answer_from_the_replica_is_of_the_revision_that_it_names() {
    let Some(mut it) = Replicated::spawn() else { return };
    let viewer = it.app.viewer();
    it.project("one");
    it.resume();
    assert_eq!(shown(&asked(&viewer, 1)), (1, 1));
    it.pause();
    it.project("two");
    for _ in 0..3 {
        assert_eq!(shown(&viewer.get("/projects").expect(200)), (1, 1), "the replica is read");
        assert_eq!(shown(&viewer.get("/projects?limit=1").expect(200)), (1, 1), "also for what is not kept yet");
        assert_eq!(shown(&asked(&viewer, 2).expect(200)), (2, 2), "it has not this revision");
    }
    viewer.get("/projects/two").expect(404);
    viewer.request("GET", "/projects/two").header("Registry-Min-Revision", "2").send().expect(200);
    let refused = asked(&viewer, 3).problem(400, "bad-request");
    assert!(refused["detail"].as_str().unwrap().contains("which is 2"), "the head is the primary's: {refused}");
    it.resume();
    assert_eq!(shown(&asked(&viewer, 2).expect(200)), (2, 2));
}

/// Fails when a precondition is judged by what the replica shows.
#[test]
fn preconditions_are_judged_on_the_primary() {
    let Some(mut it) = Replicated::spawn() else { return };
    let editor = it.app.editor();
    it.project("one");
    it.resume();
    it.pause();
    let write = |tag: &str, acronym: &str| {
        let body = json!({ "acronym": acronym });
        editor.request("PATCH", "/projects/one").header("If-Match", tag).json(&body).send()
    };
    assert_eq!(write("\"v1\"", "A").expect(200).etag(), "\"v2\"");
    assert_eq!(editor.get("/projects/one").expect(200).etag(), "\"v1\"", "the replica is behind");
    write("\"v1\"", "B").expect(412);
    assert_eq!(write("\"v2\"", "B").expect(200).etag(), "\"v3\"");
}

/// Fails when a follower that knows more than the replica gets the answer that its revision does not exist, and when a
/// moment is looked up in a log that ends too early.
#[test]
fn the_primary_answers_a_caller_who_knows_more_than_the_replica() {
    let Some(mut it) = Replicated::spawn() else { return };
    let viewer = it.app.viewer();
    it.project("one");
    it.resume();
    it.pause();
    it.project("two");
    it.project("three");
    let changes = |since: i64| viewer.get(&format!("/changes?since={since}")).expect(200).json();
    assert_eq!(changes(0)["last"], 1, "the replica is read");
    assert_eq!(changes(2)["last"], 3);
    assert_eq!(changes(3)["last"], 3);
    for moment in ["r2", "r3"] {
        let expected: i64 = moment[1..].parse().unwrap();
        assert_eq!(viewer.get(&format!("/projects?as_of={moment}")).expect(200).json()["total"], expected);
        let history = viewer.get(&format!("/projects/two/history?as_of={moment}")).expect(200).json();
        assert_eq!(history["total"], 1);
    }
}

/// Fails when who calls is looked up on the replica.
#[test]
fn the_caller_is_looked_up_on_the_primary() {
    let Some(mut it) = Replicated::spawn() else { return };
    it.pause();
    let editor = it.app.editor();
    editor.get("/projects").expect(200);
    it.app.admin().patch("/users/editor", &json!({ "disabled": true })).expect(200);
    editor.get("/projects").expect(401);
}

/// Fails when the caller is looked up on the primary alone, and when a caller who is not found on the replica has no
/// role.
#[test]
fn reading_goes_on_without_the_primary() {
    let Some(mut it) = Replicated::spawn() else { return };
    it.project("one");
    let known = it.app.viewer();
    it.resume();
    it.pause();
    let unknown = it.app.anonymous().with_token(&it.app.sign_in("viewer"));
    let (way, address) = Way::to(&std::env::var("TEST_POSTGRES_URL").unwrap());
    let options = Options { replica: server(), primary: Some(address.leak()), ..Options::default() };
    let service = it.app.beside(options);
    let with = |client: &Client| service.anonymous().with_token(client.token().unwrap());
    let (known, unknown) = (with(&known), with(&unknown));
    let ready = || service.root().get("/health/ready").expect(200).json();
    assert_eq!(shown(&unknown.get("/projects").expect(200)), (1, 1));
    way.cut();
    for _ in 0..5 {
        assert_eq!(shown(&known.get("/projects").expect(200)), (1, 1));
        assert_eq!(shown(&known.get("/projects?limit=1").expect(200)), (1, 1));
        known.get("/projects/one").expect(200);
    }
    unknown.get("/projects").expect(503);
    service.anonymous().with_token("nonsense").get("/projects").expect(401);
    known.post("/projects", &json!({ "code": "two", "name": "Two", "status": "proposed" })).expect(403);
    while ready() != json!({ "status": "degraded", "reasons": ["no-primary"] }) {}
    way.mend();
    while ready() != json!({ "status": "ready" }) {}
    while unknown.get("/projects").status == 503 {}
    assert_eq!(shown(&unknown.get("/projects").expect(200)), (1, 1));
}

/// Fails when there is nothing to be read without the replica.
#[test]
fn without_an_answer_of_the_replica_the_primary_is_read() {
    if server().is_none() {
        return;
    }
    // Nothing listens there.
    let app = TestApp::with(Options { replica: Some("postgres://postgres@127.0.0.1:1/none"), ..Options::default() });
    app.editor().put("/projects/one", &json!({ "name": "One", "status": "proposed" })).expect(201);
    assert_eq!(shown(&app.viewer().get("/projects").expect(200)), (1, 1));
    assert_eq!(shown(&asked(&app.viewer(), 1).expect(200)), (1, 1));
}
