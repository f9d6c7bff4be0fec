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

/// Tells whether an answer has a head and as long a body as that says.
fn is_complete(answer: &[u8]) -> bool {
    let Some(split) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..split]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| answer.len() >= split + 4 + length)
}

/// Sends a head (lines joined by `\n`, ended by this function, with `Connection: close`), then `body`; reads one
/// answer.
pub(crate) fn raw(address: SocketAddr, head: impl AsRef<[u8]>, body: &[u8]) -> RawAnswer {
    let mut request = Vec::new();
    for line in head.as_ref().split(|byte| *byte == b'\n') {
        request.extend_from_slice(line);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"Host: localhost\r\nConnection: close\r\n\r\n");
    request.extend_from_slice(body);
    exchange(address, request).expect("an answer with a head")
}

/// Sends bytes as they are, a whole request or more than is read of one; reads one answer. `None` where the connection
/// is closed without one.
pub(crate) fn exchange(address: SocketAddr, request: Vec<u8>) -> Option<RawAnswer> {
    let mut stream = TcpStream::connect(address).unwrap();
    // The service may answer before it has read everything, and read no more: neither side may wait for the other.
    let mut sender = stream.try_clone().unwrap();
    let sending = std::thread::spawn(move || drop(sender.write_all(&request)));
    let mut answer = Vec::new();
    let mut buffer = [0; 8192];
    while !is_complete(&answer) {
        // A reset, where the service has closed before everything was sent, ends it as well.
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
        }
    }
    drop(stream.shutdown(std::net::Shutdown::Both));
    sending.join().unwrap();
    let split = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..split]).into_owned();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some(RawAnswer { status, head, body: answer[split + 4..].to_vec() })
}
