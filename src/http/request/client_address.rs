//! The address of a client.

use std::net::IpAddr;

use actix_web::{HttpRequest, web};

use crate::http::request::proxies::address_of;
use crate::http::state::State;

/// Returns the address for throttling and for the log: the peer's, unless the peer is a proxy that is trusted. Then
/// it is the last address in `X-Forwarded-For` that is not a trusted proxy: the addresses before it were
/// written by a client that is not trusted (rules.md 16).
pub(crate) fn client_address(req: &HttpRequest) -> Option<IpAddr> {
    let trusted = req.app_data::<web::Data<State>>().map(|state| state.trusted_proxies.clone()).unwrap_or_default();
    address_of(req.head(), &trusted)
}
