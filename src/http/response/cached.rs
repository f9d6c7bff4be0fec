//! The answer to a `GET`: bytes, entity tag and link, made where the database is read and sent by the worker.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, ETAG, LINK};
use serde::Serialize;

use crate::error::{Error, Result};
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

impl CachedResponse {
    /// A representation in JSON.
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
