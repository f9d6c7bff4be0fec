//! Addresses that try to reach what they must not: this machine, its network, the metadata of a cloud. None gets
//! through.

use serde_json::json;

use super::{allowing, deliveries, make, until, write};
use crate::support::database::run;
use crate::support::{Receiver, TestApp};

/// Addresses that name this machine, its network or no machine, or that two programs could read in two ways. `PORT` is
/// that of a listener on loopback which the operator does not allow.
const TRICKS: [&str; 92] = [
    "http://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/",
    "http://localhost:PORT/",
    "https://localhost:PORT/",
    "http://LOCALHOST:PORT/",
    "http://localhost.:PORT/",
    "http://localhost.localdomain:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://127.0.0.2:PORT/",
    "http://127.255.255.254:PORT/",
    "http://2130706433:PORT/",
    "http://017700000001:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.0x0.0x0.0x1:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://127.0.0.01:PORT/",
    "http://0:PORT/",
    "http://0.0.0.0:PORT/",
    "http://[::]:PORT/",
    "http://[::1]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[::ffff:0:127.0.0.1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/",
    "http://[64:ff9b:1::7f00:1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http://[2001:0:7f00:1::]:PORT/",
    "http://[fe80::1]:PORT/",
    "http://[fe80::1%25lo]:PORT/",
    "http://[fc00::1]:PORT/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[ff02::1]:PORT/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254.:80/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://0251.0376.0251.0376/",
    "http://metadata.google.internal/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://①②⑦.⓪.⓪.①:PORT/",
    "http://１２７.０.０.１:PORT/",
    "http://127。0。0。1:PORT/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://127.0.0.1%2eexample.org:PORT/",
    "https://allowed.example@127.0.0.1:PORT/",
    "https://allowed.example:secret@127.0.0.1:PORT/",
    "https://@127.0.0.1:PORT/",
    "https://allowed.example%40127.0.0.1:PORT/",
    "https://allowed.example#@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT#@allowed.example/",
    "https://127.0.0.1:PORT\\@allowed.example/",
    "https://allowed.example\\@127.0.0.1:PORT/",
    "https://allowed.example:443\\@127.0.0.1:PORT/",
    "https:\\\\127.0.0.1:PORT/",
    "https:/127.0.0.1:PORT/",
    "https:127.0.0.1:PORT/",
    "https:///127.0.0.1:PORT/",
    "https://allowed.example:PORT/",
    "http://allowed.example/",
    "http://allowed.example:443/",
    "https://allowed.example.:443/",
    "https://allowed.example.127.0.0.1.nip.io/",
    "https://127.0.0.1.nip.io:PORT/",
    "https://sub.allowed.example/",
    "https://notallowed.example/",
    "https://allowed.example.evil.example/",
    "https://al\tlowed.example/",
    "https://127.0.0.1:PORT\n.allowed.example/",
    " https://127.0.0.1:PORT/",
    "https://allowed.example/\\..\\127.0.0.1",
    "https://allowed%2eexample/",
    "https://allowed.example\u{3002}/",
    "https://аllowed.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_",
    "ftp://127.0.0.1:PORT/",
    "unix:///run/postgresql",
    "jar:http://127.0.0.1:PORT/!/",
    "//127.0.0.1:PORT/",
];

/// Each is refused where it is said, and again where it would be used: as if it had come into the database before it
/// was refused.
#[test]
fn no_trick_gets_through() {
    let (allowed, listener) = (Receiver::start(), Receiver::start());
    let port = listener.place().rsplit(':').next().unwrap().to_owned();
    let app = TestApp::with(allowing(&[&allowed.place(), "allowed.example"]));
    for trick in TRICKS {
        let address = trick.replace("PORT", &port);
        let answer = app.admin().post("/webhooks", &json!({ "address": address }));
        assert_eq!(answer.status, 422, "{address}: {answer}");
        let pointer = answer.json()["errors"][0]["pointer"].clone();
        assert_eq!(pointer, "/address", "{address}");
    }
    let made = make(&app, &json!({ "address": allowed.url() }));
    // An id begins with the time, which has not come to that yet.
    let copy_of_made = |n: usize| format!("f{}{n:03}", &super::id(&made)[1..33]);
    let mut conn = app.database.connect();
    for (n, trick) in TRICKS.iter().enumerate() {
        let address = trick.replace("PORT", &port).replace('\'', "''");
        let copy = format!(
            "INSERT INTO webhooks (id, address, query, position, created_at, created_by, updated_at, failures) \
             SELECT '{}', '{address}', query, position, created_at, created_by, updated_at, 0 FROM webhooks WHERE id = '{}'",
            copy_of_made(n),
            super::id(&made)
        );
        run(&mut conn, &copy);
        let rotate = format!("/webhooks/{}/rotate", copy_of_made(n));
        app.admin().post(&rotate, &json!({})).expect(201);
    }
    drop(conn);
    write(&app, "India");
    allowed.next();
    for (n, trick) in TRICKS.iter().enumerate() {
        let copy = json!({ "id": copy_of_made(n) });
        until(&app, &copy, |now| now["failures"] != 0);
        let tried = deliveries(&app, &copy);
        assert!(tried.iter().all(|one| one["status"].is_null() && !one["error"].is_null()), "{trick}: {tried:?}");
    }
    assert_eq!(listener.connections(), 0);
}

/// A name that is allowed leads to loopback: what it leads to counts.
#[test]
fn a_name_that_leads_inside_is_not_followed() {
    let listener = Receiver::start();
    let port = listener.place().rsplit(':').next().unwrap().to_owned();
    let app = TestApp::with(allowing(&[&format!("localhost:{port}")]));
    let made = make(&app, &json!({ "address": format!("https://localhost:{port}/in") }));
    write(&app, "India");
    until(&app, &made, |now| now["failures"] != 0);
    let error = deliveries(&app, &made)[0]["error"].clone();
    assert!(error.as_str().unwrap().contains("no public address"), "{error}");
    assert_eq!(listener.connections(), 0);
}
