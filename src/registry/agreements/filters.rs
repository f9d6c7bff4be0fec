//! The filters and dimensions of agreements.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::days::{Side, day, decided, has_status, undecided};
use super::model::{AgreementKind, AgreementStatus, AgreementTerm, Renewal};
use crate::db::schema::{
    agreement_areas, agreement_nations, agreement_organisations, agreement_projects, agreements, nations,
};
use crate::db::{RawSql, SqlFragment, in_list};
use crate::registry::facet::{Dimension, Facet, Follows, column, facet, optional, year};
use crate::registry::query::{Condition, Filter, FilterSet, any_of, date_range, filter};
use crate::registry::successors::{count_as, counting_successors, nation_pairs};
use crate::values::{Code, Name, NationCode, PartialDate};

type FacetOf = Facet<agreements::table>;

fn nation() -> FacetOf {
    let plain = facet!(agreements, "nation": NationCode, "Signed by any of these nations",
        agreement_nations::table, agreement_nations::agreement => agreement_nations::nation);
    counting_successors(
        plain.unique(),
        "agreements.code IN (SELECT agreement_nations.agreement FROM agreement_nations WHERE agreement_nations.nation",
        |filter_set| nation_pairs(filter_set, "agreement_nations.agreement", "agreement_nations"),
    )
}

fn partner_type() -> FacetOf {
    facet!(agreements, "partner_type": Code, "Signed by a nation of any of these partner types",
        agreement_nations::table.inner_join(nations::table.on(nations::code.eq(agreement_nations::nation))),
        agreement_nations::agreement => nations::partner_type)
    .following(Follows::Value { collection: "nations", field: "partner_type" })
}

fn region() -> FacetOf {
    facet!(agreements, "region": Name, "Signed by a nation in any of these regions",
        agreement_nations::table.inner_join(nations::table.on(nations::code.eq(agreement_nations::nation))),
        agreement_nations::agreement => nations::region)
    .following(Follows::Value { collection: "nations", field: "region" })
}

fn organisation() -> FacetOf {
    facet!(agreements, "organisation": Code, "Signed by any of these organisations",
        agreement_organisations::table, agreement_organisations::agreement => agreement_organisations::organisation)
}

fn area() -> FacetOf {
    facet!(agreements, "area": Code, "In any of these areas",
        agreement_areas::table, agreement_areas::agreement => agreement_areas::area)
}

fn project() -> FacetOf {
    facet!(agreements, "project": Code, "About any of these projects",
        agreement_projects::table, agreement_projects::agreement => agreement_projects::project)
}

/// Returns a filter by the day by which a party must speak.
fn decide_by(
    name: &'static str,
    doc: &'static str,
    condition: fn(&FilterSet, &PartialDate) -> Condition<agreements::table>,
) -> Filter<agreements::table> {
    let filter = filter::<_, PartialDate>(name, doc, false, move |filter_set| {
        let date = filter_set.values::<PartialDate>(name).first();
        Some(date.map_or_else(|| undecided(filter_set), |date| condition(filter_set, date)))
    });
    Filter { empty: true, ..filter }
}

/// Returns every agreement with its status on a day.
fn statuses(day: NaiveDate) -> SqlFragment {
    let mut sql = RawSql::new("SELECT agreements.code, CASE");
    for status in AgreementStatus::ALL {
        let condition: SqlFragment = Box::new(has_status(*status, day));
        sql = sql.text(" WHEN ").push(condition).text(" THEN '").text(status.as_str()).text("'");
    }
    Box::new(sql.text(" END FROM agreements"))
}

pub(super) fn dimensions() -> Vec<Dimension> {
    vec![
        nation().dimension(),
        partner_type().dimension(),
        region().dimension(),
        area().unique().dimension(),
        Dimension::single("kind", |_| Box::new(agreements::table.select((agreements::code, agreements::kind)))),
        Dimension::single("status", |filter_set| statuses(day(filter_set))),
        column!(agreements, "term", term),
        column!(agreements, "responsible", responsible),
        year!(agreements, "signed_year", signed_on, "signed_on__gte", "signed_on__lte"),
    ]
}

pub(super) fn filters() -> Vec<Filter<agreements::table>> {
    let mut filters = vec![
        any_of::<_, Code>("code", "Any of these agreements.", |codes| Box::new(in_list(agreements::code, codes))),
        any_of::<_, AgreementKind>("kind", "Of any of these kinds.", |kinds| {
            Box::new(in_list(agreements::kind, kinds))
        }),
        filter::<_, AgreementStatus>(
            "status",
            "Of any of these statuses, on the day asked about.",
            true,
            |filter_set| {
                let day = day(filter_set);
                let statuses = filter_set.values::<AgreementStatus>("status").iter();
                statuses.map(|status| has_status(*status, day)).reduce(|any, one| Box::new(any.or(one)))
            },
        ),
        filter::<_, PartialDate>(
            "in_force_on",
            "In force on this day; `status` is then the one of that day. A partial date means its first day.",
            false,
            |filter_set| Some(has_status(AgreementStatus::InForce, day(filter_set))),
        ),
    ];
    filters.extend([
        optional!(agreements, "term": AgreementTerm, "Of any of these terms", term),
        optional!(agreements, "renewal": Renewal, "Renewed in any of these ways", renewal),
        optional!(agreements, "responsible": Code, "Any of these organisations answers for it", responsible),
        decide_by(
            "decide_by__gte",
            "A party must speak on this date or later; a partial date begins on its first day. Empty: by no day.",
            |filter_set, date| decided(filter_set, Side::From, date.first_day()),
        ),
        decide_by(
            "decide_by__lte",
            "A party must speak by this date; a partial date covers its whole month or year. Empty: by no day.",
            |filter_set, date| decided(filter_set, Side::UpTo, date.last_day()),
        ),
        count_as(),
    ]);
    for having in [nation(), partner_type(), region(), organisation(), area(), project()] {
        filters.extend(having.filters());
    }
    date_range!(filters, agreements, "signed_on__gte" on signed_on_desc, "signed_on__lte" on signed_on_asc);
    date_range!(filters, agreements, "expires_on__gte" on expires_on_desc, "expires_on__lte" on expires_on_asc);
    filters
}
