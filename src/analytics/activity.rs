//! The number of active projects in each year, in all and by area.
//!
//! Projects are counted once by the years of their beginning and their end; each year is then a sum, so that the cost
//! does not grow with the number of years.

use std::collections::BTreeMap;

use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::Serialize;

use crate::db::{DbConn, RawSql};
use crate::error::Result;
use crate::registry::TableRecord as _;
use crate::registry::conditions::conditions;
use crate::registry::projects::Project;
use crate::registry::query::FilterSet;

/// The active projects of a year in one area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AreaCounts {
    /// The area's code.
    pub area: String,
    /// Projects.
    pub projects: i64,
}

/// The active projects of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Year {
    /// The year, four digits.
    pub year: String,
    /// Projects that have begun by the end of it and have not ended before it: those that `active_on` keeps.
    pub projects: i64,
    /// The same by area, in the order of their codes; a project of two areas counts in both.
    pub areas: Vec<AreaCounts>,
}

/// The years, and how many projects they are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Every year from the first beginning to the one that is asked about.
    pub years: Vec<Year>,
    /// The number of projects that were active in any of them.
    pub total: i64,
}

/// Projects that begin in one year and end in another; `9999` for no known end.
struct Span {
    begins: u16,
    ends: u16,
    area: Option<String>,
    projects: i64,
}

/// Counts the projects that match, year by year up to the year of `filter_set.today`.
///
/// # Errors
/// Errors of the database.
pub fn activity(conn: &mut DbConn, filter_set: &FilterSet) -> Result<Activity> {
    let all = spans(
        conn,
        filter_set,
        ") SELECT substr(projects.begins_on_asc, 1, 4), substr(projects.end_date_last, 1, 4), CAST(NULL AS TEXT), count(*) \
         FROM matched JOIN projects ON projects.code = matched.code WHERE projects.begins_on_asc <> '~' GROUP BY 1, 2",
    )?;
    let by_area = spans(
        conn,
        filter_set,
        ") SELECT substr(projects.begins_on_asc, 1, 4), substr(projects.end_date_last, 1, 4), project_areas.area, count(*) \
         FROM matched JOIN projects ON projects.code = matched.code \
         JOIN project_areas ON project_areas.project = matched.code WHERE projects.begins_on_asc <> '~' GROUP BY 1, 2, 3",
    )?;
    let last = u16::try_from(chrono::Datelike::year(&filter_set.today)).unwrap_or(u16::MAX);
    let first = all.iter().map(|span| span.begins).min().unwrap_or(u16::MAX);
    let areas: std::collections::BTreeSet<&str> = by_area.iter().filter_map(|span| span.area.as_deref()).collect();
    let years = (first..=last)
        .map(|year| {
            let mut counts: BTreeMap<&str, i64> = areas.iter().map(|area| (*area, 0)).collect();
            for span in by_area.iter().filter(|span| span.covers(year)) {
                if let Some(count) = span.area.as_deref().and_then(|area| counts.get_mut(area)) {
                    *count += span.projects;
                }
            }
            Year {
                year: format!("{year:04}"),
                projects: all.iter().filter(|span| span.covers(year)).map(|span| span.projects).sum(),
                areas: counts
                    .into_iter()
                    .map(|(area, projects)| AreaCounts { area: area.to_owned(), projects })
                    .collect(),
            }
        })
        .collect();
    let total = all.iter().filter(|span| span.begins <= last).map(|span| span.projects).sum();
    Ok(Activity { years, total })
}

impl Span {
    fn covers(&self, year: u16) -> bool {
        self.begins <= year && year <= self.ends
    }
}

fn spans(conn: &mut DbConn, filter_set: &FilterSet, rest: &'static str) -> Result<Vec<Span>> {
    let sql = RawSql::new("WITH matched(code) AS MATERIALIZED (")
        .push(Project::code_subquery(conditions::<Project>(filter_set)))
        .text(rest)
        .returning::<(Text, Text, Nullable<Text>, BigInt)>();
    let rows = sql.load::<(String, String, Option<String>, i64)>(conn)?;
    let span = |(begins, ends, area, projects): (String, String, Option<String>, i64)| {
        // A date that is not known is `~` in the columns that dates sort by.
        Some(Span { begins: begins.parse().ok()?, ends: ends.parse().unwrap_or(u16::MAX), area, projects })
    };
    Ok(rows.into_iter().filter_map(span).collect())
}
