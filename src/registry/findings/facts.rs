//! Facts about a record that follow from others ([`Fact`]), written whenever one of those is: by writes and by the
//! replay of the log.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::pending::Pending;
use super::rule::Fact;
use super::rules::RULES;
use crate::db::schema::{agreements, project_nations, projects, search_index};
use crate::db::{DbConn, RawSql, SqlFragment, in_list};
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
            write(conn, "projects", Box::new(in_list(projects::code, projects)))?;
        }
        if !agreements.is_empty() {
            write(conn, "agreements", Box::new(in_list(agreements::code, agreements)))?;
        }
        if !partners.is_empty() {
            let taking = project_nations::table.filter(in_list(project_nations::nation, partners));
            write(conn, "projects", Box::new(projects::code.eq_any(taking.select(project_nations::project))))?;
        }
        for (collection, likenesses) in likenesses {
            let alike = search_index::resource.eq(collection).and(in_list(search_index::likeness, likenesses));
            write(conn, "search_index", Box::new(alike))?;
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

/// Writes the facts about the rows of a table that satisfy a condition. Rows whose facts are right already are left
/// alone: a row that is written again costs an entry in each index of these columns.
fn write(conn: &mut DbConn, table: &'static str, condition: SqlFragment) -> Result<()> {
    let facts = || RULES.iter().flat_map(|rule| rule.facts).filter(|fact| fact.table == table).enumerate();
    let mut sql = RawSql::new("UPDATE ").text(table).text(" SET ");
    for (n, Fact { column, value, .. }) in facts() {
        sql = sql.text(if n == 0 { "" } else { ", " }).text(column).text(" = ").text(value);
    }
    sql = sql.text(" WHERE ").push(condition);
    for (n, Fact { column, value, .. }) in facts() {
        sql = sql.text(if n == 0 { " AND (" } else { " OR " }).text(column).text(" <> ").text(value);
    }
    sql.text(")").execute(conn)?;
    Ok(())
}
