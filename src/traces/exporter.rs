//! Spans on their way to a collector: OTLP in JSON over HTTP (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>),
//! by a thread of its own. No request waits for it: what it cannot take is dropped and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::trace::{Answered, Trace};
use crate::clock;
use crate::error::{Error, Result};

/// The number of spans that may wait to be sent.
const WAITING: usize = 4096;
/// The number of spans that are sent at once at most.
const BATCH: usize = 512;
/// The time that a span waits for others.
const COLLECT: Duration = Duration::from_secs(1);
/// The time that a collector may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// The time between two log lines about lost spans.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// The handle of the thread, which ends with the last one. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Exporter {
    spans: SyncSender<Value>,
    lost: Arc<AtomicU64>,
}

impl Exporter {
    /// Starts the thread.
    pub(super) fn start(address: &str) -> Result<Self> {
        let (spans, queue) = sync_channel(WAITING);
        let lost = Arc::<AtomicU64>::default();
        let thread = Thread {
            address: address.to_owned(),
            agent: agent(),
            instance: uuid::Uuid::now_v7().to_string(),
            lost: lost.clone(),
            last_logged: None,
        };
        std::thread::Builder::new()
            .name("registry-traces".to_owned())
            .spawn(move || thread.run(&queue))
            .map_err(|error| Error::internal("the thread of the traces cannot be started", error))?;
        Ok(Self { spans, lost })
    }

    /// Sends a span, soon.
    pub(super) fn send(&self, trace: &Trace, answered: &Answered<'_>) {
        let span = random().map(|id| span(trace, (id >> 64) as u64, answered));
        if span.is_none_or(|span| self.spans.try_send(span).is_err()) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Returns a random number that is not 0, in either half.
pub(super) fn random() -> Option<u128> {
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(u128::from_be_bytes(bytes) | 1 << 64 | 1)
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().proxy(None).max_redirects(0).timeout_global(Some(DEADLINE));
    config.http_status_as_error(true).build().new_agent()
}

/// Returns a request as a span of the kind *server*, with the attributes that OpenTelemetry names for HTTP.
fn span(trace: &Trace, id: u64, answered: &Answered<'_>) -> Value {
    let Answered { method, route, status, request_id, took } = answered;
    let end = clock::now().timestamp_nanos_opt().unwrap_or_default();
    let begin = end.saturating_sub(i64::try_from(took.as_nanos()).unwrap_or_default());
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let mut attributes = vec![
        text("http.request.method", method),
        json!({ "key": "http.response.status_code", "value": { "intValue": status.to_string() } }),
        text("http.request.header.x-request-id", request_id),
    ];
    attributes.extend(route.map(|route| text("http.route", route)));
    let name = route.map_or_else(|| (*method).to_owned(), |route| format!("{method} {route}"));
    let mut span = json!({
        "traceId": trace.id.to_string(), "spanId": format!("{id:016x}"), "name": name, "kind": 2,
        "startTimeUnixNano": begin.to_string(), "endTimeUnixNano": end.to_string(), "attributes": attributes,
        "status": if *status >= 500 { json!({ "code": 2 }) } else { json!({}) },
    });
    if let (Some(parent), Some(fields)) = (trace.parent, span.as_object_mut()) {
        fields.insert("parentSpanId".to_owned(), format!("{parent:016x}").into());
    }
    span
}

struct Thread {
    address: String,
    agent: ureq::Agent,
    /// The id that tells this instance from others.
    instance: String,
    lost: Arc<AtomicU64>,
    last_logged: Option<Instant>,
}

impl Thread {
    fn run(mut self, queue: &Receiver<Value>) {
        while let Ok(first) = queue.recv() {
            let (mut spans, until) = (vec![first], Instant::now() + COLLECT);
            while spans.len() < BATCH {
                match queue.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    Ok(span) => spans.push(span),
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
                }
            }
            let count = spans.len();
            if let Err(error) = self.post(spans) {
                self.lost.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
                self.tell(&error);
            }
        }
    }

    fn post(&self, spans: Vec<Value>) -> std::result::Result<(), ureq::Error> {
        let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
        let resource = [
            text("service.name", env!("CARGO_PKG_NAME")),
            text("service.version", env!("CARGO_PKG_VERSION")),
            text("service.instance.id", &self.instance),
        ];
        let scope = json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") });
        let sent = json!({ "resourceSpans": [{
            "resource": { "attributes": resource }, "scopeSpans": [{ "scope": scope, "spans": spans }],
        }] });
        self.agent.post(&self.address).content_type("application/json").send(sent.to_string()).map(drop)
    }

    /// Says once in a while that spans were lost.
    fn tell(&mut self, error: &ureq::Error) {
        if self.last_logged.is_none_or(|last| last.elapsed() >= LOG_INTERVAL) {
            let lost = self.lost.swap(0, Ordering::Relaxed);
            log::warn!("{lost} spans could not be sent to the collector of traces: {error}");
            self.last_logged = Some(Instant::now());
        }
    }
}
