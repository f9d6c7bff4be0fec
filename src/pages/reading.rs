//! The reading of a page: questions of the API, asked within one transaction, at one moment.

use chrono::NaiveDate;
use serde_json::Value;

use crate::changes;
use crate::db::ReadClass;
use crate::error::Result;
use crate::http::{Ask, State, encode};
use crate::snapshots::{AsOf, ReadView};
use crate::values::FromText as _;

/// The questions of a page.
pub(super) struct Reading<'a> {
    state: &'a State,
    as_of: Option<String>,
    asks: Vec<Ask>,
}

/// The number of a question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nth(usize);

/// The state of the log at the moment of a page.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// The day that derived values are about.
    pub(super) day: NaiveDate,
    /// The last revision.
    pub(super) revision: i64,
    /// Its hash.
    pub(super) hash: String,
}

/// The answers.
pub(super) struct Answers {
    /// The moment that they are about.
    pub(super) head: Head,
    values: Vec<Value>,
}

impl Answers {
    /// Returns the answer to a question.
    pub(super) fn of(&self, nth: Nth) -> &Value {
        self.values.get(nth.0).unwrap_or(&Value::Null)
    }

    /// Returns the rows of an answer: its `items` or `groups`.
    pub(super) fn items(&self, nth: Nth) -> &[Value] {
        let answer = self.of(nth);
        answer.get("items").or_else(|| answer.get("groups")).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Returns the number of records that an answer is about.
    pub(super) fn total(&self, nth: Nth) -> i64 {
        self.of(nth).get("total").and_then(Value::as_i64).unwrap_or_default()
    }
}

impl<'a> Reading<'a> {
    /// Nothing yet, of the registry at a moment.
    pub(super) fn new(state: &'a State, as_of: Option<&str>) -> Self {
        Self { state, as_of: as_of.map(str::to_owned), asks: Vec::new() }
    }

    /// Adds the question that `GET` of this path below `/api/v1` asks; the moment is added to its parameters.
    ///
    /// # Errors
    /// Errors of the API about the path and its parameters.
    pub(super) fn ask(&mut self, path: &str, query: &str) -> Result<Nth> {
        let moment = self.as_of.as_deref().map(|text| encode([("as_of", text)]));
        let parts: Vec<&str> =
            [query, moment.as_deref().unwrap_or_default()].into_iter().filter(|part| !part.is_empty()).collect();
        self.asks.push(Ask::parse(path, &parts.join("&"), self.state)?);
        Ok(Nth(self.asks.len().saturating_sub(1)))
    }

    async fn moment(&self) -> Result<ReadView> {
        let parse = |text: &str| {
            AsOf::parse(text).map_err(|why| crate::error::Error::bad_parameter("as_of", why.code, why.detail))
        };
        let as_of = self.as_of.as_deref().map(parse).transpose()?;
        self.state.at(as_of.as_ref()).await
    }

    /// Reads the moment that the answers will be about.
    ///
    /// # Errors
    /// As [`State::at`]; what the database says.
    pub(super) async fn head(&self) -> Result<Head> {
        self.moment()
            .await?
            .log(|conn, context| {
                let revision = context.revision(conn)?;
                Ok(Head { day: context.day, revision, hash: changes::hash_of(conn, revision)? })
            })
            .await
    }

    /// Asks everything. Without a moment it is one transaction; a past state and the log are two databases.
    ///
    /// # Errors
    /// Errors of the API.
    pub(super) async fn run(self) -> Result<Answers> {
        let moment = self.moment().await?;
        let past = self.as_of.is_some();
        let (mut of_state, mut of_log) = (Vec::new(), Vec::new());
        for (place, ask) in self.asks.into_iter().enumerate() {
            if past && ask.asks_log() { of_log.push((place, ask)) } else { of_state.push((place, ask)) }
        }
        let (mut values, revision, day) = moment
            .read(ReadClass::Pooled, move |conn, context| {
                let revision = context.revision(conn)?;
                let mut values = Vec::new();
                for (place, ask) in of_state {
                    values.push((place, ask.run(conn, &context)?));
                }
                Ok((values, revision, context.day))
            })
            .await?;
        let (logged, hash) = moment
            .log(move |conn, context| {
                let mut values = Vec::new();
                for (place, ask) in of_log {
                    values.push((place, ask.run(conn, &context)?));
                }
                Ok((values, changes::hash_of(conn, revision)?))
            })
            .await?;
        values.extend(logged);
        values.sort_by_key(|(place, _)| *place);
        let values = values.into_iter().map(|(_, value)| value).collect();
        Ok(Answers { head: Head { day, revision, hash }, values })
    }
}
