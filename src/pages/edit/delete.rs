//! Deleting: asked once more, with the names of what refers to the record where something does.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::Value;

use super::desk::{Desk, VERSION, desk, same_version};
use crate::error::{Error, Referrer, Result};
use crate::http::{State, deleted};
use crate::pages::cells::{Part, title};
use crate::pages::frame::rendered;
use crate::pages::links::collection;
use crate::pages::page::Page;
use crate::pages::post::Post;
use crate::pages::texts::Texts;
use crate::pages::visit::Visit;
use crate::registry::{Resource, Stored};

#[derive(Template)]
#[template(path = "delete.html", config = "src/pages/askama.toml")]
struct Delete {
    t: Texts,
    title: String,
    action: String,
    back: String,
    form_token: String,
    version: i64,
    changed: bool,
    referrers: Vec<Part>,
}

/// `GET /{collection}/{code}/delete`
pub(in crate::pages) async fn page<R: Resource>(
    visit: Visit,
    code: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let desk = desk::<R>(visit, Some(&code), &request, &state)?;
    desk.ask(StatusCode::OK, false, &[]).await
}

/// `POST /{collection}/{code}/delete`
pub(in crate::pages) async fn delete<R: Resource>(
    visit: Visit,
    code: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
    post: Post,
) -> Result<HttpResponse> {
    let desk = desk::<R>(visit, Some(&code), &request, &state)?;
    let expected: i64 = post.get(VERSION).and_then(|text| text.parse().ok()).unwrap_or_default();
    let check = move |before: &Stored<R>| same_version(before.version, expected);
    match deleted::<R>(&state, desk.visit.author(), code.clone(), check).await {
        Ok(()) => {
            let target = desk.context.links.to(&collection(R::COLLECTION));
            Ok(HttpResponse::SeeOther().insert_header((LOCATION, target)).finish())
        }
        Err(Error::PreconditionFailed { .. }) => desk.ask(StatusCode::CONFLICT, true, &[]).await,
        Err(Error::InUse { referrers, .. }) => desk.ask(StatusCode::CONFLICT, false, &referrers).await,
        Err(error) => Err(error),
    }
}

impl Desk<'_> {
    async fn ask(&self, status: StatusCode, changed: bool, referrers: &[Referrer]) -> Result<HttpResponse> {
        let (document, version) = self.current().await?;
        let t = self.context.t;
        let links = &self.context.links;
        let referrer = |referrer: &Referrer| Part {
            note: Some(t.get(&format!("one-{}", referrer.collection))),
            ..Part::link(referrer.code.clone(), links.record(referrer.collection, &referrer.code))
        };
        let view = Delete {
            t,
            title: t.s("delete-title", title(t, &Value::Object(document))),
            action: links.to(&format!("{}/delete", self.path())),
            back: links.to(&self.path()),
            form_token: self.visit.form_token(),
            version,
            changed,
            referrers: referrers.iter().map(referrer).collect(),
        };
        let main = rendered(&view)?;
        Ok(Page::new(view.title, main).status(status).answer(&self.context))
    }
}
