//! Questions of the API in JSON: what a handler answers over HTTP, a page asks within one transaction, by the same
//! address.

use serde::Serialize;
use serde_json::Value;

use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::snapshots::ReadContext;

/// The path at which the API begins.
pub(crate) const API: &str = "/api/v1";

/// The answer, given a database and what it shows.
type Run = Box<dyn FnOnce(&mut DbConn, &ReadContext) -> Result<Value> + Send>;

/// A question that has been read and not yet asked.
pub(crate) struct Ask {
    log: bool,
    run: Run,
}

impl Ask {
    /// Makes a question to the registry. The caller gives the moment that its parameters name.
    pub(super) fn new(run: impl FnOnce(&mut DbConn, &ReadContext) -> Result<Value> + Send + 'static) -> Self {
        Self { log: false, run: Box::new(run) }
    }

    /// Makes a question to the log, which is one for all moments.
    pub(super) fn of_log(run: impl FnOnce(&mut DbConn, &ReadContext) -> Result<Value> + Send + 'static) -> Self {
        Self { log: true, ..Self::new(run) }
    }

    /// Tells whether it asks the log.
    pub(crate) fn asks_log(&self) -> bool {
        self.log
    }

    /// Answers the question.
    ///
    /// # Errors
    /// As the handler of the path.
    pub(crate) fn run(self, conn: &mut DbConn, context: &ReadContext) -> Result<Value> {
        (self.run)(conn, context)
    }
}

/// Returns an answer as a value.
///
/// # Errors
/// [`Error::Internal`] for what JSON cannot hold.
pub(super) fn value(answer: &impl Serialize) -> Result<Value> {
    serde_json::to_value(answer).map_err(|error| Error::internal("an answer cannot be written as JSON", error))
}
