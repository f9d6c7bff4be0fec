//! Answers to a question about many records: a table in any format, or JSON.

use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use crate::analytics::Home;
use crate::db::{DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::http::ask::Ask;
use crate::http::middleware::guard::Viewer;
use crate::http::request::conditional::{Conditions, revision_tag};
use crate::http::request::format::{self, Format};
use crate::http::request::params;
use crate::http::request::query::Query;
use crate::http::response::cached::{CachedResponse, respond};
use crate::http::response::spool::{self, Spool};
use crate::http::state::State;
use crate::snapshots::{AsOf, ReadContext, ReadView};
use crate::transfer::Column;
use crate::values::quote;

/// The answer to a question that is a table: rows, and how many records they are about.
pub(super) struct Rows {
    pub(super) rows: Vec<Value>,
    pub(super) total: i64,
    /// The nation that was left out.
    pub(super) without: Option<Home>,
}

/// The parameter that lets the home nation in.
pub(in crate::http) const HOME: &str = "home";

/// Takes [`HOME`].
pub(super) fn take_home(query: &mut Query) -> Result<bool> {
    let Some(text) = query.take(HOME) else { return Ok(false) };
    let wrong = || Error::bad_parameter(HOME, "unknown_value", format!("{} is none of true, false", quote(&text)));
    text.parse().map_err(|_| wrong())
}

/// Says in an answer which nation was left out of it.
pub(super) fn say_home(mut answer: Value, without: Option<Home>) -> Value {
    if let (Some(Home(code)), Some(fields)) = (without, answer.as_object_mut()) {
        fields.insert("without_home".to_owned(), code.into());
    }
    answer
}

/// The parts of an answer that is a table.
pub(super) struct TableSpec {
    /// The file's name, without its ending.
    pub(super) name: String,
    /// Its columns.
    pub(super) columns: Vec<Column>,
    /// The whole in JSON.
    pub(super) json: fn(Rows) -> Value,
}

/// A question that is a table.
pub(super) struct Question {
    pub(super) options: ResponseOptions,
    pub(super) spec: TableSpec,
    pub(super) ask: AskRows,
}

/// Asks the database for the rows of a table, at a moment.
pub(super) type AskRows = Box<dyn FnOnce(&mut DbConn, &ReadContext) -> Result<Rows> + Send>;

impl From<Question> for Ask {
    fn from(Question { spec, ask, .. }: Question) -> Self {
        Self::new(move |conn, context| Ok((spec.json)(ask(conn, context)?)))
    }
}

/// The options of an answer: the moment that it is about, and its format.
pub(in crate::http) struct ResponseOptions {
    pub(super) as_of: Option<AsOf>,
    pub(super) format: Option<String>,
    pub(super) dialect: Option<String>,
    /// True if the home nation is among the nations.
    pub(super) with_home: bool,
}

impl ResponseOptions {
    /// The parameters' names.
    pub(super) const NAMES: [&'static str; 3] = ["format", "as_of", HOME];
    /// Those of what comes as a table.
    pub(super) const TABLE_NAMES: [&'static str; 4] = ["format", "dialect", "as_of", HOME];

    pub(super) fn take(query: &mut Query) -> Result<Self> {
        let with_home = take_home(query)?;
        Ok(Self { as_of: params::as_of(query)?, format: query.take("format"), dialect: None, with_home })
    }

    pub(super) fn take_of_table(query: &mut Query) -> Result<Self> {
        Ok(Self { dialect: query.take("dialect"), ..Self::take(query)? })
    }
}

/// Answers a question in JSON or as a file. It is asked about the day of the moment.
pub(super) async fn answer(
    reader: &Viewer,
    request: &HttpRequest,
    state: &State,
    options: ResponseOptions,
    spec: TableSpec,
    ask: impl FnOnce(&mut DbConn, &ReadContext) -> Result<Rows> + Send + 'static,
) -> Result<HttpResponse> {
    let conditions = Conditions::of(request)?;
    let format = format::choose(request, options.format.as_deref(), &Format::tables())?;
    let format = format::in_dialect(format, options.dialect.as_deref())?;
    let moment = state.at(options.as_of.as_ref()).await?;
    match format {
        Format::Table(table) => {
            let name = spec.name;
            let write = move |conn: &mut DbConn, context: ReadContext, out: &mut Spool| {
                let mut table = table.open(spec.columns, out)?;
                for row in ask(conn, &context)?.rows {
                    table.row(&row)?;
                }
                table.finish()?;
                Ok(None)
            };
            spool::answer(request, &moment, conditions, format, (reader.caller(), &name), write).await
        }
        _ => json(&moment, conditions, move |conn, context| Ok((spec.json)(ask(conn, context)?))).await,
    }
}

/// Answers a question in JSON.
pub(super) async fn json(
    moment: &ReadView,
    conditions: Conditions,
    ask: impl FnOnce(&mut DbConn, &ReadContext) -> Result<Value> + Send + 'static,
) -> Result<HttpResponse> {
    let read = move |conn: &mut DbConn, context: ReadContext| {
        let tag = revision_tag(context.revision(conn)?, context.day, Format::Json);
        respond(&conditions, tag, |tag| CachedResponse::json(tag, None, &ask(conn, &context)?))
    };
    moment.read(ReadClass::Pooled, read).await.map(HttpResponse::from)
}
