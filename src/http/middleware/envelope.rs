//! The frame of every answer: the request id, the security headers, the limits that come before any route, one line
//! in the access log, and problem+json for every error, a panic included.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{RequestHead, ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::ConnectionType;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, WWW_AUTHENTICATE};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use futures_util::FutureExt as _;

use crate::auth::Caller;
use crate::db::for_client;
use crate::error::Error;
use crate::http::middleware::exchange::Exchange;
use crate::http::middleware::response_headers::ResponseHeaders;
use crate::http::request::request_id::RequestId;
use crate::http::response::problem::{PROBLEM_JSON, Problem};
use crate::http::server::InFlight;
use crate::http::server::slow_clients::{self, MinThroughput};
use crate::http::state::State;
use crate::limits;
use crate::logging;

/// Returns the middleware.
///
/// # Errors
/// Only a panic's, with its answer made.
pub async fn envelope(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let state = request.app_data::<web::Data<State>>().cloned();
    let state = state.as_ref().map(|state| state.get_ref());
    let exchange = Exchange::begin(request.head(), state);
    request.extensions_mut().insert(exchange.id.clone());
    let response_headers = ResponseHeaders::of(exchange.id.clone(), request.match_info().as_str(), state);
    let links = state.map(|state| state.links(request.head())).unwrap_or_default();
    let stopping = state.map(|state| state.stopping.clone()).unwrap_or_default();
    let min_throughput = state.map(|state| state.timeouts.min_throughput).unwrap_or_default();
    request.extensions_mut().insert(links);
    let (payload, unread) = min_throughput.body(request.take_payload());
    let gone = request.conn_data::<InFlight>().map(InFlight::gone);
    let request_guard = request.conn_data::<InFlight>().map(InFlight::start);
    let present = state.map(|state| state.traffic.requests.increment());
    request.set_payload(payload);

    let result = match check_limits(request.head()) {
        // Not into_response, which forgets the error, and with it the place of the request id.
        Some(error) => Ok(request.error_response(error)),
        None => {
            let answered = for_client(gone, AssertUnwindSafe(next.call(request)).catch_unwind());
            logging::during(exchange.in_log(), answered)
                .await
                .unwrap_or_else(|_| Err(Error::internal("a handler panicked", "see the log before this line").into()))
                .map(ServiceResponse::map_into_boxed_body)
        }
    };
    let (route, caller) = result.as_ref().map_or((None, None), |response| answered_by(response.request()));
    let held = (unread, request_guard, present);
    let result = match result {
        Ok(response) => Ok(with_min_rate(finish(response, &response_headers), min_throughput)
            .map_body(|_, body| slow_clients::guarded(body, held))),
        Err(error) => {
            let answer = finish_error(&error, &response_headers).map_body(|_, body| slow_clients::guarded(body, held));
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
    exchange.end(state, status, route.as_deref(), caller.as_deref());
    result
}

/// Returns the pattern of the route that answered a request, and the name of the caller.
fn answered_by(request: &HttpRequest) -> (Option<String>, Option<String>) {
    let caller = request.extensions().get::<Caller>().map(|caller| caller.name().to_owned());
    (request.match_pattern(), caller)
}

/// Puts the finishing touches to an answer.
fn finish(mut response: ServiceResponse<BoxBody>, response_headers: &ResponseHeaders) -> ServiceResponse<BoxBody> {
    if response.status().is_client_error() || response.status().is_server_error() {
        response = as_problem(response, &response_headers.id);
    }
    response_headers.set(response.headers_mut());
    response
}

/// Returns an answer that is given up when it is taken too slowly. A stream of events has no end, and looks after its
/// own clients.
fn with_min_rate(response: ServiceResponse<BoxBody>, min_throughput: MinThroughput) -> ServiceResponse<BoxBody> {
    let endless = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
    if endless { response } else { response.map_body(|_, body| min_throughput.answer(body)) }
}

/// [`finish`] for an error that no answer was made of: a panic. actix keeps no request for it.
fn finish_error(error: &actix_web::Error, response_headers: &ResponseHeaders) -> HttpResponse {
    let id = &response_headers.id;
    let mut answer = match error.as_error::<Error>() {
        Some(own) => {
            log_internal(own, id);
            Problem::new(own, &id.0).response(Some(own))
        }
        None => Problem::of_status(error.as_response_error().status_code(), &id.0).response(None),
    };
    response_headers.set(answer.headers_mut());
    answer
}

/// Logs an internal error under the id of its request.
pub(crate) fn log_internal(error: &Error, id: &RequestId) {
    if let Error::Internal { .. } = error {
        log::error!("request {}: {}", id.0, chain(error));
    }
}

/// Checks the limits that apply before any route is looked at.
pub(in crate::http) fn check_limits(head: &RequestHead) -> Option<Error> {
    let length = head.uri.path_and_query().map_or(0, |uri| uri.as_str().len());
    if length > limits::URL {
        return Some(Error::UriTooLong { limit: limits::URL });
    }
    let bytes: usize = head.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > limits::HEAD {
        return Some(Error::HeadTooLarge { limit: limits::HEAD });
    }
    let encoded = head.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity");
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
        copy_headers(response.headers(), answer.headers_mut());
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
    let slow = error.is_some_and(slow_clients::is_body_timeout);
    let mut answer = if slow {
        Problem::new(&Error::bad_request("the body came too slowly; it was given up"), &id.0).response(None)
    } else {
        Problem::of_status(response.status(), &id.0).response(None)
    };
    if slow {
        answer.head_mut().set_connection_type(ConnectionType::Close);
    }
    copy_headers(response.headers(), answer.headers_mut());
    response.into_response(answer)
}

/// Takes over the headers that an error came with, but for those that describe its old body.
fn copy_headers(from: &HeaderMap, to: &mut HeaderMap) {
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

/// Returns an error with its causes.
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
