//! Questions of the API in JSON: what a handler answers over HTTP, a page asks within one transaction, by the same address.

use serde::Serialize;
use serde_json::Value;

use super::State;
use super::{analytics, list, resource, search};
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::registry::{Resource, Visitor, each};
use crate::snapshots::Seen;

/// Where the API begins.
pub(crate) const API: &str = "/api/v1";

/// The answer, given a database and what it shows.
type Run = Box<dyn FnOnce(&mut DbConn, Seen) -> Result<Value> + Send>;

/// A question that has been read and not yet asked.
pub(crate) struct Ask {
    log: bool,
    run: Run,
}

impl Ask {
    /// A question to the registry. Whoever asks brings the moment along that its parameters name.
    pub(super) fn new(run: impl FnOnce(&mut DbConn, Seen) -> Result<Value> + Send + 'static) -> Self {
        Self { log: false, run: Box::new(run) }
    }

    /// A question to the log, which is one for all moments.
    pub(super) fn of_log(run: impl FnOnce(&mut DbConn, Seen) -> Result<Value> + Send + 'static) -> Self {
        Self { log: true, ..Self::new(run) }
    }

    /// Reads the question that `GET` of this path below [`API`] asks, with this query string.
    ///
    /// # Errors
    /// As the handler of the path; [`Error::NotFound`] for a path that asks nothing.
    pub(crate) fn parse(path: &str, query: &str, state: &State) -> Result<Self> {
        let mut segments = path.split('/').skip(1);
        let found = match (segments.next().unwrap_or_default(), segments.next(), segments.next()) {
            ("partnerships", None, _) => Some(analytics::partnerships_question(query)?),
            ("network", None, _) => Some(analytics::network_question(query)?),
            ("activity", None, _) => Some(analytics::activity_question(query)?),
            ("search", None, _) => Some(search::question(query, state)?),
            ("summaries", Some(collection), None) => of_kind(collection, Of::Summary, query, state)?,
            (collection, None, _) => of_kind(collection, Of::List, query, state)?,
            (collection, Some(code), None) => of_kind(collection, Of::Record(code), query, state)?,
            (collection, Some(code), Some("history")) => of_kind(collection, Of::History(code), query, state)?,
            _ => None,
        };
        found.ok_or_else(|| Error::NotFound(format!("there is no question at {path}")))
    }

    /// Whether it asks the log.
    pub(crate) fn asks_log(&self) -> bool {
        self.log
    }

    /// Asks.
    ///
    /// # Errors
    /// As the handler of the path.
    pub(crate) fn run(self, conn: &mut DbConn, seen: Seen) -> Result<Value> {
        (self.run)(conn, seen)
    }
}

/// What is asked of a kind of record.
#[derive(Clone, Copy)]
enum Of<'a> {
    List,
    Summary,
    Record(&'a str),
    History(&'a str),
}

fn of_kind(collection: &str, of: Of<'_>, query: &str, state: &State) -> Result<Option<Ask>> {
    struct Find<'a> {
        collection: &'a str,
        of: Of<'a>,
        query: &'a str,
        state: &'a State,
        found: Option<Result<Ask>>,
    }
    impl Visitor for Find<'_> {
        fn visit<R: Resource>(&mut self) {
            if R::COLLECTION != self.collection {
                return;
            }
            self.found = match self.of {
                Of::List => Some(list::question::<R>(self.query, self.state)),
                Of::Summary => (!R::dimensions().is_empty()).then(|| analytics::summary_question::<R>(self.query)),
                Of::Record(code) => Some(resource::question::<R>(code, self.query)),
                Of::History(code) => Some(resource::history_question::<R>(code, self.query, self.state)),
            };
        }
    }
    let mut find = Find { collection, of, query, state, found: None };
    each(&mut find);
    find.found.transpose()
}

/// An answer as a value.
///
/// # Errors
/// [`Error::Internal`] for what JSON cannot hold.
pub(super) fn value(answer: &impl Serialize) -> Result<Value> {
    serde_json::to_value(answer).map_err(|error| Error::internal("an answer cannot be written as JSON", error))
}
