//! The answer cache: finished answers to `GET` requests, served again while the registry stays at their revision.
//!
//! A cached answer is looked up before its query string is parsed and before any SQL, but after the caller is
//! authenticated. Only answers that are the same for every caller get in: a handler marks them by answering through
//! [`super::answer::Answer`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, LINK};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::conditional::Conditions;
use super::links::Links;
use super::state::State;
use crate::changes;
use crate::clock;
use crate::db::Db;

/// The mark of an answer that depends on nothing but its request, the registry and the day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cacheable;

/// Finished answers, bounded in bytes. Cheap to clone.
#[derive(Clone)]
pub struct AnswerCache {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    answers: Cache<Box<[u8]>, Arc<Kept>, Weight>,
    /// The largest answer that is kept: one alone must not push everything else out.
    largest: usize,
    known: Mutex<Known>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// The last revision, and the generation of the database in which it was read.
#[derive(Clone, Copy, Default)]
struct Known {
    generation: u64,
    revision: i64,
}

/// A finished answer, and when it holds.
struct Kept {
    revision: i64,
    day: NaiveDate,
    /// `Content-Type`, `ETag` and `Link`.
    headers: Vec<(actix_web::http::header::HeaderName, HeaderValue)>,
    body: Bytes,
}

#[derive(Clone)]
struct Weight;

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

/// How the cache has done since the service started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Requests that were answered from the cache.
    pub hits: u64,
    /// Requests that could have been, and were not.
    pub misses: u64,
    /// Bytes that are kept now, about.
    pub bytes: u64,
}

impl AnswerCache {
    /// A cache of at most so many bytes; 0 turns it off.
    pub fn new(bytes: u64) -> Self {
        let inner = (bytes > 0).then(|| {
            let entries = usize::try_from(bytes / ORDINARY).unwrap_or(usize::MAX).max(1);
            Arc::new(Inner {
                answers: Cache::with_weighter(entries, bytes, Weight),
                largest: usize::try_from(bytes / 8).unwrap_or(usize::MAX),
                known: Mutex::default(),
                hits: AtomicU64::new(0),
                misses: AtomicU64::new(0),
            })
        });
        Self { inner }
    }

    /// How it has done.
    pub fn stats(&self) -> CacheStats {
        self.inner.as_ref().map_or_else(CacheStats::default, |inner| CacheStats {
            hits: inner.hits.load(Ordering::Relaxed),
            misses: inner.misses.load(Ordering::Relaxed),
            bytes: inner.answers.weight(),
        })
    }
}

impl Inner {
    /// The revision that the registry is at; `None` when the database does not answer.
    async fn revision(&self, db: &Db) -> Option<i64> {
        // The generation first: a commit in between moves it, so that the revision is read again.
        let generation = db.log_generation().ok()?;
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.generation == generation {
            return Some(known.revision);
        }
        let revision = db.read(changes::revision).await.ok()?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Another request may have read a later one meanwhile.
        if generation > known.generation {
            *known = Known { generation, revision };
        }
        Some(revision)
    }

    fn find(&self, key: &[u8], revision: i64, day: NaiveDate) -> Option<Arc<Kept>> {
        let kept = self.answers.get(key).filter(|kept| kept.revision == revision && kept.day == day);
        let counter = if kept.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        kept
    }
}

impl Kept {
    /// The parts of a response that are kept.
    fn of(headers: &HeaderMap, body: Bytes, revision: i64, day: NaiveDate) -> Self {
        let named = [CONTENT_TYPE, ETAG, LINK];
        let headers = named.into_iter().filter_map(|name| Some((name.clone(), headers.get(&name)?.clone()))).collect();
        Self { revision, day, headers, body }
    }

    fn tag(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| *name == ETAG).and_then(|(_, value)| value.to_str().ok())
    }

    fn response(&self, conditions: &Conditions) -> HttpResponse {
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

/// Answers from the cache what it holds, and keeps what may be kept. Goes inside [`super::guard::authenticate`]: only a
/// proved caller ever gets here.
///
/// # Errors
/// What the inner service says.
pub(super) async fn cached<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    let Some(lookup) = Lookup::of(&request).await else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    if let Some(kept) = lookup.cache.find(&lookup.key, lookup.revision, lookup.day) {
        let response = kept.response(&lookup.conditions);
        return Ok(request.into_response(response).map_into_right_body());
    }
    let response = next.call(request).await?;
    let marked = response.status() == StatusCode::OK && response.response().extensions().get::<Cacheable>().is_some();
    if !marked {
        return Ok(response.map_into_left_body());
    }
    lookup.keep(response).await
}

/// A request that the cache may answer.
struct Lookup {
    cache: Arc<Inner>,
    db: Db,
    key: Box<[u8]>,
    conditions: Conditions,
    revision: i64,
    day: NaiveDate,
}

impl Lookup {
    async fn of(request: &ServiceRequest) -> Option<Self> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        let state = request.app_data::<web::Data<State>>()?;
        let cache = state.cache.inner.clone()?;
        // A malformed condition is the handler's to refuse.
        let conditions = Conditions::of(request.request()).ok()?;
        let key = key(request)?;
        let revision = cache.revision(&state.db).await?;
        Some(Self { cache, db: state.db.clone(), key, conditions, revision, day: clock::today() })
    }

    /// Keeps a finished answer, if nothing was committed while it was made.
    async fn keep<B: MessageBody + 'static>(
        self,
        response: ServiceResponse<B>,
    ) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
        let unmoved = self.cache.revision(&self.db).await == Some(self.revision) && clock::today() == self.day;
        let (request, response) = response.into_parts();
        let (head, body) = response.into_parts();
        let body = match body.try_into_bytes() {
            Ok(bytes) => {
                if unmoved && bytes.len() <= self.cache.largest {
                    let kept = Kept::of(head.headers(), bytes.clone(), self.revision, self.day);
                    self.cache.answers.insert(self.key, Arc::new(kept));
                }
                EitherBody::right(BoxBody::new(bytes))
            }
            Err(body) => EitherBody::left(body),
        };
        Ok(ServiceResponse::new(request, head.set_body(body)))
    }
}

/// Everything in a request that a cacheable answer depends on: the target, the format that is negotiated, and where the
/// service is for the client.
fn key(request: &ServiceRequest) -> Option<Box<[u8]>> {
    let target = request.uri().path_and_query()?.as_str();
    let mut key = Vec::with_capacity(target.len() + 32);
    key.extend_from_slice(target.as_bytes());
    for value in request.headers().get_all(ACCEPT) {
        // No header holds a line feed.
        key.push(b'\n');
        key.extend_from_slice(value.as_bytes());
    }
    // The links in it lead below what a proxy has cut off. No format begins with a slash.
    key.push(b'\n');
    key.extend_from_slice(Links::of(request.request()).prefix().as_bytes());
    Some(key.into_boxed_slice())
}
