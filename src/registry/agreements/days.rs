//! An agreement's life as SQL: the rules of `life.rs` over the columns of days, which are whole numbers (the migration
//! `agreement_days` explains them).

use chrono::{Datelike as _, NaiveDate};
use diesel::prelude::*;

use super::model::{AgreementStatus, EndReason};
use crate::db::schema::agreements;
use crate::registry::query::Condition;

type OnAgreements = Condition<agreements::table>;

/// A day as the number that the columns hold.
fn number(day: NaiveDate) -> i64 {
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
