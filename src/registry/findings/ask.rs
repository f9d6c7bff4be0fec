//! How the rules are put to the database: counts, pages, numbers a nation. Each rule is a query of its own over indexes; no
//! finding is kept anywhere.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::RULES;
use super::rule::{Case, Question, Rule, text};
use crate::db::schema::dismissals;
use crate::db::{DbConn, Fragment, Sql};
use crate::error::{Error, Result};
use crate::registry::Kind;
use crate::registry::list::Keys;

/// A record that a rule finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// The record's collection.
    pub resource: &'static str,
    /// The record's code.
    pub code: String,
    /// What the record goes by.
    pub title: String,
    /// What is wrong with it.
    pub detail: String,
}

/// How many records a rule finds.
#[derive(Clone, Debug)]
pub struct Count {
    /// The rule.
    pub rule: &'static Rule,
    /// How many are in the list.
    pub count: i64,
    /// How many are not, because they are meant to be so.
    pub dismissed: i64,
}

/// Some findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In the order of the rules, then of collections and codes.
    pub items: Vec<Finding>,
    /// The keys of the last one, where there are more.
    pub next: Option<Keys>,
}

/// How many records each rule finds, zeros included. Which rules are asked about does not matter here.
///
/// # Errors
/// What the database says.
pub fn counts(conn: &mut DbConn, question: &Question) -> Result<Vec<Count>> {
    let dismissed = dismissed_rules(conn)?;
    let mut counts = Vec::with_capacity(RULES.len());
    for &rule in RULES {
        let mut count = Count { rule, count: 0, dismissed: 0 };
        for case in cases(rule, question) {
            let Some(holds) = holding(case, question) else { continue };
            let found = number(conn, case, holds)?;
            let holds = holding(case, question).filter(|_| dismissed.iter().any(|name| name == rule.name));
            let meant = match holds {
                Some(holds) => number(conn, case, holds.text(" AND ").then(Box::new(is_dismissed(rule, case))))?,
                None => 0,
            };
            count.count += found - meant;
            count.dismissed += meant;
        }
        counts.push(count);
    }
    Ok(counts)
}

/// The findings after `after`, at most `limit` of them.
///
/// # Errors
/// [`Error::BadRequest`] when the keys are none of such a list; what the database says.
pub fn page(conn: &mut DbConn, question: &Question, after: Option<&Keys>, limit: i64) -> Result<Page> {
    let start = after.map(|keys| place(keys)).transpose()?;
    let room = |items: &Vec<Finding>| limit - i64::try_from(items.len()).unwrap_or(i64::MAX);
    let mut items = Vec::new();
    for (at, (rule, case)) in places().enumerate() {
        let asked_for = question.rules.as_ref().is_none_or(|rules| rules.iter().any(|name| name == rule.name));
        if !asked_for || !is_about(case, question) || start.as_ref().is_some_and(|(place, _)| at < *place) {
            continue;
        }
        let code = start.as_ref().filter(|(place, _)| at == *place).map(|(_, code)| code.as_str());
        // One more than there is room for shows whether there are more.
        items.extend(some(conn, rule, case, question, code, room(&items) + 1)?);
        if room(&items) < 0 {
            items.pop();
            let last = items.last().map(|last| [last.rule, last.resource, &last.code].map(str::to_owned).to_vec());
            return Ok(Page { items, next: last });
        }
    }
    Ok(Page { items, next: None })
}

/// How many findings that have not been dismissed concern each nation.
///
/// # Errors
/// What the database says.
pub fn by_nation(conn: &mut DbConn, question: &Question) -> Result<HashMap<String, i64>> {
    let mut numbers = HashMap::new();
    for (rule, case) in places().filter(|(_, case)| is_about(case, question)) {
        let Some(holds) = holding(case, question) else { continue };
        let sql = Sql::new("SELECT ")
            .text(case.subject.nation)
            .text(", count(*) FROM ")
            .text(case.subject.table)
            .text(case.subject.join)
            .text(" WHERE ")
            .then(Box::new(holds))
            .text(" AND NOT ")
            .then(Box::new(is_dismissed(rule, case)))
            .text(" GROUP BY ")
            .text(case.subject.nation);
        for (nation, count) in sql.returning::<(Text, BigInt)>().load::<(String, i64)>(conn)? {
            *numbers.entry(nation).or_insert(0) += count;
        }
    }
    Ok(numbers)
}

/// Every rule with each of its cases, in order.
fn places() -> impl Iterator<Item = (&'static Rule, &'static Case)> {
    RULES.iter().flat_map(|&rule| rule.cases.iter().map(move |case| (rule, case)))
}

/// Where a page begins: a place among [`places`], and the code after which.
fn place(keys: &[String]) -> Result<(usize, String)> {
    let found = match keys {
        [rule, resource, code] => places()
            .position(|(one, case)| one.name == rule && case.subject.collection == resource)
            .map(|place| (place, code.clone())),
        _ => None,
    };
    found.ok_or_else(|| Error::bad_parameter("cursor", "bad_cursor", "this cursor does not fit this list"))
}

fn is_about(case: &Case, question: &Question) -> bool {
    question.resources.as_ref().is_none_or(|names| names.iter().any(|name| name == case.subject.collection))
}

fn cases<'a>(rule: &'static Rule, question: &'a Question) -> impl Iterator<Item = &'static Case> + 'a {
    rule.cases.iter().filter(move |case| is_about(case, question))
}

/// The condition that a rule holds for a row and that the row is asked about; `None` where no row of the table is.
fn holding(case: &Case, question: &Question) -> Option<Sql> {
    let holds = Sql::new("(").then(Box::new((case.holds)(question))).text(")");
    if question.asked.filters.is_empty() {
        return Some(holds);
    }
    let mut asked = question.asked.clone();
    // A nation concerns itself.
    if case.subject.collection == "nations"
        && let Some(codes) = asked.filters.remove("nation")
    {
        asked.filters.insert("code", codes);
    }
    let kind = Kind::all().into_iter().find(|kind| kind.collection == case.subject.collection)?;
    let narrowed: Fragment = (kind.narrowed)(&asked)?;
    Some(holds.text(" AND ").text(case.subject.code).text(" IN (").then(narrowed).text(")"))
}

/// The condition that a row of the case's table has been dismissed.
fn is_dismissed(rule: &Rule, case: &Case) -> Sql {
    Sql::new("(")
        .text(case.subject.code)
        .text(" IN (SELECT dismissals.key FROM dismissals WHERE dismissals.rule = ")
        .then(text(rule.name))
        .text(" AND dismissals.resource = ")
        .then(text(case.subject.collection))
        .text("))")
}

fn dismissed_rules(conn: &mut DbConn) -> Result<Vec<String>> {
    Ok(dismissals::table.select(dismissals::rule).distinct().load(conn)?)
}

fn number(conn: &mut DbConn, case: &Case, holds: Sql) -> Result<i64> {
    let sql = Sql::new("SELECT count(*) FROM ").text(case.subject.table).text(" WHERE ").then(Box::new(holds));
    Ok(sql.returning::<BigInt>().get_result::<i64>(conn)?)
}

/// The findings of one case that have not been dismissed, in the order of their codes.
fn some(
    conn: &mut DbConn,
    rule: &'static Rule,
    case: &'static Case,
    question: &Question,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Finding>> {
    let Some(holds) = holding(case, question) else { return Ok(Vec::new()) };
    let subject = case.subject;
    let mut sql = Sql::new("SELECT ")
        .text(subject.code)
        .text(", ")
        .text(subject.title)
        .text(", ")
        .then(Box::new((case.detail)(question)))
        .text(" FROM ")
        .text(subject.table)
        .text(" WHERE ")
        .then(Box::new(holds))
        .text(" AND NOT ")
        .then(Box::new(is_dismissed(rule, case)));
    if let Some(code) = after {
        sql = sql.text(" AND ").text(subject.code).text(" > ").then(text(code));
    }
    let limit: Fragment = Box::new(limit.into_sql::<BigInt>());
    let sql = sql.text(" ORDER BY ").text(subject.code).text(" LIMIT ").then(limit);
    let rows = sql.returning::<(Text, Text, Text)>().load::<(String, String, String)>(conn)?;
    let finding =
        |(code, title, detail)| Finding { rule: rule.name, resource: subject.collection, code, title, detail };
    Ok(rows.into_iter().map(finding).collect())
}
