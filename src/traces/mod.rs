//! Traces: the place of a request in the work of several services (W3C Trace Context,
//! <https://www.w3.org/TR/trace-context/>). The log has the identifiers that a client sends; with `--otlp-endpoint`
//! each request is a span at a collector, too.
//!
//! OTLP is written by hand as JSON over HTTP (cargo feature `otlp`): one kind of span needs no more, and the crates of
//! OpenTelemetry would bring a client for HTTP and a runtime of their own.

#[cfg(feature = "otlp")]
mod exporter;
mod trace;

use std::str::FromStr;

use crate::error::Result;
pub(crate) use trace::{Answered, TraceParent};
pub use trace::{Trace, TraceId};

/// The address that spans are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpEndpoint(String);

impl FromStr for OtlpEndpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if cfg!(not(feature = "otlp")) {
            return Err("this binary was built without OTLP: build it with --features otlp".to_owned());
        }
        let url = url::Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.has_host());
        let plain = url.filter(|url| url.query().is_none() && url.username().is_empty() && url.password().is_none());
        let url = plain.ok_or("the address of a collector nearby is wanted, such as http://127.0.0.1:4318")?;
        Ok(Self(format!("{}/v1/traces", url.as_str().trim_end_matches('/'))))
    }
}

/// Follows requests, and sends their spans where there is a collector. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Tracer {
    #[cfg(feature = "otlp")]
    exporter: Option<exporter::Exporter>,
}

impl Tracer {
    /// Starts the tracer, which sends to a collector, if there is one.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(
        #[cfg_attr(not(feature = "otlp"), expect(unused_variables, reason = "there is none without the feature"))]
        endpoint: Option<&OtlpEndpoint>,
    ) -> Result<Self> {
        Ok(Self {
            #[cfg(feature = "otlp")]
            exporter: endpoint.map(|endpoint| exporter::Exporter::start(&endpoint.0)).transpose()?,
        })
    }

    /// Returns the trace of a request: the client's, where it names one (once); else a new one where there is a
    /// collector.
    pub(crate) fn follow<'a>(&self, mut traceparents: impl Iterator<Item = &'a str>) -> Option<Trace> {
        let first = traceparents.next();
        let one = first.filter(|_| traceparents.next().is_none());
        match one.and_then(|text| text.parse::<TraceParent>().ok()) {
            Some(parent) => Some(Trace { id: parent.trace, parent: Some(parent.span), sampled: parent.sampled }),
            None => self.begin(),
        }
    }

    #[cfg(feature = "otlp")]
    fn begin(&self) -> Option<Trace> {
        self.exporter.as_ref()?;
        Some(Trace { id: TraceId(exporter::random()?), parent: None, sampled: true })
    }

    #[cfg(not(feature = "otlp"))]
    fn begin(&self) -> Option<Trace> {
        None
    }

    /// Sends the span of a request that has been answered, unless the service that began its trace does not record it.
    #[cfg_attr(not(feature = "otlp"), expect(unused_variables, reason = "there is no collector"))]
    pub(crate) fn record(&self, trace: Option<Trace>, answered: &Answered<'_>) {
        #[cfg(feature = "otlp")]
        if let (Some(exporter), Some(trace)) = (&self.exporter, trace.filter(|trace| trace.sampled)) {
            exporter.send(&trace, answered);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    /// Of the examples and rules of W3C Trace Context, §3.2.
    #[test]
    fn a_traceparent_is_read_as_the_standard_says() {
        let sampled = |text: &str| text.parse::<TraceParent>().ok().map(|parent| parent.sampled);
        assert_eq!(sampled(&format!("00-{TRACE}-00f067aa0ba902b7-01")), Some(true));
        assert_eq!(sampled(&format!("00-{TRACE}-00f067aa0ba902b7-00")), Some(false));
        assert_eq!(sampled(&format!("cc-{TRACE}-00f067aa0ba902b7-01-later")), Some(true));
        let parent: TraceParent = format!("00-{TRACE}-00f067aa0ba902b7-01").parse().unwrap();
        assert_eq!((parent.trace.to_string().as_str(), parent.span), (TRACE, 0x00f0_67aa_0ba9_02b7));
        for wrong in [
            "",
            "00",
            &format!("00-{TRACE}-00f067aa0ba902b7"),
            &format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            &format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            &format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            &format!("00-{TRACE}-0000000000000000-01"),
            &format!("00-+{}-00f067aa0ba902b7-01", &TRACE[1..]),
            &format!("00-{TRACE}-00f067aa0ba902b7-1"),
        ] {
            assert_eq!(sampled(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_trace_that_is_named_twice_is_none() {
        let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let follow =
            |given: &[&str]| Tracer::default().follow(given.iter().copied()).map(|trace| trace.id().to_string());
        assert_eq!(follow(&[&parent]).as_deref(), Some(TRACE));
        assert_eq!(follow(&[&parent, &parent]), None);
        assert_eq!(follow(&[]), None);
    }
}
