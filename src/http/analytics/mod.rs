//! Questions about partnerships: one row a nation, counts by what is asked, who works with whom.

mod activity;
mod findings;
pub(super) mod groups;
mod network;
pub(super) mod partnerships;
pub(super) mod summaries;

use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde_json::Value;

use super::answer::Answer;
use super::ask::Ask;
use super::conditional::{Conditions, revision_tag};
use super::format::{self, Format};
use super::guard::Reader;
use super::links::Links;
use super::params;
use super::query::Query;
use super::routes::{self, Routes};
use super::spool::{self, Spool};
use super::state::State;
use crate::analytics::Home;
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::registry::{Resource, Visitor, each};
use crate::snapshots::{AsOf, Moment, Seen};
use crate::transfer::Column;
use crate::values::quote;

pub(super) use activity::columns as activity_columns;
pub(super) use findings::{columns as finding_columns, filters as finding_filters};
pub(super) use network::{FORMATS as NETWORK_FORMATS, question as network_question};
pub(super) use partnerships::{columns as partnership_columns, filters as partnership_filters};
pub(super) use summaries::columns as summary_columns;

/// The routes.
pub(super) fn configure(paths: &mut Routes<'_>) {
    struct Summaries<'a, 'b>(&'a mut Routes<'b>);
    impl Visitor for Summaries<'_, '_> {
        fn visit<R: Resource>(&mut self) {
            if !R::dimensions().is_empty() {
                let path = format!("/summaries/{}", R::COLLECTION);
                self.0.at(&path, [routes::get(summaries::summaries::<R>)]);
            }
        }
    }
    each(&mut Summaries(paths));
    paths
        .at("/partnerships", [routes::get(partnerships::partnerships)])
        .at("/activity", [routes::get(activity::activity)])
        .at("/network", [routes::get(network::network)])
        .at("/findings", [routes::get(findings::findings)]);
}

/// The answer to a question that is a table: rows, and how many records they are about.
struct Rows {
    rows: Vec<Value>,
    total: i64,
    /// The nation that was left out.
    without: Option<Home>,
}

/// The parameter that lets the home nation in.
pub(in crate::http) const HOME: &str = "home";

/// Takes [`HOME`].
fn take_home(query: &mut Query) -> Result<bool> {
    let Some(text) = query.take(HOME) else { return Ok(false) };
    let wrong = || Error::bad_parameter(HOME, "unknown_value", format!("{} is none of true, false", quote(&text)));
    text.parse().map_err(|_| wrong())
}

/// Says in an answer which nation was left out of it.
fn say_home(mut answer: Value, without: Option<Home>) -> Value {
    if let (Some(Home(code)), Some(fields)) = (without, answer.as_object_mut()) {
        fields.insert("without_home".to_owned(), code.into());
    }
    answer
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

/// A question that is a table.
struct Question {
    manner: Manner,
    shown: Shown,
    ask: AskRows,
}

/// Asks the database for the rows of a table, for a day.
type AskRows = Box<dyn FnOnce(&mut DbConn, NaiveDate) -> Result<Rows> + Send>;

impl From<Question> for Ask {
    fn from(Question { shown, ask, .. }: Question) -> Self {
        Self::new(move |conn, seen| Ok((shown.json)(ask(conn, seen.day)?)))
    }
}

/// The question of `GET /partnerships`.
///
/// # Errors
/// What the parameters say.
pub(super) fn partnerships_question(query: &str) -> Result<Ask> {
    partnerships::question(query).map(Ask::from)
}

/// The question of `GET /activity`.
///
/// # Errors
/// What the parameters say.
pub(super) fn activity_question(query: &str) -> Result<Ask> {
    activity::question(query, Links::default()).map(Ask::from)
}

/// The question of `GET /summaries/{collection}`.
///
/// # Errors
/// What the parameters say.
pub(super) fn summary_question<R: Resource>(query: &str) -> Result<Ask> {
    summaries::question::<R>(query, Links::default()).map(Ask::from)
}

/// How a question is to be answered: as which moment knows, in which format.
pub(super) struct Manner {
    as_of: Option<AsOf>,
    format: Option<String>,
    dialect: Option<String>,
    /// Whether the home nation is among the nations.
    with_home: bool,
}

impl Manner {
    /// The parameters' names.
    const NAMES: [&'static str; 3] = ["format", "as_of", HOME];
    /// Those of what comes as a table.
    const TABLE_NAMES: [&'static str; 4] = ["format", "dialect", "as_of", HOME];

    fn take(query: &mut Query) -> Result<Self> {
        let with_home = take_home(query)?;
        Ok(Self { as_of: params::as_of(query)?, format: query.take("format"), dialect: None, with_home })
    }

    fn take_of_table(query: &mut Query) -> Result<Self> {
        Ok(Self { dialect: query.take("dialect"), ..Self::take(query)? })
    }
}

/// Answers a question in JSON or as a file. It is asked about the day of the moment.
async fn answer(
    reader: &Reader,
    request: &HttpRequest,
    state: &State,
    manner: Manner,
    shown: Shown,
    ask: impl FnOnce(&mut DbConn, NaiveDate) -> Result<Rows> + Send + 'static,
) -> Result<HttpResponse> {
    let conditions = Conditions::of(request)?;
    let format = format::choose(request, manner.format.as_deref(), &Format::TABLES)?;
    let format = format::in_dialect(format, manner.dialect.as_deref())?;
    let moment = state.at(manner.as_of.as_ref()).await?;
    match format {
        Format::Table(table) => {
            let name = shown.name;
            let write = move |conn: &mut DbConn, seen: Seen, out: &mut Spool| {
                let mut table = table.open(shown.columns, out)?;
                for row in ask(conn, seen.day)?.rows {
                    table.row(&row)?;
                }
                table.finish()?;
                Ok(None)
            };
            spool::answer(request, &moment, conditions, format, (reader.caller(), &name), write).await
        }
        _ => json(&moment, conditions, move |conn, day| Ok((shown.json)(ask(conn, day)?))).await,
    }
}

/// Answers a question in JSON.
async fn json(
    moment: &Moment,
    conditions: Conditions,
    ask: impl FnOnce(&mut DbConn, NaiveDate) -> Result<Value> + Send + 'static,
) -> Result<HttpResponse> {
    let read = move |conn: &mut DbConn, seen: Seen| {
        let tag = revision_tag(seen.revision(conn)?, seen.day, Format::Json);
        if conditions.has(&tag) {
            return Ok(Answer::NotModified { tag });
        }
        Answer::json(tag, None, &ask(conn, seen.day)?)
    };
    moment.query(read).await.map(HttpResponse::from)
}
