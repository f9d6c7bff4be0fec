//! The rules put to the database: counts, pages, numbers a nation. Each rule is a query of its own over indexes; no
//! finding is kept anywhere.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::rule::{Case, Question, Rule, Subject, text};
use super::rules::RULES;
use crate::db::schema::dismissals;
use crate::db::{DbConn, RawSql, SqlFragment};
use crate::error::{Error, Result};
use crate::registry::list::CursorKeys;
use crate::registry::resource_info::ResourceInfo;

/// A record that a rule finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// The record's collection.
    pub resource: &'static str,
    /// The record's code.
    pub code: String,
    /// The name or title of the record.
    pub title: String,
    /// The detail that the record contradicts, lacks or is late with.
    pub detail: String,
}

/// The number of records that a rule finds.
#[derive(Clone, Debug)]
pub struct Count {
    /// The rule.
    pub rule: &'static Rule,
    /// The number in the list.
    pub count: i64,
    /// The number left out, because they are meant to be so.
    pub dismissed: i64,
}

/// Some findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In the order of the rules, then of collections and codes.
    pub items: Vec<Finding>,
    /// The keys of the last one, where there are more.
    pub next: Option<CursorKeys>,
}

/// Counts the records that each rule finds, zeros included, whichever rules are asked about.
///
/// # Errors
/// Errors of the database.
pub fn counts(conn: &mut DbConn, question: &Question) -> Result<Vec<Count>> {
    let question = &question.settled(conn)?;
    let dismissed = dismissed_rules(conn)?;
    let mut counts = Vec::with_capacity(RULES.len());
    for &rule in RULES {
        let mut count = Count { rule, count: 0, dismissed: 0 };
        for case in cases(rule, question) {
            let Some(narrowing) = narrowing(case, question) else { continue };
            let found = number(conn, case, (case.holds)(question), narrowing)?;
            let mut meant = 0;
            if dismissed.iter().any(|name| name == rule.name) {
                let Some(narrowing) = self::narrowing(case, question) else { continue };
                let holds = all([(case.holds)(question), is_dismissed(rule, case)]);
                meant = number(conn, case, holds, narrowing)?;
            }
            count.count += found - meant;
            count.dismissed += meant;
        }
        counts.push(count);
    }
    Ok(counts)
}

/// Returns the findings after `after`, at most `limit` of them.
///
/// # Errors
/// [`Error::BadRequest`] when the keys are none of such a list; what the database says.
pub fn page(conn: &mut DbConn, question: &Question, after: Option<&CursorKeys>, limit: i64) -> Result<Page> {
    let question = &question.settled(conn)?;
    let start = after.map(|keys| place(keys)).transpose()?;
    let room = |items: &Vec<Finding>| limit - i64::try_from(items.len()).unwrap_or(i64::MAX);
    let mut items = Vec::new();
    for (at, (rule, case)) in places().enumerate() {
        let asked_for = question.rules.as_ref().is_none_or(|rules| rules.texts().iter().any(|name| name == rule.name));
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

/// Counts the findings of each nation that have not been dismissed.
///
/// # Errors
/// Errors of the database.
pub fn by_nation(conn: &mut DbConn, question: &Question) -> Result<HashMap<String, i64>> {
    let question = &question.settled(conn)?;
    let mut numbers = HashMap::new();
    for (rule, case) in places().filter(|(_, case)| is_about(case, question)) {
        let Some(narrowing) = narrowing(case, question) else { continue };
        let subject = case.subject;
        let sql = found(case, all([(case.holds)(question), is_not_dismissed(rule, case)]))
            .text("SELECT ")
            .text(subject.nation)
            .text(", count(*) FROM found CROSS JOIN ")
            .text(subject.table)
            .text(subject.join)
            .text(" WHERE ")
            .text(subject.code)
            .text(" = found.code");
        let sql = and(sql, narrowing).text(" GROUP BY ").text(subject.nation);
        for (nation, count) in sql.returning::<(Text, BigInt)>().load::<(String, i64)>(conn)? {
            *numbers.entry(nation).or_insert(0) += count;
        }
    }
    Ok(numbers)
}

/// Returns every rule with each of its cases, in order.
fn places() -> impl Iterator<Item = (&'static Rule, &'static Case)> {
    RULES.iter().flat_map(|&rule| rule.cases.iter().map(move |case| (rule, case)))
}

/// Returns the start of a page: a place among [`places`], and the code after which it begins.
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
    question.resources.as_ref().is_none_or(|names| names.texts().iter().any(|name| name == case.subject.collection))
}

fn cases<'a>(rule: &'static Rule, question: &'a Question) -> impl Iterator<Item = &'static Case> + 'a {
    rule.cases.iter().filter(move |case| is_about(case, question))
}

/// Returns the condition that a row of the case's table is asked about, if there is any; `None` where no row of the
/// table is.
fn narrowing(case: &Case, question: &Question) -> Option<Option<RawSql>> {
    if question.filter_set.filters.is_empty() {
        return Some(None);
    }
    let mut filter_set = question.filter_set.clone();
    // A nation concerns itself.
    if case.subject.collection == "nations"
        && let Some(codes) = filter_set.filters.remove("nation")
    {
        filter_set.filters.insert("code", codes);
    }
    let kind = ResourceInfo::find(case.subject.collection)?;
    (kind.narrowing)(&filter_set).map(Some)
}

/// Makes the condition that all of `conditions` hold.
fn all<const N: usize>(conditions: [RawSql; N]) -> RawSql {
    conditions.into_iter().fold(RawSql::new("1 = 1"), |all, one| and(all, Some(one)))
}

/// Returns a query with one more condition.
fn and(sql: RawSql, condition: Option<RawSql>) -> RawSql {
    match condition {
        Some(condition) => sql.text(" AND (").push(Box::new(condition)).text(")"),
        None => sql,
    }
}

/// Returns the codes of the rows that satisfy a condition, as `found`. They are few among those of a nation or an area,
/// so that they are found first (MATERIALIZED) and looked at one by one (CROSS JOIN, which SQLite does not turn round).
fn found(case: &Case, holds: RawSql) -> RawSql {
    RawSql::new("WITH found(code) AS MATERIALIZED (SELECT ")
        .text(case.subject.code)
        .text(" FROM ")
        .text(case.subject.table)
        .text(" WHERE ")
        .push(Box::new(holds))
        .text(") ")
}

/// Returns the condition that a row of the case's table has not been dismissed.
fn is_not_dismissed(rule: &Rule, case: &Case) -> RawSql {
    RawSql::new("NOT ").push(Box::new(is_dismissed(rule, case)))
}

/// Returns the condition that a row of the case's table has been dismissed.
fn is_dismissed(rule: &Rule, case: &Case) -> RawSql {
    RawSql::new("(")
        .text(case.subject.code)
        .text(" IN (SELECT dismissals.key FROM dismissals WHERE dismissals.rule = ")
        .push(text(rule.name))
        .text(" AND dismissals.resource = ")
        .push(text(case.subject.collection))
        .text("))")
}

fn dismissed_rules(conn: &mut DbConn) -> Result<Vec<String>> {
    Ok(dismissals::table.select(dismissals::rule).distinct().load(conn)?)
}

fn number(conn: &mut DbConn, case: &Case, holds: RawSql, narrowing: Option<RawSql>) -> Result<i64> {
    let sql = match narrowing {
        None => counting(case, holds),
        Some(narrowing) => and(found(case, holds).push(Box::new(joined(case, "SELECT count(*)"))), Some(narrowing)),
    };
    Ok(sql.returning::<BigInt>().get_result::<i64>(conn)?)
}

/// Returns a query of the rows that were found.
fn joined(case: &Case, select: &'static str) -> RawSql {
    let Subject { table, code, .. } = case.subject;
    RawSql::new(select).text(" FROM found CROSS JOIN ").text(table).text(" WHERE ").text(code).text(" = found.code")
}

fn counting(case: &Case, holds: RawSql) -> RawSql {
    RawSql::new("SELECT count(*) FROM ").text(case.subject.table).text(" WHERE ").push(Box::new(holds))
}

/// Returns the query that counts what a case finds, for a look at how the database answers it.
#[cfg(test)]
pub(in crate::registry) fn plan(case: &Case, question: &Question) -> SqlFragment {
    Box::new(counting(case, (case.holds)(question)))
}

/// Returns the findings of one case that have not been dismissed, in the order of their codes.
fn some(
    conn: &mut DbConn,
    rule: &'static Rule,
    case: &'static Case,
    question: &Question,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Finding>> {
    let Some(narrowing) = narrowing(case, question) else { return Ok(Vec::new()) };
    let subject = case.subject;
    let after = after.map(|code| RawSql::new(subject.code).text(" > ").push(text(code)));
    let holds = and(all([(case.holds)(question), is_not_dismissed(rule, case)]), after);
    let select = RawSql::new("SELECT ")
        .text(subject.code)
        .text(", ")
        .text(subject.title)
        .text(", ")
        .push(Box::new((case.detail)(question)));
    let sql = match narrowing {
        None => select.text(" FROM ").text(subject.table).text(" WHERE ").push(Box::new(holds)),
        Some(narrowing) => {
            let rows = found(case, holds).push(Box::new(select)).push(Box::new(joined(case, "")));
            and(rows, Some(narrowing))
        }
    };
    let limit: SqlFragment = Box::new(limit.into_sql::<BigInt>());
    let sql = sql.text(" ORDER BY ").text(subject.code).text(" LIMIT ").push(limit);
    let rows = sql.returning::<(Text, Text, Text)>().load::<(String, String, String)>(conn)?;
    let finding =
        |(code, title, detail)| Finding { rule: rule.name, resource: subject.collection, code, title, detail };
    Ok(rows.into_iter().map(finding).collect())
}
