//! The middleware that answers from the cache, and keeps answers in it.

use std::sync::Arc;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web;
use chrono::NaiveDate;

use crate::clock;
use crate::db::Reading;
use crate::http::request::conditional::Conditions;
use crate::http::request::links::Links;
use crate::http::response::cache::{Cacheable, Inner, Kept, Question};
use crate::http::state::State;

/// Answers from the cache what it holds, and keeps what may be kept. Goes inside [`super::guard::authenticate`]: only a
/// proved caller ever gets here.
///
/// # Errors
/// Errors of the inner service.
pub(in crate::http) async fn cached<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    let Some(lookup) = Lookup::of(&request) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    if let Some(kept) = lookup.cache.find(&lookup.key, lookup.revision, lookup.day) {
        let response = kept.response(&lookup.conditions);
        return Ok(request.into_response(response).map_into_right_body());
    }
    lookup.cache.miss();
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
    state: web::Data<State>,
    reading: Arc<Reading>,
    key: Box<[u8]>,
    conditions: Conditions,
    revision: i64,
    day: NaiveDate,
}

impl Lookup {
    fn of(request: &ServiceRequest) -> Option<Self> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        let state = request.app_data::<web::Data<State>>()?;
        let cache = state.cache.inner.clone()?;
        // A malformed condition is the handler's to refuse.
        let conditions = Conditions::of(request.request()).ok()?;
        let head = request.head();
        let links = Links::of(request.request());
        let key = Question::of(head, &links)?.key();
        let reading = Reading::current()?;
        let revision = reading.known()?;
        Some(Self { cache, state: state.clone(), reading, key, conditions, revision, day: clock::today() })
    }

    /// Keeps a finished answer, if it is of the revision that was looked for: what was read says so itself, or nothing
    /// was committed while it was made.
    async fn keep<B: MessageBody + 'static>(
        self,
        response: ServiceResponse<B>,
    ) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
        let now = match self.reading.oldest() {
            Some(read) => Some(read),
            None => self.state.heads.on_primary(&self.state.db).await,
        };
        let unmoved = now == Some(self.revision) && clock::today() == self.day;
        let (request, response) = response.into_parts();
        let (head, body) = response.into_parts();
        let body = match body.try_into_bytes() {
            Ok(bytes) => {
                if unmoved && bytes.len() <= self.cache.largest {
                    let moment = (self.revision, self.day);
                    let route = request.match_pattern().map(Arc::from);
                    let kept = Kept::of(head.headers(), bytes.clone(), route, moment);
                    self.cache.answers.insert(self.key, Arc::new(kept));
                }
                EitherBody::right(BoxBody::new(bytes))
            }
            Err(body) => EitherBody::left(body),
        };
        Ok(ServiceResponse::new(request, head.set_body(body)))
    }
}
