//! `Idempotency-Key`: what comes again with its key is done once and answered as the first time, on both databases, by
//! another instance, after a restart; and no secret is kept for it.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;
use partnership_registry::db::DbConn;
use partnership_registry::http::document;
use partnership_registry::limits;
use partnership_registry::registry::{Resource, ResourceVisitor, visit_resources};
use serde_json::{Value, json};

use crate::contract::with_parameters;
use crate::support::database::{run, texts};
use crate::support::{Answer, Client, Options, PASSWORD, TestApp, minimal};

/// Sends a `POST` with a key.
fn keyed(client: &Client, key: &str, path: &str, body: &Value) -> Answer {
    client.request("POST", path).header("Idempotency-Key", key).json(body).send()
}

fn project(code: &str) -> Value {
    json!({ "code": code, "name": "Carbon Watch", "status": "proposed" })
}

/// The same answer: status, headers that say something of it, body; and it says whether it is an earlier one.
#[track_caller]
fn same(first: &Answer, again: &Answer) {
    assert_eq!(first.header("idempotent-replayed"), None, "{first}");
    assert_eq!(again.header("idempotent-replayed"), Some("true"), "{again}");
    assert_eq!((first.status, first.text()), (again.status, again.text()));
    for header in ["etag", "location", "content-type"] {
        assert_eq!(first.header(header), again.header(header), "{header} of {again}");
    }
}

fn revision(app: &TestApp) -> u64 {
    app.viewer().get("/changes/head").expect(200).json()["revision"].as_u64().unwrap()
}

#[test]
fn the_first_answer_comes_again_whatever_has_happened_since() {
    let app = TestApp::spawn();
    let editor = app.editor();
    let first = keyed(&editor, "k1", "/projects", &project("carbon-watch")).expect(201);
    editor.patch("/projects/carbon-watch", &json!({ "acronym": "CW" })).expect(200);
    let before = revision(&app);
    same(&first, &keyed(&editor, "k1", "/projects", &project("carbon-watch")));
    same(&first, &keyed(&editor, "\"k1\"", "/projects", &project("carbon-watch")));
    editor.delete("/projects/carbon-watch").expect(204);
    same(&first, &keyed(&editor, "k1", "/projects", &project("carbon-watch")));
    editor.get("/projects/carbon-watch").expect(404);
    assert_eq!(revision(&app), before + 1, "the deletion alone");
    keyed(&editor, "k2", "/projects", &project("carbon-watch")).expect(201);
}

#[test]
fn a_key_belongs_to_one_request_of_one_caller() {
    let app = TestApp::spawn();
    let editor = app.editor();
    keyed(&editor, "k", "/projects", &project("one")).expect(201);
    keyed(&editor, "k", "/projects", &project("two")).problem(422, "idempotency-key-reused");
    let area = json!({ "code": "one", "name": "Carbon Watch", "status": "proposed" });
    keyed(&app.admin(), "k", "/cooperation-areas", &json!({ "name_en": "Area" })).expect(201);
    keyed(&app.admin(), "k", "/projects", &area).problem(422, "idempotency-key-reused");
    editor.get("/projects/two").expect(404);
    // A request that was refused has done nothing, and its key is free.
    keyed(&editor, "k3", "/projects", &project("one")).problem(409, "conflict");
    keyed(&editor, "k3", "/projects", &project("three")).expect(201);
    // A caller without the right gets a refusal, and nothing of another caller's answer.
    keyed(&app.viewer(), "k", "/projects", &project("one")).problem(403, "forbidden");
    keyed(&app.anonymous(), "k", "/projects", &project("one")).problem(401, "unauthenticated");
}

#[test]
fn a_malformed_idempotency_key_is_refused() {
    let app = TestApp::spawn();
    let longest = "k".repeat(limits::IDEMPOTENCY_KEY);
    keyed(&app.editor(), &longest, "/projects", &project("longest")).expect(201);
    for bad in ["", "\"\"", "a b", "a,b", "\"a", "é", &format!("{longest}k")] {
        keyed(&app.editor(), bad, "/projects", &project("bad")).problem(400, "bad-request");
    }
    let twice = app.editor();
    let twice = twice.request("POST", "/projects").header("Idempotency-Key", "a").header("Idempotency-Key", "a");
    twice.json(&project("bad")).send().problem(400, "bad-request");
    app.viewer().get("/projects/bad").expect(404);
}

#[test]
fn keys_outlive_the_process_and_hold_for_other_instances() {
    let app = TestApp::spawn();
    let first = keyed(&app.editor(), "k", "/projects", &project("one")).expect(201);
    let options = Options { users: &[], ..Options::default() };
    let second = app.beside(options);
    same(&first, &keyed(&second.editor(), "k", "/projects", &project("one")));
    drop(second);
    let third = app.beside(options);
    same(&first, &keyed(&third.editor(), "k", "/projects", &project("one")));
    keyed(&third.editor(), "k", "/projects", &project("two")).problem(422, "idempotency-key-reused");
}

/// Both wait for a lock that the test holds: whichever came second is refused while the first is at it.
#[test]
fn while_the_first_is_being_answered_the_second_is_refused() {
    let app = TestApp::spawn();
    let editor = app.editor();
    let mut conn = app.database.connect();
    let sqlite = matches!(conn, DbConn::Sqlite(_));
    let lock = if sqlite { "BEGIN IMMEDIATE" } else { "BEGIN; LOCK TABLE changes IN EXCLUSIVE MODE" };
    conn.batch_execute(lock).unwrap();
    let (told, answers) = std::sync::mpsc::channel();
    let (refused, made) = std::thread::scope(|scope| {
        for _ in 0..2 {
            let (told, editor) = (told.clone(), editor.clone());
            scope.spawn(move || told.send(keyed(&editor, "k", "/projects", &project("one"))).unwrap());
        }
        let refused = answers.recv().unwrap();
        conn.batch_execute("COMMIT").unwrap();
        (refused, answers.recv().unwrap())
    });
    refused.problem(409, "still-running");
    assert_eq!(refused.header("retry-after"), Some("1"));
    same(&made.expect(201), &keyed(&editor, "k", "/projects", &project("one")));
}

#[test]
fn of_many_at_once_one_is_done() {
    let app = TestApp::spawn();
    let other = app.beside(Options { users: &[], ..Options::default() });
    let clients = [app.editor(), other.editor()];
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let send = |n: usize| {
            let client = &clients[n % 2];
            move || keyed(client, "k", "/projects", &json!({ "name": "Carbon Watch", "status": "proposed" }))
        };
        let threads: Vec<_> = (0..16).map(|n| scope.spawn(send(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let done: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    let new = done.iter().filter(|answer| answer.header("idempotent-replayed").is_none()).count();
    assert_eq!(new, 1);
    assert!(done.iter().all(|answer| answer.text() == done[0].text()));
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.problem(409, "still-running");
    }
}

/// A write that is not committed leaves no key, and the other way round.
#[test]
fn the_key_is_kept_in_the_transaction_of_the_write() {
    let app = TestApp::spawn();
    let mut conn = app.database.connect();
    let (refuse, accept) = match conn {
        DbConn::Sqlite(_) => (
            "CREATE TRIGGER no_keys BEFORE INSERT ON idempotency_keys BEGIN SELECT RAISE(ABORT, 'none'); END",
            "DROP TRIGGER no_keys",
        ),
        #[cfg(feature = "postgres")]
        DbConn::Postgres(_) => (
            "ALTER TABLE idempotency_keys ADD CONSTRAINT no_keys CHECK (status < 0) NOT VALID",
            "ALTER TABLE idempotency_keys DROP CONSTRAINT no_keys",
        ),
    };
    run(&mut conn, refuse);
    keyed(&app.editor(), "k", "/projects", &project("one")).expect(500);
    app.viewer().get("/projects/one").expect(404);
    run(&mut conn, accept);
    let first = keyed(&app.editor(), "k", "/projects", &project("one")).expect(201);
    same(&first, &keyed(&app.editor(), "k", "/projects", &project("one")));
}

/// A `POST` of each kind, with what its operation is called; everything that takes a key in the document is among them.
fn every_post(app: &TestApp) -> Vec<(String, Client, String, Value)> {
    struct All(Vec<(String, String, Value)>);
    impl ResourceVisitor for All {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            let one = R::SINGULAR;
            let plural = R::COLLECTION.replace('-', "_");
            self.0.push((format!("create_{one}"), format!("/{}", R::COLLECTION), minimal::<R>(1)));
            let code = minimal::<R>(1)["code"].as_str().unwrap().to_owned();
            let restore = format!("/{}/{code}/restore", R::COLLECTION);
            self.0.push((format!("restore_{one}"), restore, Value::Null));
            self.0.push((format!("import_{plural}"), format!("/imports/{}", R::COLLECTION), json!([minimal::<R>(2)])));
        }
    }
    let mut all = All(Vec::new());
    visit_resources(&mut all).for_each(drop);
    let admin = app.admin();
    let webhook = json!({ "address": "http://127.0.0.1:9/" });
    let made = admin.post("/webhooks", &webhook).expect(201).json();
    let rotate = format!("/webhooks/{}/rotate", made["id"].as_str().unwrap());
    let mut posts: Vec<_> = all.0.into_iter().map(|(id, path, body)| (id, admin.clone(), path, body)).collect();
    let user = json!({ "username": "ada", "role": "viewer", "password": "kestrel over a quiet canal" });
    let token = json!({ "name": "tool", "role": "viewer", "expires_in_days": 1 });
    let password = json!({ "current_password": PASSWORD, "new_password": "seven lamps under the pier" });
    for (id, path, body) in [
        ("create_user", "/users", user),
        ("create_named_token", "/tokens", token),
        ("create_subscription", "/subscriptions", json!({ "query": "/agreements?format=ics" })),
        ("create_release", "/releases", json!({ "name": "seminar-2026" })),
        ("create_webhook", "/webhooks", webhook),
        ("rotate_webhook", &rotate, json!({})),
        ("change_password", "/auth/password", password),
    ] {
        posts.push((id.to_owned(), admin.clone(), path.to_owned(), body));
    }
    posts
}

/// Seen to fail for an operation that does not look at the header.
#[test]
fn every_post_that_wants_a_caller_is_done_once() {
    let allowed = vec!["127.0.0.1:9".parse().unwrap()].leak();
    let app = TestApp::with(Options { webhooks: allowed, ..Options::default() });
    crate::support::records::fill(&app);
    let mut seen = BTreeSet::new();
    for (n, (id, client, path, mut body)) in every_post(&app).into_iter().enumerate() {
        if body.is_null() {
            let history = client.get(&path.replace("/restore", "/history")).expect(200).json();
            body = json!({ "version": history["items"][0]["revision"] });
        }
        let key = format!("key-{n}");
        let first = keyed(&client, &key, &path, &body);
        assert!((200..300).contains(&first.status), "{id}: {first}");
        let again = keyed(&client, &key, &path, &body);
        if ["create_named_token", "create_subscription", "create_webhook", "rotate_webhook"].contains(&id.as_str()) {
            let problem = again.problem(409, "answer-not-kept");
            let place = first.header("location").unwrap();
            assert!(problem["detail"].as_str().unwrap().contains(place), "{again}");
            let made = first.json();
            let (found, expected) = match id.as_str() {
                "rotate_webhook" => (client.get(place).expect(200).json()["keys"].as_array().unwrap().len(), 2),
                "create_webhook" => (client.get(&path).expect(200).column("id").len(), 2),
                _ => (client.get(&path).expect(200).column("id").len(), 1),
            };
            assert_eq!(found, expected, "one was made: {made}");
        } else {
            same(&first, &again);
        }
        seen.insert(id);
    }
    let document = document();
    let declared: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        // `POST` beside the API only reads.
        .filter(|(path, _)| path.starts_with("/api/v1/"))
        .filter_map(|(_, item)| item.get("post"))
        .filter(|post| post["security"].as_array().is_some_and(|all| all.iter().any(|one| one.get("oauth2").is_some())))
        .map(|post| {
            let takes = with_parameters(document, post)["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["name"] == "Idempotency-Key");
            assert!(takes, "{}", post["operationId"]);
            post["operationId"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(declared, seen);
}

#[test]
fn no_secret_is_kept() {
    let app = TestApp::spawn();
    let admin = app.admin();
    let token = json!({ "name": "tool", "role": "viewer", "expires_in_days": 1 });
    let token = keyed(&admin, "a-key-of-mine", "/tokens", &token).expect(201).json();
    let address =
        keyed(&admin, "2", "/subscriptions", &json!({ "query": "/agreements?format=ics" })).expect(201).json();
    let user = json!({ "username": "ada", "role": "viewer", "password": "kestrel over a quiet canal" });
    keyed(&admin, "3", "/users", &user).expect(201);
    let columns = "caller || key || fingerprint || coalesce(location, '') || coalesce(etag, '') || coalesce(body, '')";
    let rows = texts(&mut app.database.connect(), &format!("SELECT {columns} AS value FROM idempotency_keys"));
    assert_eq!(rows.len(), 3);
    let secret = address["address"].as_str().unwrap().rsplit('/').next().unwrap().trim_end_matches(".ics");
    for secret in [token["token"].as_str().unwrap(), secret, "kestrel", "a-key-of-mine"] {
        assert!(rows.iter().all(|row| !row.contains(secret)), "{secret} in {rows:?}");
    }
}

#[test]
fn a_key_is_forgotten_after_a_day_and_with_its_caller() {
    let app = TestApp::spawn();
    let mut conn = app.database.connect();
    keyed(&app.editor(), "k", "/projects", &project("one")).expect(201);
    run(&mut conn, "UPDATE idempotency_keys SET at = '2026-01-01T00:00:00.000000Z'");
    keyed(&app.editor(), "k", "/projects", &project("one")).problem(409, "conflict");
    keyed(&app.editor(), "other", "/projects", &project("two")).expect(201);
    let count = "SELECT count(*) || '' AS value FROM idempotency_keys";
    assert_eq!(texts(&mut conn, count), ["1".to_owned()].into(), "the old one was cleaned up");
    app.admin().delete("/users/editor").expect(204);
    assert_eq!(texts(&mut conn, count), ["0".to_owned()].into());
}

#[test]
fn a_caller_has_so_many_keys_and_others_are_not_in_their_way() {
    let app = TestApp::spawn();
    keyed(&app.editor(), "k", "/projects", &project("one")).expect(201);
    let digits = match app.database.connect() {
        DbConn::Sqlite(_) => "printf('%064d', n)",
        #[cfg(feature = "postgres")]
        DbConn::Postgres(_) => "lpad(n || '', 64, '0')",
    };
    let many = limits::IDEMPOTENCY_KEYS - 1;
    let fill = format!(
        "INSERT INTO idempotency_keys (caller, key, fingerprint, at, status) WITH RECURSIVE all_numbers (n) AS \
         (SELECT 1 UNION ALL SELECT n + 1 FROM all_numbers WHERE n < {many}) SELECT 'editor', {digits}, fingerprint, at, 200 \
         FROM all_numbers, idempotency_keys"
    );
    run(&mut app.database.connect(), &fill);
    let refused = keyed(&app.editor(), "more", "/projects", &project("two"));
    refused.problem(429, "too-many-requests");
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=limits::IDEMPOTENCY_HOURS * 3600).contains(&wait), "{wait}");
    keyed(&app.editor(), "k", "/projects", &project("one")).expect(201);
    app.editor().post("/projects", &project("two")).expect(201);
    keyed(&app.admin(), "more", "/projects", &project("three")).expect(201);
}

/// The largest answer that is kept, and one beyond it.
#[test]
fn a_long_answer_is_not_kept_and_the_work_is_not_done_again() {
    let app = TestApp::spawn();
    let text = "x".repeat(limits::TEXT);
    let long = json!({ "name": "Long", "status": "proposed", "summary": text });
    let first = keyed(&app.editor(), "k", "/projects", &long).expect(201);
    assert!(first.body.len() <= limits::IDEMPOTENCY_ANSWER);
    same(&first, &keyed(&app.editor(), "k", "/projects", &long));
    let names: Vec<String> = (0..300).map(|n| format!("{n}{}", "y".repeat(290))).collect();
    let longer = json!({ "code": "FR", "alpha3": "FRA", "name_en": "France", "other_names": names });
    let first = keyed(&app.editor(), "k2", "/nations", &longer).expect(201);
    assert!(first.body.len() > limits::IDEMPOTENCY_ANSWER);
    keyed(&app.editor(), "k2", "/nations", &longer).problem(409, "answer-not-kept");
}
