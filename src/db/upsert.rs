//! `INSERT … ON CONFLICT (code) DO UPDATE`, as a statement of constant text. Diesel prepares an `UPDATE` again each
//! time, and its own `on_conflict` too; SQLite takes longer for that than for the change.

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

/// An insertion of a row that changes the row with the same code where there is one.
#[derive(Debug)]
pub struct Upsert<I> {
    insert: I,
    columns: [&'static [&'static str]; 2],
}

impl<I> Upsert<I> {
    /// `insert` gives these columns their values.
    pub fn new(insert: I, columns: [&'static [&'static str]; 2]) -> Self {
        Self { insert, columns }
    }
}

impl<I: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Upsert<I> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.insert.walk_ast(out.reborrow())?;
        out.push_sql(" ON CONFLICT (code) DO UPDATE SET ");
        for (place, name) in self.columns.iter().copied().flatten().filter(|name| **name != "code").enumerate() {
            out.push_sql(if place == 0 { "" } else { ", " });
            out.push_identifier(name)?;
            out.push_sql(" = excluded.");
            out.push_identifier(name)?;
        }
        Ok(())
    }
}

impl<I: QueryId> QueryId for Upsert<I> {
    type QueryId = Upsert<I::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = I::HAS_STATIC_QUERY_ID;
}

impl<I, Conn> RunQueryDsl<Conn> for Upsert<I> {}
