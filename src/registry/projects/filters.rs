//! The filters and dimensions of projects: shared by lists and by every question about partnerships.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{NationRole, ProjectStatus};
use crate::db::schema::{
    nations, organisations, project_areas, project_nations, project_organisations, projects, reviews,
};
use crate::db::{SqlFragment, in_list};
use crate::registry::facet::{
    Dimension, Drilldown, Facet, Follows, Form, canonical, column, facet, facet_filters, optional, year,
};
use crate::registry::organisations::{OrganisationKind, Sector};
use crate::registry::query::{
    Condition, ConditionFn, Filter, FilterSet, FilterValues, any_of, by_date, date_range, filter,
};
use crate::registry::reviews::Rating;
use crate::registry::successors::{count_as, counted, counting_successors, nation_pairs};
use crate::values::{Code, Name, NationCode, PartialDate};

diesel::alias! {
    const LATER: Alias<LaterReviews> = reviews as later_reviews;
}

type FacetOf = Facet<projects::table>;

/// Returns the day that ratings are about: the last day of `active_on`, else today. Later reviews do not count.
pub(super) fn day(filter_set: &FilterSet) -> NaiveDate {
    filter_set.values::<PartialDate>("active_on").first().map_or(filter_set.today, PartialDate::last_day)
}

/// The projects with a nation that is one of these, as far as former states count for others.
const COUNTED: &str =
    "projects.code IN (SELECT project_nations.project FROM project_nations WHERE project_nations.nation";

fn nation() -> FacetOf {
    let plain = facet!(projects, "nation": NationCode, "With any of these nations",
        project_nations::table, project_nations::project => project_nations::nation);
    counting_successors(plain.unique(), COUNTED, |filter_set| {
        nation_pairs(filter_set, "project_nations.project", "project_nations")
    })
}

fn partner_type() -> FacetOf {
    facet!(projects, "partner_type": Code, "With a nation of any of these partner types",
        project_nations::table.inner_join(nations::table.on(nations::code.eq(project_nations::nation))),
        project_nations::project => nations::partner_type)
    .following(Follows::Value { collection: "nations", field: "partner_type" })
}

fn region() -> FacetOf {
    facet!(projects, "region": Name, "With a nation in any of these regions",
        project_nations::table.inner_join(nations::table.on(nations::code.eq(project_nations::nation))),
        project_nations::project => nations::region)
    .following(Follows::Value { collection: "nations", field: "region" })
}

fn area() -> FacetOf {
    facet!(projects, "area": Code, "In any of these areas",
        project_areas::table, project_areas::project => project_areas::area)
}

fn organisation() -> FacetOf {
    facet!(projects, "organisation": Code, "With any of these organisations",
        project_organisations::table, project_organisations::project => project_organisations::organisation)
}

fn organisation_kind() -> FacetOf {
    facet!(projects, "organisation_kind": OrganisationKind, "With an organisation of any of these kinds",
        project_organisations::table
            .inner_join(organisations::table.on(organisations::code.eq(project_organisations::organisation))),
        project_organisations::project => organisations::kind)
    .following(Follows::Value { collection: "organisations", field: "kind" })
}

fn sector() -> FacetOf {
    facet!(projects, "sector": Sector, "With an organisation of any of these sectors",
        project_organisations::table
            .inner_join(organisations::table.on(organisations::code.eq(project_organisations::organisation))),
        project_organisations::project => organisations::sector)
    .following(Follows::Value { collection: "organisations", field: "sector" })
}

/// The latest review of each project by the day asked about: no other was later, or on the same day with a greater
/// code.
macro_rules! latest_reviews {
    ($filter_set:expr) => {{
        let day = day($filter_set).to_string();
        let later = LATER.filter(LATER.field(reviews::project).eq(reviews::project));
        let later = later.filter(LATER.field(reviews::reviewed_on_first).le(day.clone()));
        reviews::table.filter(reviews::reviewed_on_first.le(day)).filter(diesel::dsl::not(diesel::dsl::exists(
            later.filter(
                LATER.field(reviews::reviewed_on_first).gt(reviews::reviewed_on_first).or(LATER
                    .field(reviews::reviewed_on_first)
                    .eq(reviews::reviewed_on_first)
                    .and(LATER.field(reviews::code).gt(reviews::code))),
            ),
        )))
    }};
}

fn rating() -> FacetOf {
    let listed = Form::<projects::table, Rating> {
        any: |filter_set, ratings| {
            let found = latest_reviews!(filter_set).filter(in_list(reviews::rating, ratings));
            Box::new(projects::code.eq_any(found.select(reviews::project)))
        },
        some: |filter_set| Box::new(projects::code.eq_any(latest_reviews!(filter_set).select(reviews::project))),
    };
    let probed = Form::<projects::table, Rating> {
        any: |filter_set, ratings| {
            let found = latest_reviews!(filter_set).filter(reviews::project.eq(projects::code));
            Box::new(diesel::dsl::exists(found.filter(in_list(reviews::rating, ratings))))
        },
        some: |filter_set| {
            Box::new(diesel::dsl::exists(latest_reviews!(filter_set).filter(reviews::project.eq(projects::code))))
        },
    };
    let [any, every] = facet_filters(
        ("rating", "Whose latest review by the day asked about has any of these ratings. Empty: without one."),
        ("rating__all", "As `rating`, but with every one of the values; both may be given, and both hold then."),
        listed,
        Some(probed),
    );
    let pairs = |filter_set: &FilterSet| -> SqlFragment {
        Box::new(latest_reviews!(filter_set).select((reviews::project, reviews::rating)))
    };
    let follows = Follows::Naming { collection: "reviews", field: "project" };
    Facet { any, every, pairs, may_repeat: false, canonical: canonical::<Rating>, follows }
}

/// `nation`, with the part that it plays where `nation_role` is given: it is these nations that play it.
fn nation_in_role() -> Filter<projects::table> {
    let Filter { condition, probe, name, .. } = nation().any;
    // No nation plays no part: an empty value finds nothing here.
    let listed: Playing = |nations, roles| {
        let links = project_nations::table
            .filter(in_list(project_nations::nation, nations))
            .filter(in_list(project_nations::role, roles));
        Box::new(projects::code.eq_any(links.select(project_nations::project)))
    };
    let probed: Playing = |nations, roles| {
        let links = project_nations::table
            .filter(project_nations::project.eq(projects::code))
            .filter(in_list(project_nations::nation, nations))
            .filter(in_list(project_nations::role, roles));
        Box::new(diesel::dsl::exists(links))
    };
    Filter {
        condition: in_role(name, condition, listed),
        probe: probe.map(|anyhow| in_role(name, anyhow, probed)),
        ..nation().any
    }
}

/// Makes the condition that any of these nations has any of these roles.
type Playing = fn(&[NationCode], &[NationRole]) -> Condition<projects::table>;

fn in_role(name: &'static str, anyhow: ConditionFn<projects::table>, playing: Playing) -> ConditionFn<projects::table> {
    Box::new(move |filter_set| match filter_set.values::<NationRole>("nation_role") {
        [] => anyhow(filter_set),
        roles => {
            let counted = counted(filter_set, COUNTED, filter_set.values(name));
            let in_role: SqlFragment = Box::new(in_list(project_nations::role, roles));
            Some(match counted {
                Some(sql) => Box::new(sql.text(" AND ").push(in_role).text(")").expression::<Bool>()),
                None => playing(filter_set.values(name), roles),
            })
        }
    })
}

pub(super) fn dimensions() -> Vec<Dimension> {
    let nation = Dimension {
        // With a role the filter asks who plays it.
        drilldown: Drilldown::Values { any: "nation", every: Some("nation__all"), refined_by: Some("nation_role") },
        ..nation().dimension()
    };
    vec![
        nation,
        partner_type().dimension(),
        region().dimension(),
        area().unique().dimension(),
        Dimension::single("status", |_| Box::new(projects::table.select((projects::code, projects::status)))),
        organisation().dimension(),
        organisation_kind().dimension(),
        sector().dimension(),
        column!(projects, "responsible", responsible),
        year!(projects, "start_year", start_date, "start_date__gte", "start_date__lte"),
        year!(projects, "launch_year", launch_date, "launch_date__gte", "launch_date__lte"),
        rating().dimension(),
    ]
}

pub(super) fn filters() -> Vec<Filter<projects::table>> {
    let mut filters = vec![
        any_of::<_, Code>("code", "Any of these projects.", |codes| Box::new(in_list(projects::code, codes))),
        any_of::<_, ProjectStatus>("status", "Of any of these statuses.", |statuses| {
            Box::new(in_list(projects::status, statuses))
        }),
        nation_in_role(),
        nation().every,
        filter::<_, NationRole>(
            "nation_role",
            "Where a nation plays any of these parts: the nations of `nation` where that is given, else any nation.",
            true,
            |filter_set| {
                let roles = filter_set.values::<NationRole>("nation_role");
                let links = project_nations::table.filter(in_list(project_nations::role, roles));
                let condition: Condition<_> = Box::new(projects::code.eq_any(links.select(project_nations::project)));
                (!filter_set.has("nation")).then_some(condition)
            },
        ),
        count_as(),
        optional!(projects, "responsible": Code, "Any of these organisations answers for it", responsible),
        by_date(
            "active_on",
            "Begun (`start_date`, else `launch_date`) by this date and not ended before it; a partial date covers its \
             whole month or year. A project without a beginning is active on no day.",
            |date| {
                let begun = projects::begins_on_asc.le(date.last_day().to_string());
                Box::new(begun.and(projects::end_date_last.ge(date.first_day().to_string())))
            },
        ),
    ];
    for having in [partner_type(), region(), area(), organisation(), organisation_kind(), sector(), rating()] {
        filters.extend(having.filters());
    }
    date_range!(filters, projects, "start_date__gte" on start_date_desc, "start_date__lte" on start_date_asc);
    date_range!(filters, projects, "launch_date__gte" on launch_date_desc, "launch_date__lte" on launch_date_asc);
    date_range!(filters, projects, "end_date__gte" on end_date_desc, "end_date__lte" on end_date_asc);
    filters
}

/// Returns the values of `status` for active projects: those that are being built or work.
pub fn active() -> FilterValues {
    FilterValues::of(vec![ProjectStatus::InDevelopment, ProjectStatus::Operational])
}
