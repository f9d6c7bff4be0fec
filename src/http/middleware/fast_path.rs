//! Repeated reads, answered before actix's router and middlewares run: those cost more than the answer.
//!
//! An answer is given here where everything that the middlewares would look at is known in memory: the caller's
//! standing, the revision, and the finished answer of the cache. It is the answer that they would give, header by
//! header, with its line in the log and its place in the metrics. All else goes on to them, every refusal included.

use std::sync::atomic::Ordering;

use actix_http::{Request, Response};
use actix_web::body::BoxBody;
use actix_web::dev::RequestHead;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::web;

use crate::http::ask::API;
use crate::http::middleware::envelope::check_limits;
use crate::http::middleware::exchange::Exchange;
use crate::http::middleware::heads;
use crate::http::middleware::response_headers::ResponseHeaders;
use crate::http::request::authorization::Credentials;
use crate::http::request::conditional::Conditions;
use crate::http::response::cache::Question;
use crate::http::server::InFlight;
use crate::http::server::slow_clients;
use crate::http::state::State;

/// The headers that a request may have here: those that are taken account of, and those that no answer to a read
/// depends on. Any other header may matter to a handler.
const KNOWN_HEADERS: [&str; 32] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "cookie",
    "dnt",
    "forwarded",
    "host",
    "if-none-match",
    "keep-alive",
    "origin",
    "pragma",
    "priority",
    "referer",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-gpc",
    "traceparent",
    "tracestate",
    "user-agent",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-request-id",
];

/// A shortcut that answers repeated reads.
#[derive(Clone)]
pub struct FastPath {
    state: web::Data<State>,
}

impl FastPath {
    /// Returns the fast path of a service.
    pub fn new(state: web::Data<State>) -> Self {
        Self { state }
    }

    /// Returns the answer to a request, where it is known.
    pub fn answer(&self, request: &Request) -> Option<Response<BoxBody>> {
        let (state, head) = (&*self.state, request.head());
        if !state.cache.is_on() || !is_candidate(head) || state.cors || state.stopping.load(Ordering::Relaxed) {
            return None;
        }
        let Credentials::Bearer(token) = Credentials::of(&head.method, head.headers()).ok()? else { return None };
        // Before anything is taken from memory: what was committed before this must be in the answer.
        let generation = state.db.generation()?;
        let caller = state.auth.recall(&token, generation)?;
        let exchange = Exchange::begin(head, Some(state));
        let conditions = Conditions::read(head.headers(), exchange.id.0.clone()).ok()?;
        let links = state.links(head);
        let revision = state.heads.known_at(generation)?;
        let kept = state.cache.recall(&Question::of(head, &links)?, revision)?;
        let mut response = kept.response(&conditions);
        heads::set(response.headers_mut(), Some(revision));
        ResponseHeaders::of(exchange.id.clone(), head.uri.path(), Some(state)).set(response.headers_mut());
        let held = (request.conn_data::<InFlight>().map(InFlight::start), state.traffic.requests.increment());
        let min_throughput = state.timeouts.min_throughput;
        let response = response.map_body(|_, body| slow_clients::guarded(min_throughput.answer(body), held));
        exchange.end(Some(state), response.status(), kept.route(), Some(caller.name()));
        Some(response.into())
    }
}

/// Tells whether a request is a plain read of the API, by its head alone.
fn is_candidate(head: &RequestHead) -> bool {
    head.method == Method::GET
        && head.uri.path().starts_with(API)
        && has_known_headers_alone(head.headers())
        && check_limits(head).is_none()
}

fn has_known_headers_alone(headers: &HeaderMap) -> bool {
    headers.keys().all(|name| KNOWN_HEADERS.binary_search(&name.as_str()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// They are searched by halves.
    #[test]
    fn known_headers_are_sorted() {
        assert!(KNOWN_HEADERS.is_sorted());
    }
}
