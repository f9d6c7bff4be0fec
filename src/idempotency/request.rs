//! A request that may come again, and what is kept of its answer.

/// An answer in the form in which it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The header `Location`.
    pub location: Option<String>,
    /// The header `ETag`.
    pub etag: Option<String>,
    /// The body, as JSON; empty where there is none.
    pub body: String,
}

impl Reply {
    /// Nothing but that it is done: 204.
    pub fn no_content() -> Self {
        Self { status: 204, location: None, etag: None, body: String::new() }
    }
}

/// The part of an answer that is kept.
#[derive(Clone, Debug)]
pub enum Kept {
    /// All of it.
    Whole(Reply),
    /// The fact that there was an answer, and the record that it made: the answer has a secret, which must not be
    /// stored.
    Secret {
        /// The HTTP status.
        status: u16,
        /// The address of the record that was made.
        location: String,
    },
}

/// A request, as its key and its content tell it from others.
#[derive(Clone, Debug)]
pub struct Request {
    /// The caller: each caller has keys of their own.
    pub caller: String,
    /// The SHA-256 digest of the key, in hexadecimal.
    pub key: String,
    /// The mark that tells this request from another one with the same key: a keyed digest, as a body may hold a
    /// password.
    pub fingerprint: String,
}
