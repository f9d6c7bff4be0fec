//! The number of connections at a time (rules.md 27). Without `server::limiter::ConnectionLimiter` the fifth is served
//! like the first.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use crate::support::{Options, TestApp};

/// A connection from an address of this machine.
fn connect(app: &TestApp, from: [u8; 4]) -> TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::from(from), 0)).into()).unwrap();
    socket.connect(&app.address().into()).unwrap();
    socket.into()
}

/// Tells whether a request is answered; where it is not, the connection is closed.
fn is_served(stream: &mut TcpStream) -> bool {
    let sent = stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: here\r\n\r\n");
    let mut answer = [0; 1024];
    let read = sent.and_then(|()| stream.read(&mut answer)).unwrap_or_default();
    assert!(read == 0 || answer.starts_with(b"HTTP/1.1 200 OK"), "{}", String::from_utf8_lossy(&answer));
    read > 0
}

/// Asks anew until it is served: the service hears of a connection that was closed when it hears of it.
fn is_served_in_the_end(app: &TestApp, from: [u8; 4]) -> TcpStream {
    loop {
        let mut stream = connect(app, from);
        if is_served(&mut stream) {
            return stream;
        }
    }
}

#[test]
fn no_more_connections_than_there_may_be() {
    let options = Options { max_connections: 4, max_connections_per_address: Some(100), ..Options::default() };
    let app = TestApp::with(options);
    let mut four = [1; 4].map(|_| connect(&app, [127, 0, 0, 1]));
    assert!(four.iter_mut().all(is_served));
    assert!(!is_served(&mut connect(&app, [127, 0, 0, 1])), "the fifth");
    assert!(four.iter_mut().all(is_served), "the others go on");
    let [one, ..] = four;
    drop(one);
    is_served_in_the_end(&app, [127, 0, 0, 1]);
}

#[test]
#[cfg(target_os = "linux")]
fn one_address_leaves_room_for_another() {
    let (one, other) = ([127, 0, 0, 1], [127, 0, 0, 2]);
    let app = TestApp::with(Options { max_connections_per_address: Some(4), ..Options::default() });
    let mut four = [1; 4].map(|_| connect(&app, one));
    assert!(four.iter_mut().all(is_served));
    assert!(!is_served(&mut connect(&app, one)), "the fifth");
    assert!(is_served(&mut connect(&app, other)), "another address");
    let [first, ..] = four;
    drop(first);
    is_served_in_the_end(&app, one);

    let options =
        Options { max_connections_per_address: Some(1), trusted_proxies: &["127.0.0.2"], ..Options::default() };
    let app = TestApp::with(options);
    let mut proxy = [1; 4].map(|_| connect(&app, other));
    assert!(proxy.iter_mut().all(is_served), "a proxy comes for many");
    let mut lone = connect(&app, one);
    assert!(is_served(&mut lone) && !is_served(&mut connect(&app, one)));
}
