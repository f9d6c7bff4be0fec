//! The handlers of a collection, written once for every kind of record: guard, input, one call, answer.

use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::answer::Answer;
use super::ask::{Ask, value};
use super::body;
use super::conditional::{Conditions, record_tag, revision_tag};
use super::format::Format;
use super::guard::{Reader, Writer};
use super::links::Links;
use super::list::{Page, list, views};
use super::params::{self, HistoryRequest};
use super::routes::{self, Routes};
use super::state::State;
use crate::changes::{self, Entry};
use crate::clock;
use crate::db::DbConn;
use crate::error::{Defect, Error, Result};
use crate::registry::query::Asked;
use crate::registry::{self, Author, Outcome, Resource, Stored, View};

/// The routes of a kind.
pub(super) fn configure<R: Resource>(paths: &mut Routes<'_>) {
    let path = format!("/{}", R::COLLECTION);
    let one = format!("{path}/{{code}}");
    paths
        .at(&path, [routes::get(list::<R>), routes::post(create::<R>)])
        .at(
            &one,
            [routes::get(read::<R>), routes::put(replace::<R>), routes::patch(patch::<R>), routes::delete(delete::<R>)],
        )
        .at(&format!("{one}/history"), [routes::get(history::<R>)])
        .at(&format!("{one}/restore"), [routes::post(restore::<R>)]);
}

/// `GET /x/{code}`
async fn read<R: Resource>(
    _: Reader,
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
        .read(move |conn, seen| {
            let stored = found(registry::find::<R>(conn, &code)?, &code)?;
            let asked = Asked::nothing(seen.day);
            let tag = if shape.is_default() {
                record_tag(&stored, seen.day)
            } else {
                revision_tag(seen.revision(conn)?, seen.day, Format::Json)
            };
            if conditions.has(&tag) {
                return Ok(Answer::NotModified { tag });
            }
            let items = [stored];
            let view = views(conn, &items, &shape, &asked)?.pop();
            Answer::json(tag, None, &view)
        })
        .await
        .map(HttpResponse::from)
}

/// The question that [`read`] answers.
///
/// # Errors
/// [`Error::NotFound`] for what cannot be a code; what the parameters say.
pub(super) fn question<R: Resource>(code: &str, query: &str) -> Result<Ask> {
    let code = known_code::<R>(code)?;
    let (shape, _) = params::record_shape::<R>(query)?;
    Ok(Ask::new(move |conn, seen| {
        let items = [found(registry::find::<R>(conn, &code)?, &code)?];
        let view = views(conn, &items, &shape, &Asked::nothing(seen.day))?.pop();
        value(&view)
    }))
}

/// `POST /x`
async fn create<R: Resource>(
    writer: Writer<R>,
    request: HttpRequest,
    bytes: web::Bytes,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    params::none(request.query_string())?;
    let document = body::read(&request, &bytes, None)?;
    created_from::<R>(&state, writer.author(), document).await.map(|stored| created(&stored, &Links::of(&request)))
}

/// Creates the record that a document describes.
///
/// # Errors
/// [`Error::Conflict`] when the code is taken; [`Error::Validation`]; what the database says.
pub(crate) async fn created_from<R: Resource>(state: &State, author: Author, mut document: Value) -> Result<Stored<R>> {
    if let Value::Object(fields) = &mut document
        && fields.get("code").is_none_or(Value::is_null)
        && let Some(code) = R::default_code(fields)
    {
        fields.insert("code".to_owned(), code.into());
    }
    let record: R = accept(state, document).await?;
    let (stored, _) = registry::write(&state.db, author, move |tx| {
        if tx.find::<R>(record.code())?.is_some() {
            let detail = format!(
                "there is a {} ‘{}’ already: choose another code, or change that one",
                R::SINGULAR,
                record.code()
            );
            return Err(Error::Conflict(detail));
        }
        tx.put(record, None)
    })
    .await?;
    Ok(stored)
}

/// `PUT /x/{code}`
async fn replace<R: Resource>(
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
    Ok(if outcome == Outcome::Created { created(&stored, &Links::of(&request)) } else { answer(&stored) })
}

/// Writes the record that a document describes over the one with this code, if `check` accepts what is there.
///
/// # Errors
/// What `check` says; [`Error::Validation`]; what the database says.
pub(crate) async fn replaced_with<R: Resource>(
    state: &State,
    author: Author,
    code: String,
    document: Value,
    check: impl FnOnce(Option<&Stored<R>>) -> Result<()> + Send + 'static,
) -> Result<(Stored<R>, Outcome)> {
    let record: R = accept(state, with_code(document, &code)?).await?;
    registry::write(&state.db, author, move |tx| {
        let before = tx.find::<R>(&code)?;
        check(before.as_ref())?;
        tx.put(record, before)
    })
    .await
}

/// `PATCH /x/{code}`
async fn patch<R: Resource>(
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
    let required = state.require_if_match;
    let (stored, _) = registry::write(&state.db, writer.author(), move |tx| {
        let before = found(tx.find::<R>(&code)?, &code)?;
        conditions.check(Some(&before), required)?;
        let mut document = serde_json::to_value(&before.record)
            .map_err(|error| Error::internal("a record cannot be written as JSON", error))?;
        crate::values::json::merge(&mut document, patch);
        let record: R = tx.accept(with_code(document, &code)?)?;
        tx.put(record, Some(before))
    })
    .await?;
    Ok(answer(&stored))
}

/// `DELETE /x/{code}`
async fn delete<R: Resource>(
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
/// What `check` says; [`Error::NotFound`]; [`Error::InUse`]; what the database says.
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
async fn history<R: Resource>(
    _: Reader,
    code: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let code = known_code::<R>(&code)?;
    let of = format!("history:{}:{code}", R::COLLECTION);
    let asked = params::history_page(request.query_string(), &of, &state.sealer)?;
    let conditions = Conditions::of(&request)?;
    let path = Links::of(&request).to(request.path());
    state
        .at(asked.as_of.as_ref())
        .await?
        .log(move |conn, seen| {
            let upto = seen.revision(conn)?;
            let tag = revision_tag(upto, seen.day, Format::Json);
            if conditions.has(&tag) {
                return Ok(Answer::NotModified { tag });
            }
            let page = history_page::<R>(conn, upto, &code, &asked)?;
            let link = page.next_cursor.as_deref().map(|cursor| asked.link(&path, cursor));
            Answer::json(tag, link, &page)
        })
        .await
        .map(HttpResponse::from)
}

/// A page of a record's changes up to a revision.
fn history_page<R: Resource>(conn: &mut DbConn, upto: i64, code: &str, asked: &HistoryRequest) -> Result<Page<Value>> {
    let total = changes::count(conn, R::COLLECTION, code, upto)?;
    if total == 0 {
        return found(None, code);
    }
    let newest = asked.before.map_or(upto, |before| upto.min(before.saturating_sub(1)));
    let mut items = changes::history(conn, R::COLLECTION, code, newest, asked.limit + 1)?;
    let more = i64::try_from(items.len()).unwrap_or(i64::MAX) > asked.limit;
    items.truncate(usize::try_from(asked.limit).unwrap_or(usize::MAX));
    let next_cursor = items.last().filter(|_| more).map(|entry| asked.cursor(entry.change.revision));
    let items = items.iter().map(Entry::view).collect::<Result<Vec<_>>>()?;
    Ok(Page { items, total, next_cursor })
}

/// The question that [`history`] answers.
///
/// # Errors
/// As [`question`].
pub(super) fn history_question<R: Resource>(code: &str, query: &str, state: &State) -> Result<Ask> {
    let code = known_code::<R>(code)?;
    let of = format!("history:{}:{code}", R::COLLECTION);
    let asked = params::history_page(query, &of, &state.sealer)?;
    Ok(Ask::of_log(move |conn, seen| {
        let upto = seen.revision(conn)?;
        value(&history_page::<R>(conn, upto, &code, &asked)?)
    }))
}

/// `POST /x/{code}/restore`
async fn restore<R: Resource>(
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
    let (stored, _) = registry::write(&state.db, writer.author(), move |tx| {
        let before = tx.find::<R>(&code)?;
        let change = tx.change::<R>(&code, revision)?;
        if before.is_none() && change.is_none() && !tx.is_known::<R>(&code)? {
            return found(None, &code);
        }
        conditions.check(before.as_ref(), false)?;
        let Some(change) = change else {
            let detail = format!("‘{code}’ has no version {revision}; its history lists them");
            return Err(Error::Validation(vec![Defect::pointer("/version", "unknown_version", detail)]));
        };
        tx.restore::<R>(&change, before)
    })
    .await?;
    let (who, code) = (writer.caller().name(), stored.record.code());
    log::info!(target: "restore", "{who} restored {} {code} to version {revision}", R::COLLECTION);
    Ok(answer(&stored))
}

fn restored_version(document: Value) -> Result<i64> {
    let mut defects = Vec::new();
    let version = match &document {
        Value::Object(fields) => {
            for name in fields.keys().filter(|name| *name != "version") {
                defects.push(Defect::pointer(
                    format!("/{name}"),
                    "unknown_field",
                    "there is no such field; the field is version",
                ));
            }
            fields.get("version").and_then(Value::as_i64).filter(|version| *version > 0)
        }
        _ => None,
    };
    if version.is_none() {
        defects.push(Defect::pointer("/version", "required", "a version is wanted: a whole number from the history"));
    }
    match version {
        Some(version) if defects.is_empty() => Ok(version),
        _ => Err(Error::Validation(defects)),
    }
}

/// Reads a record outside the writer; one that is refused costs a read to name its dangling references, too.
async fn accept<R: Resource>(state: &State, document: Value) -> Result<R> {
    match registry::decode::<R>(document.clone()) {
        Err(Error::Validation(_)) => state.db.read(move |conn| registry::accept(conn, document)).await,
        decoded => decoded,
    }
}

/// The code in a path, if it can be one.
fn known_code<R: Resource>(code: &str) -> Result<String> {
    if R::is_code(code) { Ok(code.to_owned()) } else { found(None, code) }
}

fn found<T>(record: Option<T>, code: &str) -> Result<T> {
    record.ok_or_else(|| Error::NotFound(format!("there is no {} here", crate::values::quote(code))))
}

/// The document with the code of the path: it may be left out, not be another.
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

fn answer<R: Resource>(stored: &Stored<R>) -> HttpResponse {
    let today = clock::today();
    HttpResponse::Ok().insert_header((ETAG, record_tag(stored, today))).json(View::full(stored, today))
}

fn created<R: Resource>(stored: &Stored<R>, links: &Links) -> HttpResponse {
    let today = clock::today();
    HttpResponse::Created()
        .insert_header((LOCATION, links.to(&format!("/api/v1/{}/{}", R::COLLECTION, stored.record.code()))))
        .insert_header((ETAG, record_tag(stored, today)))
        .json(View::full(stored, today))
}
