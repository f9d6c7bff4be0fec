//! Connections: the limits on their number and on the time that one may be idle.
//!
//! - [`limiter`] counts the open connections, in total and per client address, and refuses more than the settings
//!   allow.
//! - [`idle_stream`] closes a connection on which no request is being answered. actix has a deadline for the first
//!   head on a connection and for none after it: a client that sent one request and the beginning of a second could
//!   hold a connection for ever, without signing in.

mod fd_limit;
mod idle_stream;
mod limiter;
pub(super) mod slow_clients;
pub(super) mod traffic;

use std::io;
use std::net::{SocketAddr, TcpListener};

use actix_http::Protocol;
use actix_http::error::DispatchError;
use actix_web::rt::net::TcpStream;

use crate::config::ServeConfig;
use crate::http::server::slow_clients::set_user_timeout;
use crate::http::server::traffic::Traffic;
use crate::http::state::Timeouts;
use limiter::ConnectionLimiter;

pub use idle_stream::{IdleTimeoutStream, InFlight};

/// Accepts connections and enforces the connection limits.
#[derive(Clone, Debug)]
pub struct Acceptor {
    limiter: ConnectionLimiter,
    timeouts: Timeouts,
}

impl Acceptor {
    /// Creates the acceptor of a service with these settings; it counts connections in `traffic`.
    pub fn new(config: &ServeConfig, timeouts: Timeouts, traffic: Traffic) -> Self {
        Self { limiter: ConnectionLimiter::new(config, traffic), timeouts }
    }

    /// Returns the limit of connections for each of `workers` workers, with those that it is about to refuse.
    pub fn open_per_worker(&self, workers: usize) -> usize {
        self.limiter.open().div_ceil(workers.max(1))
    }

    /// Accepts a connection, with its limits.
    ///
    /// # Errors
    /// `ConnectionRefused` when a limit is reached; the socket is closed without a response, which would cost more.
    pub fn accept(
        &self,
        stream: TcpStream,
    ) -> Result<(IdleTimeoutStream, Protocol, Option<SocketAddr>), DispatchError> {
        let peer = stream.peer_addr().map_err(DispatchError::Io)?;
        let permit = self
            .limiter
            .try_acquire(peer.ip())
            .ok_or_else(|| DispatchError::Io(io::ErrorKind::ConnectionRefused.into()))?;
        set_user_timeout(&stream, self.timeouts.unread);
        Ok((
            IdleTimeoutStream::new(stream, self.timeouts.idle + self.timeouts.head, permit),
            Protocol::Http1,
            Some(peer),
        ))
    }
}

/// Listens on an address, which may have been in use a moment ago.
///
/// # Errors
/// When it is taken.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    // The number of connections that may wait to be accepted.
    socket.listen(1024)?;
    Ok(socket.into())
}
