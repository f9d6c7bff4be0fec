//! The answer cache: finished answers to `GET` requests, served again while the registry stays at their revision.
//!
//! A cached answer is looked up before its query string is parsed and before any SQL, but after the caller is
//! authenticated. Only answers that are the same for every caller get in: a handler marks them by answering through
//! [`crate::http::response::cached::CachedResponse`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::HttpResponse;
use actix_web::dev::RequestHead;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, LINK};
use actix_web::web::Bytes;
use chrono::NaiveDate;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::clock;
use crate::http::request::conditional::Conditions;
use crate::http::request::links::Links;

/// The mark of an answer that depends on nothing but its request, the registry and the day.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Cacheable;

/// Finished answers, bounded in bytes. Cheap to clone.
#[derive(Clone)]
pub struct AnswerCache {
    pub(in crate::http) inner: Option<Arc<Inner>>,
}

pub(in crate::http) struct Inner {
    pub(in crate::http) answers: Cache<Box<[u8]>, Arc<Kept>, Weight>,
    /// The largest answer that is kept: one alone must not push everything else out.
    pub(in crate::http) largest: usize,
    hits: AtomicU64,
    recalled: AtomicU64,
    misses: AtomicU64,
}

/// A finished answer, and when it holds.
pub(in crate::http) struct Kept {
    revision: i64,
    day: NaiveDate,
    /// The pattern of the route that answered: for the log and the metrics.
    route: Option<Arc<str>>,
    /// `Content-Type`, `ETag` and `Link`.
    headers: Vec<(actix_web::http::header::HeaderName, HeaderValue)>,
    body: Bytes,
}

#[derive(Clone)]
pub(in crate::http) struct Weight;

impl Weighter<Box<[u8]>, Arc<Kept>> for Weight {
    fn weight(&self, key: &Box<[u8]>, kept: &Arc<Kept>) -> u64 {
        let headers: usize = kept.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        u64::try_from(key.len() + headers + kept.body.len() + OVERHEAD).unwrap_or(u64::MAX)
    }
}

/// Bytes that an entry takes beside its text, about.
const OVERHEAD: usize = 256;
/// Bytes of an answer of ordinary size, from which the number of entries is estimated.
const ORDINARY: u64 = 4 * 1024;

/// The statistics of the cache since the service started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Requests that were answered from the cache.
    pub hits: u64,
    /// Those of them that were answered on the fast path (`http::fast_path`).
    pub recalled: u64,
    /// Requests that could have been, and were not.
    pub misses: u64,
    /// Bytes that are kept now, about.
    pub bytes: u64,
}

impl AnswerCache {
    /// Makes a cache of at most `bytes` bytes; 0 turns it off.
    pub fn new(bytes: u64) -> Self {
        let inner = (bytes > 0).then(|| {
            let entries = usize::try_from(bytes / ORDINARY).unwrap_or(usize::MAX).max(1);
            Arc::new(Inner {
                answers: Cache::with_weighter(entries, bytes, Weight),
                largest: usize::try_from(bytes / 8).unwrap_or(usize::MAX),
                hits: AtomicU64::new(0),
                recalled: AtomicU64::new(0),
                misses: AtomicU64::new(0),
            })
        });
        Self { inner }
    }

    /// Tells whether answers are kept.
    pub(in crate::http) fn is_on(&self) -> bool {
        self.inner.is_some()
    }

    /// Returns the answer that is kept for a request at a revision, for the fast path. One that is missing is no miss:
    /// the middleware looks again.
    pub(in crate::http) fn recall(&self, question: &Question<'_>, revision: i64) -> Option<Arc<Kept>> {
        let inner = self.inner.as_ref()?;
        let kept = inner.find(&question.key(), revision, clock::today())?;
        inner.recalled.fetch_add(1, Ordering::Relaxed);
        Some(kept)
    }

    /// Returns the statistics.
    pub fn stats(&self) -> CacheStats {
        self.inner.as_ref().map_or_else(CacheStats::default, |inner| CacheStats {
            hits: inner.hits.load(Ordering::Relaxed),
            recalled: inner.recalled.load(Ordering::Relaxed),
            misses: inner.misses.load(Ordering::Relaxed),
            bytes: inner.answers.weight(),
        })
    }
}

impl Inner {
    /// Returns the answer that is kept under a key for a revision and a day.
    pub(in crate::http) fn find(&self, key: &[u8], revision: i64, day: NaiveDate) -> Option<Arc<Kept>> {
        let kept = self.answers.get(key).filter(|kept| kept.is_of(revision, day))?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(kept)
    }

    /// Counts a request whose answer is not kept.
    pub(in crate::http) fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }
}

impl Kept {
    /// Returns the parts of a response that are kept.
    pub(in crate::http) fn of(
        headers: &HeaderMap,
        body: Bytes,
        route: Option<Arc<str>>,
        (revision, day): (i64, NaiveDate),
    ) -> Self {
        let named = [CONTENT_TYPE, ETAG, LINK];
        let headers = named.into_iter().filter_map(|name| Some((name.clone(), headers.get(&name)?.clone()))).collect();
        Self { revision, day, route, headers, body }
    }

    fn is_of(&self, revision: i64, day: NaiveDate) -> bool {
        self.revision == revision && self.day == day
    }

    fn tag(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| *name == ETAG).and_then(|(_, value)| value.to_str().ok())
    }

    /// Returns the pattern of the route that answered.
    pub(in crate::http) fn route(&self) -> Option<&str> {
        self.route.as_deref()
    }

    /// Makes the answer to a request with these conditions.
    pub(in crate::http) fn response(&self, conditions: &Conditions) -> HttpResponse {
        if let Some(tag) = self.tag().filter(|tag| conditions.has(tag)) {
            return HttpResponse::NotModified().insert_header((ETAG, tag)).finish();
        }
        let mut response = HttpResponse::Ok();
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.body(self.body.clone())
    }
}

/// Everything in a request that a cacheable answer depends on.
pub(in crate::http) struct Question<'a> {
    target: &'a str,
    /// The format is negotiated.
    headers: &'a HeaderMap,
    /// The links in it lead below what a proxy has cut off.
    links: &'a Links,
}

impl<'a> Question<'a> {
    /// Makes the question of a request; `None` where it has no path.
    pub(in crate::http) fn of(head: &'a RequestHead, links: &'a Links) -> Option<Self> {
        Some(Self { target: head.uri.path_and_query()?.as_str(), headers: head.headers(), links })
    }

    pub(in crate::http) fn key(&self) -> Box<[u8]> {
        let prefix = self.links.prefix();
        let mut key = Vec::with_capacity(self.target.len() + prefix.len() + 64);
        key.extend_from_slice(self.target.as_bytes());
        for value in self.headers.get_all(ACCEPT) {
            // No header holds a line feed.
            key.push(b'\n');
            key.extend_from_slice(value.as_bytes());
        }
        // No format begins with a slash.
        key.push(b'\n');
        key.extend_from_slice(prefix.as_bytes());
        key.into_boxed_slice()
    }
}
