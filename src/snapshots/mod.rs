//! Time travel: a past state of the registry as a database of its own, on which every query runs unchanged.
//!
//! For a handler it is one line: take `as_of` from the query string (`http::params`), then
//! `state.at(as_of.as_ref()).await?.read(class, move |conn, context| …).await`, or `.export(…)` for whole files. The
//! closure gets the registry as it was (now, without `as_of`), in one transaction. `context.day` is the day that
//! derived values are about: use it in the place of today.
//! `context.revision(conn)` is the revision that the answer shows, for its entity tag. A handler that reads the log
//! itself uses `.log(…)` for the present database and leaves out changes after `context.revision(conn)`.
//!
//! A past state is a SQLite file, whatever the registry's own database is, made from the log when it is first asked
//! for: the last change of each record up to then, written by the same code as always. It begins as a copy of the
//! nearest one that is kept, an earlier or a later one. A few of them are kept.

mod as_of;
mod build;
mod cache;
mod verify;
mod view;

pub use as_of::{AsOf, instant};
pub use build::Snapshot;
pub use cache::Snapshots;
pub use verify::{Finding, OnFinding, OnProgress, Verified, verify};
pub use view::{ReadContext, ReadView};
