//! What can be asked of agreements.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{AgreementKind, AgreementStatus, EndReason};
use crate::db::schema::{
    agreement_areas, agreement_nations, agreement_organisations, agreement_projects, agreements, nations,
};
use crate::registry::query::{Asked, Condition, Filter, any_of, date_range, filter};
use crate::values::{Code, NationCode, PartialDate};

type OnAgreements = Condition<agreements::table>;

/// The day that statuses are about: the one asked about, else today.
pub(super) fn day(asked: &Asked) -> NaiveDate {
    asked.values::<PartialDate>("in_force_on").first().map_or(asked.today, PartialDate::first_day)
}

/// `Agreement::status_on` as SQL: a test compares the two over every case.
fn has_status(status: AgreementStatus, day: NaiveDate) -> OnAgreements {
    let day = day.to_string();
    let ended = |reason: EndReason| -> OnAgreements {
        let by_then = agreements::ended_on_desc.le(day.clone());
        Box::new(
            agreements::end_reason.is_not_null().and(by_then).and(agreements::end_reason.eq(reason).assume_not_null()),
        )
    };
    let open = || agreements::end_reason.is_null().or(agreements::ended_on_desc.gt(day.clone()));
    let late = || agreements::expires_on_asc.lt(day.clone());
    match status {
        AgreementStatus::Terminated => ended(EndReason::Terminated),
        AgreementStatus::Superseded => ended(EndReason::Superseded),
        AgreementStatus::Expired => Box::new(ended(EndReason::Expired).or(open().and(late()))),
        AgreementStatus::InForce => {
            Box::new(open().and(diesel::dsl::not(late())).and(agreements::effective_on_asc.le(day.clone())))
        }
        AgreementStatus::Signed => {
            Box::new(open().and(diesel::dsl::not(late())).and(agreements::effective_on_asc.gt(day.clone())))
        }
    }
}

pub(super) fn filters() -> Vec<Filter<agreements::table>> {
    let mut filters = vec![
        any_of::<_, Code>("code", "Any of these agreements.", |codes| Box::new(agreements::code.eq_any(codes))),
        any_of::<_, AgreementKind>("kind", "Of any of these kinds.", |kinds| Box::new(agreements::kind.eq_any(kinds))),
        filter::<_, AgreementStatus>("status", "Of any of these statuses, on the day asked about.", true, |asked| {
            let day = day(asked);
            let mut statuses = asked.values::<AgreementStatus>("status").into_iter();
            let first = has_status(statuses.next()?, day);
            Some(statuses.fold(first, |any, status| Box::new(any.or(has_status(status, day)))))
        }),
        filter::<_, PartialDate>(
            "in_force_on",
            "In force on this day; `status` is then the one of that day. A partial date means its first day.",
            false,
            |asked| Some(has_status(AgreementStatus::InForce, day(asked))),
        ),
        any_of::<_, NationCode>("nation", "Signed by any of these nations.", |nations| {
            let links = agreement_nations::table.filter(agreement_nations::nation.eq_any(nations));
            Box::new(agreements::code.eq_any(links.select(agreement_nations::agreement)))
        }),
        any_of::<_, Code>("partner_type", "Signed by a nation of any of these partner types.", |types| {
            let found =
                nations::table.filter(nations::partner_type.eq_any(types).assume_not_null()).select(nations::code);
            let links = agreement_nations::table.filter(agreement_nations::nation.eq_any(found));
            Box::new(agreements::code.eq_any(links.select(agreement_nations::agreement)))
        }),
        any_of::<_, Code>("organisation", "Signed by any of these organisations.", |codes| {
            let links = agreement_organisations::table.filter(agreement_organisations::organisation.eq_any(codes));
            Box::new(agreements::code.eq_any(links.select(agreement_organisations::agreement)))
        }),
        any_of::<_, Code>("area", "In any of these areas.", |areas| {
            let links = agreement_areas::table.filter(agreement_areas::area.eq_any(areas));
            Box::new(agreements::code.eq_any(links.select(agreement_areas::agreement)))
        }),
        any_of::<_, Code>("project", "About any of these projects.", |codes| {
            let links = agreement_projects::table.filter(agreement_projects::project.eq_any(codes));
            Box::new(agreements::code.eq_any(links.select(agreement_projects::agreement)))
        }),
    ];
    date_range!(filters, agreements, "signed_on__gte" on signed_on_desc, "signed_on__lte" on signed_on_asc);
    date_range!(filters, agreements, "expires_on__gte" on expires_on_desc, "expires_on__lte" on expires_on_asc);
    filters
}
