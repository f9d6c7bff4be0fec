//! Verifies that the registry agrees with its log: the chain of hashes is whole, and the log, replayed into an empty
//! registry, gives the tables; the search index and the facts beside the records are what the tables say.

use std::collections::VecDeque;
use std::fmt;

use chrono::NaiveDate;
use diesel::ExpressionMethods as _;
use serde_json::{Map, Value};

use super::build::{PAGE, fill};
use crate::changes::{self, Checkpoint, Head, LastChange, last_changes, releases};
use crate::db::{Db, DbConn, ForeignKeys, build_scratch_db};
use crate::error::{Error, Result};
use crate::registry::findings::{FalseFact, false_facts};
use crate::registry::query::{Condition, RowQuery};
use crate::registry::search;
use crate::registry::{READ_ONLY, Resource, ResourceVisitor, Stored, View, for_each_resource};
use crate::temporary::TempDir;

/// One thing in which the registry is not what its log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A row of the log is not what it was.
    Log {
        /// Its revision.
        revision: i64,
        /// The fault.
        detail: String,
    },
    /// A record differs between the tables and the log.
    Record {
        /// Its collection.
        collection: &'static str,
        /// Its code.
        code: String,
        /// The field that differs, where it is one.
        field: Option<&'static str>,
        /// How it differs.
        detail: String,
    },
    /// The search index is not what the records say.
    Search {
        /// How it differs.
        detail: String,
    },
    /// A fact that is kept beside a record is not what follows from the records.
    Fact(FalseFact),
    /// The records of a collection cannot be read.
    Collection {
        /// The collection.
        collection: &'static str,
        /// Why.
        detail: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log { revision, detail } => write!(f, "log r{revision}: {detail}"),
            Self::Record { collection, code, field: Some(field), detail } => {
                write!(f, "{collection}/{code} {field}: {detail}")
            }
            Self::Record { collection, code, field: None, detail } => write!(f, "{collection}/{code}: {detail}"),
            Self::Search { detail } => f.write_str(detail),
            Self::Fact(FalseFact { collection, code, column, kept, right }) => {
                write!(f, "{collection}/{code}: {column} is kept as {kept}, the records say {right}")
            }
            Self::Collection { collection, detail } => write!(f, "{collection}: {detail}"),
        }
    }
}

/// The extent of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The end of the log.
    pub head: Head,
    /// How many records the tables hold.
    pub records: u64,
}

/// Takes what is found.
pub type OnFinding<'a> = &'a mut dyn FnMut(Finding) -> Result<()>;

/// Takes how much has been done, of how much.
pub type OnProgress<'a> = &'a mut dyn FnMut(u64, u64);

/// Compares a registry with its log, in one read transaction, and tells each difference. `noted` is a revision and its
/// hash that were noted down before.
///
/// # Errors
/// Errors of the database, the file system or `found`. A finding is no error.
pub fn verify(db: &Db, noted: Option<&Checkpoint>, found: OnFinding<'_>, progress: OnProgress<'_>) -> Result<Verified> {
    let folder = TempDir::make("verify")?;
    db.read_blocking(|live| {
        let end = changes::revision(live)?;
        let (whole, step) = (unsigned(end) * 3, unsigned(end));
        let head =
            changes::verify_chain(live, noted, &mut |revision| progress(unsigned(revision), whole), &mut |flaw| {
                found(Finding::Log { revision: flaw.revision, detail: flaw.detail })
            })?;
        for release in releases::list(live, None, i64::MAX)?.0 {
            if changes::hash_of(live, release.revision)? != release.hash {
                let detail = format!("the release {} was named with another hash", release.name);
                found(Finding::Log { revision: release.revision, detail })?;
            }
        }
        build_scratch_db(&folder.path().join("replayed.db"), None, ForeignKeys::Off, |replayed| {
            let mut read = |page| {
                progress(step + unsigned(page), whole);
                last_changes(live, page, end, PAGE)
            };
            let mut refused = |last: &LastChange, error: Error| {
                found(Finding::Log { revision: last.change.revision, detail: error.to_string() })
            };
            fill(replayed, 0, end, &mut read, &mut refused)?;
            let told = &mut |records: u64| progress(2 * step + records.min(step), whole);
            let mut compare = Compare { live, replayed, found, told, records: 0, result: Ok(()) };
            for_each_resource(&mut compare);
            let (records, compared) = (compare.records, compare.result);
            compared?;
            match search::differences(live) {
                Ok(differences) => differences
                    .into_iter()
                    .try_for_each(|difference| found(Finding::Search { detail: difference.to_string() }))?,
                Err(error) => {
                    found(Finding::Search { detail: format!("the search index cannot be compared: {error}") })?
                }
            }
            match false_facts(live) {
                Ok(facts) => facts.into_iter().try_for_each(|fact| found(Finding::Fact(fact)))?,
                Err(error) => {
                    found(Finding::Search { detail: format!("what is kept for findings cannot be compared: {error}") })?
                }
            }
            Ok(Verified { head, records })
        })
    })
}

fn unsigned(revision: i64) -> u64 {
    u64::try_from(revision).unwrap_or(0)
}

struct Compare<'a> {
    live: &'a mut DbConn,
    replayed: &'a mut DbConn,
    found: OnFinding<'a>,
    told: &'a mut dyn FnMut(u64),
    records: u64,
    result: Result<()>,
}

impl ResourceVisitor for Compare<'_> {
    fn visit<R: Resource>(&mut self) {
        if self.result.is_ok() {
            self.result = self.compare::<R>();
        }
    }
}

impl Compare<'_> {
    /// Walks both sides in the order of codes, as a merge does.
    fn compare<R: Resource>(&mut self) -> Result<()> {
        let (mut table, mut log) = (Side::<R>::new(), Side::<R>::new());
        loop {
            let unreadable = |error: Error| Finding::Collection {
                collection: R::COLLECTION,
                detail: format!("its records cannot be read: {error}"),
            };
            let sides = table.look(self.live).and_then(|table| Ok((table, log.look(self.replayed)?)));
            let (here, there) = match sides {
                Ok((None, None)) => return Ok(()),
                Ok(sides) => sides,
                Err(error) => return (self.found)(unreadable(error)),
            };
            let (in_table, in_log) = match (here, there) {
                (Some(here), Some(there)) if here == there => (table.take(), log.take()),
                (Some(here), Some(there)) if here > there => (None, log.take()),
                (Some(_), _) => (table.take(), None),
                (None, _) => (None, log.take()),
            };
            if in_table.is_some() {
                self.records += 1;
                (self.told)(self.records);
            }
            self.differ(in_table.as_ref(), in_log.as_ref())?;
        }
    }

    fn differ<R: Resource>(&mut self, in_table: Option<&Stored<R>>, in_log: Option<&Stored<R>>) -> Result<()> {
        let mut tell = |code: &str, field, detail| {
            (self.found)(Finding::Record { collection: R::COLLECTION, code: code.to_owned(), field, detail })
        };
        match (in_table, in_log) {
            (Some(here), Some(there)) if here != there => {
                let (here_fields, there_fields) = (fields(here)?, fields(there)?);
                for field in R::FIELDS.iter().map(|field| field.name).chain(READ_ONLY) {
                    let (here_value, there_value) = (here_fields.get(field), there_fields.get(field));
                    if here_value != there_value {
                        let text = |value: Option<&Value>| value.map(ToString::to_string).unwrap_or_default();
                        let detail = format!("{} in the table, {} in the log", text(here_value), text(there_value));
                        tell(here.record.code(), Some(field), detail)?;
                    }
                }
                Ok(())
            }
            (Some(here), None) => tell(here.record.code(), None, "in the table, not in the log".to_owned()),
            (None, Some(there)) => tell(there.record.code(), None, "in the log, not in the table".to_owned()),
            _ => Ok(()),
        }
    }
}

fn fields<R: Resource>(stored: &Stored<R>) -> Result<Map<String, Value>> {
    // What is derived follows from the rest, whichever the day.
    let view = serde_json::to_value(View::full(stored, NaiveDate::MIN));
    match view.map_err(|error| Error::internal("a record cannot be written as JSON", error))? {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Map::new()),
    }
}

/// The records of one database in the order of their codes, some of them in memory.
struct Side<R> {
    read: VecDeque<Stored<R>>,
    last: Option<String>,
    finished: bool,
}

impl<R: Resource> Side<R> {
    fn new() -> Self {
        Self { read: VecDeque::new(), last: None, finished: false }
    }

    /// The code of the next record.
    fn look(&mut self, conn: &mut DbConn) -> Result<Option<String>> {
        if self.read.is_empty() && !self.finished {
            let after = |last: &String| -> Condition<R::Table> { Box::new(R::code_key().gt(last.clone())) };
            let conditions = self.last.iter().map(after).collect();
            let records = R::load(conn, RowQuery::by_code(conditions, PAGE))?;
            self.finished = i64::try_from(records.len()).is_ok_and(|read| read < PAGE);
            self.last = records.last().map(|stored| stored.record.code().to_owned());
            self.read = records.into();
        }
        Ok(self.read.front().map(|stored| stored.record.code().to_owned()))
    }

    fn take(&mut self) -> Option<Stored<R>> {
        self.read.pop_front()
    }
}
