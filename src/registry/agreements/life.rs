//! The status of an agreement on a day, and the other values that follow from its dates. The same rules are SQL in
//! `days.rs`; a test compares the two.

use chrono::{Datelike as _, Months, NaiveDate};

use super::model::{Agreement, AgreementStatus, EndReason, Renewal};
use crate::values::PartialDate;

impl Agreement {
    /// Returns the status of the agreement on a day.
    pub fn status_on(&self, day: NaiveDate) -> AgreementStatus {
        match self.ended_by(day) {
            Some(EndReason::Expired) => AgreementStatus::Expired,
            Some(EndReason::Terminated) => AgreementStatus::Terminated,
            Some(EndReason::Superseded) => AgreementStatus::Superseded,
            None if self.is_over(day) => AgreementStatus::Expired,
            None if self.effective_on.as_ref().is_some_and(|date| date.first_day() <= day) => AgreementStatus::InForce,
            None => AgreementStatus::Signed,
        }
    }

    /// Returns the end of the period that a day lies in: none where no end is known, nor once the agreement has ended.
    pub fn runs_until(&self, day: NaiveDate) -> Option<NaiveDate> {
        let end = self.first_end().filter(|_| !self.has_ended(day))?;
        let Some(renewal) = self.tacit_months() else { return Some(end) };
        let periods = (month_number(day) - month_number(end)).div_euclid(renewal).max(0);
        (periods..).map_while(|count| later(end, count * renewal)).find(|end| *end >= day).filter(is_shown)
    }

    /// Returns the last day on which a party can still keep the agreement from being renewed, or renew it: none where
    /// no end or no notice is known, nor once the agreement has ended. With a tacit renewal it is never before the day.
    pub fn decide_by(&self, day: NaiveDate) -> Option<NaiveDate> {
        let end = self.first_end().filter(|_| !self.has_ended(day))?;
        let notice = self.notice_months?.get();
        let Some(renewal) = self.tacit_months() else { return earlier(end, notice).filter(is_shown) };
        let periods = (month_number(day) + notice - month_number(end)).div_euclid(renewal).max(0);
        let decisions = (periods..).map_while(|count| earlier(later(end, count * renewal)?, notice));
        decisions.into_iter().find(|decision| *decision >= day).filter(is_shown)
    }

    /// Returns the last day, from a day on, on which [`Agreement::decide_by`] is still the same; none where it stays so
    /// for ever.
    pub fn decides_so_until(&self, day: NaiveDate) -> Option<NaiveDate> {
        let decision = self.decide_by(day)?;
        let before_end = self.ended_on.as_ref().and_then(|date| date.last_day().pred_opt());
        let of_period = if self.tacit_months().is_some() { Some(decision) } else { self.first_end() };
        before_end.into_iter().chain(of_period).min()
    }

    /// Returns the date on which the agreement expires or has expired: none where it is renewed tacitly, or was
    /// ended before.
    pub fn expiry(&self, day: NaiveDate) -> Option<&PartialDate> {
        let end = self.first_end()?;
        let ended_before = match (self.ended_by(day), &self.ended_on) {
            (None, _) => false,
            (Some(_), Some(ended)) => ended.last_day() < end,
            (Some(reason), None) => reason != EndReason::Expired,
        };
        self.expires_on.as_ref().filter(|_| self.tacit_months().is_none() && !ended_before)
    }

    /// Returns the day on which the agreement is renewed tacitly.
    pub fn next_renewal(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.tacit_months().and(self.runs_until(day))
    }

    /// Returns the reason why the agreement has ended, where it has ended by a day. An end that is known to the month
    /// or the year is reached on the last day of it.
    fn ended_by(&self, day: NaiveDate) -> Option<EndReason> {
        let ended = match &self.ended_on {
            Some(date) => date.last_day() <= day,
            None => self.end_reason.is_some(),
        };
        ended.then(|| self.end_reason.unwrap_or(EndReason::Terminated))
    }

    /// Tells whether the time of the agreement is over on a day, and nothing renews it.
    fn is_over(&self, day: NaiveDate) -> bool {
        self.tacit_months().is_none() && self.first_end().is_some_and(|end| end < day)
    }

    fn has_ended(&self, day: NaiveDate) -> bool {
        self.ended_by(day).is_some() || self.is_over(day)
    }

    fn first_end(&self) -> Option<NaiveDate> {
        self.expires_on.as_ref().map(PartialDate::last_day)
    }

    /// Returns the number of months by which the agreement goes on by itself.
    pub(super) fn tacit_months(&self) -> Option<i64> {
        self.renewal_months.filter(|_| self.renewal == Some(Renewal::Tacit)).map(|months| months.get())
    }
}

/// Returns the months since the year 0.
fn month_number(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

/// Returns a day some months later; where that month is shorter, its last day.
fn later(day: NaiveDate, months: i64) -> Option<NaiveDate> {
    day.checked_add_months(Months::new(u32::try_from(months).ok()?))
}

/// Returns a day some months earlier; where that month is shorter, its last day.
fn earlier(day: NaiveDate, months: i64) -> Option<NaiveDate> {
    day.checked_sub_months(Months::new(u32::try_from(months).ok()?))
}

/// Tells whether a day can be shown: dates here have a year of four digits.
fn is_shown(day: &NaiveDate) -> bool {
    (1..=9999).contains(&day.year())
}
