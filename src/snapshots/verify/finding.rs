//! The findings of `verify`.

use std::fmt;

use crate::error::Error;
use crate::registry::findings::FalseFact;

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
        /// The difference.
        detail: String,
    },
    /// The search index is not what the records say.
    Search {
        /// The difference.
        detail: String,
    },
    /// A fact that is kept beside a record is not what follows from the records.
    Fact(FalseFact),
    /// A part of the registry cannot be read.
    Unreadable {
        /// The part: a collection, the search index, the facts.
        part: &'static str,
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
            Self::Unreadable { part, detail } => write!(f, "{part}: {detail}"),
        }
    }
}

impl Finding {
    /// Makes the finding that a part of the registry cannot be read.
    pub(super) fn unreadable(part: &'static str, error: &Error) -> Self {
        Self::Unreadable { part, detail: format!("cannot be read: {error}") }
    }

    /// Its place among others: the log first, then what follows from it.
    pub(super) fn order(&self) -> u8 {
        match self {
            Self::Log { .. } => 0,
            Self::Record { .. } | Self::Unreadable { .. } => 1,
            Self::Search { .. } => 2,
            Self::Fact(_) => 3,
        }
    }
}
