//! Facts about a record that follow from others ([`Fact`]), written whenever one of those is: by writes and by the
//! replay of the log.

use std::collections::BTreeSet;

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Integer, Text};
use diesel::sqlite::Sqlite;

use super::pending::Pending;
use super::rule::Fact;
use super::rules::RULES;
use crate::db::schema::{agreements, project_nations, projects, search_index};
use crate::db::{DbConn, RawSql, in_array, on};
use crate::error::Result;

/// The number of rows and facts from which on they are written.
const MANY: usize = 500;

impl Pending {
    /// Writes it, where it is much.
    pub(in crate::registry) fn settle_many(&mut self, conn: &mut DbConn) -> Result<()> {
        let likenesses: usize = self.likenesses.values().map(BTreeSet::len).sum();
        let about = self.projects.len() + self.agreements.len() + self.partners.len() + likenesses;
        if about + self.rows.len() < MANY { Ok(()) } else { self.settle(conn) }
    }

    /// Writes it: the facts are about rows of the index, too, so that they come after them.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn settle(&mut self, conn: &mut DbConn) -> Result<()> {
        self.rows.write(conn)?;
        let Self { projects, agreements, partners, likenesses, .. } = std::mem::take(self);
        if !projects.is_empty() {
            write(conn, "projects", in_array(projects::code, projects))?;
        }
        if !agreements.is_empty() {
            write(conn, "agreements", in_array(agreements::code, agreements))?;
        }
        if !partners.is_empty() {
            let taking = project_nations::table.filter(in_array(project_nations::nation, partners));
            write(conn, "projects", projects::code.eq_any(taking.select(project_nations::project)))?;
        }
        for (collection, likenesses) in likenesses {
            let alike = search_index::resource.eq(collection).and(in_array(search_index::likeness, likenesses));
            write(conn, "search_index", alike)?;
        }
        Ok(())
    }
}

/// A fact that is not what follows from the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FalseFact {
    /// The collection of the record that it is about.
    pub collection: String,
    /// The code of that record.
    pub code: String,
    /// The column in which it is kept.
    pub column: &'static str,
    /// Its value there.
    pub kept: String,
    /// The value that follows from the records.
    pub right: String,
}

/// Compares the facts with the records that they follow from, and gives those that are wrong, a hundred of a kind at
/// most.
///
/// # Errors
/// Errors of the database.
pub fn false_facts(conn: &mut DbConn) -> Result<Vec<FalseFact>> {
    let mut found = Vec::new();
    for Fact { table, column, value } in RULES.iter().flat_map(|rule| rule.facts) {
        let (collection, code) = match *table {
            "search_index" => ("search_index.resource", "search_index.key"),
            "agreements" => ("'agreements'", "agreements.code"),
            _ => ("'projects'", "projects.code"),
        };
        let sql = RawSql::new("SELECT wrong.collection, wrong.code, CAST(wrong.kept AS TEXT), CAST(wrong.right_one AS TEXT) FROM (SELECT ")
            .text(collection)
            .text(" AS collection, ")
            .text(code)
            .text(" AS code, ")
            .text(column)
            .text(" AS kept, ")
            .text(value)
            .text(" AS right_one FROM ")
            .text(table)
            .text(") AS wrong WHERE wrong.kept <> wrong.right_one ORDER BY 1, 2 LIMIT 100");
        let rows = sql.returning::<(Text, Text, Text, Text)>().load::<(String, String, String, String)>(conn)?;
        found.extend(rows.into_iter().map(|(collection, code, kept, right)| FalseFact {
            collection,
            code,
            column,
            kept,
            right,
        }));
    }
    Ok(found)
}

/// A condition that can be written for PostgreSQL, where that is built in.
#[cfg(feature = "postgres")]
trait ForPostgres: QueryFragment<diesel::pg::Pg> {}
#[cfg(feature = "postgres")]
impl<C: QueryFragment<diesel::pg::Pg>> ForPostgres for C {}
#[cfg(not(feature = "postgres"))]
trait ForPostgres {}
#[cfg(not(feature = "postgres"))]
impl<C> ForPostgres for C {}

/// Writes the facts about the rows of a table that satisfy a condition, where one is not right. To ask first takes
/// much less than an `UPDATE` that changes nothing, which opens every index.
fn write<C>(conn: &mut DbConn, table: &'static str, condition: C) -> Result<()>
where
    C: QueryFragment<Sqlite> + ForPostgres + QueryId,
{
    let find = Statement::<_, FIND> { table, condition: &condition };
    if on!(&mut *conn, conn => find.get_result::<i32>(conn).optional())?.is_some() {
        let update = Statement::<_, UPDATE> { table, condition: &condition };
        on!(&mut *conn, conn => update.execute(conn))?;
    }
    Ok(())
}

/// Finds out whether there is a row with a fact that is not right.
const FIND: bool = false;
/// Writes such rows anew. A row that is written costs an entry in each index of these columns.
const UPDATE: bool = true;

/// A statement about the rows of a table that satisfy a condition and have a fact that is not right.
struct Statement<'c, C, const KIND: bool> {
    table: &'static str,
    condition: &'c C,
}

impl<C, Conn, const KIND: bool> RunQueryDsl<Conn> for Statement<'_, C, KIND> {}

impl<C> Query for Statement<'_, C, FIND> {
    type SqlType = Integer;
}

/// The condition names columns of one table, so that its type says the text of the statement.
impl<C: QueryId, const KIND: bool> QueryId for Statement<'_, C, KIND> {
    type QueryId = Statement<'static, C::QueryId, KIND>;
    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<DB: Backend, C: QueryFragment<DB>, const KIND: bool> QueryFragment<DB> for Statement<'_, C, KIND> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let facts = || RULES.iter().flat_map(|rule| rule.facts).filter(|fact| fact.table == self.table).enumerate();
        match KIND {
            UPDATE => {
                out.push_sql("UPDATE ");
                out.push_sql(self.table);
                out.push_sql(" SET ");
                for (n, Fact { column, value, .. }) in facts() {
                    for text in [if n == 0 { "" } else { ", " }, column, " = ", value] {
                        out.push_sql(text);
                    }
                }
            }
            FIND => {
                out.push_sql("SELECT 1 FROM ");
                out.push_sql(self.table);
            }
        }
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out.reborrow())?;
        for (n, Fact { column, value, .. }) in facts() {
            for text in [if n == 0 { " AND (" } else { " OR " }, column, " <> ", value] {
                out.push_sql(text);
            }
        }
        out.push_sql(if KIND == UPDATE { ")" } else { ") LIMIT 1" });
        Ok(())
    }
}
