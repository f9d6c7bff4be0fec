//! Questions that diesel's query builder cannot put: constant SQL around diesel's own expressions, whose values stay bound.

use std::marker::PhantomData;

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl};

use super::connection::{DbBackend, DbConn};

/// A piece of SQL with its bound values.
pub type Fragment = Box<dyn QueryFragment<DbBackend> + Send>;

enum Part {
    Text(&'static str),
    Fragment(Fragment),
}

/// SQL in the making. The text is always a constant of this crate; whatever a request says is bound, in a [`Fragment`].
#[derive(Default)]
pub struct Sql {
    parts: Vec<Part>,
}

impl Sql {
    /// Begins with a text.
    pub fn new(text: &'static str) -> Self {
        Self { parts: vec![Part::Text(text)] }
    }

    /// Adds a text.
    #[must_use]
    pub fn text(mut self, text: &'static str) -> Self {
        self.parts.push(Part::Text(text));
        self
    }

    /// Adds a piece.
    #[must_use]
    pub fn then(mut self, fragment: Fragment) -> Self {
        self.parts.push(Part::Fragment(fragment));
        self
    }

    /// A query whose rows have these SQL types.
    pub fn returning<Row>(self) -> SqlQuery<Row> {
        SqlQuery { sql: self, row: PhantomData }
    }
}

impl std::fmt::Debug for Sql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sql")
    }
}

impl QueryFragment<DbBackend> for Sql {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DbBackend>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_sql(text),
                Part::Fragment(fragment) => fragment.walk_ast(out.reborrow())?,
            }
        }
        Ok(())
    }
}

/// A query of rows of these SQL types.
#[derive(Debug)]
pub struct SqlQuery<Row> {
    sql: Sql,
    row: PhantomData<Row>,
}

impl<Row> QueryFragment<DbBackend> for SqlQuery<Row> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DbBackend>) -> QueryResult<()> {
        self.sql.walk_ast(out)
    }
}

impl<Row> Query for SqlQuery<Row> {
    type SqlType = Row;
}

impl<Row> QueryId for SqlQuery<Row> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Row> RunQueryDsl<DbConn> for SqlQuery<Row> {}
