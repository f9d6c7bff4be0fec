//! All numbers of one scrape.

use std::time::Duration;

use crate::changes;
use crate::db::{DbStats, ReadClass};
use crate::http::{Answers, CacheStats, State};
use crate::logging;
use crate::measure::Distribution;
use crate::registry::RecordCacheStats;

/// The time that a scrape waits for the database. Scrapers give up after ten seconds, and then have no number at all.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// The numbers at one moment.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) database_kind: &'static str,
    pub(super) answers: Vec<Answers>,
    /// By route, in microseconds.
    pub(super) durations: Vec<(String, Distribution)>,
    pub(super) requests: usize,
    pub(super) connections: usize,
    pub(super) connections_refused: u64,
    pub(super) streams: usize,
    pub(super) cache: CacheStats,
    pub(super) records: RecordCacheStats,
    pub(super) database: DbStats,
    /// `None` where the database does not say it.
    pub(super) revision: Option<i64>,
    pub(super) past_states: usize,
    pub(super) log_lines_dropped: u64,
}

impl Sample {
    /// Reads them.
    pub(super) async fn take(state: &State) -> Self {
        let revision =
            tokio::time::timeout(DATABASE_TIMEOUT, state.db.read(ReadClass::Inline, changes::revision)).await;
        Self {
            revision: revision.ok().and_then(Result::ok),
            database_kind: state.db.kind(),
            answers: state.traffic.answers(),
            durations: state.traffic.durations(),
            requests: state.traffic.requests_now(),
            connections: state.traffic.connections_now(),
            connections_refused: state.traffic.refused(),
            streams: state.broadcaster.subscribers(),
            cache: state.cache.stats(),
            records: state.snapshots.records().stats(),
            database: state.db.stats(),
            past_states: state.snapshots.cached().len(),
            log_lines_dropped: logging::dropped(),
        }
    }
}
