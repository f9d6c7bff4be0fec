//! A receiver of webhooks on loopback, whose every answer a test decides.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver as Channel, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// A running receiver.
pub(crate) struct Receiver {
    address: SocketAddr,
    answers: Arc<Mutex<VecDeque<String>>>,
    connections: Arc<AtomicUsize>,
    received: Channel<Received>,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) line: String,
    headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The revision that it names.
    pub(crate) fn revision(&self) -> i64 {
        self.json()["data"]["revision"].as_i64().unwrap()
    }
}

impl Receiver {
    /// One that answers 204 to everything.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = channel();
        let (answers, connections) = (Arc::<Mutex<VecDeque<String>>>::default(), Arc::<AtomicUsize>::default());
        let (scripted, counted) = (answers.clone(), connections.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                counted.fetch_add(1, Ordering::SeqCst);
                let (sender, scripted) = (sender.clone(), scripted.clone());
                std::thread::spawn(move || serve(&stream, &sender, &scripted));
            }
        });
        Self { address, answers, connections, received }
    }

    /// Its address as it is allowed.
    pub(crate) fn place(&self) -> String {
        self.address.to_string()
    }

    /// An address of it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/in", self.address)
    }

    /// Answers the next request with this: status, header lines and body.
    pub(crate) fn answers(&self, status: u16, headers: &str, body: &str) {
        let length = body.len();
        let text = format!("HTTP/1.1 {status} So\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
        self.answers.lock().unwrap().push_back(text);
    }

    /// The next request.
    #[track_caller]
    pub(crate) fn next(&self) -> Received {
        self.received.recv_timeout(Duration::from_secs(30)).expect("nothing comes")
    }

    /// Everything that has come so far and was not looked at.
    pub(crate) fn so_far(&self) -> Vec<Received> {
        self.received.try_iter().collect()
    }

    /// How many connections were made to it.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Answers requests until the line ends.
fn serve(mut stream: &TcpStream, sender: &Sender<Received>, answers: &Mutex<VecDeque<String>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut headers = BTreeMap::new();
        let mut head = String::new();
        while reader.read_line(&mut head).is_ok_and(|read| read > 2) {
            if let Some((name, value)) = head.trim_end().split_once(": ") {
                headers.insert(name.to_ascii_lowercase(), value.to_owned());
            }
            head.clear();
        }
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let answer = answers.lock().unwrap().pop_front();
        let received = Received { line: line.trim_end().to_owned(), headers, body: String::from_utf8(body).unwrap() };
        if sender.send(received).is_err() {
            return;
        }
        let answer = answer.unwrap_or_else(|| "HTTP/1.1 204 No Content\r\n\r\n".to_owned());
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
