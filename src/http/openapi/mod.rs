//! The OpenAPI document, made from the same types as the handlers, and Swagger UI, which shows it.

pub(super) mod analytics;
pub(super) mod bodies;
pub(super) mod collection;
pub(super) mod described;
pub(super) mod differences;
pub(super) mod downloads;
pub(super) mod feed;
pub(super) mod findings;
mod formats;
pub(super) mod groups;
mod headers;
mod idempotency;
pub(super) mod imports;
pub(super) mod kept;
pub(super) mod operation;
mod parameters;
pub(super) mod problems;
mod revision;
pub(super) mod schemas;
pub(super) mod search;
mod shared;
pub(super) mod system;
mod text;
mod ui;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use utoipa::openapi::security::{
    Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{Components, HttpMethod, Info, OpenApi, PathItem, Paths, RefOr};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::http::collections::resource::Restore;
use crate::http::request::links::Links;
use crate::http::response::problem::{Problem, ProblemError};
use crate::http::routes::{self, RouteInfo, Routes};
use crate::limits;
use crate::registry::{Resource, ResourceVisitor, visit_resources};
use operation::NOT_MODIFIED;
use schemas::Named;

const ABOUT: &str = "\
The system of record for a space agency's international partnerships: nations, organisations, joint projects, \
agreements, documents and status reviews, with every change in one append-only log.\n\n\
**Sign in** at `POST /api/v1/auth/token` (the *Authorize* button does it) and send the access token as \
`Authorization: Bearer …`.\n\n\
**Lists** take filters (`field=a,b` any of these, `field__all=a,b` all of them, `field=` none, `field__gte`, `field__lte`; \
a comma within a value is written `\\,`), `sort`, `limit`, `cursor`, `fields` and `expand`; an \
unknown parameter, field or value is an error that lists the valid ones. **Changes** take `If-Match` with the record's \
`ETag`, so that no one's work is lost. **Errors** are `application/problem+json` (RFC 9457) and name every defect at \
once. **Time travel**: `as_of=` a date, a time, a revision or the name of a release answers every question about the \
registry as it was known then. \
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
cell neither, and rows and columns that are empty altogether are skipped. The file holds {import} MiB at most, a workbook \
{unpacked} MiB unpacked and {import} MiB of text in its first sheet; the changes share a `batch`.";

/// The path for signing in.
const TOKEN_PATH: &str = "/api/v1/auth/token";

/// Registers the routes of the document and of Swagger UI.
pub(super) fn configure(paths: &mut Routes<'_>) {
    paths.resource("/openapi.json", [routes::open(Method::GET, serve)]);
    ui::configure(paths);
}

async fn serve(request: HttpRequest, document: web::ThinData<&'static Document>) -> HttpResponse {
    let links = Links::of(&request);
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, "application/json"));
    if links.prefix().is_empty() { answer.body(document.text()) } else { answer.body(below(document.value(), &links)) }
}

/// Returns the document for clients to whom the service is not at the root: it says where.
fn below(document: &Value, links: &Links) -> String {
    let mut document = document.clone();
    if let Some(url) = document.pointer_mut("/components/securitySchemes/oauth2/flows/password/tokenUrl") {
        *url = links.to(TOKEN_PATH).into();
    }
    if let Value::Object(fields) = &mut document {
        fields.insert("servers".to_owned(), json!([{ "url": links.prefix() }]));
    }
    text::of(&document)
}

/// The OpenAPI document, made once, from the routes.
pub(super) struct Document {
    routes: fn() -> Vec<RouteInfo>,
    value: OnceLock<Value>,
    text: OnceLock<String>,
}

impl Document {
    /// Returns the document of these routes.
    pub(super) const fn new(routes: fn() -> Vec<RouteInfo>) -> Self {
        Self { routes, value: OnceLock::new(), text: OnceLock::new() }
    }

    /// Returns the document.
    pub(super) fn value(&self) -> &Value {
        self.value.get_or_init(|| document((self.routes)()))
    }

    /// Returns the document as it is checked in and served.
    pub(super) fn text(&self) -> &str {
        self.text.get_or_init(|| text::of(self.value()))
    }
}

/// Returns the operations of the routes, with the schemas that they bring along.
fn operations(routes: Vec<RouteInfo>) -> (Paths, Named) {
    let (mut paths, mut schemas) = (Paths::new(), Named::new());
    for route in routes {
        let Some((describe, method)) = route.describe.zip(http_method(&route.method)) else { continue };
        let described = describe();
        schemas.extend(described.schemas);
        let item = PathItem::new(method, described.operation);
        match paths.paths.get_mut(&route.path) {
            Some(present) => present.merge_operations(item),
            None => {
                paths.paths.insert(route.path, item);
            }
        }
    }
    (paths, schemas)
}

fn http_method(method: &Method) -> Option<HttpMethod> {
    let known = [
        (Method::GET, HttpMethod::Get),
        (Method::POST, HttpMethod::Post),
        (Method::PUT, HttpMethod::Put),
        (Method::PATCH, HttpMethod::Patch),
        (Method::DELETE, HttpMethod::Delete),
    ];
    known.into_iter().find(|(known, _)| known == method).map(|(_, method)| method)
}

/// The tags beside those of the collections, in the order of the document.
const TAGS: [(&str, &str); 12] = [
    ("search", "One question to every collection."),
    ("problems", "The kinds of error, in words."),
    ("health", "For an orchestrator."),
    (
        "changes",
        "The log of every change to the registry: append-only, in commit order, each sealed to the one before.",
    ),
    ("analytics", "Partners and their common work: counts and networks over the same filters as the lists."),
    ("mcp", "The registry for assistants: the Model Context Protocol."),
    ("reconcile", "Names matched to records, for OpenRefine and its like (Reconciliation Service API 0.2)."),
    ("users", "The users who may sign in, with their roles. For admins."),
    ("tokens", "Named, long-lived tokens for internal tools."),
    ("subscriptions", "Addresses with a secret of their own, for calendars and spreadsheets."),
    ("releases", "Revisions of the registry that have a name, for citations."),
    ("webhooks", "Changes sent to others as they come, by Standard Webhooks: signed, in order, at least once."),
];

/// Returns the tags: signing in comes first for a reader who begins at the top of the page, then the collections.
fn tags(collections: Vec<Tag>) -> Vec<Tag> {
    let tag = |(name, about): (&str, &str)| TagBuilder::new().name(name).description(Some(about)).build();
    let first = tag(("auth", "Signing in, staying signed in, signing out."));
    let last = tag(("export", "The whole registry as one file."));
    std::iter::once(first).chain(collections).chain(TAGS.map(tag)).chain([last]).collect()
}

/// Makes the document.
fn document(routes: Vec<RouteInfo>) -> Value {
    struct Collections {
        schemas: Named,
        tags: Vec<Tag>,
    }
    impl ResourceVisitor for Collections {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            self.schemas.extend(schemas::schemas::<R>());
            self.tags.push(TagBuilder::new().name(R::COLLECTION).description(Some(R::ABOUT)).build());
        }
    }
    let mut all = Collections { schemas: Named::new(), tags: Vec::new() };
    visit_resources(&mut all).for_each(drop);

    let mut info = Info::new("Partnership registry", env!("CARGO_PKG_VERSION"));
    let mebibytes = |bytes: usize| (bytes / (1024 * 1024)).to_string();
    let about = ABOUT.replace("{import}", &mebibytes(limits::IMPORT));
    info.description = Some(about.replace("{unpacked}", &mebibytes(limits::UNPACKED)));
    let (paths, brought) = operations(routes);
    let mut api = OpenApi::new(info, paths);
    let mut components = Components::new();
    components.schemas.extend(all.schemas);
    components.schemas.insert(Restore::name().into_owned(), Restore::schema());
    components.schemas.extend(formats::schemas());
    components.schemas.extend(analytics::label());
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    components.schemas.insert(ProblemError::name().into_owned(), ProblemError::schema());
    components.schemas.extend(brought);
    components.responses.extend(problems::problems());
    components.responses.insert(NOT_MODIFIED.to_owned(), operation::not_modified_response().into());
    components.security_schemes = security_schemes();
    api.components = Some(components);
    api.tags = Some(tags(all.tags));
    idempotency::extend(&mut api);
    problems::extend(&mut api);
    revision::extend(&mut api);
    allow_basic(&mut api);
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

/// Returns the ways to prove who calls.
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
