//! An agreement's life as SQL: the rules of `life.rs` over the columns of days, which are whole numbers (the migration
//! `agreement_days` explains them).

use chrono::{Datelike as _, NaiveDate};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::model::{AgreementStatus, EndReason};
use crate::db::schema::agreements;
use crate::db::{Sql, SqlExpression};
use crate::registry::query::Condition;

type OnAgreements = Condition<agreements::table>;

/// A number that comes after every day.
const NEVER: i64 = 9_999_999;

/// The day that a number of the columns is.
pub fn day_of(number: i64) -> Option<NaiveDate> {
    let (month, day) = (number / 32, number % 32);
    if number >= NEVER {
        return None;
    }
    let (year, month) = (i32::try_from(month / 12).ok()?, u32::try_from(month % 12).ok()?);
    NaiveDate::from_ymd_opt(year, month + 1, u32::try_from(day).ok()?)
}

/// A day as the number that the columns hold.
pub(super) fn number(day: NaiveDate) -> i64 {
    month_number(day) * 32 + i64::from(day.day())
}

/// The months since the year 0.
fn month_number(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

/// `Agreement::status_on` as SQL.
pub(super) fn has_status(status: AgreementStatus, day: NaiveDate) -> OnAgreements {
    let (today, text) = (number(day), day.to_string());
    let ended =
        |reason: EndReason| agreements::ended_day.le(today).and(agreements::end_reason.eq(reason).assume_not_null());
    let lives = agreements::ended_day.gt(today);
    let in_time = agreements::expiry_day.ge(today);
    match status {
        // An end without a reason is a termination.
        AgreementStatus::Terminated => Box::new(agreements::ended_day.le(today).and(
            agreements::end_reason.is_null().or(agreements::end_reason.eq(EndReason::Terminated).assume_not_null()),
        )),
        AgreementStatus::Superseded => Box::new(agreements::end_reason.is_not_null().and(ended(EndReason::Superseded))),
        AgreementStatus::Expired => Box::new(
            agreements::end_reason
                .is_not_null()
                .and(ended(EndReason::Expired))
                .or(lives.and(agreements::expiry_day.lt(today))),
        ),
        AgreementStatus::InForce => Box::new(lives.and(in_time).and(agreements::effective_on_asc.le(text))),
        AgreementStatus::Signed => Box::new(lives.and(in_time).and(agreements::effective_on_asc.gt(text))),
    }
}

/// How many days the month of this number has.
macro_rules! days_in {
    ($month:literal) => {
        concat!(
            "CASE WHEN ",
            $month,
            " % 12 IN (3, 5, 8, 10) THEN 30 WHEN ",
            $month,
            " % 12 <> 1 THEN 31 WHEN ",
            $month,
            " / 12 % 400 = 0 OR (",
            $month,
            " / 12 % 4 = 0 AND ",
            $month,
            " / 12 % 100 <> 0) THEN 29 ELSE 28 END"
        )
    };
}

/// `Agreement::decide_by` as SQL, for those renewed tacitly: the number of the day, null where it is beyond what can be shown.
///
/// From the inside: month and day of the first end, and how many periods there are until one's decision is not before the
/// month of the day; one more where it is before the day itself; the months of that decision and of its end; the day, which
/// is in both of these months.
fn tacit_decision(sql: Sql, day: NaiveDate) -> Sql {
    let (month, dom) = (month_number(day), i64::from(day.day()));
    sql.text("(SELECT CASE WHEN h.x < 120000 THEN h.x * 32 + CASE WHEN h.d > h.days THEN h.days ELSE h.d END END FROM (SELECT g.x AS x, ")
        .text(concat!("CASE WHEN g.d > ", days_in!("g.y"), " THEN ", days_in!("g.y"), " ELSE g.d END AS d, "))
        .text(concat!(days_in!("g.x"), " AS days FROM ("))
        .text("SELECT f.i + f.k * f.m - f.n AS x, f.i + f.k * f.m AS y, f.d AS d FROM (")
        .text("SELECT e.i AS i, e.d AS d, e.m AS m, e.n AS n, e.k + CASE WHEN e.i + e.k * e.m - e.n = ")
        .bind(month)
        .text(" AND (e.d < ")
        .bind(dom)
        .text(concat!(" OR ", days_in!("(e.i + e.k * e.m)"), " < "))
        .bind(dom)
        .text(") THEN 1 ELSE 0 END AS k FROM (SELECT agreements.period_day / 32 AS i, agreements.period_day % 32 AS d, ")
        .text("agreements.renewal_months AS m, agreements.notice_months AS n, CASE WHEN ")
        .bind(month)
        .text(" + agreements.notice_months <= agreements.period_day / 32 THEN 0 ELSE (")
        .bind(month)
        .text(" + agreements.notice_months - agreements.period_day / 32 + agreements.renewal_months - 1) ")
        .text("/ agreements.renewal_months END AS k) e) f) g) h)")
}

/// `Agreement::decide_by` as SQL: the number of the day, `none` where there is none.
fn decision(sql: Sql, day: NaiveDate, none: i64) -> Sql {
    let sql = sql.text("coalesce(CASE WHEN agreements.ended_day <= ").bind(number(day));
    let sql = sql.text(" OR agreements.expiry_day < ").bind(number(day));
    let sql = sql.text(" THEN NULL WHEN agreements.period_day IS NULL THEN agreements.decision_day ELSE ");
    tacit_decision(sql, day).text(" END, ").bind(none).text(")")
}

/// By when a party must speak, to sort by: what has no such day comes last.
pub(super) fn decision_key(day: NaiveDate, descending: bool) -> SqlExpression<BigInt> {
    decision(Sql::default(), day, if descending { 0 } else { NEVER }).expression()
}

/// The number of the day by which a party must speak, [`NEVER`] where there is none, as a piece of a query over `agreements`.
pub fn decision_number(sql: Sql, day: NaiveDate) -> Sql {
    decision(sql, day, NEVER)
}

/// That a party must speak from a day on (`>=`) or up to it (`<=`). Two ranges of an index: of the agreements whose decision
/// does not move, and of those renewed tacitly, whose next one is computed.
pub(super) fn decided(day: NaiveDate, comparison: &'static str, limit: NaiveDate) -> OnAgreements {
    let (today, limit) = (number(day), number(limit));
    let sql = Sql::new("((agreements.decision_day").text(comparison).bind(limit);
    let sql = sql.text(" AND agreements.expiry_day >= ").bind(today);
    let sql = sql.text(" AND agreements.ended_day > ").bind(today);
    let sql = sql.text(") OR (agreements.period_day > 0 AND agreements.ended_day > ").bind(today).text(" AND ");
    Box::new(tacit_decision(sql, day).text(comparison).bind(limit).text("))").expression::<Bool>())
}

/// That there is no day by which a party must speak.
pub(super) fn undecided(day: NaiveDate) -> OnAgreements {
    Box::new(decision(Sql::new("("), day, NEVER).text(" = ").bind(NEVER).text(")").expression::<Bool>())
}
