//! The OpenAPI document, made from the same types as the handlers, and Swagger UI, which shows it.

mod analytics;
mod beside;
mod collection;
mod feed;
mod formats;
mod imports;
mod parameters;
mod schemas;
mod search;
mod ui;

pub(super) use collection::problem_name;

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use serde_json::Value;
use utoipa::openapi::security::{Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, Info, OpenApi, Paths};
use utoipa::{OpenApi as _, PartialSchema as _, ToSchema as _};

use super::auth::AuthApi;
use super::problem::{Problem, ProblemError};
use super::routes::{self, Routes};
use crate::registry::{Resource, Visitor, each};

const ABOUT: &str = "\
The system of record for a space agency's international partnerships: nations, organisations, joint projects, \
agreements and status reviews, with every change in one append-only log.\n\n\
**Sign in** at `POST /api/v1/auth/token` (the *Authorize* button does it) and send the access token as \
`Authorization: Bearer …`.\n\n\
**Lists** take filters (`field=a,b` any of these, `field__all=a,b` all of them, `field=` none, `field__gte`, `field__lte`; \
a comma within a value is written `\\,`), `sort`, `limit`, `cursor`, `fields` and `expand`; an \
unknown parameter, field or value is an error that lists the valid ones. **Changes** take `If-Match` with the record's \
`ETag`, so that nobody's work is lost. **Errors** are `application/problem+json` (RFC 9457) and name every defect at \
once. **Time travel**: `as_of=` a date, a time or a revision answers every question about the registry as it was known then. \
**Dates** are as precise as they are known: `1992`, `1992-08`, `1992-08-10`.\n\n\
Two answers come from below the service, with an empty body: 400 for a malformed request line and 431 for a head of \
more than 96 headers or 128 KiB. Requests with a wrong method are answered 405 with `Allow`. After a 5xx on a write, read before you try \
again: `PUT` with the record's code is safe to repeat.";

/// Routes of the document and of Swagger UI.
pub(super) fn configure(paths: &mut Routes<'_>) {
    paths.at("/openapi.json", [routes::open(Method::GET, serve)]);
    ui::configure(paths);
}

async fn serve() -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(document_text())
}

/// The document as it is checked in and served.
pub fn document_text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
        text.push('\n');
        text
    })
}

/// The document.
pub fn document() -> Value {
    struct Collections {
        paths: Paths,
        components: Components,
        tags: Vec<utoipa::openapi::Tag>,
    }
    impl Visitor for Collections {
        fn visit<R: Resource>(&mut self) {
            collection::operations::<R>(&mut self.paths);
            imports::operations::<R>(&mut self.paths);
            self.components.schemas.extend(schemas::schemas::<R>());
            self.tags.push(TagBuilder::new().name(R::COLLECTION).description(Some(R::ABOUT)).build());
        }
    }
    let mut all = Collections { paths: Paths::new(), components: Components::new(), tags: Vec::new() };
    each(&mut all);

    let mut info = Info::new("Partnership registry", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    let mut api = OpenApi::new(info, all.paths);
    all.components.schemas.extend(schemas::shared());
    all.components.schemas.extend(imports::schemas());
    all.components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    all.components.schemas.insert(ProblemError::name().into_owned(), ProblemError::schema());
    all.components.responses.extend(collection::problems());
    all.components.security_schemes.extend([
        ("oauth2".to_owned(), password_flow().into()),
        (
            "bearer".to_owned(),
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("JWT")
                    .description(Some("An access token: from `POST /api/v1/auth/token`, a named token, or one of the identity provider that the service trusts."))
                    .build(),
            )
            .into(),
        ),
    ]);
    api.components = Some(all.components);
    api.tags = Some(all.tags);
    search::extend(&mut api);
    beside::extend(&mut api);
    feed::extend(&mut api);
    analytics::extend(&mut api);
    api.merge(AuthApi::openapi());
    // Signing in comes first for whoever reads the page from its top.
    if let Some(tags) = &mut api.tags {
        tags.sort_by_key(|tag| tag.name != "auth");
    }
    serde_json::to_value(&api).unwrap_or_default()
}

fn password_flow() -> SecurityScheme {
    let scopes = Scopes::from_iter([
        ("viewer", "reads"),
        ("editor", "also writes the registry"),
        ("admin", "also writes partner types and areas, and manages users"),
    ]);
    SecurityScheme::OAuth2(OAuth2::with_description(
        [Flow::Password(Password::new("/api/v1/auth/token", scopes))],
        "Sign in with user name and password.",
    ))
}
