//! `/releases`: revisions of the registry that have a name, for citations.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use utoipa::openapi::schema::Type;

use crate::auth::Role;
use crate::changes::{NewRelease, Release, ReleaseName, releases};
use crate::db::{DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::http::middleware::guard::{Admin, Viewer};
use crate::http::middleware::idempotency::{once, whole};
use crate::http::openapi::bodies::{body, or_null, value, whole_from};
use crate::http::openapi::downloads;
use crate::http::openapi::kept::{Kept, Key, Words};
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

/// Releases, as the document has them.
const RELEASES: Kept = Kept { written_by: Role::Admin, ..Kept::new("release", "releases", Role::Viewer, NAME) };

/// The parameter of a path that says which release.
const NAME: Key = Key { name: "name", about: "The release's name.", example: "seminar-2026" };

/// Registers the routes under `/api/v1`.
pub(super) fn configure(paths: &mut Routes<'_>) {
    let all = [
        routes::get(list).described(|| RELEASES.list::<Release>(LIST)),
        routes::post(create).described(|| RELEASES.create::<ReleaseCreate, Release>(CREATE, "The release.")),
    ];
    let package = || RELEASES.under(downloads::data_package());
    paths
        .resource("/releases", all)
        .resource("/releases/{name}", [routes::get(get).described(|| RELEASES.get::<Release>(GET))])
        .resource("/releases/{name}/datapackage.zip", [routes::get(data_package).described(package)]);
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
        /// The revision; the last one by default.
        revision: or_null(whole_from(1), Type::Integer),
    }
    example json!({ "name": "seminar-2026", "note": "As shown at the seminar of the executive board" })
}

const LIST: Words =
    Words("List releases", "Every name that a revision has been given for citations, in the order of the names.");

/// `GET /releases`
async fn list(_: Viewer, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    let page = PageRequest::of(&req, &state, "releases")?;
    let (after, fetch) = (page.after(), page.fetch());
    let (found, total) =
        state.db.read(ReadClass::Inline, move |conn| releases::list(conn, after.as_deref(), fetch)).await?;
    Ok(page.answer(found, total, |release| &release.name))
}

const CREATE: Words = Words(
    "Make a release",
    "Names a revision of the registry, with its hash. `as_of=<name>` then shows the registry as it was, wherever \
        `as_of` is taken, and `from` and `to` of `/changes/summary` take the name as well. A release is never changed \
        or deleted: what was cited must stay what it was.",
);

/// `POST /releases`
async fn create(admin: Admin, state: web::Data<State>, req: HttpRequest, body: JsonBody) -> Result<HttpResponse> {
    let (bytes, mut fields) = Fields::sent::<ReleaseCreate>(&req, body)?;
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

const GET: Words = Words(
    "Get a release",
    "The revision that has this name, its hash, who named it and when. `as_of` takes the name wherever it is \
        taken.",
);

/// `GET /releases/{name}`
async fn get(_: Viewer, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    Ok(HttpResponse::Ok().json(named(&state, &req).await?))
}

/// `GET /releases/{name}/datapackage.zip`
async fn data_package(viewer: Viewer, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
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

/// Returns the release in the path.
async fn named(state: &State, req: &HttpRequest) -> Result<Release> {
    let text = req.match_info().get("name").unwrap_or_default().to_owned();
    let name = ReleaseName::parse(&text).map_err(|_| releases::unknown(&text))?;
    let found = state.db.read(ReadClass::Inline, move |conn| releases::find(conn, name.as_str())).await?;
    found.ok_or_else(|| releases::unknown(&text))
}
