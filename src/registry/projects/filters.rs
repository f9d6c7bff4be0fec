//! What can be asked of projects: shared by lists and by every question about partnerships.

use diesel::prelude::*;

use super::model::{NationRole, ProjectStatus};
use crate::db::schema::{
    nations, organisations, project_areas, project_nations, project_organisations, projects, reviews,
};
use crate::registry::organisations::{OrganisationKind, Sector};
use crate::registry::query::{Condition, Filter, any_of, by_date, date_range, filter};
use crate::registry::reviews::Rating;
use crate::values::{Code, Name, NationCode};

diesel::alias! {
    const LATER: Alias<LaterReviews> = reviews as later_reviews;
}

pub(super) fn filters() -> Vec<Filter<projects::table>> {
    let mut filters = vec![
        any_of::<_, Code>("code", "Any of these projects.", |codes| Box::new(projects::code.eq_any(codes))),
        any_of::<_, ProjectStatus>("status", "Of any of these statuses.", |statuses| {
            Box::new(projects::status.eq_any(statuses))
        }),
        filter::<_, NationCode>("nation", "With any of these nations.", true, |asked| {
            let nations = asked.values::<NationCode>("nation");
            let links =
                project_nations::table.filter(project_nations::nation.eq_any(nations)).select(project_nations::project);
            // With a role asked for too, it is these nations that play it.
            let roles = asked.values::<NationRole>("nation_role");
            Some(if roles.is_empty() {
                Box::new(projects::code.eq_any(links))
            } else {
                Box::new(projects::code.eq_any(links.filter(project_nations::role.eq_any(roles).assume_not_null())))
            })
        }),
        filter::<_, NationRole>(
            "nation_role",
            "Where a nation plays any of these parts: the nations of `nation` where that is given, else any nation.",
            true,
            |asked| {
                let roles = asked.values::<NationRole>("nation_role");
                let links = project_nations::table.filter(project_nations::role.eq_any(roles).assume_not_null());
                let condition: Condition<_> = Box::new(projects::code.eq_any(links.select(project_nations::project)));
                (!asked.has("nation")).then_some(condition)
            },
        ),
        any_of::<_, Code>("partner_type", "With a nation of any of these partner types.", |types| {
            let found =
                nations::table.filter(nations::partner_type.eq_any(types).assume_not_null()).select(nations::code);
            Box::new(projects::code.eq_any(
                project_nations::table.filter(project_nations::nation.eq_any(found)).select(project_nations::project),
            ))
        }),
        any_of::<_, Name>("region", "With a nation in any of these regions.", |regions| {
            let found = nations::table.filter(nations::region.eq_any(regions).assume_not_null()).select(nations::code);
            Box::new(projects::code.eq_any(
                project_nations::table.filter(project_nations::nation.eq_any(found)).select(project_nations::project),
            ))
        }),
        any_of::<_, Code>("area", "In any of these areas.", |areas| {
            let links = project_areas::table.filter(project_areas::area.eq_any(areas)).select(project_areas::project);
            Box::new(projects::code.eq_any(links))
        }),
        any_of::<_, Code>("organisation", "With any of these organisations.", |codes| {
            let links = project_organisations::table
                .filter(project_organisations::organisation.eq_any(codes))
                .select(project_organisations::project);
            Box::new(projects::code.eq_any(links))
        }),
        any_of::<_, OrganisationKind>("organisation_kind", "With an organisation of any of these kinds.", |kinds| {
            let found = organisations::table.filter(organisations::kind.eq_any(kinds)).select(organisations::code);
            let links = project_organisations::table
                .filter(project_organisations::organisation.eq_any(found))
                .select(project_organisations::project);
            Box::new(projects::code.eq_any(links))
        }),
        any_of::<_, Sector>("sector", "With an organisation of this sector.", |sectors| {
            let found = organisations::table.filter(organisations::sector.eq_any(sectors)).select(organisations::code);
            let links = project_organisations::table
                .filter(project_organisations::organisation.eq_any(found))
                .select(project_organisations::project);
            Box::new(projects::code.eq_any(links))
        }),
        any_of::<_, Rating>("rating", "Whose latest review has any of these ratings.", |ratings| {
            // The latest review: no other of the project was later, or on the same day with a greater code.
            let later = LATER;
            let newer = later.filter(later.field(reviews::project).eq(reviews::project)).filter(
                later.field(reviews::reviewed_on_first).gt(reviews::reviewed_on_first).or(later
                    .field(reviews::reviewed_on_first)
                    .eq(reviews::reviewed_on_first)
                    .and(later.field(reviews::code).gt(reviews::code))),
            );
            let latest = reviews::table
                .filter(reviews::rating.eq_any(ratings))
                .filter(diesel::dsl::not(diesel::dsl::exists(newer)))
                .select(reviews::project);
            Box::new(projects::code.eq_any(latest))
        }),
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
    date_range!(filters, projects, "start_date__gte" on start_date_desc, "start_date__lte" on start_date_asc);
    date_range!(filters, projects, "launch_date__gte" on launch_date_desc, "launch_date__lte" on launch_date_asc);
    date_range!(filters, projects, "end_date__gte" on end_date_desc, "end_date__lte" on end_date_asc);
    filters
}
