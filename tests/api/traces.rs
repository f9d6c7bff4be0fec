//! Traces: what a client says in `traceparent` is in the log, and in the span that a collector gets (feature `otlp`).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use serde_json::Value;

use crate::support::{DemoProcess, Options, TestApp, exchange};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Fails where a line forgets the trace, or believes what is none.
#[test]
fn the_log_names_the_trace_of_a_request() {
    let mut process = DemoProcess::start("info", "nine otters in the harbour");
    for (request, traceparent) in
        [("traced", format!("00-{TRACE}-{PARENT}-01")), ("untraced", "00-nonsense-01".to_owned())]
    {
        (process.request, process.traceparent) = (request.to_owned(), traceparent);
        assert_eq!(process.send("GET", "/api/v1/nations", "wrong", "text/plain", "").0, 401);
    }
    let log = process.stop();
    let of = |request: &str| -> Vec<&String> { log.iter().filter(|line| line.contains(request)).collect() };
    assert!(of("[traced ").len() == 1 && of(" traced ").len() == 1, "the audit and the access: {log:?}");
    for line in of(" traced ").into_iter().chain(of("[traced ")) {
        assert!(line.trim_end_matches(']').ends_with(&format!(" {TRACE}")), "{line}");
    }
    assert!(of("untraced").into_iter().all(|line| !line.contains(TRACE) && !line.contains("nonsense")), "{log:?}");
}

/// A collector that takes one request, and its body.
fn collector() -> (&'static str, std::thread::JoinHandle<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let taking = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut line, mut length) = (String::new(), 0);
        let first = loop {
            line.clear();
            reader.read_line(&mut line).unwrap();
            if line.starts_with("POST ") {
                break line.clone();
            }
        };
        assert!(first.starts_with("POST /v1/traces "), "{first}");
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}").unwrap();
        serde_json::from_slice(&body).unwrap()
    });
    (address.leak(), taking)
}

/// Fails where a span has another trace or parent than the client said, or where one is sent that no client asked to
/// record.
#[test]
fn a_collector_gets_the_spans_of_requests() {
    if cfg!(not(feature = "otlp")) {
        return;
    }
    let (address, taking) = collector();
    let app = TestApp::with(Options { otlp_endpoint: Some(address), ..Options::default() });
    let ask = |path: &str, traceparent: Option<&str>| {
        let header = traceparent.map_or_else(String::new, |value| format!("traceparent: {value}\r\n"));
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: here\r\n{header}X-Request-Id: its-id\r\nConnection: close\r\n\r\n");
        exchange(app.address(), request.into_bytes()).unwrap();
    };
    ask("/health/live", Some(&format!("00-{TRACE}-{PARENT}-00")));
    ask("/problems/validation?x=secret", Some(&format!("00-{TRACE}-{PARENT}-01")));
    ask("/health/live", None);
    let sent = taking.join().unwrap();
    let all = &sent["resourceSpans"][0];
    let name = &all["resource"]["attributes"][0];
    assert_eq!(
        (name["key"].as_str(), name["value"]["stringValue"].as_str()),
        (Some("service.name"), Some("partnership-registry"))
    );
    let spans = all["scopeSpans"][0]["spans"].as_array().unwrap();
    assert!(!spans.is_empty() && !sent.to_string().contains("secret"));
    let one = &spans[0];
    assert_eq!((one["traceId"].as_str(), one["parentSpanId"].as_str()), (Some(TRACE), Some(PARENT)));
    assert_eq!(one["name"], "GET /problems/{kind}");
    assert_ne!(one["spanId"], PARENT);
    let status = one["attributes"].as_array().unwrap().iter().find(|about| about["key"] == "http.response.status_code");
    assert_eq!(status.unwrap()["value"]["intValue"], "200");
    // A request without a trace begins one; it may come with the next batch.
    for other in &spans[1..] {
        assert!(other["parentSpanId"].is_null() && other["traceId"] != TRACE, "{other}");
    }
}
