//! The feed of changes, and the head of the log.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use crate::changes::{self, Entry};
use crate::clock;
use crate::db::{ReadClass, Reading};
use crate::error::{Error, Result};
use crate::http::middleware::guard::Viewer;
use crate::http::request::change_filter::{beyond_head, filter, finish, revision};
use crate::http::request::conditional::{Conditions, revision_tag};
use crate::http::request::format::Format;
use crate::http::request::params;
use crate::http::request::query::Query;
use crate::http::response::cached::{CachedResponse, respond};
use crate::http::state::State;

/// `GET /changes`
pub(in crate::http) async fn list(_: Viewer, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let mut query = Query::parse(request.query_string())?;
    let filter = filter(&mut query)?;
    let since = query.take("since").map_or(Ok(0), |text| revision("since", &text))?;
    let limit = params::limit(&mut query)?;
    finish(query, &["since", "limit"])?;
    let conditions = Conditions::of(&request)?;
    // A replica that is behind a follower must not answer that the follower's revision does not exist.
    Reading::require(since);
    state
        .at(None)
        .await?
        .read(ReadClass::Pooled, move |conn, context| {
            let head = context.revision(conn)?;
            if let Some(detail) = beyond_head(since, head) {
                return Err(Error::bad_parameter("since", "beyond_head", detail));
            }
            let tag = revision_tag(head, clock::today(), Format::Json);
            respond(&conditions, tag, |tag| {
                let page = changes::page(conn, &filter, since, limit)?;
                let items = page.items.iter().map(Entry::view).collect::<Result<Vec<_>>>()?;
                CachedResponse::json(tag, None, &json!({ "items": items, "last": page.last }))
            })
        })
        .await
        .map(HttpResponse::from)
}

/// `GET /changes/head`
pub(in crate::http) async fn head(_: Viewer, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    params::none(request.query_string())?;
    let conditions = Conditions::of(&request)?;
    state
        .at(None)
        .await?
        .read(ReadClass::Inline, move |conn, _| {
            let head = changes::head(conn)?;
            let tag = revision_tag(head.revision, clock::today(), Format::Json);
            respond(&conditions, tag, |tag| {
                let at = Some(head.at).filter(|at| !at.is_empty());
                CachedResponse::json(tag, None, &json!({ "revision": head.revision, "hash": head.hash, "at": at }))
            })
        })
        .await
        .map(HttpResponse::from)
}
