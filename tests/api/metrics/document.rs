//! `docs/metrics.md`, the alert rules and the dashboard name metrics that are exported, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Scrape, app};
use crate::support::records;

const PREFIX: &str = "partnership_registry_";

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The kind and the labels of each metric.
type Table = BTreeMap<String, (String, BTreeSet<String>)>;

fn exported() -> Table {
    let app = app();
    records::fill(&app);
    let scrape = Scrape::of(app.metrics());
    let labels =
        |name: &str| scrape.labels.get(name).map(|labels| labels.keys().cloned().collect()).unwrap_or_default();
    scrape.kinds.iter().map(|(name, kind)| (name.clone(), (kind.clone(), labels(name)))).collect()
}

/// The rows `| `name` | kind | `label`, `label` | meaning |`.
fn documented() -> Table {
    let page = read("docs/metrics.md");
    let rows = page.lines().filter(|line| line.starts_with(&format!("| `{PREFIX}")));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, meaning] = cells.as_slice() else { panic!("{line}") };
        assert!(meaning.len() > 10, "{line}");
        let labels = labels.split(',').map(|label| label.trim().trim_matches('`')).filter(|label| *label != "–");
        let labels = labels.map(str::to_owned).collect();
        (name.trim_matches('`').to_owned(), ((*kind).to_owned(), labels))
    };
    rows.map(row).collect()
}

#[test]
fn the_table_lists_every_metric_with_its_kind_and_labels() {
    assert_eq!(documented(), exported());
}

#[test]
fn alerts_and_dashboard_ask_for_exported_metrics() {
    let exported = exported();
    for file in ["deploy/prometheus/alerts.yml", "deploy/grafana/partnership-registry.json"] {
        asks_for(&exported, file);
    }
}

fn asks_for(exported: &Table, file: &str) {
    let rules = read(file);
    let begins = rules.match_indices(PREFIX).map(|(at, _)| &rules[at..]);
    let names: BTreeSet<String> =
        begins.map(|text| text.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()).collect();
    assert!(names.len() > 5, "{file}: {names:?}");
    for name in names {
        let ends = ["_bucket", "_count", "_sum"];
        let of_histogram = ends.iter().find_map(|end| exported.get(name.strip_suffix(end)?));
        let known = exported.contains_key(&name) || of_histogram.is_some_and(|(kind, _)| kind == "histogram");
        assert!(known, "{file}: {name} is not exported");
    }
}
