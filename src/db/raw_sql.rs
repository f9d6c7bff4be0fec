//! Queries that diesel's query builder cannot make: constant SQL around diesel's own expressions, whose values stay
//! bound.

use std::marker::PhantomData;

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl};

use super::connection::{DbBackend, DbConn};

/// A piece of SQL with its bound values.
pub type SqlFragment = Box<dyn QueryFragment<DbBackend> + Send>;

enum Part {
    Text(&'static str),
    SqlFragment(SqlFragment),
}

/// SQL in the making. The text is always a constant of this crate; whatever a request says is bound, in a
/// [`SqlFragment`].
#[derive(Default)]
pub struct RawSql {
    parts: Vec<Part>,
}

impl RawSql {
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
    pub fn push(mut self, fragment: SqlFragment) -> Self {
        self.parts.push(Part::SqlFragment(fragment));
        self
    }

    /// Adds a bound number.
    #[must_use]
    pub fn bind(self, number: i64) -> Self {
        use diesel::IntoSql as _;
        self.push(Box::new(number.into_sql::<diesel::sql_types::BigInt>()))
    }

    /// Returns an expression of this SQL type. It may be part of a query over any table: it names its columns in full.
    pub fn expression<ST>(self) -> SqlExpression<ST> {
        SqlExpression { sql: self, of: PhantomData }
    }

    /// Returns a query whose rows have these SQL types.
    pub fn returning<Row>(self) -> SqlQuery<Row> {
        SqlQuery { sql: self, row: PhantomData }
    }
}

impl std::fmt::Debug for RawSql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sql")
    }
}

impl QueryFragment<DbBackend> for RawSql {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DbBackend>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_sql(text),
                Part::SqlFragment(fragment) => fragment.walk_ast(out.reborrow())?,
            }
        }
        Ok(())
    }
}

/// A query of rows of these SQL types.
#[derive(Debug)]
pub struct SqlQuery<Row> {
    sql: RawSql,
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

/// An expression of an SQL type within a query of diesel's.
#[derive(Debug)]
pub struct SqlExpression<ST> {
    sql: RawSql,
    of: PhantomData<ST>,
}

impl<ST> Expression for SqlExpression<ST>
where
    ST: diesel::sql_types::SqlType + diesel::expression::TypedExpressionType,
{
    type SqlType = ST;
}

impl<ST, Source> AppearsOnTable<Source> for SqlExpression<ST> where Self: Expression {}

impl<ST, Source> SelectableExpression<Source> for SqlExpression<ST> where Self: AppearsOnTable<Source> {}

impl<ST> ValidGrouping<()> for SqlExpression<ST> {
    type IsAggregate = is_aggregate::No;
}

impl<ST> QueryId for SqlExpression<ST> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> QueryFragment<DbBackend> for SqlExpression<ST> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DbBackend>) -> QueryResult<()> {
        self.sql.walk_ast(out)
    }
}
