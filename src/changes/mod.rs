//! The change log: one row a write, in commit order, each sealed to the one before by a hash. It is the source of
//! versions, ETags, history, restore, the feed and time travel; nothing keeps a second truth.

mod between;
mod broadcaster;
mod chain;
mod entry;
mod feed;
mod log;
mod past;
pub mod releases;

pub use between::{Touched, Transition, documents_at, last_documents, touched, transitions};
pub use broadcaster::{Broadcaster, ChangeReceiver, Event, Received};
pub use chain::{ChainError, Checkpoint, verify_chain, verify_checkpoint};
pub use entry::{Entry, differences, history};
pub use feed::{Filter, Page, between_revisions, page};
pub(crate) use log::append;
pub use log::{Action, Change, Head, count, find, hash_of, head, revision};
pub use past::{
    KeyRange, LastChange, created_at, day_of, earlier_changes, key_ranges, last_changes, last_changes_by_key,
    other_resources, revision_at, time_of,
};
pub use releases::{NewRelease, Release, ReleaseName};
