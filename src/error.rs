//! Errors, as values with no HTTP in them; `http::problem` turns them into answers.

use std::fmt;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The place of a defect in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A place in a JSON body, as a JSON Pointer (RFC 6901): `/nations/0/nation`.
    Pointer(String),
    /// A query or form parameter, by name.
    Parameter(String),
    /// A place in an imported file: its name where several were read, the line counted from 1, the column's name.
    Line {
        /// The file's name, where more than one was read.
        file: Option<String>,
        /// The line, counted from 1.
        line: u64,
        /// The column or field, where one is to blame.
        field: Option<String>,
    },
}

/// One thing that is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Its place.
    pub at: At,
    /// The kind of defect, for programs: `required`, `unknown_reference` …
    pub code: &'static str,
    /// The fault and its remedy, for people.
    pub detail: String,
}

impl Defect {
    /// Makes a defect at a JSON Pointer.
    pub fn pointer(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { at: At::Pointer(pointer.into()), code, detail: detail.into() }
    }

    /// Makes a defect of a query or form parameter.
    pub fn parameter(name: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { at: At::Parameter(name.into()), code, detail: detail.into() }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            At::Pointer(pointer) if pointer.is_empty() => {}
            At::Pointer(pointer) => write!(f, "{pointer}: ")?,
            At::Parameter(name) => write!(f, "{name}: ")?,
            At::Line { file, line, field } => {
                if let Some(file) = file {
                    write!(f, "{file}, ")?;
                }
                write!(f, "line {line}")?;
                if let Some(field) = field {
                    write!(f, ", {field}")?;
                }
                write!(f, ": ")?;
            }
        }
        write!(f, "{}", self.detail)
    }
}

/// A record that prevents a deletion, because it refers to the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// The collection it is in.
    pub collection: &'static str,
    /// Its code.
    pub code: String,
}

/// The state of a record that does not meet a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// It has another version than `If-Match` names.
    Changed,
    /// There is none, and `If-Match` wants one.
    Missing,
    /// There is one, and `If-None-Match: *` wants none.
    Exists,
    /// It has the version that `If-None-Match` excludes.
    Unchanged,
    /// `If-Match` has no entity tag of it.
    Foreign,
}

/// An error of the service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input cannot be read: JSON, parameter, cursor, header.
    #[error("{detail}")]
    BadRequest {
        /// The fault.
        detail: String,
        /// The places, where they are known.
        defects: Vec<Defect>,
    },
    /// No, a wrong or an expired token. The text says which, and gives nothing away.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The caller is known, and may not do this.
    #[error("this needs the role {needed}; you have {has}")]
    Forbidden {
        /// The least role that may.
        needed: &'static str,
        /// The caller's role.
        has: &'static str,
    },
    /// There is no such record or path.
    #[error("{0}")]
    NotFound(String),
    /// The path exists, the method does not; with those that do.
    #[error("{method} is not possible here; possible are {allowed}")]
    MethodNotAllowed {
        /// The method of the request.
        method: String,
        /// The value of `Allow`.
        allowed: String,
    },
    /// No format that the client accepts is on offer.
    #[error("{0}")]
    NotAcceptable(String),
    /// The body is in a format that is not read here.
    #[error("{0}")]
    UnsupportedMediaType(String),
    /// The code is taken.
    #[error("{0}")]
    Conflict(String),
    /// Other records refer to this one.
    #[error("{detail}")]
    InUse {
        /// A sentence that names the referring records.
        detail: String,
        /// The referring records (the first of each collection).
        referrers: Vec<Referrer>,
    },
    /// A request with this `Idempotency-Key` has not ended yet.
    #[error("a request with this Idempotency-Key is being answered at this moment; ask again in a second")]
    StillRunning,
    /// An `Idempotency-Key` came back with another request.
    #[error("this Idempotency-Key was used for another request: a new request needs a new key")]
    KeyReused,
    /// A request was done before, and what was answered to it was not kept.
    #[error(
        "this was done before, and its answer was not kept, as it holds a secret or is too long{}",
        location.as_ref().map_or_else(String::new, |location| format!("; see {location}"))
    )]
    AnswerNotKept {
        /// The address of the record that was made.
        location: Option<String>,
    },
    /// `If-Match` or `If-None-Match` does not hold.
    #[error("{detail}")]
    PreconditionFailed {
        /// The condition, and the state of the record instead.
        unmet: Unmet,
        /// The same in a sentence, with the record's entity tag.
        detail: String,
    },
    /// The service wants `If-Match` on every change.
    #[error("this service accepts a change only with If-Match: read the record and send its ETag back")]
    PreconditionRequired,
    /// The body is too large.
    #[error("the body is larger than the {limit} bytes that are read here")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A compressed file holds too much.
    #[error("the workbook holds more than the {limit} bytes, unpacked, that are read here")]
    UnpackedTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The URL is too long.
    #[error("the URL is longer than {limit} bytes")]
    UriTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The head of the request is too large.
    #[error("the headers are longer than {limit} bytes together")]
    HeadTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Readable, but wrong: every defect at once.
    #[error("{}", summary(.0))]
    Validation(Vec<Defect>),
    /// Files to import are readable, but wrong; nothing was written.
    #[error("{}", summary_of_files(.defects, *.more))]
    Import {
        /// The first defects.
        defects: Vec<Defect>,
        /// True if there are more.
        more: bool,
    },
    /// Too many attempts; the client may try again after this number of seconds.
    #[error("too many attempts; try again in {retry_after} s")]
    TooManyRequests {
        /// Seconds until the next attempt can succeed.
        retry_after: u64,
    },
    /// Not now: overloaded, or the database does not answer.
    #[error("{0}")]
    Unavailable(String),
    /// The client has gone away: it does not receive this.
    #[error("the client has gone")]
    ClientGone,
    /// The disk is full; nothing was written.
    #[error("the storage is full; nothing was written")]
    StorageFull,
    /// The database is damaged. The reason goes to the log, never to a client.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// A fault of this program. The chain goes to the log, never to a client.
    #[error("{context}: {source}")]
    Internal {
        /// The work that failed.
        context: String,
        /// The reason of the failure.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Makes an unreadable input without a place.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::BadRequest { detail: detail.into(), defects: Vec::new() }
    }

    /// Makes an unreadable query or form parameter.
    pub fn bad_parameter(name: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        let defect = Defect::parameter(name, code, detail);
        Self::BadRequest { detail: defect.to_string(), defects: vec![defect] }
    }

    /// Makes the error that the database takes too long, and nothing was written.
    pub(crate) fn late() -> Self {
        Self::Unavailable("the database does not answer in time; try again".to_owned())
    }

    /// Makes the error of a write that may have been made or not.
    pub(crate) fn unknown_outcome() -> Self {
        Self::Unavailable("the outcome is unknown: read before you try again".to_owned())
    }

    /// Makes the error of a failed operation on a file. A full disk is an error of its own; a lack of free files will
    /// pass.
    pub fn file(context: impl fmt::Display, error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        if matches!(error.kind(), StorageFull | QuotaExceeded) {
            log::warn!("{context}: {error}");
            return Self::StorageFull;
        }
        // ENFILE and EMFILE, which are the same everywhere and no kinds of their own.
        if matches!(error.raw_os_error(), Some(23 | 24)) && cfg!(unix) {
            return Self::not_now(context, error);
        }
        Self::internal(context.to_string(), error)
    }

    /// Something that this machine lacks for now: a file descriptor, a temporary folder. The log says what.
    pub(crate) fn not_now(context: impl fmt::Display, error: impl fmt::Display) -> Self {
        log::error!("{context}: {error}");
        Self::Unavailable("the service lacks what this needs; try again in a second".to_owned())
    }

    /// Makes the error of a fault of this program.
    pub fn internal(context: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal { context: context.into(), source: source.into() }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::database("the database refused a statement", error)
    }
}

impl Error {
    /// Turns a failure of the database into an error; `context` names the work where the fault is ours.
    pub(crate) fn database(context: &str, error: diesel::result::Error) -> Self {
        let text = error.to_string();
        let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
        if says(&["database or disk is full", "No space left on device"]) {
            return Self::StorageFull;
        }
        if is_damage(&error) {
            return Self::Damaged(text);
        }
        // No descriptor, no temporary folder, a disk that does not answer. A failed sync has ended the process already.
        if says(&["unable to open database file", "disk I/O error"]) {
            return Self::not_now("the database cannot use a file", error);
        }
        // The words of SQLite and PostgreSQL for a statement that was ended; a replica ends one that would delay its
        // log.
        let ended = text == "interrupted"
            || says(&["statement timeout", "lock timeout", "due to user request", "conflict with recovery"]);
        if ended || is_connection_lost(&error) || says(&["database is locked"]) {
            return Self::late();
        }
        Self::internal(context, error)
    }
}

/// Tells whether an error means that the connection to the database was lost. If that was at a commit, its result is
/// unknown.
pub(crate) fn is_connection_lost(error: &diesel::result::Error) -> bool {
    use diesel::result::DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    use diesel::result::Error::{BrokenTransactionManager, DatabaseError, RollbackErrorOnCommit};
    match error {
        DatabaseError(kind, _) => matches!(kind, ClosedConnection | UnableToSendCommand),
        // A statement that comes after the one that met it.
        BrokenTransactionManager => true,
        RollbackErrorOnCommit { commit_error, .. } => is_connection_lost(commit_error),
        _ => false,
    }
}

/// Tells whether an error means that the data on disk is not the data that was written.
pub(crate) fn is_damage(error: &diesel::result::Error) -> bool {
    use diesel::result::Error::{DatabaseError, RollbackErrorOnCommit};
    // SQLITE_CORRUPT, of the schema, of the index of words; SQLITE_NOTADB; PostgreSQL. Nothing of a client's begins a
    // message.
    const SAID: [&str; 5] = [
        "database disk image is malformed",
        "malformed database schema",
        "fts5: corruption",
        "file is not a database",
        "invalid page in block",
    ];
    match error {
        DatabaseError(_, about) => SAID.iter().any(|said| about.message().starts_with(said)),
        RollbackErrorOnCommit { commit_error, .. } => is_damage(commit_error),
        _ => false,
    }
}

/// Returns one sentence for a list of defects.
fn summary(defects: &[Defect]) -> String {
    match defects {
        [] => "the record is not valid".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first} (and {} more: see errors)", rest.len()),
    }
}

/// Returns one sentence for the defects of files.
fn summary_of_files(defects: &[Defect], more: bool) -> String {
    match defects {
        [first, rest @ ..] if more => {
            format!("{first} (and more than {} others: the first {} are in errors)", rest.len(), defects.len())
        }
        defects => summary(defects),
    }
}
