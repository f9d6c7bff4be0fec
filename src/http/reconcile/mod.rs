//! `/reconcile/{collection}`: names that people have written, matched to records, for OpenRefine and its like: the
//! Reconciliation Service API 0.2 of the W3C Entity Reconciliation Community Group, with suggestions, previews and data
//! extension. [`crate::registry::resolve`] finds.
//!
//! OpenRefine sends no token. For it a subscription to `/reconcile/nations` has an address with a secret of its own,
//! below `/subscriptions/`, where the same is answered. Pages of any web origin may call it: the address is all that is
//! asked for.

mod about;
mod answer;
mod describe;
mod extension;
pub(super) mod matching;
mod preview;
mod service;

use actix_web::http::Method;
use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};

use crate::error::{Error, Result};
use crate::http::middleware::guard::{self, Viewer};
use crate::http::openapi::described::Describe;
use crate::http::request::body;
use crate::http::request::client_address::client_address;
use crate::http::request::links::Links;
use crate::http::routes::{self, MethodHandler, RouteInfo, Routes};
use crate::http::state::State;
use crate::http::system::fallback;
use about::PATH;
use answer::Answer;
use describe::{ByAddress, WithToken};
use service::Service;

pub(super) use about::COLLECTIONS;
pub use matching::KnownNames;

/// The part of a service that a request is for.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// The manifest, a batch of names, or data of records.
    Whole,
    /// Entities, properties or types that begin with a text.
    Suggest,
    /// A page about a record.
    Preview,
    /// The properties that can be asked for.
    Properties,
}

/// Sets up the routes for clients that send a token.
pub(super) fn configure(config: &mut web::ServiceConfig, listed: &mut Vec<RouteInfo>) {
    let scope = web::scope(PATH)
        .wrap(from_fn(guard::authenticate))
        .configure(|config| {
            Routes::scope(PATH, config, listed, |paths| {
                paths
                    .resource(
                        "/{collection}",
                        [
                            routes::get(whole).described(describe::read::<WithToken>),
                            routes::post(whole).described(describe::match_names::<WithToken>),
                        ],
                    )
                    .resource(
                        "/{collection}/suggest/{what}",
                        [routes::get(suggest).described(describe::suggest::<WithToken>)],
                    )
                    .resource("/{collection}/preview", [routes::get(preview).described(describe::preview::<WithToken>)])
                    .resource(
                        "/{collection}/properties",
                        [routes::get(properties).described(describe::properties::<WithToken>)],
                    );
            });
        })
        .default_service(web::to(fallback::not_found));
    config.service(scope);
}

/// Sets up the routes of addresses with a secret, for the root of the application.
pub(super) fn configure_addresses(paths: &mut Routes<'_>) {
    fn open(method: Method, part: Part, describe: Describe) -> MethodHandler {
        let handler = move |request: HttpRequest, bytes: web::Bytes, state: web::Data<State>| async move {
            opened(&request, &bytes, &state, part).await
        };
        routes::open(method, handler).described(describe)
    }
    let base = "/subscriptions/{id}/{secret}/{collection}";
    paths
        .resource(
            base,
            [
                open(Method::GET, Part::Whole, describe::read::<ByAddress>),
                open(Method::POST, Part::Whole, describe::match_names::<ByAddress>),
            ],
        )
        .resource(
            &format!("{base}/suggest/{{what}}"),
            [open(Method::GET, Part::Suggest, describe::suggest::<ByAddress>)],
        )
        .resource(&format!("{base}/preview"), [open(Method::GET, Part::Preview, describe::preview::<ByAddress>)])
        .resource(
            &format!("{base}/properties"),
            [open(Method::GET, Part::Properties, describe::properties::<ByAddress>)],
        );
}

macro_rules! handlers {
    ($($name:ident = $part:ident;)*) => {$(
        async fn $name(
            _: Viewer,
            request: HttpRequest,
            bytes: web::Bytes,
            state: web::Data<State>,
        ) -> Result<HttpResponse> {
            answered(&request, &bytes, &state, Part::$part, PATH).await
        }
    )*};
}

handlers! {
    whole = Whole;
    suggest = Suggest;
    preview = Preview;
    properties = Properties;
}

/// Answers at an address with a secret.
async fn opened(request: &HttpRequest, bytes: &[u8], state: &State, part: Part) -> Result<HttpResponse> {
    let segment = |name| request.match_info().get(name).unwrap_or_default();
    let (id, secret, collection) = (segment("id"), segment("secret"), segment("collection"));
    let id = uuid::Uuid::try_parse(id).unwrap_or_default().to_string();
    let (caller, question) = state.auth.open_subscription(&id, secret, client_address(request)).await?;
    request.extensions_mut().insert(caller);
    if question != format!("{PATH}/{collection}") {
        return Err(Error::NotFound("there is no such subscription, or it has ended".to_owned()));
    }
    let below = format!("/subscriptions/{id}/{secret}");
    let mut response = answered(request, bytes, state, part, &below).await?;
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

/// Answers a part of a service that is `below` a path.
async fn answered(request: &HttpRequest, bytes: &[u8], state: &State, part: Part, below: &str) -> Result<HttpResponse> {
    let collection = request.match_info().get("collection").unwrap_or_default();
    let Some(collection) = COLLECTIONS.into_iter().find(|known| *known == collection) else {
        return Err(Error::NotFound(format!("only {} can be reconciled with", COLLECTIONS.join(", "))));
    };
    let parameters = parameters(request, bytes)?;
    let base = origin(request, state) + &Links::of(request).to(below);
    let service = Service {
        collection,
        base,
        root: origin(request, state) + &Links::of(request).to(""),
        posted: request.method() == Method::POST,
        state,
    };
    let answer = match part {
        Part::Whole => service.whole(&parameters).await?,
        Part::Suggest => service.suggest(request.match_info().get("what").unwrap_or_default(), &parameters).await?,
        Part::Preview => service.preview(&parameters).await?,
        Part::Properties => Answer::Json(service.properties()),
    };
    Ok(match answer {
        Answer::Json(value) => HttpResponse::Ok().json(value),
        Answer::Page(html) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            // It is shown within a page of the program that reconciles.
            .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors *"))
            .body(html),
    })
}

/// Returns the address at which clients reach the service: its public address, or the host that this request names.
fn origin(request: &HttpRequest, state: &State) -> String {
    match &state.public_url {
        Some(url) => url.origin().to_owned(),
        None => {
            let host = request.headers().get(HOST).and_then(|value| value.to_str().ok());
            format!("http://{}", host.unwrap_or("localhost"))
        }
    }
}

/// Returns the parameters: those of the query string, and of a form.
fn parameters(request: &HttpRequest, bytes: &[u8]) -> Result<Vec<(String, String)>> {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |text: &[u8]| {
        all.extend(url::form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned())));
    };
    add(request.query_string().as_bytes());
    if !bytes.is_empty() {
        if body::media_type(request).as_deref() != Some("application/x-www-form-urlencoded") {
            let detail = "the body must be a form: application/x-www-form-urlencoded";
            return Err(Error::UnsupportedMediaType(detail.to_owned()));
        }
        add(bytes);
    }
    Ok(all)
}
