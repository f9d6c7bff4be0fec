//! Questions about partnerships: one row a nation, counts by what is asked, who works with whom.

pub(super) mod groups;
mod network;
mod partnerships;
mod summaries;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde_json::Value;

use super::answer::Answer;
use super::conditional::{Conditions, revision_tag};
use super::fallback::{at, get};
use super::format::{self, Format};
use super::spool::{self, Spool};
use super::state::State;
use crate::changes;
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::{Resource, Visitor, each};
use crate::transfer::Column;

pub(super) use network::FORMATS as NETWORK_FORMATS;
pub(super) use partnerships::{columns as partnership_columns, filters as partnership_filters};
pub(super) use summaries::columns as summary_columns;

/// The routes.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    struct Summaries<'a>(&'a mut web::ServiceConfig);
    impl Visitor for Summaries<'_> {
        fn visit<R: Resource>(&mut self) {
            if !R::dimensions().is_empty() {
                let path = format!("/summaries/{}", R::COLLECTION);
                self.0.service(at(&path, "GET, HEAD, OPTIONS", vec![get().to(summaries::summaries::<R>)]));
            }
        }
    }
    each(&mut Summaries(config));
    config.service(at("/partnerships", "GET, HEAD, OPTIONS", vec![get().to(partnerships::partnerships)])).service(at(
        "/network",
        "GET, HEAD, OPTIONS",
        vec![get().to(network::network)],
    ));
}

/// The answer to a question that is a table: rows, and how many records they are about.
struct Rows {
    rows: Vec<Value>,
    total: i64,
}

/// How a table is answered.
struct Shown {
    /// The file's name, without its ending.
    name: String,
    /// Its columns.
    columns: Vec<Column>,
    /// The whole in JSON.
    json: fn(Rows) -> Value,
}

/// Answers a question in JSON or as a file.
async fn answer(
    request: &HttpRequest,
    state: &State,
    format: Option<String>,
    today: NaiveDate,
    shown: Shown,
    ask: impl FnOnce(&mut DbConn) -> Result<Rows> + Send + 'static,
) -> Result<HttpResponse> {
    let conditions = Conditions::of(request)?;
    match format::choose(request, format.as_deref(), &Format::TABLES)? {
        format @ Format::Table(table) => {
            let name = shown.name;
            let write = move |conn: &mut DbConn, out: &mut Spool| {
                let mut table = table.open(shown.columns, out)?;
                for row in ask(conn)?.rows {
                    table.row(&row)?;
                }
                table.finish()?;
                Ok(None)
            };
            spool::answer(&state.db, conditions, format, &name, write).await
        }
        _ => json(state, conditions, today, move |conn| Ok((shown.json)(ask(conn)?))).await,
    }
}

/// Answers a question in JSON.
async fn json(
    state: &State,
    conditions: Conditions,
    today: NaiveDate,
    ask: impl FnOnce(&mut DbConn) -> Result<Value> + Send + 'static,
) -> Result<HttpResponse> {
    let read = move |conn: &mut DbConn| {
        let tag = revision_tag(changes::revision(conn)?, today, Format::Json);
        if conditions.has(&tag) {
            return Ok(Answer::NotModified { tag });
        }
        Answer::json(tag, None, &ask(conn)?)
    };
    state.db.query(read).await.map(HttpResponse::from)
}
