//! SIGTERM while clients are in the middle of things (rules.md 31): the service ends, whatever they do.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::{Answer, Process, TestApp, exchange};

/// Sends this and reads until the answer has so much in it.
fn open(service: &Process, request: &str, until: &str) -> TcpStream {
    let mut stream = TcpStream::connect(service.address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    while !answer.contains(until) {
        let mut buffer = [0; 1024];
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "{answer}");
        answer.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    stream
}

/// Ten seconds are promised; twice as many are given to a machine with much to do. Without `shutdown_timeout` the
/// service waits longest for the client that does not take its answer.
#[test]
fn no_client_keeps_the_service_from_ending() {
    let service = Process::start();
    let head = |target: &str, more: &str| {
        format!("{target} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {}\r\n{more}\r\n", service.token)
    };
    let json = "Content-Type: application/json\r\n";
    let stream = head("GET /api/v1/changes/stream", "");
    let whole = "GET /health/live HTTP/1.1\r\nHost: here\r\n\r\n";
    let stalled = head("PUT /api/v1/projects/slow", &format!("{json}Content-Length: 100\r\n")) + "{";
    let import = head("POST /api/v1/imports/projects", "Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n");
    let begun = [
        (stream.as_str(), "id: "),
        (whole, "live"),
        (&format!("{whole}GET / HT"), "live"),
        (&stalled, ""),
        (&format!("{import}4\r\ncode\r\n"), ""),
    ];
    let mut held: Vec<TcpStream> =
        begun.iter().cycle().take(50).map(|(request, until)| open(&service, request, until)).collect();
    // Far more than fits into the buffers on the way, and the client does not read it.
    let mut unread = TcpStream::connect(service.address).unwrap();
    unread.write_all("GET /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n".repeat(100).as_bytes()).unwrap();
    held.push(unread);
    let live = exchange(service.address, whole.into()).unwrap();
    assert_eq!(live.status, 200);
    let ended = service.stop(Duration::from_secs(20));
    assert!(ended.expect("it ends by itself").success());
    drop(held);
}

/// A client that keeps its connection learns that nothing more is answered on it (RFC 9112 §9.6).
#[test]
fn each_answer_of_a_service_that_stops_closes_its_connection() {
    let app = TestApp::spawn();
    let closes = |answer: Answer| answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let ask = || {
        let (viewer, root) = (app.viewer(), app.root());
        [
            viewer.get("/nations").expect(200),
            viewer.get("/nations?format=csv").expect(200),
            viewer.get("/nations/IN").expect(404),
            app.anonymous().get("/nations").expect(401),
            root.get("/health/live").expect(200),
            root.get("/docs").expect(308),
            root.get("/nowhere").expect(404),
        ]
    };
    assert!(!ask().into_iter().any(closes), "no answer closes before");
    app.stopping.store(true, Ordering::Relaxed);
    assert!(ask().into_iter().all(closes));
}
