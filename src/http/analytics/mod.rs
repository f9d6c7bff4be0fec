//! Questions about partnerships: one row a nation, counts by what is asked, who works with whom.

pub(super) mod activity;
pub(super) mod findings;
pub(super) mod groups;
pub(super) mod network;
pub(super) mod partnerships;
mod question;
pub(super) mod summaries;

use crate::error::Result;
use crate::http::ask::Ask;
use crate::http::request::links::Links;
use crate::http::state::State;
use crate::registry::Resource;

pub(super) use activity::columns as activity_columns;
pub(super) use findings::{columns as finding_columns, filters as finding_filters};
pub(super) use network::{FORMATS as NETWORK_FORMATS, question as network_question};
pub(super) use partnerships::{columns as partnership_columns, filters as partnership_filters};
pub(super) use question::HOME;
pub(super) use summaries::columns as summary_columns;

/// Returns the question of `GET /partnerships`.
///
/// # Errors
/// Errors of the parameters.
pub(super) fn partnerships_question(query: &str) -> Result<Ask> {
    partnerships::question(query).map(Ask::from)
}

/// Returns the question of `GET /activity`.
///
/// # Errors
/// Errors of the parameters.
pub(super) fn activity_question(query: &str) -> Result<Ask> {
    activity::question(query, Links::default()).map(Ask::from)
}

/// Returns the question of `GET /findings`.
///
/// # Errors
/// Errors of the parameters.
pub(super) fn findings_question(query: &str, state: &State) -> Result<Ask> {
    findings::question(query, state)
}

/// Returns the question of `GET /summaries/{collection}`.
///
/// # Errors
/// Errors of the parameters.
pub(super) fn summary_question<R: Resource>(query: &str) -> Result<Ask> {
    summaries::question::<R>(query, Links::default()).map(Ask::from)
}
