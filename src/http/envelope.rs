//! What surrounds every answer: the request id, the security headers, the limits that come before any route, one line
//! in the access log, and problem+json for every error, a panic included.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::ConnectionType;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use futures_util::FutureExt as _;

use super::connection::Doing;
use super::links::Links;
use super::patience::{self, Patience};
use super::problem::{PROBLEM_JSON, Problem};
use super::proxies::client_address;
use super::state::State;
use crate::auth::Caller;
use crate::error::Error;
use crate::limits;
use crate::logging;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: the caller's if it is sane, else a new one.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl RequestId {
    fn of(headers: &HeaderMap) -> Self {
        let sane = |id: &&str| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let given = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(sane);
        Self(given.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned))
    }
}

/// The middleware.
///
/// # Errors
/// Only a panic's, with its answer made.
pub async fn envelope(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let begun = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let state = request.app_data::<web::Data<State>>();
    let hsts = state.is_some_and(|state| state.hsts);
    let address = client_address(request.request());
    let stamp = Stamp {
        id: id.clone(),
        hsts,
        cors: state.is_some_and(|state| state.cors),
        secret: is_secret(request.match_info().as_str()),
    };
    let links = state.map(|state| Links::begin(request.request(), state)).unwrap_or_default();
    let stopping = state.map(|state| state.stopping.clone()).unwrap_or_default();
    let patience = state.map(|state| state.timeouts.patience).unwrap_or_default();
    let traffic = state.map(|state| state.traffic.clone()).unwrap_or_default();
    request.extensions_mut().insert(links);
    let (payload, unread) = patience.body(request.take_payload());
    let busy = request.conn_data::<Doing>().map(Doing::begin);
    let present = traffic.requests.enter();
    request.set_payload(payload);

    let asked = logging::Request { id: id.0.clone(), address };
    let result = match refuse(&request) {
        // Not into_response, which forgets the error, and with it the place of the request id.
        Some(error) => Ok(request.error_response(error)),
        None => logging::during(asked, AssertUnwindSafe(next.call(request)).catch_unwind())
            .await
            .unwrap_or_else(|_| Err(Error::internal("a handler panicked", "see the log before this line").into()))
            .map(ServiceResponse::map_into_boxed_body),
    };
    let line = AccessLine::of(&method, result.as_ref().ok());
    let held = (unread, busy, present);
    let result = match result {
        Ok(response) => Ok(paced(finish(response, &stamp), patience).map_body(|_, body| patience::holding(body, held))),
        Err(error) => {
            let answer = finish_error(&error, &stamp).map_body(|_, body| patience::holding(body, held));
            Err(actix_web::Error::from(InternalError::from_response(error, answer)))
        }
    };
    let result = result.map(|mut response| {
        if stopping.load(Ordering::Relaxed) {
            // A client that knew no better would send its next request into a closed connection.
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        response
    });
    let status = match &result {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let took = begun.elapsed();
    traffic.count(line.route.as_deref(), &method, status, took);
    line.log(status, took, &id, address);
    result
}

/// A line of the access log in the making.
struct AccessLine {
    method: Method,
    /// The pattern, not the path: no code, no secret of a subscription, and no query string with whatever a client put there.
    route: Option<String>,
    caller: Option<String>,
}

impl AccessLine {
    fn of<B>(method: &Method, response: Option<&ServiceResponse<B>>) -> Self {
        let request = response.map(ServiceResponse::request);
        let caller =
            |request: &HttpRequest| request.extensions().get::<Caller>().map(|caller| caller.name().to_owned());
        Self {
            method: method.clone(),
            route: request.and_then(HttpRequest::match_pattern),
            caller: request.and_then(caller),
        }
    }

    fn log(self, status: StatusCode, took: Duration, id: &RequestId, address: Option<IpAddr>) {
        let (route, status) = (self.route.as_deref().unwrap_or("-"), status.as_u16());
        let duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let (method, user) = (self.method.as_str(), self.caller.as_deref().unwrap_or("-"));
        let (id, address) = (id.0.as_str(), logging::place(address));
        let address = address.as_str();
        log::info!(
            target: "access", method, route, status, duration_us, request_id = id, address, user;
            "{method} {route} {status} {duration_us}us {id} {address} {user}"
        );
    }
}

/// Puts the finishing touches to an answer.
fn finish(mut response: ServiceResponse<BoxBody>, stamp: &Stamp) -> ServiceResponse<BoxBody> {
    if response.status().is_client_error() || response.status().is_server_error() {
        response = as_problem(response, &stamp.id);
    }
    stamp.on(response.headers_mut());
    response
}

/// An answer that is given up when it is taken too slowly. A stream of events has no end, and looks after its own clients.
fn paced(response: ServiceResponse<BoxBody>, patience: Patience) -> ServiceResponse<BoxBody> {
    let endless = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
    if endless { response } else { response.map_body(|_, body| patience.answer(body)) }
}

/// [`finish`] for an error that no answer was made of: a panic. actix keeps no request for it.
fn finish_error(error: &actix_web::Error, stamp: &Stamp) -> HttpResponse {
    let id = &stamp.id;
    let mut answer = match error.as_error::<Error>() {
        Some(own) => {
            log_internal(own, id);
            Problem::new(own, &id.0).response(Some(own))
        }
        None => Problem::of_status(error.as_response_error().status_code(), &id.0).response(None),
    };
    stamp.on(answer.headers_mut());
    answer
}

/// The headers that every answer to a request has.
struct Stamp {
    id: RequestId,
    hsts: bool,
    /// Scripts of some other origins may use the service: answers differ by origin.
    cors: bool,
    /// Nobody keeps the answer, whatever it is.
    secret: bool,
}

impl Stamp {
    fn on(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.id.0) {
            headers.insert(REQUEST_ID, value);
        }
        if self.secret {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        harden(headers);
        let varies_by_origin = |line: &HeaderValue| {
            line.to_str().is_ok_and(|line| line.split(',').any(|name| name.trim().eq_ignore_ascii_case("origin")))
        };
        if self.cors && !headers.get_all(VARY).any(varies_by_origin) {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        if self.hsts {
            headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
    }
}

/// Whether a path, percent-decoded as for the routes, is about users and their tokens.
fn is_secret(path: &str) -> bool {
    let collection = path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next());
    collection.is_some_and(|collection| ["auth", "users", "tokens", "subscriptions"].contains(&collection))
}

/// Logs a fault of ours under the id of its request.
pub(crate) fn log_internal(error: &Error, id: &RequestId) {
    if let Error::Internal { .. } = error {
        log::error!("request {}: {}", id.0, chain(error));
    }
}

/// What is refused before any route is looked at.
fn refuse(request: &ServiceRequest) -> Option<Error> {
    let length = request.uri().path_and_query().map_or(0, |uri| uri.as_str().len());
    if length > limits::URL {
        return Some(Error::UriTooLong { limit: limits::URL });
    }
    let head: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if head > limits::HEAD {
        return Some(Error::HeadTooLarge { limit: limits::HEAD });
    }
    let encoded = request.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity");
    if encoded {
        return Some(Error::UnsupportedMediaType(
            "a body with a Content-Encoding is not read; send it plain".to_owned(),
        ));
    }
    None
}

/// Gives an error its problem body with the request id. OAuth's own errors, pages and files keep theirs.
fn as_problem(response: ServiceResponse<BoxBody>, id: &RequestId) -> ServiceResponse<BoxBody> {
    if let Some(error) = response.response().error().and_then(|error| error.as_error::<Error>()) {
        log_internal(error, id);
        let mut answer = Problem::new(error, &id.0).response(Some(error));
        keep(response.headers(), answer.headers_mut());
        return response.into_response(answer);
    }
    let own = response.headers().get(CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind == PROBLEM_JSON.as_bytes() || kind.starts_with(b"application/json") || kind.starts_with(b"text/html")
    });
    if own {
        return response;
    }
    let error = response.response().error();
    if let Some(error) = error {
        log::debug!("request {}: {error}", id.0);
    }
    let slow = error.is_some_and(patience::came_too_slowly);
    let mut answer = if slow {
        Problem::new(&Error::bad_request("the body came too slowly; it was given up"), &id.0).response(None)
    } else {
        Problem::of_status(response.status(), &id.0).response(None)
    };
    if slow {
        answer.head_mut().set_connection_type(ConnectionType::Close);
    }
    keep(response.headers(), answer.headers_mut());
    response.into_response(answer)
}

/// Takes over the headers that an error came with, but for those that describe its old body.
fn keep(from: &HeaderMap, to: &mut HeaderMap) {
    // The guard's challenges say more than the problem's own (RFC 6750 §3.1).
    if from.contains_key(WWW_AUTHENTICATE) {
        to.remove(WWW_AUTHENTICATE);
    }
    let own: Vec<HeaderName> = to.keys().cloned().collect();
    for (name, value) in from {
        let about_body = name == CONTENT_TYPE || name == actix_web::http::header::CONTENT_LENGTH;
        if !about_body && !own.contains(name) {
            to.append(name.clone(), value.clone());
        }
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text.escape_debug().to_string()
}

/// Headers for every answer that does not say otherwise (rules.md 33).
fn harden(headers: &mut HeaderMap) {
    let defaults = [
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "private, no-cache"),
    ];
    for (name, value) in defaults {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    // Beside what CORS has said.
    headers.append(VARY, HeaderValue::from_static("Accept, Authorization"));
}
