//! The text forms of metrics: Prometheus's own (0.0.4), which everything reads, and OpenMetrics 1.0 for scrapers that
//! prefer it. <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::fmt::Write as _;

use actix_web::HttpRequest;
use actix_web::http::header::{Accept, Header as _};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use super::families::PREFIX;
use super::sample::Sample;
use crate::error::{Error, Result};

/// A form of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Prometheus 0.0.4.
    Prometheus,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Form {
    /// Returns the form that a scraper prefers; otherwise Prometheus's own.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let ranked = Accept::parse(request).map(|accept| accept.ranked()).unwrap_or_default();
        let form = ranked.iter().find_map(|range| match range.essence_str() {
            "application/openmetrics-text" => Some(Self::OpenMetrics),
            "text/plain" | "text/*" | "*/*" => Some(Self::Prometheus),
            _ => None,
        });
        form.unwrap_or(Self::Prometheus)
    }

    /// Returns the value of `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// Writes the text.
    ///
    /// # Errors
    /// Never, as long as text can be appended to text.
    pub(super) fn write(self, sample: Sample) -> Result<String> {
        let failed = |error| Error::internal("the metrics cannot be written", error);
        let mut registry = Registry::with_prefix(PREFIX);
        registry.register_collector(Box::new(sample));
        let mut text = String::new();
        encode(&mut text, &registry).map_err(failed)?;
        match self {
            Self::OpenMetrics => Ok(text),
            Self::Prometheus => prometheus(&text).map_err(failed),
        }
    }
}

/// Returns the older form of an OpenMetrics text. It names a counter in its description as in its values, with
/// `_total`, and has no mark at the end.
fn prometheus(text: &str) -> Result<String, std::fmt::Error> {
    let mut out = String::with_capacity(text.len());
    let mut help = None;
    for line in text.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            help = described.split_once(' ');
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|typed| typed.split_once(' ')) {
            let end = if kind == "counter" { "_total" } else { "" };
            if let Some((_, help)) = help.take() {
                writeln!(out, "# HELP {name}{end} {help}")?;
            }
            writeln!(out, "# TYPE {name}{end} {kind}")?;
        } else if !line.starts_with('#') {
            writeln!(out, "{line}")?;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_scraper_gets_the_form_that_it_likes_best() {
        let new = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
            application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
            text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        for (accept, form) in [
            (new, Form::OpenMetrics),
            ("application/openmetrics-text", Form::OpenMetrics),
            ("text/plain;version=0.0.4;q=1,application/openmetrics-text;q=0.5", Form::Prometheus),
            ("*/*", Form::Prometheus),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Form::Prometheus),
            ("application/json", Form::Prometheus),
            ("no media type", Form::Prometheus),
        ] {
            let request = TestRequest::default().insert_header(("Accept", accept)).to_http_request();
            assert_eq!(Form::of(&request), form, "{accept}");
        }
        assert_eq!(Form::of(&TestRequest::default().to_http_request()), Form::Prometheus);
    }

    #[test]
    fn the_older_form_names_counters_in_full() {
        let new = "# HELP a_b How many.\n# TYPE a_b counter\n# UNIT a_b b\na_b_total{c=\"d\"} 1\n\
            # HELP e Now.\n# TYPE e gauge\ne 2\n# EOF\n";
        let old = "# HELP a_b_total How many.\n# TYPE a_b_total counter\na_b_total{c=\"d\"} 1\n\
            # HELP e Now.\n# TYPE e gauge\ne 2\n";
        assert_eq!(prometheus(new).unwrap(), old);
    }
}
