//! The condition that a row of the index matches a question: SQL that is the same text on both databases.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::{IntoSql as _, RunQueryDsl as _};

use super::query::{SearchQuery, Term};
use crate::db::{DbBackend, DbConn, RawSql};
use crate::error::Result;

/// A condition. It may stand in a query over any table: it names its columns in full.
#[derive(Debug)]
pub struct SearchPredicate(RawSql);

impl SearchPredicate {
    /// That a row of `search_index` is about a record of one of these collections, and matches.
    pub(super) fn of(collections: &[&'static str], question: &SearchQuery) -> Self {
        Self(search_condition(RawSql::default(), collections, question))
    }

    /// That a code, the SQL of a column, is among those that a search in the collection finds.
    pub(in crate::registry) fn among(code: &'static str, collection: &'static str, question: &SearchQuery) -> Self {
        let sql = RawSql::new(code).text(" IN (SELECT search_index.key FROM search_index WHERE ");
        Self(search_condition(sql, &[collection], question).text(")"))
    }
}

fn search_condition(sql: RawSql, collections: &[&'static str], question: &SearchQuery) -> RawSql {
    if question.is_empty() {
        return sql.text("(1 = 0)");
    }
    // An expression: no database is to begin with the many rows of a collection instead of the few with a word.
    let mut sql = sql.text("(search_index.resource || '' IN (");
    for (place, collection) in collections.iter().enumerate() {
        sql = bound(sql.text(if place == 0 { "" } else { ", " }), (*collection).to_owned());
    }
    sql = sql.text(")");
    if !question.wanted.is_empty() {
        sql = sql.text(" AND search_index.id IN (SELECT rowid FROM search_words(");
        sql = bound(sql, indexed_words(&question.wanted)).text("))");
    }
    for term in question.wanted.iter().filter(|term| term.words.len() > 1) {
        sql = contains(sql.text(" AND "), term);
    }
    for term in &question.unwanted {
        sql = contains(sql.text(" AND NOT "), term);
    }
    sql.text(")")
}

/// That a row holds a term.
fn contains(sql: RawSql, term: &Term) -> RawSql {
    let sql = bound(sql.text("(search_index.names LIKE "), term.pattern());
    bound(sql.text(" OR search_index.texts LIKE "), term.pattern()).text(")")
}

fn bound(sql: RawSql, text: String) -> RawSql {
    sql.push(Box::new(text.into_sql::<Text>()))
}

impl SearchQuery {
    /// The words that are asked for, as the database's index takes them, where nothing else is: no phrase, nothing
    /// that must not be there.
    pub(in crate::registry) fn as_words(&self) -> Option<String> {
        let plain = !self.wanted.is_empty() && self.unwanted.is_empty();
        (plain && self.wanted.iter().all(|term| term.words.len() == 1)).then(|| indexed_words(&self.wanted))
    }
}

/// The rows of the index that hold some words, of whatever kind of record.
///
/// # Errors
/// Errors of the database.
pub(in crate::registry) fn rows_with(conn: &mut DbConn, words: &str) -> Result<Vec<i64>> {
    let sql = bound(RawSql::new("SELECT rowid FROM search_words("), words.to_owned()).text(")");
    Ok(sql.returning::<BigInt>().load(conn)?)
}

/// The words that a row must hold, for the database's index: each once, one of them perhaps as a beginning.
fn indexed_words(terms: &[Term]) -> String {
    let mut words: Vec<String> = Vec::new();
    for term in terms {
        let last = term.words.len().saturating_sub(1);
        for (place, word) in term.words.iter().enumerate() {
            let word = if term.open && place == last { format!("{word}*") } else { word.clone() };
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words.join(" ")
}

impl Expression for SearchPredicate {
    type SqlType = Bool;
}

impl<Source> AppearsOnTable<Source> for SearchPredicate {}

impl<Source> SelectableExpression<Source> for SearchPredicate {}

impl ValidGrouping<()> for SearchPredicate {
    type IsAggregate = is_aggregate::No;
}

impl QueryId for SearchPredicate {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<DbBackend> for SearchPredicate {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DbBackend>) -> QueryResult<()> {
        // There are as many forms as there are questions: statements are not kept for them.
        out.unsafe_to_cache_prepared();
        self.0.walk_ast(out)
    }
}
