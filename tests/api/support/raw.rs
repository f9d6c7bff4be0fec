//! Requests that no proper client would send, byte by byte.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

/// The answer to a raw request.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl RawAnswer {
    /// The problem in the answer, which must have this status and type.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{} {text}", self.head);
        assert!(self.head.to_ascii_lowercase().contains("content-type: application/problem+json"), "{}", self.head);
        let problem: Value = serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{text}");
        problem
    }
}

/// Sends a head (lines joined by `\n`, ended by this function, with `Connection: close`), then `body`; reads to the end.
pub(crate) fn raw(address: SocketAddr, head: impl AsRef<[u8]>, body: &[u8]) -> RawAnswer {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut request = Vec::new();
    for line in head.as_ref().split(|byte| *byte == b'\n') {
        request.extend_from_slice(line);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"Host: localhost\r\nConnection: close\r\n\r\n");
    request.extend_from_slice(body);
    stream.write_all(&request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let split = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer with a head");
    let head = String::from_utf8_lossy(&answer[..split]).into_owned();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    RawAnswer { status, head, body: answer[split + 4..].to_vec() }
}
