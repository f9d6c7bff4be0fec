//! `GET /export.sqlite`: the registry as one SQLite file.

use std::io::copy;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::changes;
use crate::db::DbConn;
use crate::error::Result;
use crate::http::middleware::guard::Viewer;
use crate::http::openapi::downloads;
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

/// Registers the route.
pub(super) fn configure(paths: &mut Routes<'_>) {
    paths.resource("/export.sqlite", [routes::get(export_sqlite).described(downloads::sqlite)]);
}

/// `GET /export.sqlite`
async fn export_sqlite(viewer: Viewer, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
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

/// Returns the revision that is read, from a database that has the log.
fn about(conn: &mut DbConn, context: &ReadContext) -> Result<About> {
    let revision = context.revision(conn)?;
    Ok(About { revision, hash: changes::hash_of(conn, revision)? })
}
