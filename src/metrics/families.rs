//! Every metric: its name, what it means, its labels. `docs/metrics.md` lists the same; a test compares them.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue, EncodeLabelSet, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::sample::Sample;
use crate::db::PoolStats;
use crate::measure::Distribution;

/// The beginning of every name.
pub(super) const PREFIX: &str = "partnership_registry";

impl Collector for Sample {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let families = &mut Families(encoder);
        self.service(families)?;
        self.http(families)?;
        self.database(families)?;
        self.commits(families)?;
        self.memory(families)
    }
}

impl Sample {
    fn service(&self, families: &mut Families<'_>) -> fmt::Result {
        let labels = [("version", env!("CARGO_PKG_VERSION")), ("database", self.database_kind)];
        families.gauges("build_info", "The program and the database that it runs on; always 1.", [(labels, 1_u32)])?;
        families.counter(
            "log_lines_dropped",
            "Log lines that were dropped since the log was read too slowly.",
            self.log_lines_dropped,
        )
    }

    fn http(&self, families: &mut Families<'_>) -> fmt::Result {
        let statuses: Vec<String> = self.answers.iter().map(|answers| answers.status.to_string()).collect();
        let answers = self.answers.iter().zip(&statuses).map(|(answers, status)| {
            let labels = [("route", answers.route.as_str()), ("method", answers.method), ("status", status.as_str())];
            (labels, answers.count)
        });
        families.counters("http_requests", "Requests that were answered.", answers)?;
        families.histograms(
            "http_request_duration_seconds",
            "Time from the head of a request to the head of its answer.",
            self.durations.iter().map(|(route, durations)| ([("route", route.as_str())], durations)),
            MICROSECONDS,
        )?;
        families.gauge(
            "http_requests_in_flight",
            "Requests that are being answered, until the last byte of the answer; streams are among them.",
            self.requests,
        )?;
        families.gauge("http_connections", "Connections that are open.", self.connections)?;
        families.counter(
            "http_connections_refused",
            "Connections that were closed as they came, as there were too many.",
            self.connections_refused,
        )?;
        families.gauge("streams", "Streams of changes that are open.", self.streams)
    }

    fn database(&self, families: &mut Families<'_>) -> fmt::Result {
        let database = &self.database;
        let up = u32::from(self.revision.is_some());
        families.gauge("database_up", "Whether the database answered this scrape.", up)?;
        families.gauges(
            "writes_failing",
            "Whether writes fail for this reason, and reading goes on.",
            database.troubles.iter().map(|(trouble, there)| ([("reason", trouble.code())], u32::from(*there))),
        )?;
        let pools = || database.pools.iter();
        let in_state = |state: &'static str, count: fn(&PoolStats) -> u32| {
            pools().map(move |pool| ([("pool", pool.name), ("state", state)], count(pool)))
        };
        families.gauges(
            "database_connections",
            "Connections to the database.",
            in_state("in_use", |pool| pool.in_use).chain(in_state("idle", |pool| pool.idle)),
        )?;
        families.gauges(
            "database_connections_max",
            "The most connections that there may be.",
            pools().map(|pool| ([("pool", pool.name)], pool.most)),
        )?;
        let work = [([("state", "running")], database.running), ([("state", "waiting")], database.waiting)];
        families.gauges("blocking_tasks", "Pieces of work in the pool of blocking threads.", work)?;
        families.gauge("writes_waiting", "Writes that have not begun.", database.writes_waiting)?;
        families.gauge("exports", "Exports that are being read or sent.", database.exports)?;
        families.gauge("imports", "Imports that arrive or are being written.", database.imports)
    }

    fn commits(&self, families: &mut Families<'_>) -> fmt::Result {
        let Self { database, revision, .. } = self;
        if let Some(revision) = *revision {
            families.gauge("revision", "The last revision of the registry.", revision)?;
        }
        families.counter("commits", "Commits that this instance has made.", database.commits)?;
        families.family(
            "commit_records",
            "Records that a commit of this instance has written, of those that wrote any.",
            MetricType::Histogram,
            [(NONE, &database.records)],
            |encoder, records| histogram(encoder, records, 1.0),
        )
    }

    fn memory(&self, families: &mut Families<'_>) -> fmt::Result {
        families.counter("cache_hits", "Requests that were answered from the cache of answers.", self.cache.hits)?;
        families.counter("cache_misses", "Requests that could have been, and were not.", self.cache.misses)?;
        families.gauge("cache_bytes", "Memory that the cache of answers takes, about.", self.cache.bytes)?;
        let Self { records, .. } = self;
        families.counter("record_cache_hits", "Records of lists that were taken from memory.", records.hits)?;
        families.counter(
            "record_cache_misses",
            "Records of lists that were read from their tables.",
            records.misses,
        )?;
        families.gauge("record_cache_bytes", "Memory that the cache of records takes, about.", records.bytes)?;
        families.gauge("past_states", "Past states that are kept for as_of.", self.past_states)
    }
}

/// No labels. An empty set of them would be written as `{}`.
const NONE: Option<[(&str, &str); 0]> = None;
/// The number of microseconds in a second.
const MICROSECONDS: f64 = 1e6;

/// The writer of metrics.
struct Families<'a>(DescriptorEncoder<'a>);

impl Families<'_> {
    fn gauge(&mut self, name: &str, help: &str, value: impl EncodeGaugeValue) -> fmt::Result {
        self.family(name, help, MetricType::Gauge, [(NONE, value)], |encoder, value| encoder.encode_gauge(&value))
    }

    /// Adds a gauge with a value for each set of labels.
    fn gauges<L: EncodeLabelSet, V: EncodeGaugeValue>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (L, V)>,
    ) -> fmt::Result {
        let values = values.into_iter().map(|(labels, value)| (Some(labels), value));
        self.family(name, help, MetricType::Gauge, values, |encoder, value| encoder.encode_gauge(&value))
    }

    /// Adds a counter. Its name in the text ends in `_total`.
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.family(name, help, MetricType::Counter, [(NONE, value)], counter)
    }

    /// Adds a counter with a value for each set of labels.
    fn counters<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (L, u64)>,
    ) -> fmt::Result {
        let values = values.into_iter().map(|(labels, value)| (Some(labels), value));
        self.family(name, help, MetricType::Counter, values, counter)
    }

    /// Adds a histogram for each set of labels; `unit` is the number of values in one unit that is shown.
    fn histograms<'d, L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (L, &'d Distribution)>,
        unit: f64,
    ) -> fmt::Result {
        let values = values.into_iter().map(|(labels, value)| (Some(labels), value));
        self.family(name, help, MetricType::Histogram, values, |encoder, value| histogram(encoder, value, unit))
    }

    fn family<L: EncodeLabelSet, V>(
        &mut self,
        name: &str,
        help: &str,
        kind: MetricType,
        values: impl IntoIterator<Item = (Option<L>, V)>,
        encode: impl Fn(&mut MetricEncoder<'_>, V) -> fmt::Result,
    ) -> fmt::Result {
        let mut encoder = self.0.encode_descriptor(name, help, None, kind)?;
        for (labels, value) in values {
            match labels {
                Some(labels) => encode(&mut encoder.encode_family(&labels)?, value)?,
                None => encode(&mut encoder, value)?,
            }
        }
        Ok(())
    }
}

fn counter(encoder: &mut MetricEncoder<'_>, value: u64) -> fmt::Result {
    encoder.encode_counter::<NoLabelSet, _, u64>(&value, None)
}

fn histogram(encoder: &mut MetricEncoder<'_>, distribution: &Distribution, unit: f64) -> fmt::Result {
    let bound = |bound: Option<u64>| bound.map_or(f64::INFINITY, |bound| scaled(bound, unit));
    let buckets: Vec<_> = distribution.buckets.iter().map(|(most, count)| (bound(*most), *count)).collect();
    encoder.encode_histogram::<NoLabelSet>(scaled(distribution.sum, unit), distribution.count(), &buckets, None)
}

fn scaled(value: u64, unit: f64) -> f64 {
    value as f64 / unit
}
