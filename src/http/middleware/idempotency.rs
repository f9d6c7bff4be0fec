//! `Idempotency-Key` on `POST` (draft-ietf-httpapi-idempotency-key-header): a request that comes again with its key is
//! done once, and answered as the first time. [`crate::idempotency`] keeps the answers.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::digest::{Digest, SHA256, digest};
use serde::Serialize;

use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::request::body;
use crate::http::state::State;
use crate::idempotency::{Done, Kept, Once, Reply, Request};
use crate::limits;
use crate::values::hex;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is an earlier one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The key of a request.
pub(in crate::http) struct Key(String);

impl Key {
    /// Returns the key in the header, where there is one: a string in quotes as the draft has it (RFC 9651 §3.3.3), or
    /// bare.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for what is neither.
    pub(in crate::http) fn of(request: &HttpRequest) -> Result<Option<Self>> {
        let mut lines = request.headers().get_all(&KEY);
        let Some(line) = lines.next() else { return Ok(None) };
        let wrong = || {
            let most = limits::IDEMPOTENCY_KEY;
            Error::bad_request(format!("Idempotency-Key is one text of 1 to {most} visible characters, such as a UUID"))
        };
        let text = line.to_str().map_err(|_| wrong())?.trim();
        let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let fits = (1..=limits::IDEMPOTENCY_KEY).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\,".contains(&byte));
        if fits && lines.next().is_none() { Ok(Some(Self(key.to_owned()))) } else { Err(wrong()) }
    }
}

/// Returns the digest of a body.
pub(in crate::http) fn digest_of(body: &[u8]) -> Digest {
    digest(&SHA256, body)
}

/// Answers a request with what `make` does, unless it was done before: with the answer of then.
///
/// # Errors
/// As [`Key::of`] and [`Once::begin`]; what `make` says.
pub(in crate::http) async fn once(
    request: &HttpRequest,
    caller: &Caller,
    body: &[u8],
    state: &State,
    make: impl AsyncFnOnce(Once) -> Result<Done<HttpResponse>>,
) -> Result<HttpResponse> {
    let key = Key::of(request)?.map(|key| (key, digest_of(body)));
    once_with(request, caller, key, state, make).await
}

/// [`once`] for a body whose digest was taken elsewhere.
///
/// # Errors
/// As [`once`].
pub(in crate::http) async fn once_with(
    request: &HttpRequest,
    caller: &Caller,
    key: Option<(Key, Digest)>,
    state: &State,
    make: impl AsyncFnOnce(Once) -> Result<Done<HttpResponse>>,
) -> Result<HttpResponse> {
    let begun = match key {
        None => Done::Now(Once::unkeyed()),
        Some((key, digest)) => {
            let asked = Request {
                caller: caller.name().to_owned(),
                key: hex(digest_of(key.0.as_bytes()).as_ref()),
                fingerprint: fingerprint(request, &digest, state),
            };
            Once::begin(asked, &state.running, &state.db).await?
        }
    };
    let done = match begun {
        Done::Now(once) => make(once).await?,
        Done::Before(reply) => Done::Before(reply),
    };
    Ok(match done {
        Done::Now(response) => response,
        Done::Before(reply) => {
            let mut response = HttpResponse::from(reply);
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            response
        }
    })
}

/// Returns a digest that tells a request from another one. It is keyed, so that a reader of the database cannot try
/// passwords out.
fn fingerprint(request: &HttpRequest, body: &Digest, state: &State) -> String {
    let kind = body::media_type(request).unwrap_or_default();
    let parts = [request.method().as_str(), request.path(), request.query_string(), &kind, &hex(body.as_ref())];
    state.cursor_signer.fingerprint(&parts)
}

impl<T> Done<T> {
    /// With the answer that `now` makes, where it was done now.
    ///
    /// # Errors
    /// Errors of `now`.
    pub(in crate::http) fn try_map(self, now: impl FnOnce(T) -> Result<Reply>) -> Result<Done<HttpResponse>> {
        Ok(match self {
            Self::Now(value) => Done::Now(now(value)?.into()),
            Self::Before(reply) => Done::Before(reply),
        })
    }
}

impl Reply {
    /// Makes an answer in JSON.
    ///
    /// # Errors
    /// [`Error::Internal`] for what JSON cannot hold.
    pub(in crate::http) fn json(status: StatusCode, value: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(value)
            .map_err(|error| Error::internal("an answer cannot be written as JSON", error))?;
        Ok(Self { status: status.as_u16(), location: None, etag: None, body })
    }

    /// With the place of what was made.
    pub(in crate::http) fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    /// With an entity tag.
    pub(in crate::http) fn tagged(self, etag: String) -> Self {
        Self { etag: Some(etag), ..self }
    }
}

/// Keeps the whole of an answer that `make` writes.
pub(in crate::http) fn whole<T>(make: impl FnOnce(&T) -> Result<Reply>) -> impl FnOnce(&T) -> Result<Kept> {
    |value| make(value).map(Kept::Whole)
}

/// Keeps that something was made at the place that `place` tells; its secret is shown once.
pub(in crate::http) fn without_secret<T>(place: impl FnOnce(&T) -> String) -> impl FnOnce(&T) -> Result<Kept> {
    |made| Ok(Kept::Secret { status: StatusCode::CREATED.as_u16(), location: place(made) })
}

impl From<Reply> for HttpResponse {
    fn from(reply: Reply) -> Self {
        let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Self::build(status);
        if let Some(location) = reply.location {
            response.insert_header((LOCATION, location));
        }
        if let Some(etag) = reply.etag {
            response.insert_header((ETAG, etag));
        }
        if reply.body.is_empty() {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, "application/json")).body(reply.body)
    }
}
