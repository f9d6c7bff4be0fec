//! Errors as pages, for browsers: in the reader's language, with what to do next.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest};
use askama::Template;

use super::frame::{Context, rendered};
use super::page::Page;
use super::post::Refused;
use super::texts::Texts;
use super::visit::Visit;
use crate::error::Error;
use crate::http::{RequestId, log_internal};

/// The paths for programs: their errors are problems.
const NOT_PAGES: [&str; 7] =
    ["/api/", "/docs", "/openapi.json", "/health/", "/problems", "/.well-known/", "/subscriptions/"];

/// Middleware that makes a page of an error that a browser is answered with.
///
/// # Errors
/// Errors of the inner service.
pub async fn as_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let wanted = !NOT_PAGES.iter().any(|path| request.path().starts_with(path)) && accepts_html(request.headers());
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let is_html = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !wanted || !failed || is_html {
        return Ok(response);
    }
    let error = response.response().error().and_then(|error| error.as_error::<Error>());
    if let (Some(error), Some(id)) = (error, response.request().extensions().get::<RequestId>()) {
        log_internal(error, id);
    }
    let refused = response.response().error().and_then(|error| error.as_error::<Refused>()).copied();
    let mut page = error_page(response.request(), status, error, refused);
    for name in [ALLOW, RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    Ok(response.into_response(page))
}

/// Tells whether a client names HTML among what it accepts, as browsers do.
fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).any(|value| value.to_str().is_ok_and(|text| text.contains("text/html")))
}

#[derive(Template)]
#[template(path = "error.html", config = "src/pages/askama.toml")]
struct Sorry {
    t: Texts,
    title: String,
    about: String,
    detail: Option<String>,
    request_id: String,
    home: String,
}

fn error_page(
    request: &HttpRequest,
    status: StatusCode,
    error: Option<&Error>,
    refused: Option<Refused>,
) -> actix_web::HttpResponse {
    let visit = request.extensions().get::<Visit>().cloned();
    let context = Context::lenient(request, visit);
    let t = context.t;
    let key = match (refused, status.as_u16()) {
        (Some(Refused::Foreign), _) => "error-foreign",
        (Some(Refused::Stale), _) => "error-stale",
        (Some(Refused::Unreadable), _) | (_, 400 | 422) => "error-400",
        (_, 401) => "error-401",
        (_, 403) => "error-403",
        (_, 404) => "error-404",
        (_, 405) => "error-405",
        (_, 413 | 414) => "error-413",
        (_, 429) => "error-429",
        (_, 503 | 507) => "error-503",
        _ => "error-500",
    };
    // The API says in English what a parameter should have been.
    let detail = match error {
        Some(Error::BadRequest { detail, .. }) => Some(detail.clone()),
        Some(error @ Error::Validation(_)) => Some(error.to_string()),
        _ => None,
    };
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let about = match error {
        Some(Error::TooManyRequests { retry_after }) => {
            let minutes = i64::try_from(retry_after.div_ceil(60)).unwrap_or(i64::MAX);
            t.n("error-429-about", minutes)
        }
        _ => t.get(&format!("{key}-about")),
    };
    let title = t.get(key);
    let sorry = Sorry { t, title: title.clone(), about, detail, request_id, home: context.links.to("/") };
    match rendered(&sorry) {
        Ok(main) => Page::new(title, main).status(status).answer(&context),
        Err(_) => actix_web::HttpResponse::build(status).finish(),
    }
}
