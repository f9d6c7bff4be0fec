//! Full text search: over every kind of record, in both languages, alike on both databases.
//!
//! The write path keeps a row of folded words ([`crate::values::fold`]) beside each record, in the same transaction.
//! The database's own index (FTS5, or GIN over a `tsvector`) finds the rows that hold the words; phrases, exclusions
//! and ranks are read off the row itself, with the same SQL on both.

pub(super) mod fields;
mod find;
pub(super) mod index;
pub(super) mod pending_rows;
pub(super) mod predicate;
pub(super) mod query;
mod reindex;
mod snippet;

pub use fields::SearchFields;
pub use find::{Hit, Search, search};
pub use predicate::SearchPredicate;
pub use query::{SearchQuery, Term};
pub use reindex::{Difference, differences, differences_of, migrate, orphaned, rebuild};

/// The tables of the index, with those in which FTS5 keeps its own (<https://sqlite.org/fts5.html>, "Database Schema").
pub(super) const SQLITE_TABLES: [&str; 5] =
    ["search_index", "search_words_data", "search_words_idx", "search_words_docsize", "search_words_config"];
