//! The feed of changes, and the head of the log.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::answer::Answer;
use super::conditional::{Conditions, revision_tag};
use super::format::Format;
use super::guard::Reader;
use super::params;
use super::query::Query;
use super::routes::{self, Routes};
use super::state::State;
use crate::changes::{self, Action, Entry, Filter};
use crate::clock;
use crate::error::{Error, Result};
use crate::registry::Kind;
use crate::values::Parsed as _;

/// The parameters that choose changes.
const FILTERS: [&str; 5] = ["resource", "key", "actor", "batch", "action"];

/// The routes.
pub(super) fn configure(paths: &mut Routes<'_>) {
    paths.at("/changes", [routes::get(list)]).at("/changes/head", [routes::get(head)]);
}

/// `GET /changes`
async fn list(_: Reader, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let mut query = Query::parse(request.query_string())?;
    let filter = filter(&mut query)?;
    let since = query.take("since").map_or(Ok(0), |text| revision("since", &text))?;
    let limit = params::limit(&mut query)?;
    finish(query, &["since", "limit"])?;
    let conditions = Conditions::of(&request)?;
    state
        .db
        .query(move |conn| {
            let head = changes::revision(conn)?;
            if let Some(detail) = beyond_head(since, head) {
                return Err(Error::bad_parameter("since", "beyond_head", detail));
            }
            let tag = revision_tag(head, clock::today(), Format::Json);
            if conditions.has(&tag) {
                return Ok(Answer::NotModified { tag });
            }
            let page = changes::page(conn, &filter, since, limit)?;
            let items = page.items.iter().map(Entry::view).collect::<Result<Vec<_>>>()?;
            Answer::json(tag, None, &json!({ "items": items, "last": page.last }))
        })
        .await
        .map(HttpResponse::from)
}

/// `GET /changes/head`
async fn head(_: Reader, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    params::none(request.query_string())?;
    let conditions = Conditions::of(&request)?;
    state
        .db
        .read(move |conn| {
            let head = changes::head(conn)?;
            let tag = revision_tag(head.revision, clock::today(), Format::Json);
            if conditions.has(&tag) {
                return Ok(Answer::NotModified { tag });
            }
            let at = Some(head.at).filter(|at| !at.is_empty());
            Answer::json(tag, None, &json!({ "revision": head.revision, "hash": head.hash, "at": at }))
        })
        .await
        .map(HttpResponse::from)
}

/// Takes the parameters that choose changes.
pub(super) fn filter(query: &mut Query) -> Result<Filter> {
    let collections = || Kind::all().into_iter().map(|kind| kind.collection.to_owned());
    let key = query.take("key");
    let resources = match query.take("resource") {
        Some(wanted) if !collections().any(|one| one == wanted) => {
            let valid: Vec<_> = collections().collect();
            let detail = format!("{} is none of {}", crate::values::quote(&wanted), valid.join(", "));
            return Err(Error::bad_parameter("resource", "unknown_value", detail));
        }
        Some(wanted) => vec![wanted],
        // The index of records begins with the collection.
        None if key.is_some() => collections().collect(),
        None => Vec::new(),
    };
    let action = query
        .take("action")
        .map(|text| Action::parse(&text).map_err(|reason| Error::bad_parameter("action", reason.code, reason.detail)));
    Ok(Filter { resources, key, actor: query.take("actor"), batch: query.take("batch"), action: action.transpose()? })
}

/// Refuses what has not been taken; `more` are parameters beside those that choose changes.
pub(super) fn finish(query: Query, more: &[&str]) -> Result<()> {
    let valid: Vec<&str> = FILTERS.iter().chain(more).copied().collect();
    query.finish(&valid)
}

/// Says that the log does not have the revision that a follower has seen: it must learn that it knows more than there
/// is, as after a backup was restored. `None` where it has.
pub(super) fn beyond_head(since: i64, head: i64) -> Option<String> {
    (since > head).then(|| {
        format!(
            "{since} is beyond the head of the log, which is {head}: an older state of the registry may have been \
             restored; read it afresh from there"
        )
    })
}

/// A revision: 0 stands for the beginning of the log.
pub(super) fn revision(parameter: &str, text: &str) -> Result<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        let detail = format!("{} is not a revision: a whole number from 0", crate::values::quote(text));
        Error::bad_parameter(parameter, "out_of_range", detail)
    })
}
