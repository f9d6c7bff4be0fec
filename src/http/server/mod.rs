//! Connections: how many there may be, and how long one may be open with nothing to do.
//!
//! - [`limiter`] counts them, in all and by address, and lets no more in than the settings say.
//! - [`socket`] closes one over which nothing is being answered: actix has a deadline for the first head on a
//!   connection and for none after it, so that one request and the beginning of a second held a connection for ever,
//!   without signing in.

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
    /// The door of a service with these settings, which counts who comes.
    pub fn new(config: &ServeConfig, timeouts: Timeouts, traffic: Traffic) -> Self {
        Self { limiter: ConnectionLimiter::new(config, traffic), timeouts }
    }

    /// How many connections each of so many workers has at most, with those that it is about to turn away.
    pub fn open_per_worker(&self, workers: usize) -> usize {
        self.limiter.open().div_ceil(workers.max(1))
    }

    /// Lets a connection in, with its limits.
    ///
    /// # Errors
    /// When there are too many: then it is closed without a word, since every word would cost more.
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
    // How many may wait to be accepted.
    socket.listen(1024)?;
    Ok(socket.into())
}
