//! `/releases`: revisions of the registry that have a name, for citations.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use utoipa::openapi::schema::Type;

use crate::changes::{NewRelease, Release, ReleaseName, releases};
use crate::db::{DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::http::middleware::guard::{Admin, Viewer};
use crate::http::middleware::idempotency::{once, whole};
use crate::http::openapi::bodies::{Page, body, or_null, value, whole_from};
use crate::http::openapi::groups::{Always, Conflicts, NeedsRecord, PageParams, ReadsJson, Writes};
use crate::http::request::body_fields::{Fields, JsonBody};
use crate::http::request::conditional::Conditions;
use crate::http::request::format::Format;
use crate::http::request::links::Links;
use crate::http::request::paging::PageRequest;
use crate::http::request::params;
use crate::http::response::spool::{self, Spool};
use crate::http::routes::{self, Routes};
use crate::http::state::State;
use crate::idempotency::Reply;
use crate::registry::query::FilterSet;
use crate::snapshots::{AsOf, ReadContext};
use crate::transfer::write_release;
use crate::values::{FromText as _, Text};

/// The routes under `/api/v1`.
pub(super) fn configure(paths: &mut Routes<'_>) {
    paths.documented([
        routes::get(list_releases).documented::<__path_list_releases>(),
        routes::post(create_release).documented::<__path_create_release>(),
        routes::get(get_release).documented::<__path_get_release>(),
        routes::get(get_data_package).documented::<__path_get_data_package>(),
    ]);
}

body! {
    /// A release to make.
    ReleaseCreate
    required {
        /// Its name, for ever: lower-case letters and digits with single hyphens between, the first two of them
        /// letters.
        name: value::<ReleaseName>(),
    }
    optional {
        /// Its purpose.
        note: or_null(value::<Text>(), Type::String),
        /// The revision; the last one where none is said.
        revision: or_null(whole_from(1), Type::Integer),
    }
    example json!({ "name": "seminar-2026", "note": "As shown at the seminar of the executive board" })
}

/// A page of releases.
type ReleasePage = Page<Release>;

/// List releases
///
/// Every name that a revision has been given for citations, in the order of the names.
#[utoipa::path(
    get,
    path = "/api/v1/releases",
    operation_id = "list_releases",
    tag = "releases",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    params(PageParams),
    responses(
        (status = 200, description = "A page of releases.", body = ReleasePage,
            headers(("Link" = String, description = "the next page, if there is one"))),
        Always,
    )
)]
pub(super) async fn list_releases(_: Viewer, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    let page = PageRequest::of(&req, &state, "releases")?;
    let (after, fetch) = (page.after(), page.fetch());
    let (found, total) =
        state.db.read(ReadClass::Inline, move |conn| releases::list(conn, after.as_deref(), fetch)).await?;
    Ok(page.answer(found, total, |release| &release.name))
}

/// Make a release
///
/// Names a revision of the registry, with its hash. `as_of=<name>` then shows the registry as it was, wherever `as_of`
/// is taken, and `from` and `to` of `/changes/summary` take the name as well. A release is never changed or deleted:
/// what was cited must stay what it was.
#[utoipa::path(
    post,
    path = "/api/v1/releases",
    operation_id = "create_release",
    tag = "releases",
    security(("oauth2" = ["admin"]), ("bearer" = [])),
    request_body(content = ReleaseCreate),
    responses(
        (status = 201, description = "The release.", body = Release,
            headers(("Location" = String, description = "where the release is"))),
        Always,
        Conflicts,
        ReadsJson,
        Writes,
    )
)]
pub(super) async fn create_release(
    admin: Admin,
    state: web::Data<State>,
    req: HttpRequest,
    body: JsonBody,
) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let bytes = body.bytes();
    let mut fields = Fields::of::<ReleaseCreate>(body)?;
    let name: Option<ReleaseName> = fields.value("name");
    let note = fields.value("note");
    let revision = fields.number("revision", 1..=i64::MAX.unsigned_abs()).and_then(|number| i64::try_from(number).ok());
    fields.finish(&["hash", "revised_at", "created_at", "created_by"])?;
    let Some(name) = name else { return Err(Error::Validation(Vec::new())) };
    let new = NewRelease { name, revision, note, by: admin.caller().name().to_owned() };
    let links = Links::of(&req);
    let created = move |release: &Release| {
        Ok(Reply::json(StatusCode::CREATED, release)?.at(links.to(&format!("/api/v1/releases/{}", release.name))))
    };
    let keep = whole(created.clone());
    once(&req, admin.caller(), &bytes, &state, async |once| {
        let done = state.db.write(move |conn| once.run(conn, |conn| releases::create(conn, &new), keep)).await?;
        done.try_map(|release| {
            log::info!(target: "releases", "{} is r{}, named by {}", release.name, release.revision, release.created_by);
            created(&release)
        })
    })
    .await
}

/// Get a release
///
/// The revision that has this name, its hash, who named it and when. `as_of` takes the name wherever it is taken.
#[utoipa::path(
    get,
    path = "/api/v1/releases/{name}",
    operation_id = "get_release",
    tag = "releases",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    params(("name" = String, Path, description = "The release's name.", example = "seminar-2026")),
    responses((status = 200, description = "The release.", body = Release), Always, NeedsRecord)
)]
pub(super) async fn get_release(_: Viewer, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    Ok(HttpResponse::Ok().json(named(&state, &req).await?))
}

/// Get the data package of a release
///
/// The whole registry as it was then: a CSV file a collection, `datapackage.json` (Frictionless), which describes them
/// with their sizes and digests, and `SHA256SUMS`. It is the same file each time, byte for byte, as long as the
/// program is of the same version.
#[utoipa::path(
    get,
    path = "/api/v1/releases/{name}/datapackage.zip",
    operation_id = "get_data_package",
    tag = "releases",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    params(
        ("name" = String, Path, description = "The release's name.", example = "seminar-2026"),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag that you have.", example = "W/\"r42\""),
    ),
    responses(
        (status = 200, description = "The data package.", body = String, content_type = "application/zip",
            headers(("ETag" = String, description = "the entity tag"),
                ("Content-Disposition" = String, description = "the name of the file"))),
        (status = 304, description = "You have it already.", headers(("ETag" = String, description = "the entity tag"))),
        Always,
        NeedsRecord,
    )
)]
pub(super) async fn get_data_package(
    viewer: Viewer,
    state: web::Data<State>,
    req: HttpRequest,
) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let conditions = Conditions::of(&req)?;
    let release = named(&state, &req).await?;
    let moment = state.at(Some(&AsOf::of_revision(release.revision))).await?;
    let name = format!("{}-datapackage", release.name);
    let write = move |conn: &mut DbConn, context: ReadContext, out: &mut Spool| {
        write_release(conn, &FilterSet::empty(context.day), &release, out).map(|()| None)
    };
    spool::answer(&req, &moment, conditions, Format::Package, (viewer.caller(), &name), write).await
}

/// The release in the path.
async fn named(state: &State, req: &HttpRequest) -> Result<Release> {
    let text = req.match_info().get("name").unwrap_or_default().to_owned();
    let name = ReleaseName::parse(&text).map_err(|_| releases::unknown(&text))?;
    let found = state.db.read(ReadClass::Inline, move |conn| releases::find(conn, name.as_str())).await?;
    found.ok_or_else(|| releases::unknown(&text))
}
