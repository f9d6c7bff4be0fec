//! The questions that the pictures of a record ask.

use crate::error::Result;
use crate::http::encode;
use crate::pages::pictures::timeline::BARS;
use crate::pages::reading::{Nth, Reading};

/// The questions of the pictures.
pub(super) struct Plan {
    pub(super) projects: Option<Nth>,
    pub(super) activity: Option<Nth>,
    pub(super) reviews: Option<Nth>,
    pub(super) others: Option<Nth>,
    pub(super) home: Option<Nth>,
}

/// Asks the questions of the page.
pub(super) fn plan(collection: &str, code: &str, reading: &mut Reading<'_>) -> Result<Plan> {
    let mut plan = Plan { projects: None, activity: None, reviews: None, others: None, home: None };
    let filter = match collection {
        "projects" => {
            let query = encode([("project", code), ("sort", "reviewed_on"), ("limit", "200")]);
            plan.reviews = Some(reading.ask("/reviews", &query)?);
            return Ok(plan);
        }
        collection => filter(collection),
    };
    let Some(filter) = filter else { return Ok(plan) };
    let limit = BARS.to_string();
    plan.projects =
        Some(reading.ask("/projects", &encode([(filter, code), ("sort", "start_date"), ("limit", &limit)]))?);
    plan.activity = Some(reading.ask("/activity", &encode([(filter, code)]))?);
    plan.others = Some(reading.ask("/summaries/projects", &encode([(filter, code), ("group_by", "nation")]))?);
    plan.home = Some(reading.ask("/nations", "partner_type=&limit=200")?);
    Ok(plan)
}

/// Returns the filter that narrows findings to a record, where there is one.
pub(super) fn filter(collection: &str) -> Option<&'static str> {
    match collection {
        "nations" => Some("nation"),
        "cooperation-areas" => Some("area"),
        _ => None,
    }
}
