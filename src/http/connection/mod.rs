//! Connections: how many there may be, and how long one may be open with nothing to do.
//!
//! - [`crowd`] counts them, in all and by address, and lets no more in than the settings say.
//! - [`socket`] closes one over which nothing is being answered: actix has a deadline for the first head on a connection and
//!   for none after it, so that one request and the beginning of a second held a connection for ever, without signing in.

mod crowd;
mod files;
mod socket;

use std::io;
use std::net::{SocketAddr, TcpListener};

use actix_http::Protocol;
use actix_http::error::DispatchError;
use actix_web::rt::net::TcpStream;

use super::patience::give_up_unread;
use super::state::Timeouts;
use super::traffic::Traffic;
use crate::config::ServeConfig;
use crowd::Crowd;

pub use socket::{Doing, Socket};

/// What every connection comes through.
#[derive(Clone, Debug)]
pub struct Door {
    crowd: Crowd,
    timeouts: Timeouts,
}

impl Door {
    /// The door of a service with these settings, which counts who comes.
    pub fn new(config: &ServeConfig, timeouts: Timeouts, traffic: Traffic) -> Self {
        Self { crowd: Crowd::new(config, traffic), timeouts }
    }

    /// Lets a connection in, with its limits.
    ///
    /// # Errors
    /// When there are too many: then it is closed without a word, since every word would cost more.
    pub fn enter(&self, stream: TcpStream) -> Result<(Socket, Protocol, Option<SocketAddr>), DispatchError> {
        let peer = stream.peer_addr().map_err(DispatchError::Io)?;
        let place =
            self.crowd.enter(peer.ip()).ok_or_else(|| DispatchError::Io(io::ErrorKind::ConnectionRefused.into()))?;
        give_up_unread(&stream, self.timeouts.unread);
        Ok((Socket::new(stream, self.timeouts.idle + self.timeouts.head, place), Protocol::Http1, Some(peer)))
    }
}

/// Listens on an address, which may have been in use a moment ago.
///
/// # Errors
/// When it is taken.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::STREAM, None)?;
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    // How many may wait to be accepted.
    socket.listen(1024)?;
    Ok(socket.into())
}
