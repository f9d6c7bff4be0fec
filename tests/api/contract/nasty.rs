//! Requests that no client should send, to every operation of the document: each is refused as one of the client's
//! errors, which the document declares (`support::contract` looks at every answer), and the service goes on.

use partnership_registry::http::document;
use partnership_registry::limits;

use super::Operation;
use crate::support::{TestApp, raw, records};

/// Bodies that are neither JSON as the contract wants it, nor a file or a form that says anything.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let digits = "9".repeat(400);
    let text = |text: String| text.into_bytes();
    vec![
        ("deep arrays", text("[".repeat(100_000))),
        ("deep objects", text("{\"a\":".repeat(100_000))),
        ("deep and closed", text(format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)))),
        ("a huge number", text("{\"version\":1e999999,\"code\":1e999999}".to_owned())),
        ("400 digits", text(format!("{{\"version\":{digits},\"code\":{digits},\"role\":-{digits}}}"))),
        ("400 digits after the point", text(format!("{{\"version\":0.{digits}}}"))),
        ("only a number", text(digits)),
        ("a long string", text(format!("{{\"code\":\"{}\"}}", "x".repeat(200_000)))),
        ("a long name", text(format!("{{\"{}\":1}}", "x".repeat(200_000)))),
        ("many values", text(format!("[{}0]", "0,".repeat(30_000)))),
        ("many members", {
            let members: Vec<_> = (0..5_000).map(|at| format!("\"m{at}\":0")).collect();
            text(format!("{{{}}}", members.join(",")))
        }),
        ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".repeat(100)),
        ("NUL", vec![0; 4096]),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec()),
        ("not UTF-8", b"{\"code\":\"\xed\xa0\x80\"}".to_vec()),
        ("commas", text(",".repeat(200_000))),
        ("an open quote", text(format!("\"{}", "x\n".repeat(100_000)))),
        ("null", text("null".to_owned())),
        ("prototypes", text("{\"__proto__\":{\"role\":\"admin\"},\"constructor\":{}}".to_owned())),
    ]
}

#[test]
fn nasty_bodies_are_the_clients_errors_everywhere() {
    let app = TestApp::spawn();
    records::fill(&app);
    let admin = app.root().with_token(app.admin().token().unwrap());
    let bodies = bodies();
    let mut sent = 0;
    for operation in Operation::all(document()) {
        let kinds = operation.content["requestBody"]["content"].as_object().into_iter().flatten();
        for (kind, _) in kinds {
            for (what, body) in &bodies {
                let answer = admin.request(&operation.method, &operation.target()).body(kind, body.as_slice()).send();
                // Giving back a token that is none is no error (RFC 7009 §2.2).
                let refused = (400..500).contains(&answer.status);
                assert!(refused, "{what} as {kind} to {}: {}", operation.id(), answer.status);
                sent += 1;
            }
        }
    }
    assert!(sent > 800, "{sent}");
    app.viewer().get("/nations").expect(200);
}

/// Fails without the limit of a body, and for imports without that of what has come so far.
#[test]
fn a_body_without_a_content_length_is_limited_everywhere() {
    let app = TestApp::spawn();
    let token = app.admin().token().unwrap().to_owned();
    for operation in &Operation::all(document()) {
        let Some(kind) = operation.media_type() else { continue };
        let head = format!(
            "{} {} HTTP/1.1\nAuthorization: Bearer {token}\nContent-Type: {kind}\nTransfer-Encoding: chunked",
            operation.method,
            operation.target()
        );
        let limit = if operation.path.contains("/imports/") { limits::IMPORT } else { limits::BODY };
        let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
        // It does end, a chunk too late: without a limit it would be read.
        let body = [chunk.repeat(limit / 0x10000 + 1).as_slice(), b"0\r\n\r\n"].concat();
        let answer = raw(app.address(), head, &body);
        assert_eq!(answer.status, 413, "{}: {}", operation.id(), answer.head);
    }
}

#[test]
fn nasty_values_of_every_parameter_are_the_clients_errors() {
    let app = TestApp::spawn();
    records::fill(&app);
    let admin = app.root().with_token(app.admin().token().unwrap());
    let digits = "9".repeat(400);
    let values = [
        digits.as_str(),
        "-1e999999",
        "%00",
        "%ff",
        "%0d%0aSet-Cookie:%20a=b",
        "'%20OR%201=1--",
        "((((((((((%22",
        "%F0%9F%9A%80,,,,",
        "..%2f..%2fetc%2fpasswd",
        "%E2%80%AE",
    ];
    let mut sent = 0;
    for operation in Operation::all(document()) {
        let parameters = operation.content["parameters"].as_array().into_iter().flatten();
        for name in parameters.filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap()) {
            for value in values {
                let path = format!("{}?{name}={value}", operation.target());
                let mut call = admin.request(&operation.method, &path);
                if let Some(kind) = operation.media_type() {
                    call = call.body(kind, "{}");
                }
                let answer = call.send();
                assert!(answer.status < 500, "{answer}");
                assert!(answer.header("set-cookie").is_none(), "{answer}");
                sent += 1;
            }
        }
    }
    assert!(sent > 2000, "{sent}");
    app.viewer().get("/nations").expect(200);
}
