//! Acknowledged writes are kept, whatever happens beside the service: other programs at its file, no room, no
//! descriptors, a damaged file; and they are delivered to webhooks, whenever the service is killed. Each kind has a
//! control beside it: the same check over something that is broken must fail.
//!
//! SQLite only: PostgreSQL answers for its own files.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed; one that is left out says so, and a part reports by its output"
)]

mod backups;
mod damaged;
mod doctor;
mod part;
mod scarce;
mod service;
mod strangers;
mod webhooks;
