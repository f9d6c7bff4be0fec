//! The OpenAPI document, made from the same types as the handlers, and Swagger UI, which shows it.

mod analytics;
mod collection;
mod differences;
mod feed;
mod findings;
mod formats;
pub(super) mod groups;
mod headers;
mod idempotency;
mod imports;
pub(super) mod operation;
mod parameters;
pub(super) mod problems;
mod revision;
pub(super) mod schemas;
mod search;
mod shared;
mod system;
mod text;
mod ui;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use utoipa::openapi::security::{
    Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, Info, OpenApi, Paths, RefOr};
use utoipa::{OpenApi as _, PartialSchema as _, ToSchema as _};

use crate::http::accounts::auth::AuthApi;
use crate::http::database::DatabaseApi;
use crate::http::releases::ReleasesApi;
use crate::http::request::links::Links;
use crate::http::response::problem::{Problem, ProblemError};
use crate::http::routes::{self, Routes};
use crate::http::subscriptions::SubscriptionsApi;
use crate::http::webhooks::WebhooksApi;
use crate::registry::{Resource, ResourceVisitor, for_each_resource};
use operation::NOT_MODIFIED;

const ABOUT: &str = "\
The system of record for a space agency's international partnerships: nations, organisations, joint projects, \
agreements, documents and status reviews, with every change in one append-only log.\n\n\
**Sign in** at `POST /api/v1/auth/token` (the *Authorize* button does it) and send the access token as \
`Authorization: Bearer …`.\n\n\
**Lists** take filters (`field=a,b` any of these, `field__all=a,b` all of them, `field=` none, `field__gte`, `field__lte`; \
a comma within a value is written `\\,`), `sort`, `limit`, `cursor`, `fields` and `expand`; an \
unknown parameter, field or value is an error that lists the valid ones. **Changes** take `If-Match` with the record's \
`ETag`, so that nobody's work is lost. **Errors** are `application/problem+json` (RFC 9457) and name every defect at \
once. **Time travel**: `as_of=` a date, a time, a revision or the name of a release answers every question about the registry as it was known then. \
**Dates** are as precise as they are known: `1992`, `1992-08`, `1992-08-10`.\n\n\
Two answers come from below the service, with an empty body: 400 for a malformed request line and 431 for a head of \
more than 96 headers or 128 KiB. Requests with a wrong method are answered 405 with `Allow`. After a 5xx on a write, read before you try \
again: `PUT` with the record's code is safe to repeat.\n\n\
**Imports**: a row with a `code` changes the record that has it, or makes it: in mode `upsert` a field that the row does \
not name stays as it is, and an empty cell or null empties it. A row without a code (an empty cell as well as a missing \
column) only creates: where the code that follows from its name or title is taken, by a record or by a row before it, it \
is the defect `code_taken`. A `version` that is older than the record's is the defect `stale`; with `--require-if-match` \
a row that changes a record needs it (`version_required`). Derived and other read-only columns are ignored. CSV is UTF-8 \
with commas or semicolons and a header; of a workbook the first sheet is read: dates as dates, formulas by their value, \
and `line` is the number of the row. Columns may come in any order; the case of a header does not count, space around a \
cell neither, and rows and columns that are empty altogether are skipped. The file holds 64 MiB at most, a workbook 256 \
MiB unpacked and 64 MiB of text in its first sheet; the changes share a `batch`.";

/// Where one signs in.
const TOKEN_PATH: &str = "/api/v1/auth/token";

/// Routes of the document and of Swagger UI.
pub(super) fn configure(paths: &mut Routes<'_>) {
    paths.resource("/openapi.json", [routes::open(Method::GET, serve)]);
    ui::configure(paths);
}

async fn serve(request: HttpRequest) -> HttpResponse {
    let links = Links::of(&request);
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, "application/json"));
    if links.prefix().is_empty() { answer.body(document_text()) } else { answer.body(document_below(&links)) }
}

/// The document for clients to whom the service is not at the root: it says where.
fn document_below(links: &Links) -> String {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    let mut document = DOCUMENT.get_or_init(document).clone();
    if let Some(url) = document.pointer_mut("/components/securitySchemes/oauth2/flows/password/tokenUrl") {
        *url = links.to(TOKEN_PATH).into();
    }
    if let Value::Object(fields) = &mut document {
        fields.insert("servers".to_owned(), json!([{ "url": links.prefix() }]));
    }
    text::of(&document)
}

/// The document as it is checked in and served.
pub fn document_text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| text::of(&document()))
}

/// The document.
pub fn document() -> Value {
    struct Collections {
        paths: Paths,
        components: Components,
        tags: Vec<utoipa::openapi::Tag>,
    }
    impl ResourceVisitor for Collections {
        fn visit<R: Resource>(&mut self) {
            collection::operations::<R>(&mut self.paths);
            imports::operations::<R>(&mut self.paths);
            self.components.schemas.extend(schemas::schemas::<R>());
            self.tags.push(TagBuilder::new().name(R::COLLECTION).description(Some(R::ABOUT)).build());
        }
    }
    let mut all = Collections { paths: Paths::new(), components: Components::new(), tags: Vec::new() };
    for_each_resource(&mut all);

    let mut info = Info::new("Partnership registry", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    let mut api = OpenApi::new(info, all.paths);
    all.components.schemas.extend(schemas::shared());
    all.components.schemas.extend(imports::schemas());
    all.components.schemas.extend(formats::schemas());
    all.components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    all.components.schemas.insert(ProblemError::name().into_owned(), ProblemError::schema());
    all.components.responses.extend(problems::problems());
    all.components.responses.insert(NOT_MODIFIED.to_owned(), operation::not_modified_response().into());
    all.components.security_schemes = security_schemes();
    api.components = Some(all.components);
    api.tags = Some(all.tags);
    search::extend(&mut api);
    system::extend(&mut api);
    feed::extend(&mut api);
    analytics::extend(&mut api);
    crate::http::mcp::describe::extend(&mut api);
    crate::http::reconcile::describe::extend(&mut api);
    api.merge(AuthApi::openapi());
    api.merge(SubscriptionsApi::openapi());
    api.merge(ReleasesApi::openapi());
    api.merge(WebhooksApi::openapi());
    api.merge(DatabaseApi::openapi());
    idempotency::extend(&mut api);
    revision::extend(&mut api);
    allow_basic(&mut api);
    // Signing in comes first for a reader who begins at the top of the page.
    if let Some(tags) = &mut api.tags {
        tags.sort_by_key(|tag| tag.name != "auth");
    }
    let mut document = serde_json::to_value(&api).unwrap_or_default();
    shared::share(&mut document);
    order_security_schemes(&mut document);
    document
}

/// Puts user name and password first under *Authorize*, and the bare token second.
fn order_security_schemes(document: &mut Value) {
    if let Some(Value::Object(schemes)) = document.pointer_mut("/components/securitySchemes") {
        let ordered =
            ["oauth2", "bearer", "basic"].map(|name| schemes.remove(name).map(|scheme| (name.to_owned(), scheme)));
        schemes.extend(ordered.into_iter().flatten());
    }
}

/// The ways to prove who calls.
fn security_schemes() -> BTreeMap<String, RefOr<SecurityScheme>> {
    let about = "An access token: from `POST /api/v1/auth/token`, a named token, or one of the identity provider that the service trusts.";
    let bearer =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some(about)).build();
    let schemes = [("oauth2", password_flow()), ("bearer", SecurityScheme::Http(bearer)), ("basic", basic())];
    schemes.into_iter().map(|(name, scheme)| (name.to_owned(), scheme.into())).collect()
}

/// Lets operations that read be called with a user name and a named token, too.
fn allow_basic(api: &mut OpenApi) {
    let reads = api.paths.paths.values_mut().filter_map(|item| item.get.as_mut()?.security.as_mut());
    let anybody = SecurityRequirement::default();
    for security in reads.filter(|security| !security.is_empty() && !security.contains(&anybody)) {
        security.push(SecurityRequirement::new("basic", Vec::<String>::new()));
    }
}

fn basic() -> SecurityScheme {
    let about = "A user name, and one of the user's named tokens as the password: for clients that know nothing else, to read \
        with `GET` and `HEAD`. The password of a person is not taken.";
    SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Basic).description(Some(about)).build())
}

fn password_flow() -> SecurityScheme {
    let scopes = Scopes::from_iter([
        ("viewer", "reads"),
        ("editor", "also writes the registry"),
        ("admin", "also writes partner types and areas, and manages users"),
    ]);
    SecurityScheme::OAuth2(OAuth2::with_description(
        [Flow::Password(Password::new(TOKEN_PATH, scopes))],
        "Sign in with user name and password.",
    ))
}
