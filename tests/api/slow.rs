//! Clients that send or read slowly are cut off (rules.md 27): they hold a connection that others could use.
//!
//! Each of these fails without `http::server::slow_clients`: actix waits for ever.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use partnership_registry::app::Timeouts;
use partnership_registry::http::MinThroughput;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::support::{Options, TestApp};

/// Short, so that the tests are; every wait below ends with what the service does, not with the time.
const GRACE: Duration = Duration::from_millis(200);

fn impatient(bytes_per_second: u64) -> TestApp {
    let timeouts = Timeouts {
        unread: GRACE,
        min_throughput: MinThroughput { grace: GRACE, bytes_per_second },
        ..Timeouts::default()
    };
    TestApp::with(Options { timeouts, ..Options::default() })
}

/// A connection over which the head of a `PUT` has been sent, and so much of its body.
fn begin(app: &TestApp, length: usize, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.address()).unwrap();
    let token = app.editor().token().unwrap().to_owned();
    let head = format!(
        "PUT /api/v1/projects/slow HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// Everything that comes until the service closes the connection.
fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset, where bytes were on their way, ends it as well.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn is_given_up(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("came too slowly") && answer.contains("/problems/bad-request"), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
}

#[test]
fn a_body_that_stalls_is_given_up_and_the_connection_closed() {
    let app = impatient(1024);
    is_given_up(&rest(begin(&app, 1000, "{\"name\"")));
    app.viewer().get("/projects/slow").problem(404, "not-found");
}

#[test]
fn a_body_in_drops_is_given_up_too() {
    let app = impatient(1_000_000);
    let mut stream = begin(&app, 100_000, "{");
    // A drop whenever the service has said nothing for a moment: each would start a mere idle timer anew.
    stream.set_read_timeout(Some(GRACE / 20)).unwrap();
    let mut first = [0];
    while stream.read(&mut first).is_err() {
        stream.write_all(b" ").unwrap();
    }
    let answer = format!("{}{}", char::from(first[0]), rest(stream));
    is_given_up(&answer);
}

#[test]
fn a_body_that_comes_at_a_fair_rate_may_take_longer_than_the_grace() {
    // A second for each byte: the first ones alone explain all the time that this takes.
    let app = impatient(1);
    let body = r#"{"name": "Slow", "status": "proposed"}"#;
    let begun = Instant::now();
    let mut stream = begin(&app, body.len(), &body[..20]);
    stream.set_read_timeout(Some(GRACE)).unwrap();
    while begun.elapsed() < 2 * GRACE {
        assert!(stream.read(&mut [0]).is_err(), "it is still waited for");
    }
    stream.set_read_timeout(None).unwrap();
    stream.write_all(&body.as_bytes()[20..]).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let answer = rest(stream);
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
}

/// These bodies are not read: without the guard that holds them (`slow_clients::UnreadBodyGuard`) actix reads on for
/// their end for as long as the connection lives, and says nothing of closing it.
#[test]
fn an_unread_body_in_chunks_does_not_hold_its_connection() {
    let app = TestApp::spawn();
    for drips in [false, true] {
        for (what, status) in [("POST /api/v1/projects", 401), ("GET /health/live", 200), ("DELETE /nowhere", 404)] {
            let mut stream = TcpStream::connect(app.address()).unwrap();
            let head = format!("{what} HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            let answer = until_closed(stream, if drips { b"1\r\n \r\n" } else { b"" });
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{what}: {answer}");
            assert!(answer.to_lowercase().contains("connection: close"), "{what}: {answer}");
        }
    }
}

/// actix has a deadline for the first head on a connection alone: without `server::idle_stream::IdleTimeoutStream`
/// these are held for ever.
#[test]
fn a_second_request_of_which_only_a_part_comes_does_not_hold_its_connection() {
    // The head of the first request has to come in that time, too, on a machine with much to do.
    let timeouts = Timeouts { head: 10 * GRACE, idle: GRACE, ..Timeouts::default() };
    let app = TestApp::with(Options { timeouts, ..Options::default() });
    let parts = ["GET / HT", "GET / HTTP/1.1\r\nHost: here\r\n", "GET / HTTP/1.1\r\nX: ", "\r\n", ""];
    std::thread::scope(|threads| {
        for (part, drip) in parts.into_iter().flat_map(|part| [(part, ""), (part, "a"), (part, "\r\n")]) {
            let mut stream = TcpStream::connect(app.address()).unwrap();
            stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: here\r\n\r\n").unwrap();
            let mut first = [0; 15];
            stream.read_exact(&mut first).unwrap();
            assert_eq!(&first, b"HTTP/1.1 200 OK");
            stream.write_all(part.as_bytes()).unwrap();
            threads.spawn(move || until_closed(stream, drip.as_bytes()));
        }
    });
}

/// Everything that comes until the service closes the connection, while a drip is sent whenever it is silent.
fn until_closed(mut stream: TcpStream, drip: &[u8]) -> String {
    stream.set_read_timeout(Some(GRACE / 4)).unwrap();
    let begun = Instant::now();
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let text = String::from_utf8_lossy(&answer);
                assert!(begun.elapsed() < Duration::from_secs(60), "the connection is still held after {text}");
                // Where that fails, reading does next.
                let _ = stream.write_all(drip);
            }
            Err(_) => break,
        }
    }
    String::from_utf8(answer).unwrap()
}

#[test]
fn a_client_that_takes_nothing_of_its_answer_is_cut_off() {
    let app = impatient(1024);
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&app.address().into()).unwrap();
    let mut stream = TcpStream::from(socket);
    // Far more than fits into the buffers on the way.
    stream.write_all("GET /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n".repeat(100).as_bytes()).unwrap();
    // The other end says nothing when it gives up; the next write fails.
    let begun = Instant::now();
    loop {
        let mut fds = [PollFd::new(&stream, PollFlags::empty())];
        let moment = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
        if poll(&mut fds, Some(&moment)).unwrap() > 0 || stream.write_all(b" ").is_err() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "the connection is still held");
    }
    app.root().request("GET", "/health/live").send().expect(200);
}
