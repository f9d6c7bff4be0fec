//! A client of server-sent events, over a connection of its own.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use socket2::{Domain, Socket, Type};

/// A block of a stream, between two empty lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Block {
    pub(crate) id: Option<i64>,
    pub(crate) event: Option<String>,
    pub(crate) data: Option<Value>,
    pub(crate) retry: Option<u64>,
    pub(crate) comment: bool,
}

/// An open stream.
pub(crate) struct EventStream {
    pub(crate) head: String,
    body: BufReader<Chunks>,
}

impl EventStream {
    /// Opens a stream; `headers` are whole lines.
    pub(crate) fn open(address: SocketAddr, token: &str, query: &str, headers: &[&str]) -> Self {
        Self::over(TcpStream::connect(address).unwrap(), token, query, headers)
    }

    /// Opens a stream that has little room for what is not read.
    pub(crate) fn narrow(address: SocketAddr, token: &str) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::over(socket.into(), token, "", &[])
    }

    fn over(mut socket: TcpStream, token: &str, query: &str, headers: &[&str]) -> Self {
        // A test that waits for what never comes fails.
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut request = format!(
            "GET /api/v1/changes/stream?{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        );
        headers.iter().for_each(|line| request.extend([*line, "\r\n"]));
        request.push_str("\r\n");
        socket.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(socket);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        Self { head, body: BufReader::new(Chunks { reader, left: 0, ended: false }) }
    }

    /// The next block; none when the stream has ended as it should.
    pub(crate) fn block(&mut self) -> Option<Block> {
        let mut block = Block::default();
        loop {
            let mut line = String::new();
            if self.body.read_line(&mut line).unwrap() == 0 {
                assert_eq!(block, Block::default(), "cut off in the middle");
                return None;
            }
            let line = line.strip_suffix('\n').unwrap();
            match line.split_once(": ") {
                None if line.is_empty() => return Some(block),
                Some(("", _)) => block.comment = true,
                Some(("id", id)) => block.id = Some(id.parse().unwrap()),
                Some(("event", event)) => block.event = Some(event.to_owned()),
                Some(("data", data)) => block.data = Some(serde_json::from_str(data).unwrap()),
                Some(("retry", time)) => block.retry = Some(time.parse().unwrap()),
                _ => panic!("{line}"),
            }
        }
    }

    /// The next change, whatever comments come before it; none at the end.
    pub(crate) fn change(&mut self) -> Option<Value> {
        loop {
            let block = self.block()?;
            if let Some(data) = block.data {
                assert_eq!((block.event.as_deref(), block.id), (Some("change"), data["revision"].as_i64()));
                return Some(data);
            }
        }
    }

    /// The changes up to this revision.
    pub(crate) fn changes_to(&mut self, revision: i64) -> Vec<Value> {
        let mut changes = Vec::new();
        while changes.last().is_none_or(|last: &Value| last["revision"] != revision) {
            changes.push(self.change().expect("the stream goes on"));
        }
        changes
    }
}

/// A body in chunks (RFC 9112 §7.1).
struct Chunks {
    reader: BufReader<TcpStream>,
    left: usize,
    ended: bool,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        if self.left == 0 {
            let mut size = String::new();
            self.reader.read_line(&mut size)?;
            let bad = || std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "the connection broke in a stream");
            self.left = usize::from_str_radix(size.trim_end(), 16).map_err(|_| bad())?;
            self.ended = self.left == 0;
            // The chunk's data is followed by an empty line; a last chunk has nothing but that.
            self.left += 2;
        }
        if self.ended {
            return Ok(0);
        }
        let most = buffer.len().min(self.left.saturating_sub(2));
        let read = self.reader.read(&mut buffer[..most])?;
        self.left -= read;
        if self.left == 2 {
            self.reader.read_exact(&mut [0; 2])?;
            self.left = 0;
        }
        Ok(read)
    }
}
