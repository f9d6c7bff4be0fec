//! The address of the service for its clients. A proxy may have cut off the beginning of each path: every link that the
//! service writes is made here, so that it leads back through the proxy.

use std::sync::Arc;

use actix_web::dev::RequestHead;
use actix_web::{HttpMessage as _, HttpRequest};

use crate::http::request::proxies::forwarded_prefix;
use crate::values::Network;

/// The beginning of each link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Links {
    /// `/reg`, or nothing.
    prefix: String,
    /// `https://host`, where the service knows its public address.
    origin: Option<Arc<str>>,
}

impl Links {
    /// Returns the links in an answer to a request that has just come: below what a trusted proxy says that it has cut
    /// off, else below the path of the public address.
    pub(in crate::http) fn begin(head: &RequestHead, public: Option<&PublicUrl>, trusted: &[Network]) -> Self {
        let (origin, path) = match public {
            Some(public) => (Some(public.origin.clone()), public.path.to_string()),
            None => (None, String::new()),
        };
        Self { prefix: forwarded_prefix(head, trusted).unwrap_or(path), origin }
    }

    /// Returns the links in the answer to a request.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    /// Returns the prefix that a proxy has cut off each path; empty where the service is at the root.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns a link to a path of the service: a path itself, so that it holds under whatever name the service is
    /// called by.
    pub(in crate::http) fn to(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Returns a link to give away: with the public address where that is known.
    pub(in crate::http) fn whole(&self, path: &str) -> String {
        format!("{}{}", self.origin.as_deref().unwrap_or_default(), self.to(path))
    }
}

/// The address that clients know the service by, in two parts.
#[derive(Clone, Debug)]
pub struct PublicUrl {
    origin: Arc<str>,
    path: Arc<str>,
}

impl PublicUrl {
    /// Returns the origin: `https://host`.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the parts of an address.
    pub(in crate::http) fn of(url: &url::Url) -> Self {
        Self { origin: url.origin().ascii_serialization().into(), path: url.path().trim_end_matches('/').into() }
    }
}
