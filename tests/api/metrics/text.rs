//! A strict reader of Prometheus's text form, version 0.0.4.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::raw;

/// The values of one scrape.
#[derive(Debug)]
pub(crate) struct Scrape {
    /// The kind of each metric, by its name.
    pub(crate) kinds: BTreeMap<String, String>,
    /// Each value, by its name and labels as they are written.
    values: BTreeMap<String, f64>,
    /// The bounds and counts of each histogram, by its name and its other labels.
    buckets: BTreeMap<(String, String), Vec<(f64, f64)>>,
    /// Each label of each metric, with all its values.
    pub(crate) labels: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Scrape {
    pub(crate) fn of(address: std::net::SocketAddr) -> Self {
        let answer = raw(address, "GET /metrics HTTP/1.1", b"");
        assert_eq!(answer.status, 200, "{}", answer.head);
        let head = answer.head.to_ascii_lowercase();
        assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
        Self::read(std::str::from_utf8(&answer.body).unwrap())
    }

    fn read(text: &str) -> Self {
        let mut scrape =
            Self { kinds: BTreeMap::new(), values: BTreeMap::new(), buckets: BTreeMap::new(), labels: BTreeMap::new() };
        assert!(text.ends_with('\n'), "the last line ends, too");
        let (mut helped, mut current) = (None, String::new());
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                assert!(help.ends_with('.') && !help.contains('\\'), "{line}");
                helped = Some(name.to_owned());
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert_eq!(helped.take().as_deref(), Some(name), "HELP comes right before: {line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                assert!(is_name(name), "{line}");
                let before = scrape.kinds.insert(name.to_owned(), kind.to_owned());
                assert_eq!(before, None, "each metric comes once: {line}");
                name.clone_into(&mut current);
            } else {
                scrape.value(&current, line);
            }
        }
        scrape.check_histograms();
        scrape
    }

    fn value(&mut self, family: &str, line: &str) {
        let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line:?} is no value"));
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
        assert!(value >= 0.0, "{line}");
        let (name, labels) = match series.split_once('{') {
            Some((name, labels)) => (name, labels.strip_suffix('}').unwrap_or_else(|| panic!("{line}"))),
            None => (series, ""),
        };
        let end = name.strip_prefix(family).unwrap_or_else(|| panic!("{line} is not of {family}"));
        let ends: &[&str] = if self.kinds[family] == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        assert!(ends.contains(&end), "{line}");
        let known = self.labels.entry(family.to_owned()).or_default();
        let (mut bound, mut others) = (None, Vec::new());
        for (label, value) in pairs(labels) {
            assert!(is_name(&label), "{line}");
            if label == "le" {
                bound = Some(if value == "+Inf" { f64::INFINITY } else { value.parse().unwrap() });
                continue;
            }
            others.push(format!("{label}=\"{value}\""));
            known.entry(label).or_default().insert(value);
        }
        assert_eq!(bound.is_some(), end == "_bucket", "{line}");
        if let Some(bound) = bound {
            let others = if others.is_empty() { String::new() } else { format!("{{{}}}", others.join(",")) };
            self.buckets.entry((family.to_owned(), others)).or_default().push((bound, value));
        }
        assert_eq!(self.values.insert(series.to_owned(), value), None, "each value comes once: {line}");
    }

    /// The buckets of a histogram hold each other, and the last holds all.
    fn check_histograms(&self) {
        for ((family, labels), buckets) in &self.buckets {
            assert!(buckets.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1), "{family} {labels}");
            let count = format!("{family}_count{labels}");
            assert_eq!(buckets.last(), Some(&(f64::INFINITY, self.values[&count])), "{count}");
        }
    }

    /// The value with this name and these labels, without the prefix; 0 where there is none.
    pub(crate) fn get(&self, series: &str) -> u64 {
        let value = self.values.get(&format!("partnership_registry_{series}")).copied().unwrap_or_default();
        assert!(value.fract() == 0.0, "{series} is {value}");
        format!("{value}").parse().unwrap()
    }

    /// How many values there are.
    pub(crate) fn count(&self) -> usize {
        self.values.len()
    }

    /// Every value of every label.
    pub(crate) fn label_values(&self) -> BTreeSet<&str> {
        self.labels.values().flat_map(BTreeMap::values).flatten().map(String::as_str).collect()
    }
}

/// `a="b",c="d"`
fn pairs(labels: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut rest = labels;
    while !rest.is_empty() {
        let (label, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("{labels}"));
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("{labels}"));
        assert!(!value.contains('\\') && !value.contains('\n'), "nothing here needs an escape: {labels}");
        pairs.push((label.to_owned(), value.to_owned()));
        rest = match after.strip_prefix(',') {
            Some(more) => more,
            None => {
                assert_eq!(after, "", "{labels}");
                after
            }
        };
    }
    pairs
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}
