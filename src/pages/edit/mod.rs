//! Editing: one form for every kind of record, made from its declaration. All defects are shown beside their fields,
//! what was typed is kept, and of two who edit at once neither overwrites what the other did.

mod conflict;
mod delete;
mod desk;
mod document;
mod form;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::{Map, Value};

use super::frame::rendered;
use super::kinds::KindView;
use super::links::collection;
use super::page::Page;
use super::post::Post;
use super::reading::{Answers, Nth, Reading};
use super::texts::Texts;
use super::visit::Visit;
use crate::error::{Error, Result};
use crate::http::{State, created_from, replaced_with};
use crate::registry::{Resource, Stored};
use conflict::Clash;
use desk::{Desk, VERSION, desk, same_version};
use form::{Choices, Input, Shown};

pub(super) use delete::{delete, page as delete_page};

#[derive(Template)]
#[template(path = "edit.html", config = "src/pages/askama.toml")]
struct Edit {
    t: Texts,
    title: String,
    action: String,
    back: String,
    form_token: String,
    version: Option<i64>,
    wrong: Option<String>,
    general: Vec<String>,
    clashes: Vec<Clash>,
    inputs: Vec<Input>,
    choices: Vec<Choices>,
    delete: Option<String>,
}

/// `GET /{collection}/new`
pub(super) async fn new<R: Resource>(
    visit: Visit,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let desk = desk::<R>(visit, None, &request, &state)?;
    // A form may be begun from another record: `/reviews/new?project=trishna`.
    let given = desk.context.params.pairs().into_iter();
    let fields = given.filter(|(name, _)| desk.kind.field(name).is_some());
    let document = document::of(desk.kind, fields);
    desk.show(Shown { document, ..Shown::default() }).await
}

/// `POST /{collection}/new`
pub(super) async fn create<R: Resource>(
    visit: Visit,
    request: HttpRequest,
    state: web::Data<State>,
    post: Post,
) -> Result<HttpResponse> {
    let desk = desk::<R>(visit, None, &request, &state)?;
    let document = document::of(desk.kind, post.fields());
    match created_from::<R>(&state, desk.visit.author(), Value::Object(document.clone())).await {
        Ok(stored) => Ok(desk.saved(stored.record.code())),
        Err(error) => desk.refused(document, None, error).await,
    }
}

/// `GET /{collection}/{code}/edit`
pub(super) async fn page<R: Resource>(
    visit: Visit,
    code: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let desk = desk::<R>(visit, Some(&code), &request, &state)?;
    let (document, version) = desk.current().await?;
    desk.show(Shown { document, version: Some(version), ..Shown::default() }).await
}

/// `POST /{collection}/{code}/edit`
pub(super) async fn save<R: Resource>(
    visit: Visit,
    code: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
    post: Post,
) -> Result<HttpResponse> {
    let desk = desk::<R>(visit, Some(&code), &request, &state)?;
    let version: Option<i64> = post.get(VERSION).and_then(|text| text.parse().ok());
    let mut document = document::of(desk.kind, post.fields());
    document.insert("code".to_owned(), code.as_str().into());
    let expected = version.unwrap_or_default();
    let check = move |before: Option<&Stored<R>>| match before {
        Some(stored) => same_version(stored.version, expected),
        None => Err(Error::NotFound("there is no such record".to_owned())),
    };
    let body = Value::Object(document.clone());
    match replaced_with::<R>(&state, desk.visit.author(), code.clone(), body, check).await {
        Ok(_) => Ok(desk.saved(&code)),
        Err(Error::PreconditionFailed { .. }) => desk.conflict(document, expected).await,
        Err(error) => desk.refused(document, version, error).await,
    }
}

impl Desk<'_> {
    fn path(&self) -> String {
        let list = collection(self.kind.collection);
        match &self.code {
            Some(code) => format!("{list}/{code}"),
            None => list,
        }
    }

    /// Back to the record, which shows what was saved.
    fn saved(&self, code: &str) -> HttpResponse {
        let target = self.context.links.record(self.kind.collection, code);
        HttpResponse::SeeOther().insert_header((LOCATION, target)).finish()
    }

    /// Returns the record as it is now: what is written of it, and its version.
    async fn current(&self) -> Result<(Map<String, Value>, i64)> {
        let mut reading = Reading::new(self.state, None);
        let code = self.code.as_deref().unwrap_or_default();
        let nth = reading.ask(&format!("/{}/{code}", self.kind.collection), "")?;
        let answers = reading.run().await?;
        Ok(written(self.kind, answers.of(nth)))
    }

    /// Shows the form again, with its defects. An error that is no defect of the form is returned.
    async fn refused(&self, document: Map<String, Value>, version: Option<i64>, error: Error) -> Result<HttpResponse> {
        let (status, defects) = match error {
            Error::Validation(defects) => (StatusCode::UNPROCESSABLE_ENTITY, defects),
            Error::Conflict(detail) => {
                (StatusCode::CONFLICT, vec![crate::error::Defect::pointer("/code", "code_taken", detail)])
            }
            other => return Err(other),
        };
        self.show(Shown { document, version, status: Some(status), defects, clashes: Vec::new() }).await
    }

    /// Shows the form again, with the changes of the other editor in the fields that this one did not change.
    async fn conflict(&self, yours: Map<String, Value>, version: i64) -> Result<HttpResponse> {
        let mut reading = Reading::new(self.state, None);
        let code = self.code.as_deref().unwrap_or_default();
        let path = format!("/{}/{code}", self.kind.collection);
        let record = reading.ask(&path, "")?;
        let history = reading.ask(&format!("{path}/history"), "limit=200")?;
        let answers = reading.run().await?;
        let (now, current) = written(self.kind, answers.of(record));
        let was = answers
            .items(history)
            .iter()
            .find(|change| change.get("revision").and_then(Value::as_i64) == Some(version))
            .and_then(|change| change.get("document")?.as_object().cloned())
            .unwrap_or_default();
        let clashes = conflict::clashes(&self.context, self.kind, &was, &now, &yours);
        let document = conflict::merged(self.kind, &was, &now, &yours);
        let status = Some(StatusCode::CONFLICT);
        self.show(Shown { document, version: Some(current), status, defects: Vec::new(), clashes }).await
    }

    async fn show(&self, shown: Shown) -> Result<HttpResponse> {
        let mut reading = Reading::new(self.state, None);
        let wanted = form::references(self.kind);
        let mut asked: Vec<(&'static str, Nth)> = Vec::new();
        for other in wanted {
            asked.push((other, reading.ask(&format!("/{other}"), "limit=200")?));
        }
        let answers: Answers = reading.run().await?;
        let t = self.context.t;
        let choices: Vec<Choices> =
            asked.into_iter().map(|(other, nth)| form::choices(t, other, answers.items(nth))).collect();
        let (inputs, general) = form::inputs(t, self.kind, &shown, &choices, self.code.is_some());
        let kind = t.get(&format!("one-{}", self.kind.collection));
        let (key, action) = match &self.code {
            Some(_) => ("edit-title", format!("{}/edit", self.path())),
            None => ("edit-new", format!("{}/new", self.path())),
        };
        let title = match &self.code {
            Some(_) => t.with(
                key,
                &[("kind", &kind), ("name", &super::cells::title(t, &Value::Object(shown.document.clone())))],
                &[],
            ),
            None => t.s(key, &kind),
        };
        let links = &self.context.links;
        let view = Edit {
            t,
            title: title.clone(),
            action: links.to(&action),
            back: links.to(&self.path()),
            form_token: self.visit.form_token(),
            version: shown.version,
            wrong: (!shown.defects.is_empty())
                .then(|| t.n("edit-wrong", i64::try_from(shown.defects.len()).unwrap_or(i64::MAX))),
            general,
            clashes: shown.clashes,
            inputs,
            choices,
            delete: self.code.as_ref().map(|_| links.to(&format!("{}/delete", self.path()))),
        };
        let main = rendered(&view)?;
        Ok(Page::new(title, main).status(shown.status.unwrap_or(StatusCode::OK)).answer(&self.context))
    }
}

/// Takes the written fields, and the version, out of a record that the API shows.
fn written(kind: &KindView, record: &Value) -> (Map<String, Value>, i64) {
    let fields = record.as_object().cloned().unwrap_or_default();
    let version = fields.get(VERSION).and_then(Value::as_i64).unwrap_or_default();
    let kept = fields.into_iter().filter(|(name, _)| kind.field(name).is_some_and(|field| !field.derived));
    (kept.collect(), version)
}
