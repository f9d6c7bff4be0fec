//! Where a request comes from.

use std::net::IpAddr;

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
