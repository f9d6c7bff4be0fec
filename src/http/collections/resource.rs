//! The handlers of a collection, written once for every kind of record: guard, input, one call, answer.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::changes::{self, Entry};
use crate::clock;
use crate::db::{DbConn, ReadClass};
use crate::error::{Defect, Error, Result};
use crate::http::ask::{Ask, value};
use crate::http::collections::list::views;
use crate::http::collections::meant::{accept, suggesting, with_default_code};
use crate::http::middleware::guard::{Viewer, Writer};
use crate::http::middleware::idempotency::{once, whole};
use crate::http::openapi::bodies::{body, whole_from};
use crate::http::request::body;
use crate::http::request::body_fields::Fields;
use crate::http::request::conditional::{Conditions, record_tag, revision_tag};
use crate::http::request::format::Format;
use crate::http::request::links::Links;
use crate::http::request::page::Page;
use crate::http::request::params::{self, HistoryRequest};
use crate::http::response::cached::{CachedResponse, respond};
use crate::http::state::State;
use crate::idempotency::{Done, Reply};
use crate::registry::query::FilterSet;
use crate::registry::{self, Author, Outcome, Resource, Stored, Tx, View};
use crate::values::{ParseError, with_article};

/// `GET /x/{code}`
pub(in crate::http) async fn read<R: Resource>(
    _: Viewer,
    code: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let code = known_code::<R>(&code)?;
    let (shape, as_of) = params::record_shape::<R>(request.query_string())?;
    let conditions = Conditions::of(&request)?;
    state
        .at(as_of.as_ref())
        .await?
        .read(ReadClass::Inline, move |conn, context| {
            let stored = found(context.records().find::<R>(conn, &code)?, &code)?;
            let filter_set = FilterSet::empty(context.day);
            let tag = if shape.is_default() {
                record_tag(&stored, context.day)
            } else {
                revision_tag(context.revision(conn)?, context.day, Format::Json)
            };
            respond(&conditions, tag, |tag| {
                let items = [stored];
                let view = views(conn, &items, &shape, &filter_set)?.pop();
                CachedResponse::json(tag, None, &view)
            })
        })
        .await
        .map(HttpResponse::from)
}

/// Returns the question that [`read`] answers.
///
/// # Errors
/// [`Error::NotFound`] for what cannot be a code; what the parameters say.
pub(in crate::http) fn question<R: Resource>(code: &str, query: &str) -> Result<Ask> {
    let code = known_code::<R>(code)?;
    let (shape, _) = params::record_shape::<R>(query)?;
    Ok(Ask::new(move |conn, context| {
        let items = [found(context.records().find::<R>(conn, &code)?, &code)?];
        let view = views(conn, &items, &shape, &FilterSet::empty(context.day))?.pop();
        value(&view)
    }))
}

/// `POST /x`
pub(in crate::http) async fn create<R: Resource>(
    writer: Writer<R>,
    request: HttpRequest,
    bytes: web::Bytes,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    params::none(request.query_string())?;
    let document = body::read(&request, &bytes, None)?;
    let links = Links::of(&request);
    once(&request, writer.caller(), &bytes, &state, async |once| {
        let sent = document.clone();
        let record: R = accept(&state, with_default_code::<R>(document)).await?;
        let to_keep = links.clone();
        let keep = whole(move |stored| created(stored, &to_keep));
        let done = registry::write_once(&state.db, writer.author(), once, move |tx| create_in(tx, record), keep).await;
        suggesting::<R, _>(&state, &sent, done).await?.try_map(|stored| created(&stored, &links))
    })
    .await
}

/// Creates the record that a document describes.
///
/// # Errors
/// [`Error::Conflict`] when the code is taken; [`Error::Validation`]; what the database says.
pub(crate) async fn created_from<R: Resource>(state: &State, author: Author, document: Value) -> Result<Stored<R>> {
    let sent = document.clone();
    let record: R = accept(state, with_default_code::<R>(document)).await?;
    suggesting::<R, _>(state, &sent, registry::write(&state.db, author, move |tx| create_in(tx, record)).await).await
}

/// Writes a record whose code is free.
fn create_in<R: Resource>(tx: &mut Tx<'_>, record: R) -> Result<Stored<R>> {
    if tx.find::<R>(record.code())?.is_some() {
        let one = with_article(R::SINGULAR);
        let detail = format!("there is {one} ‘{}’ already: choose another code, or change that one", record.code());
        return Err(Error::Conflict(detail));
    }
    tx.put(record, None).map(|(stored, _)| stored)
}

/// `PUT /x/{code}`
pub(in crate::http) async fn replace<R: Resource>(
    writer: Writer<R>,
    code: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    params::none(request.query_string())?;
    let code = known_code::<R>(&code)?;
    let conditions = Conditions::of(&request)?;
    let document = body::read(&request, &bytes, None)?;
    let required = state.require_if_match;
    let check = move |before: Option<&Stored<R>>| conditions.check(before, required);
    let (stored, outcome) = replaced_with::<R>(&state, writer.author(), code, document, check).await?;
    let reply = if outcome == Outcome::Created { created(&stored, &Links::of(&request)) } else { answer(&stored) };
    reply.map(HttpResponse::from)
}

/// Writes the record that a document describes over the one with this code, if `check` accepts what is there.
///
/// # Errors
/// Errors of `check`; [`Error::Validation`]; what the database says.
pub(crate) async fn replaced_with<R: Resource>(
    state: &State,
    author: Author,
    code: String,
    document: Value,
    check: impl FnOnce(Option<&Stored<R>>) -> Result<()> + Send + 'static,
) -> Result<(Stored<R>, Outcome)> {
    let sent = document.clone();
    let record: R = accept(state, with_code(document, &code)?).await?;
    let written = registry::write(&state.db, author, move |tx| {
        let before = tx.find::<R>(&code)?;
        check(before.as_ref())?;
        tx.put(record, before)
    });
    suggesting::<R, _>(state, &sent, written.await).await
}

/// `PATCH /x/{code}`
pub(in crate::http) async fn patch<R: Resource>(
    writer: Writer<R>,
    code: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    params::none(request.query_string())?;
    let code = known_code::<R>(&code)?;
    let conditions = Conditions::of(&request)?;
    let patch = body::read(&request, &bytes, Some("application/merge-patch+json"))?;
    let (required, sent) = (state.require_if_match, patch.clone());
    let written = registry::write(&state.db, writer.author(), move |tx| {
        let before = found(tx.find::<R>(&code)?, &code)?;
        conditions.check(Some(&before), required)?;
        let mut document = serde_json::to_value(&before.record)
            .map_err(|error| Error::internal("a record cannot be written as JSON", error))?;
        crate::values::json::merge_strictly(&mut document, patch);
        let record: R = tx.accept(with_code(document, &code)?)?;
        tx.put(record, Some(before))
    });
    let (stored, _) = suggesting::<R, _>(&state, &sent, written.await).await?;
    answer(&stored).map(HttpResponse::from)
}

/// `DELETE /x/{code}`
pub(in crate::http) async fn delete<R: Resource>(
    writer: Writer<R>,
    code: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    params::none(request.query_string())?;
    let code = known_code::<R>(&code)?;
    let conditions = Conditions::of(&request)?;
    let required = state.require_if_match;
    let check = move |before: &Stored<R>| conditions.check(Some(before), required);
    deleted::<R>(&state, writer.author(), code, check).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes the record with this code, if `check` accepts it.
///
/// # Errors
/// Errors of `check`; [`Error::NotFound`]; [`Error::InUse`]; what the database says.
pub(crate) async fn deleted<R: Resource>(
    state: &State,
    author: Author,
    code: String,
    check: impl FnOnce(&Stored<R>) -> Result<()> + Send + 'static,
) -> Result<()> {
    registry::write(&state.db, author, move |tx| {
        let before = found(tx.find::<R>(&code)?, &code)?;
        check(&before)?;
        tx.delete(&before)
    })
    .await
}

/// `GET /x/{code}/history`
pub(in crate::http) async fn history<R: Resource>(
    _: Viewer,
    code: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let code = known_code::<R>(&code)?;
    let of = format!("history:{}:{code}", R::COLLECTION);
    let wanted = params::history_page(request.query_string(), &of, &state.cursor_signer)?;
    let conditions = Conditions::of(&request)?;
    let path = Links::of(&request).to(request.path());
    state
        .at(wanted.as_of.as_ref())
        .await?
        .log(move |conn, context| {
            let upto = context.revision(conn)?;
            let tag = revision_tag(upto, context.day, Format::Json);
            respond(&conditions, tag, |tag| {
                let page = history_page::<R>(conn, upto, &code, &wanted)?;
                let link = page.next_cursor.as_deref().map(|cursor| wanted.link(&path, cursor));
                CachedResponse::json(tag, link, &page)
            })
        })
        .await
        .map(HttpResponse::from)
}

/// Returns a page of a record's changes up to a revision.
fn history_page<R: Resource>(conn: &mut DbConn, upto: i64, code: &str, wanted: &HistoryRequest) -> Result<Page<Value>> {
    let total = changes::count(conn, R::COLLECTION, code, upto)?;
    if total == 0 {
        return found(None, code);
    }
    let newest = wanted.before.map_or(upto, |before| upto.min(before.saturating_sub(1)));
    let mut items = changes::history(conn, R::COLLECTION, code, newest, wanted.limit + 1)?;
    let more = i64::try_from(items.len()).unwrap_or(i64::MAX) > wanted.limit;
    items.truncate(usize::try_from(wanted.limit).unwrap_or(usize::MAX));
    let next_cursor = items.last().filter(|_| more).map(|entry| wanted.cursor(entry.change.revision));
    let items = items.iter().map(Entry::view).collect::<Result<Vec<_>>>()?;
    Ok(Page { items, total, next_cursor })
}

/// Returns the question that [`history`] answers.
///
/// # Errors
/// As [`question`].
pub(in crate::http) fn history_question<R: Resource>(code: &str, query: &str, state: &State) -> Result<Ask> {
    let code = known_code::<R>(code)?;
    let of = format!("history:{}:{code}", R::COLLECTION);
    let wanted = params::history_page(query, &of, &state.cursor_signer)?;
    Ok(Ask::of_log(move |conn, context| {
        let upto = context.revision(conn)?;
        value(&history_page::<R>(conn, upto, &code, &wanted)?)
    }))
}

/// `POST /x/{code}/restore`
pub(in crate::http) async fn restore<R: Resource>(
    writer: Writer<R>,
    code: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    params::none(request.query_string())?;
    let code = known_code::<R>(&code)?;
    let conditions = Conditions::of(&request)?;
    let revision = restored_version(body::read(&request, &bytes, None)?)?;
    once(&request, writer.caller(), &bytes, &state, async |once| {
        let write = move |tx: &mut Tx<'_>| restore_in::<R>(tx, &code, revision, &conditions);
        let done = registry::write_once(&state.db, writer.author(), once, write, whole(answer)).await?;
        if let Done::Now(stored) = &done {
            let (who, code) = (writer.caller().name(), stored.record.code());
            log::info!(target: "restore", "{who} restored {} {code} to version {revision}", R::COLLECTION);
        }
        done.try_map(|stored| answer(&stored))
    })
    .await
}

/// Writes what a record was at a revision.
fn restore_in<R: Resource>(tx: &mut Tx<'_>, code: &str, revision: i64, conditions: &Conditions) -> Result<Stored<R>> {
    let before = tx.find::<R>(code)?;
    let change = tx.change::<R>(code, revision)?;
    if before.is_none() && change.is_none() && !tx.is_known::<R>(code)? {
        return found(None, code);
    }
    conditions.check(before.as_ref(), false)?;
    let Some(change) = change else {
        let detail = format!("‘{code}’ has no version {revision}; its history lists them");
        return Err(Error::Validation(vec![Defect::pointer("/version", "unknown_version", detail)]));
    };
    tx.restore::<R>(&change, before).map(|(stored, _)| stored)
}

body! {
    /// The version to write again.
    Restore
    required {
        /// A `revision` from the record's history.
        version: whole_from(1),
    }
    optional {}
    example json!({ "version": 42 })
}

fn restored_version(document: Value) -> Result<i64> {
    let mut fields = Fields::read::<Restore>(document)?;
    let version = fields.parsed("version", |value| {
        let version = value.as_i64().filter(|version| *version > 0);
        version.ok_or_else(|| ParseError::new("required", "a version is wanted: a whole number from the history"))
    });
    fields.finish(&[])?;
    version.ok_or_else(|| Error::internal("a version", "no version and no defect"))
}

/// Returns the code in a path, if it can be one.
fn known_code<R: Resource>(code: &str) -> Result<String> {
    if R::is_valid_code(code) { Ok(code.to_owned()) } else { found(None, code) }
}

fn found<T>(record: Option<T>, code: &str) -> Result<T> {
    record.ok_or_else(|| Error::NotFound(format!("there is no {} here", crate::values::quote(code))))
}

/// Returns the document with the code of the path: it may be left out, not be another.
fn with_code(mut document: Value, code: &str) -> Result<Value> {
    if let Value::Object(fields) = &mut document {
        match fields.get("code") {
            None | Some(Value::Null) => {
                fields.insert("code".to_owned(), code.into());
            }
            Some(Value::String(given)) if given == code => {}
            Some(_) => {
                let detail = format!("the code is ‘{code}’, as in the path, and cannot be changed");
                return Err(Error::Validation(vec![Defect::pointer("/code", "immutable", detail)]));
            }
        }
    }
    Ok(document)
}

fn answer<R: Resource>(stored: &Stored<R>) -> Result<Reply> {
    let today = clock::today();
    Ok(Reply::json(StatusCode::OK, &View::full(stored, today))?.tagged(record_tag(stored, today)))
}

fn created<R: Resource>(stored: &Stored<R>, links: &Links) -> Result<Reply> {
    let at = links.to(&format!("/api/v1/{}/{}", R::COLLECTION, stored.record.code()));
    Ok(Reply { status: StatusCode::CREATED.as_u16(), ..answer(stored)? }.at(at))
}
