//! Membership in a list, as one statement whatever the length: a longer list is bound as a whole, in JSON.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, Text};
use diesel::sqlite::Sqlite;

use super::connection::DbBackend;

/// The condition that a text is in a list. A text that is null is in none. `Form` says what is known of its text in
/// SQL.
#[derive(Clone, Debug)]
pub struct InList<E, Form = Any> {
    text: E,
    list: List,
    form: PhantomData<Form>,
}

/// A list of one or of several, which are written differently.
#[derive(Clone, Copy, Debug)]
pub struct Any;

/// A list that is always written as an array: the type of the condition says its text.
#[derive(Clone, Copy, Debug)]
pub struct Array;

#[derive(Clone, Debug)]
enum List {
    One(String),
    /// A JSON array of strings.
    Many(String),
}

/// Returns the condition that `text` is one of `values`. A statement that holds it is prepared once a connection; with
/// `eq_any` its text would depend on how many values there are, and SQLite would prepare it each time.
pub fn in_list<E>(text: E, values: impl IntoIterator<Item = impl ToString>) -> InList<E> {
    let mut values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    let list = match (values.len(), values.pop()) {
        (1, Some(only)) => List::One(only),
        (_, last) => {
            values.extend(last);
            List::Many(serde_json::Value::from(values).to_string())
        }
    };
    InList { text, list, form: PhantomData }
}

/// [`in_list`] for statements that diesel finds prepared by their type, without writing their text first.
pub fn in_array<E>(text: E, values: impl IntoIterator<Item = impl ToString>) -> InList<E, Array> {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    InList { text, list: List::Many(serde_json::Value::from(values).to_string()), form: PhantomData }
}

impl<E, Form> Expression for InList<E, Form> {
    type SqlType = Bool;
}

impl<E: AppearsOnTable<Source>, Form, Source> AppearsOnTable<Source> for InList<E, Form> where Self: Expression {}

impl<E: SelectableExpression<Source>, Form, Source> SelectableExpression<Source> for InList<E, Form> where
    Self: AppearsOnTable<Source>
{
}

impl<E, Form> ValidGrouping<()> for InList<E, Form> {
    type IsAggregate = is_aggregate::No;
}

impl<E> QueryId for InList<E, Any> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<E: QueryId> QueryId for InList<E, Array> {
    type QueryId = InList<E::QueryId, Array>;
    const HAS_STATIC_QUERY_ID: bool = E::HAS_STATIC_QUERY_ID;
}

/// The SQL around a list in JSON, on each database.
const SQLITE: (&str, &str) = (" IN (SELECT value FROM json_each(", "))");
#[cfg(feature = "postgres")]
const POSTGRES: (&str, &str) = (" = ANY (ARRAY(SELECT json_array_elements_text(", "::json)))");

impl<E, Form> InList<E, Form> {
    fn walk<'b, DB>(&'b self, mut out: AstPass<'_, 'b, DB>, (before, after): (&str, &str)) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<Text>,
        E: QueryFragment<DB>,
        String: ToSql<Text, DB>,
    {
        self.text.walk_ast(out.reborrow())?;
        match &self.list {
            List::One(value) => {
                out.push_sql(" = ");
                out.push_bind_param::<Text, _>(value)
            }
            List::Many(values) => {
                out.push_sql(before);
                out.push_bind_param::<Text, _>(values)?;
                out.push_sql(after);
                Ok(())
            }
        }
    }
}

impl<E: QueryFragment<DbBackend>, Form> QueryFragment<DbBackend> for InList<E, Form> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DbBackend>) -> QueryResult<()> {
        let around = match out.backend() {
            DbBackend::Sqlite(_) => SQLITE,
            #[cfg(feature = "postgres")]
            DbBackend::Postgres(_) => POSTGRES,
        };
        self.walk(out, around)
    }
}

// Diesel writes the queries within others for one database.
impl<E: QueryFragment<Sqlite>, Form> QueryFragment<Sqlite> for InList<E, Form> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.walk(out, SQLITE)
    }
}

#[cfg(feature = "postgres")]
impl<E: QueryFragment<diesel::pg::Pg>, Form> QueryFragment<diesel::pg::Pg> for InList<E, Form> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, diesel::pg::Pg>) -> QueryResult<()> {
        self.walk(out, POSTGRES)
    }
}
