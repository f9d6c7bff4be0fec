//! The headers that every answer has.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};

use crate::http::request::request_id::{REQUEST_ID, RequestId};
use crate::http::state::State;

/// The headers that every answer to a request has.
pub(in crate::http) struct ResponseHeaders {
    /// The id of the request.
    pub(in crate::http) id: RequestId,
    hsts: bool,
    /// Scripts of some other origins may use the service: answers differ by origin.
    cors: bool,
    /// True if no cache may keep the answer.
    secret: bool,
}

impl ResponseHeaders {
    /// Returns the headers of the answer to a request for `path`, percent-decoded as for the routes.
    pub(in crate::http) fn of(id: RequestId, path: &str, state: Option<&State>) -> Self {
        Self {
            id,
            hsts: state.is_some_and(|state| state.hsts),
            cors: state.is_some_and(|state| state.cors),
            secret: is_secret(path),
        }
    }

    /// Sets them.
    pub(in crate::http) fn set(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.id.0) {
            headers.insert(REQUEST_ID, value);
        }
        if self.secret {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        set_security_headers(headers);
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

/// Tells whether a path, percent-decoded as for the routes, is about users and their tokens.
fn is_secret(path: &str) -> bool {
    let collection = path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next());
    collection.is_some_and(|collection| ["auth", "users", "tokens", "subscriptions", "webhooks"].contains(&collection))
}

/// Headers for every answer that does not say otherwise (rules.md 33).
fn set_security_headers(headers: &mut HeaderMap) {
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
