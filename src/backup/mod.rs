//! Backups: the whole registry in one file that restores on either database.
//!
//! The change log is the registry: what the tables hold follows from it. So a backup is the log with the users beside
//! it, and a restore writes the log and replays it. No copy of a database's own files is part of this, so that the two
//! databases have one format, and an older backup is read by a newer program as an older log is.
//!
//! An archive is gzip over lines of JSON, each `{"<kind>": {…}}`: one `backup`, which says what this is and what is in
//! it; the `user` and `named_token` lines; a `change` a row of the log, in order; one `end` with the SHA-256 of all
//! lines before it.

mod accounts;
mod archive;
mod make;
mod restore;

pub use archive::Manifest;
pub use make::{Backup, backup};
pub use restore::{Restored, restore, verify};
