//! An agreement's life as SQL: the rules of `life.rs` over the columns of days, which are whole numbers (the migration
//! `agreement_days` explains them).
//!
//! `decide_by` changes as days pass. Its value (by `life.rs`) is kept beside each agreement, with the days on which it
//! is valid (`kept.rs`), and sorts and filters read an index. For a day on which a kept value is not valid, it is
//! computed here.

use chrono::{Datelike as _, NaiveDate};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::model::{AgreementStatus, EndReason};
use crate::db::RawSql;
use crate::db::schema::agreements;
use crate::registry::query::{Condition, FilterSet, SortKey};
use crate::values::PartialDate;

type OnAgreements = Condition<agreements::table>;

/// A number that comes after every day.
pub(super) const NEVER: i64 = 9_999_999;

/// A number that comes before every day.
pub(super) const FIRST: i64 = 0;

/// Returns the day that a number of the columns is.
pub fn day_of(number: i64) -> Option<NaiveDate> {
    let (month, day) = (number / 32, number % 32);
    if number >= NEVER {
        return None;
    }
    let (year, month) = (i32::try_from(month / 12).ok()?, u32::try_from(month % 12).ok()?);
    NaiveDate::from_ymd_opt(year, month + 1, u32::try_from(day).ok()?)
}

/// Returns a day as the number that the columns hold.
pub fn number(day: NaiveDate) -> i64 {
    month_number(day) * 32 + i64::from(day.day())
}

/// Returns the months since the year 0.
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

/// Makes the condition that an agreement has not ended, so that it is signed or in force, for a query over
/// `agreements`.
pub fn lives(day: NaiveDate) -> RawSql {
    let sql = RawSql::new("agreements.ended_day > ").bind(number(day));
    sql.text(" AND agreements.expiry_day >= ").bind(number(day))
}

/// The number of days of the month with this number.
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

/// `Agreement::decide_by` as SQL, for those renewed tacitly: the number of the day, null where it is beyond what can
/// be shown.
///
/// From the inside: month and day of the first end, and how many periods there are until one's decision is not before
/// the month of the day; one more where it is before the day itself; the months of that decision and of its end; the
/// day, which is in both of these months.
fn tacit_decision(sql: RawSql, day: NaiveDate) -> RawSql {
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
fn decision(sql: RawSql, day: NaiveDate, none: i64) -> RawSql {
    let sql = sql.text("coalesce(CASE WHEN agreements.ended_day <= ").bind(number(day));
    let sql = sql.text(" OR agreements.expiry_day < ").bind(number(day));
    let sql = sql.text(" THEN NULL WHEN agreements.period_day IS NULL THEN agreements.decision_day ELSE ");
    tacit_decision(sql, day).text(" END, ").bind(none).text(")")
}

/// The day by which a party must speak, to sort by: agreements without such a day come last.
pub(super) fn decision_key(filter_set: &FilterSet, descending: bool) -> SortKey<agreements::table> {
    SortKey::Integer(match (filter_set.kept, descending) {
        (true, false) => Box::new(agreements::decide_by_asc),
        (true, true) => Box::new(agreements::decide_by_desc),
        (false, _) => {
            let none = if descending { FIRST } else { NEVER };
            Box::new(decision(RawSql::default(), day(filter_set), none).expression::<BigInt>())
        }
    })
}

/// Returns the number of the day by which a party must speak, `NEVER` where there is none, as a piece of a query over
/// `agreements`: the one that is kept, where it holds on the day asked about.
pub fn decision_number(sql: RawSql, filter_set: &FilterSet) -> RawSql {
    match filter_set.kept {
        true => sql.text("agreements.decide_by_asc"),
        false => decision(sql, day(filter_set), NEVER),
    }
}

/// A side of a limit.
#[derive(Clone, Copy)]
pub(super) enum Side {
    From,
    UpTo,
}

/// Makes the condition that a party must speak from a day on, or up to it: a range of an index where it is kept,
/// otherwise two, of the agreements whose decision does not move, and of those renewed tacitly, whose next one is
/// computed.
pub(super) fn decided(filter_set: &FilterSet, side: Side, limit: NaiveDate) -> OnAgreements {
    let (today, limit) = (number(day(filter_set)), number(limit));
    let comparison = match (filter_set.kept, side) {
        (true, Side::From) => return Box::new(agreements::decide_by_desc.ge(limit)),
        (true, Side::UpTo) => return Box::new(agreements::decide_by_asc.le(limit)),
        (false, Side::From) => " >= ",
        (false, Side::UpTo) => " <= ",
    };
    let sql = RawSql::new("((agreements.decision_day").text(comparison).bind(limit);
    let sql = sql.text(" AND agreements.expiry_day >= ").bind(today);
    let sql = sql.text(" AND agreements.ended_day > ").bind(today);
    let sql = sql.text(") OR (agreements.period_day > 0 AND agreements.ended_day > ").bind(today).text(" AND ");
    Box::new(tacit_decision(sql, day(filter_set)).text(comparison).bind(limit).text("))").expression::<Bool>())
}

/// Makes the condition that there is no day by which a party must speak.
pub(super) fn undecided(filter_set: &FilterSet) -> OnAgreements {
    if filter_set.kept {
        return Box::new(agreements::decide_by_asc.eq(NEVER));
    }
    Box::new(decision(RawSql::new("("), day(filter_set), NEVER).text(" = ").bind(NEVER).text(")").expression::<Bool>())
}

/// Returns the day that statuses are about: the one asked about, else today.
pub(super) fn day(filter_set: &FilterSet) -> NaiveDate {
    filter_set.values::<PartialDate>("in_force_on").first().map_or(filter_set.today, PartialDate::first_day)
}
