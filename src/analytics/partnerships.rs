//! The cooperation with each nation: projects, agreements, ratings, area by area.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::Serialize;

use super::count::{CountQuery, Counted, count, dimension, with_values};
use super::home::{Home, home};
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::agreements::{Agreement, AgreementStatus, day_of, decision_number};
use crate::registry::bitmaps::Bitmaps;
use crate::registry::conditions::conditions;
use crate::registry::findings::{Question, by_nation};
use crate::registry::nations::Nation;
use crate::registry::projects::{Project, active};
use crate::registry::query::{Filter, FilterSet, FilterValues};
use crate::registry::reviews::Rating;
use crate::registry::{Resource as _, Stored, TableRecord};
use crate::values::fold::sort_key;

/// The filters: of projects' own, those that say something of a partnership.
pub const FILTERS: [&str; 8] =
    ["nation", "count_as", "partner_type", "region", "area", "status", "organisation", "active_on"];

/// The number of projects with each rating in their latest review.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ratings {
    /// On track.
    pub on_track: i64,
    /// At risk.
    pub at_risk: i64,
    /// Off track.
    pub off_track: i64,
}

/// The cooperation with a nation in one area.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AreaCounts {
    /// The area's code.
    pub area: String,
    /// Projects.
    pub projects: i64,
    /// Those of them that are active.
    pub active_projects: i64,
    /// Agreements in force.
    pub agreements_in_force: i64,
}

/// The cooperation with a nation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Partnership {
    /// The nation's code.
    pub nation: String,
    /// Its name in English.
    pub name_en: String,
    /// Its name in French.
    pub name_fr: Option<String>,
    /// The kind of partner.
    pub partner_type: Option<String>,
    /// Since when there has been cooperation.
    pub cooperation_since: Option<String>,
    /// Projects with it that match.
    pub projects: i64,
    /// Those of them that are in development or operational; with `active_on`, active on that day.
    pub active_projects: i64,
    /// Agreements with it that match and are in force.
    pub agreements_in_force: i64,
    /// The first day on which one of those expires, as precise as it is known.
    pub next_expiry: Option<String>,
    /// The first day by which one of those needs a decision.
    pub decide_by: Option<String>,
    /// The number of findings that concern it.
    pub findings: i64,
    /// Its projects by their latest review.
    pub ratings: Ratings,
    /// Area by area, in the order of their codes; only areas in which there is something.
    pub areas: Vec<AreaCounts>,
}

impl Partnership {
    /// Returns the key that sorts rows with equally many projects.
    fn name_key(&self) -> (String, &str) {
        (sort_key(&self.name_en), &self.nation)
    }
}

/// Returns the filters of the question.
pub fn filters() -> impl Iterator<Item = &'static Filter<<Project as TableRecord>::Table>> {
    Project::filters().iter().filter(|filter| FILTERS.contains(&filter.name))
}

/// Returns one row a nation with which there is anything that matches: those with most projects first, then by English
/// name.
///
/// `nation`, `partner_type` and `region` say which nations have a row; `area`, `status`, `organisation` and `active_on`
/// which projects count, and `area` and `organisation` which agreements. An agreement has no project's status: with
/// `status` it is counted for nations that have a project that matches.
///
/// The row of the home nation is left out unless it is asked for; the answer names it then.
///
/// # Errors
/// Errors of the database.
pub fn partnerships(
    conn: &mut DbConn,
    filter_set: &FilterSet,
    with_home: bool,
    bitmaps: Option<&Bitmaps>,
) -> Result<(Vec<Partnership>, Option<Home>)> {
    let home = if with_home { None } else { home(conn)? };
    let mut nations = nations_asked(conn, filter_set)?;
    nations.retain(|stored| home.as_ref().is_none_or(|home| home.0 != stored.record.code.as_str()));
    let filters = PartnershipFilters::new(filter_set, &nations);
    let active = active();
    let of_projects = CountQuery { filter_set: &filters.projects, marked: Some(("status", &active)), bitmaps };
    let (nation, area) = (dimension::<Project>("nation")?, dimension::<Project>("area")?);
    let projects = count::<Project>(conn, of_projects, nation, None)?.rows;
    let by_area = count::<Project>(conn, of_projects, nation, Some(area))?.rows;
    let by_rating = count::<Project>(conn, of_projects, nation, Some(dimension::<Project>("rating")?))?.rows;
    let of_agreements = CountQuery { filter_set: &filters.agreements, marked: None, bitmaps };
    let (nation, area) = (dimension::<Agreement>("nation")?, dimension::<Agreement>("area")?);
    let agreements = count::<Agreement>(conn, of_agreements, nation, None)?.rows;
    let agreements_by_area = count::<Agreement>(conn, of_agreements, nation, Some(area))?.rows;
    let mut dates = filters.dates(conn)?;
    let mut findings = by_nation(conn, &filters.findings())?;

    let mut rows: HashMap<String, Partnership> = nations.into_iter().map(row).collect();
    fill_rows(&mut rows, projects, |row, _, projects, active| {
        row.projects = projects;
        row.active_projects = filters.active(projects, active);
    });
    fill_rows(&mut rows, by_rating, |row, rating, projects, _| {
        match rating.and_then(|text| crate::values::FromText::parse(text).ok()) {
            Some(Rating::OnTrack) => row.ratings.on_track = projects,
            Some(Rating::AtRisk) => row.ratings.at_risk = projects,
            Some(Rating::OffTrack) => row.ratings.off_track = projects,
            None => {}
        }
    });
    fill_rows(&mut rows, agreements, |row, _, agreements, _| row.agreements_in_force = agreements);
    let mut areas = filters.areas(by_area, agreements_by_area);
    let mut rows: Vec<Partnership> = rows
        .into_values()
        .filter(|row| row.projects > 0 || (row.agreements_in_force > 0 && !filter_set.has("status")))
        .map(|mut row| {
            (row.next_expiry, row.decide_by) = dates.remove(&row.nation).unwrap_or_default();
            row.findings = findings.remove(&row.nation).unwrap_or(0);
            row.areas = areas.remove(&row.nation).unwrap_or_default().into_values().collect();
            row
        })
        .collect();
    rows.sort_by(|a, b| b.projects.cmp(&a.projects).then_with(|| a.name_key().cmp(&b.name_key())));
    Ok((rows, home))
}

/// Returns the nations that have a row, if there is anything to put in it.
fn nations_asked(conn: &mut DbConn, filter_set: &FilterSet) -> Result<Vec<Stored<Nation>>> {
    let own = |name: &'static str| match name {
        "nation" => Some("code"),
        "partner_type" | "region" => Some(name),
        _ => None,
    };
    let filters = filter_set.filters.iter().filter_map(|(name, values)| Some((own(name)?, values.clone()))).collect();
    let conditions = conditions::<Nation>(&filter_set.with(filters));
    Nation::load(conn, crate::registry::query::RowQuery::by_code(conditions, i64::MAX))
}

fn row(stored: Stored<Nation>) -> (String, Partnership) {
    let nation = stored.record;
    let partnership = Partnership {
        nation: nation.code.to_string(),
        name_en: nation.name_en.to_string(),
        name_fr: nation.name_fr.map(|name| name.to_string()),
        partner_type: nation.partner_type.map(|code| code.to_string()),
        cooperation_since: nation.cooperation_since.map(|date| date.to_string()),
        projects: 0,
        active_projects: 0,
        agreements_in_force: 0,
        next_expiry: None,
        decide_by: None,
        findings: 0,
        ratings: Ratings::default(),
        areas: Vec::new(),
    };
    (partnership.nation.clone(), partnership)
}

/// Fills in the rows from what was counted by nation and something else.
fn fill_rows(
    rows: &mut HashMap<String, Partnership>,
    counted: Vec<Counted>,
    fill: impl Fn(&mut Partnership, Option<&str>, i64, i64),
) {
    for (nation, other, count, marked) in counted {
        if let Some(row) = nation.and_then(|nation| rows.get_mut(&nation)) {
            fill(row, other.as_deref(), count, marked);
        }
    }
}

/// The filters of a question, as those of projects and of agreements.
struct PartnershipFilters {
    projects: FilterSet,
    agreements: FilterSet,
    areas: Option<Vec<String>>,
}

/// The next expiry and the next decision of a nation.
type Dates = (Option<String>, Option<String>);

impl PartnershipFilters {
    fn new(filter_set: &FilterSet, nations: &[Stored<Nation>]) -> Self {
        let mut projects = filter_set.clone();
        projects
            .filters
            .retain(|name, _| matches!(*name, "count_as" | "area" | "status" | "organisation" | "active_on"));
        if filter_set.filters.keys().any(|name| matches!(*name, "nation" | "partner_type" | "region")) {
            let codes: Vec<_> = nations.iter().map(|stored| stored.record.code.clone()).collect();
            projects.filters.insert("nation", FilterValues::of(codes));
        }
        let mut agreements = projects.clone();
        agreements.filters.retain(|name, _| matches!(*name, "nation" | "count_as" | "area" | "organisation"));
        agreements.filters.insert("status", FilterValues::of(vec![AgreementStatus::InForce]));
        if let Some(day) = filter_set.filters.get("active_on") {
            agreements.filters.insert("in_force_on", day.clone());
        }
        Self { areas: filter_set.filters.get("area").map(|areas| areas.texts().to_vec()), projects, agreements }
    }

    /// Returns the number of active projects: with `active_on`, all that match are.
    fn active(&self, projects: i64, active: i64) -> i64 {
        if self.projects.has("active_on") { projects } else { active }
    }

    /// Returns the first expiry among the agreements in force, and the first day by which one of them needs a decision,
    /// a nation. An agreement that is renewed tacitly does not expire.
    fn dates(&self, conn: &mut DbConn) -> Result<HashMap<String, Dates>> {
        let kept = Agreement::is_kept(conn, &self.agreements)?;
        let filter_set = &FilterSet { kept, ..self.agreements.clone() };
        let nation = dimension::<Agreement>("nation")?;
        // The dates of an agreement are computed once, however many nations have signed it.
        let sql = with_values::<Agreement>(filter_set, conditions::<Agreement>(filter_set), nation).text(
            ", dated(code, expiry, decision) AS MATERIALIZED (SELECT matched.code, \
             CASE WHEN agreements.expires_on IS NOT NULL AND agreements.expiry_day < 9999999 \
             THEN CAST(10000000 + agreements.expiry_day AS TEXT) || agreements.expires_on END, ",
        );
        let sql = decision_number(sql, filter_set).text(
            " FROM matched CROSS JOIN agreements WHERE agreements.code = matched.code) \
             SELECT first.value, min(dated.expiry), min(dated.decision) FROM dated CROSS JOIN first \
             WHERE first.record = dated.code GROUP BY first.value",
        );
        let rows = sql.returning::<(Text, Nullable<Text>, BigInt)>().load::<(String, Option<String>, i64)>(conn)?;
        let dates = rows.into_iter().map(|(nation, expiry, decision)| {
            // Eight digits that sort by the last day come before the date as it was written.
            let expiry = expiry.and_then(|text| text.get(8..).map(str::to_owned));
            (nation, (expiry, day_of(decision).map(|day| day.to_string())))
        });
        Ok(dates.collect())
    }

    /// Returns the question to the rules: about the nations and areas that are asked about.
    fn findings(&self) -> Question {
        let mut question = Question::on(self.projects.today);
        question.filter_set.filters = self.projects.filters.clone();
        question.filter_set.filters.retain(|name, _| matches!(*name, "nation" | "area"));
        question
    }

    /// Returns the counts of each nation, area by area.
    fn areas(&self, projects: Vec<Counted>, agreements: Vec<Counted>) -> HashMap<String, BTreeMap<String, AreaCounts>> {
        let mut areas = HashMap::new();
        for (nation, area, projects, active) in projects {
            if let Some(cell) = self.cell(&mut areas, nation, area) {
                cell.projects = projects;
                cell.active_projects = self.active(projects, active);
            }
        }
        for (nation, area, agreements, _) in agreements {
            if let Some(cell) = self.cell(&mut areas, nation, area) {
                cell.agreements_in_force = agreements;
            }
        }
        areas
    }

    /// Returns the place of a nation and an area, where that area is asked about.
    fn cell<'c>(
        &self,
        areas: &'c mut HashMap<String, BTreeMap<String, AreaCounts>>,
        nation: Option<String>,
        area: Option<String>,
    ) -> Option<&'c mut AreaCounts> {
        let (nation, area) = (nation?, area?);
        if self.areas.as_ref().is_some_and(|areas| !areas.contains(&area)) {
            return None;
        }
        let cell = areas.entry(nation).or_default().entry(area.clone()).or_default();
        cell.area = area;
        Some(cell)
    }
}
