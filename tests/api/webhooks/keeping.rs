//! The state of webhooks: over restarts, between instances, and of their secrets.

use serde_json::{Value, json};

use super::{allowing, app_for, deliveries, get, id, is_signed, is_signed_publicly, make, until_delivered, write};
use crate::support::database::texts;
use crate::support::{Options, Receiver, TestApp};

#[test]
fn a_secret_is_rotated_with_an_overlap() {
    let receiver = Receiver::start();
    let app = app_for(&receiver);
    let first = make(&app, &json!({ "address": receiver.url() }));
    let path = format!("/webhooks/{}/rotate", id(&first));
    let second = app.admin().post(&path, &json!({})).expect(201).json();
    assert_ne!(second["secret"], first["secret"]);
    let keys = second["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    assert!(!keys[0]["expires_at"].is_null() && keys[1]["expires_at"].is_null(), "{keys:?}");
    write(&app, "India");
    let received = receiver.next();
    for made in [&first, &second] {
        assert!(is_signed(&received, made) && is_signed_publicly(&received, made), "{received:?}");
    }
    let third = app.admin().post(&path, &json!({ "overlap_hours": 0 })).expect(201).json();
    write(&app, "Bharat");
    let received = receiver.next();
    let by = [&first, &second, &third].map(|made| is_signed(&received, made));
    assert_eq!(by, [true, false, true], "the first has its day still, the second was ended");
    app.admin().post(&path, &json!({ "overlap_hours": 721 })).assert_invalid(&[("/overlap_hours", "out_of_range")]);
    for _ in 0..2 {
        app.admin().post(&path, &json!({})).expect(201);
    }
    app.admin().post(&path, &json!({})).problem(409, "conflict");
    app.admin().delete(&format!("/webhooks/{}", id(&first))).expect(204);
    app.admin().post(&path, &json!({})).problem(404, "not-found");
}

#[test]
fn nothing_is_lost_between_two_lives_of_the_service() {
    let receiver = Receiver::start();
    let app = TestApp::with(Options::default());
    let life = |allowed: Options| app.beside(Options { users: &[], ..allowed });
    let first = life(allowing(&[&receiver.place()]));
    let made = make(&first, &json!({ "address": receiver.url() }));
    write(&app, "India");
    assert_eq!(receiver.next().revision(), 1);
    until_delivered(&first, &made);
    drop(first);
    for n in 0..60 {
        write(&app, &format!("India {n}"));
    }
    assert_eq!(get(&app, &made)["position"], 1, "this service allows no receiver, and sends nothing");
    let second = life(allowing(&[&receiver.place()]));
    let came: Vec<_> = (0..60).map(|_| receiver.next().revision()).collect();
    assert_eq!(came, (2..62).collect::<Vec<_>>());
    until_delivered(&second, &made);
    assert_eq!(deliveries(&second, &made).len(), 61);
}

/// On PostgreSQL alone there are several instances.
#[cfg(feature = "postgres")]
#[test]
fn one_instance_delivers_at_a_time() {
    use partnership_registry::db::DbConn;
    let receiver = Receiver::start();
    let app = app_for(&receiver);
    if matches!(app.database.connect(), DbConn::Sqlite(_)) {
        return;
    }
    let others: Vec<_> = (0..2).map(|_| app.beside(Options { users: &[], ..allowing(&[&receiver.place()]) })).collect();
    let made = make(&app, &json!({ "address": receiver.url() }));
    for n in 0..60 {
        let by = if n % 2 == 0 { &app } else { &others[0] };
        write(by, &format!("India {n}"));
    }
    until_delivered(&app, &made);
    let came: Vec<_> = receiver.so_far().iter().map(crate::support::Received::revision).collect();
    assert_eq!(came, (1..=60).collect::<Vec<_>>(), "each once, in order");
}

#[test]
fn secrets_are_in_no_answer_but_the_first_and_in_no_table() {
    let receiver = Receiver::start();
    let app = app_for(&receiver);
    let made = make(&app, &json!({ "address": receiver.url() }));
    let rotated = app.admin().post(&format!("/webhooks/{}/rotate", id(&made)), &json!({})).expect(201).json();
    write(&app, "India");
    receiver.next();
    until_delivered(&app, &made);
    let mut all = String::new();
    let path = format!("/webhooks/{}", id(&made));
    for path in ["/webhooks", path.as_str(), &format!("{path}/deliveries")] {
        let answer = app.admin().get(path).expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        all += &answer.text();
    }
    all += &app.admin().patch(&path, &json!({ "disabled": false })).expect(200).text();
    let mut conn = app.database.connect();
    for (table, columns) in [
        ("webhook_keys", "sealed || public_key"),
        ("webhooks", "address || query"),
        ("webhook_deliveries", "message || coalesce(error, '') || coalesce(answer, '')"),
        ("idempotency_keys", "coalesce(body, '')"),
    ] {
        all.extend(texts(&mut conn, &format!("SELECT {columns} AS value FROM {table}")));
    }
    for made in [&made, &rotated] {
        let secret = made["secret"].as_str().unwrap().trim_start_matches("whsec_");
        assert!(!all.contains(secret), "{all}");
    }
}

#[test]
fn a_secret_that_cannot_be_opened_says_so() {
    let receiver = Receiver::start();
    let app = app_for(&receiver);
    let made = make(&app, &json!({ "address": receiver.url() }));
    crate::support::database::run(&mut app.database.connect(), "UPDATE webhook_keys SET sealed = 'AAAA'");
    write(&app, "India");
    let now = super::until(&app, &made, |now| now["failures"] != 0);
    assert_eq!(now["position"], 0);
    assert!(deliveries(&app, &made)[0]["error"].as_str().unwrap().contains("rotate"), "{now}");
    assert_eq!(receiver.connections(), 0);
    app.admin().post(&format!("/webhooks/{}/rotate", id(&made)), &json!({ "overlap_hours": 0 })).expect(201);
    app.admin().patch(&format!("/webhooks/{}", id(&made)), &json!({ "disabled": false })).expect(200);
    assert_eq!(receiver.next().revision(), 1);
}

#[test]
fn a_wrong_webhook_is_refused_with_every_defect() {
    let receiver = Receiver::start();
    let app = app_for(&receiver);
    let admin = app.admin();
    admin.post("/webhooks", &json!({ "query": "/changes?resource=planets", "since": -1, "colour": 1 })).assert_invalid(
        &[
            ("/address", "required"),
            ("/query", "unknown_value"),
            ("/since", "out_of_range"),
            ("/colour", "unknown_field"),
        ],
    );
    for (query, code) in [
        ("/projects?format=csv", "unknown_value"),
        ("/changes?since=5", "unknown_parameter"),
        ("/changes?action=eaten", "unknown_value"),
        ("/changes?resource=nations&resource=projects", "duplicate"),
    ] {
        let body = json!({ "address": receiver.url(), "query": query });
        admin.post("/webhooks", &body).assert_invalid(&[("/query", code)]);
    }
    let beyond = json!({ "address": receiver.url(), "since": 1 });
    admin.post("/webhooks", &beyond).assert_invalid(&[("/since", "beyond_head")]);
    let off = TestApp::spawn();
    let refused = off.admin().post("/webhooks", &json!({ "address": "https://hooks.example.org/" }));
    refused.assert_invalid(&[("/address", "not_allowed")]);
    assert!(refused.text().contains("--webhook-allow"), "{refused}");
    assert_eq!(off.admin().get("/webhooks").expect(200).json()["items"], Value::Array(Vec::new()));
    admin.get("/webhooks/nothing").problem(404, "not-found");
    for client in [app.viewer(), app.editor()] {
        client.get("/webhooks").problem(403, "forbidden");
    }
}
