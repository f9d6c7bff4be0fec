//! `INSERT … ON CONFLICT (code) DO UPDATE`, as a statement of constant text. Diesel prepares an `UPDATE` anew each
//! time, and its own `on_conflict` too; SQLite takes longer for that than for the change.

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::Column;
use diesel::result::QueryResult;
use diesel::sqlite::Sqlite;
use diesel::{RunQueryDsl, Selectable};

/// The columns of a table, by name.
pub trait ColumnNames {
    /// Their names, in the order of the table.
    const NAMES: &'static [&'static str];
}

macro_rules! column_names {
    ($($first:ident $($column:ident)*;)+) => {$(
        impl<$first: Column, $($column: Column),*> ColumnNames for ($first, $($column,)*) {
            const NAMES: &'static [&'static str] = &[$first::NAME, $($column::NAME),*];
        }
    )+};
}

column_names! {
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
    A B C D E F G H I J K L M;
    A B C D E F G H I J K L M N;
    A B C D E F G H I J K L M N O;
    A B C D E F G H I J K L M N O P;
    A B C D E F G H I J K L M N O P Q;
    A B C D E F G H I J K L M N O P Q R;
    A B C D E F G H I J K L M N O P Q R S;
    A B C D E F G H I J K L M N O P Q R S T;
    A B C D E F G H I J K L M N O P Q R S T U;
    A B C D E F G H I J K L M N O P Q R S T U V;
    A B C D E F G H I J K L M N O P Q R S T U V W;
    A B C D E F G H I J K L M N O P Q R S T U V W X;
    A B C D E F G H I J K L M N O P Q R S T U V W X Y;
    A B C D E F G H I J K L M N O P Q R S T U V W X Y Z;
}

/// The columns that a row is read from, and written to: the same on each database.
pub fn columns_of<R>(_: &R) -> &'static [&'static str]
where
    R: Selectable<Sqlite>,
    R::SelectExpression: ColumnNames,
{
    <R::SelectExpression as ColumnNames>::NAMES
}

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
