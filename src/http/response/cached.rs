//! The answer to a `GET`: bytes, entity tag and link, made where the database is read and sent by the worker.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, ETAG, LINK};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::http::request::conditional::Conditions;
use crate::http::response::cache::Cacheable;

/// The answer to a `GET`.
#[derive(Debug)]
pub(in crate::http) enum CachedResponse {
    /// The client has it already.
    NotModified {
        /// The entity tag.
        tag: String,
    },
    /// The representation.
    Body {
        /// The entity tag.
        tag: String,
        /// The next page, as the value of `Link`.
        link: Option<String>,
        /// JSON.
        bytes: Vec<u8>,
    },
}

/// Answers with the representation that has this tag, or with 304 where the client has it: it is not made then.
///
/// # Errors
/// Errors of `make`.
pub(in crate::http) fn respond(
    conditions: &Conditions,
    tag: String,
    make: impl FnOnce(String) -> Result<CachedResponse>,
) -> Result<CachedResponse> {
    if conditions.has(&tag) { Ok(CachedResponse::NotModified { tag }) } else { make(tag) }
}

impl CachedResponse {
    /// Makes a representation in JSON.
    pub(in crate::http) fn json(tag: String, link: Option<String>, value: &impl Serialize) -> Result<Self> {
        let bytes =
            serde_json::to_vec(value).map_err(|error| Error::internal("an answer cannot be written as JSON", error))?;
        Ok(Self::Body { tag, link, bytes })
    }
}

impl From<CachedResponse> for HttpResponse {
    fn from(answer: CachedResponse) -> Self {
        match answer {
            CachedResponse::NotModified { tag } => Self::NotModified().insert_header((ETAG, tag)).finish(),
            CachedResponse::Body { tag, link, bytes } => {
                let mut response = Self::Ok();
                response.insert_header((ETAG, tag)).insert_header((CONTENT_TYPE, "application/json"));
                if let Some(link) = link {
                    response.insert_header((LINK, link));
                }
                let mut response = response.body(bytes);
                response.extensions_mut().insert(Cacheable);
                response
            }
        }
    }
}
