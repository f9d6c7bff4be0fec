//! Full text search: over every kind of record, in both languages, alike on both databases.
//!
//! The write path keeps a row of folded words ([`crate::values::fold`]) beside each record, in the same transaction. The
//! database's own index (FTS5, or GIN over a `tsvector`) finds the rows that hold the words; phrases, exclusions and ranks
//! are read off the row itself, with the same SQL on both.

mod find;
mod index;
mod matching;
mod question;
mod snippet;
mod upkeep;

pub use find::{Found, Search, search};
pub use index::Searched;
pub use matching::Matching;
pub use question::{Question, Term};
pub use upkeep::{Difference, differences, migrate, rebuild};

pub(super) use index::{forget, keep};
