//! `GET /export.sqlite`: the registry as one SQLite file.

use std::io::copy;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::changes;
use crate::db::DbConn;
use crate::error::Result;
use crate::http::middleware::guard::Viewer;
use crate::http::openapi::groups::Always;
use crate::http::request::conditional::Conditions;
use crate::http::request::format::Format;
use crate::http::request::params;
use crate::http::request::query::Query;
use crate::http::response::spool::{self, Spool};
use crate::http::routes::{self, Routes};
use crate::http::state::State;
use crate::registry::query::FilterSet;
use crate::snapshots::ReadContext;
use crate::temporary::{TempDir, failed};
use crate::transfer::{About, write_sqlite};

/// The route.
pub(super) fn configure(paths: &mut Routes<'_>) {
    paths.documented([routes::get(export_sqlite).documented::<__path_export_sqlite>()]);
}

/// Get the registry as a SQLite file
///
/// A table a collection, a table for each list of a record, and views for analysts: `projects_by_nation`,
/// `projects_by_area`, `agreements_by_nation`, `partners`, `nations_together`. Beside each date stand its first and
/// last day. The table `registry` says which revision it is. It has no users, tokens and keys.
#[utoipa::path(
    get,
    path = "/api/v1/export.sqlite",
    operation_id = "export_sqlite",
    tag = "export",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    params(
        ("as_of" = Option<String>, Query, description = "The registry as it was known then: a date, a time, a revision or a release.",
            example = "2026-11-24"),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag that you have.", example = "W/\"r42\""),
    ),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "application/vnd.sqlite3",
            headers(("ETag" = String, description = "the entity tag"),
                ("Content-Disposition" = String, description = "the name of the file"))),
        (status = 304, description = "You have it already.", headers(("ETag" = String, description = "the entity tag"))),
        Always,
    )
)]
pub(super) async fn export_sqlite(viewer: Viewer, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    let mut query = Query::parse(req.query_string())?;
    let as_of = params::as_of(&mut query)?;
    query.finish(&["as_of"])?;
    let conditions = Conditions::of(&req)?;
    let moment = state.at(as_of.as_ref()).await?;
    // A past state has no log. The present has, and may have moved on until it is read.
    let known = match as_of {
        Some(_) => Some(moment.log(|conn, context| about(conn, &context)).await?),
        None => None,
    };
    let write = move |conn: &mut DbConn, context: ReadContext, out: &mut Spool| {
        let about = known.map_or_else(|| about(conn, &context), Ok)?;
        let folder = TempDir::make("export")?;
        let path = folder.path().join("registry.sqlite");
        let unreadable = |error| failed("a temporary file cannot be read", error);
        write_sqlite(conn, &FilterSet::empty(context.day), &about, &path)?;
        let mut file = std::fs::File::open(&path).map_err(unreadable)?;
        copy(&mut file, out).map_err(unreadable)?;
        Ok(None)
    };
    spool::answer(&req, &moment, conditions, Format::Sqlite, (viewer.caller(), "registry"), write).await
}

/// The revision that is read, from a database that has the log.
fn about(conn: &mut DbConn, context: &ReadContext) -> Result<About> {
    let revision = context.revision(conn)?;
    Ok(About { revision, hash: changes::hash_of(conn, revision)? })
}
