//! Where a request comes from, and how long it is waited for.

use std::any::Any;
use std::net::IpAddr;
use std::time::Duration;

use actix_web::{HttpMessage as _, HttpRequest};

/// The client's address as a configured proxy says it. Whoever knows the proxies puts it into the request's extensions;
/// nothing here believes a `Forwarded` header (rules.md 16).
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// The address that counts for throttling.
pub(super) fn client_address(req: &HttpRequest) -> Option<IpAddr> {
    let told = req.extensions().get::<ClientAddress>().map(|address| address.0);
    told.or_else(|| req.peer_addr().map(|peer| peer.ip()))
}

/// Has the system close a connection whose client takes no byte of what is sent for so long (TCP_USER_TIMEOUT, RFC 5482).
/// An answer is made at the speed at which it is taken, so that a client who does not read costs no memory that grows; this
/// ends what it does cost.
pub fn give_up_unread(io: &dyn Any, after: Duration) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = io.downcast_ref::<actix_web::rt::net::TcpStream>()
        && let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(after))
    {
        log::warn!("a connection without a limit for slow readers: {error}");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (io, after);
}
