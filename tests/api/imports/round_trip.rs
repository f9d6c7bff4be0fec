//! What was exported is imported to the same bytes: the sample registry, and any other.

use partnership_registry::demo;
use partnership_registry::registry::{Kind, Resource, Visitor, each};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::import;
use crate::support::records::{code_of, takes};
use crate::support::{TestApp, variant};

#[test]
fn the_sample_registry_goes_from_service_to_service() {
    let source = TestApp::spawn();
    demo::load(&source.db).unwrap();
    goes_from_service_to_service(&source);
}

/// Exports a registry and imports it into an empty one, in both formats that a registry can be read from.
fn goes_from_service_to_service(source: &TestApp) {
    for (format, kind) in [("csv", "text/csv"), ("ndjson", "application/x-ndjson")] {
        let target = TestApp::spawn();
        for collection in Kind::all().into_iter().map(|kind| kind.collection) {
            let list = format!("/{collection}?format={format}");
            let file = source.viewer().get(&list).expect(200).body;
            let report = import(&target.admin(), &format!("{collection}?mode=create"), kind, file.clone()).expect(200);
            assert_eq!(report.json()["created"], report.json()["rows"]);
            assert!(
                target.viewer().get(&list).expect(200).body == file,
                "{collection} has changed on its way as {format}"
            );
            let again = import(&target.admin(), collection, kind, file).expect(200);
            assert_eq!(again.json()["unchanged"], again.json()["rows"]);
        }
    }
}

/// Texts that a spreadsheet, a delimiter or a careless reader would spoil.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[=+@\\-'\t\"]{1,3}",
        "[;:,\"'|\\\\]{1,3}",
        "[\n\t ]{1,2}",
        "[a-zA-Z0-9]{1,8}",
        Just("=HYPERLINK(\"https://example.org\")".to_owned()),
        Just("e\u{301}".to_owned()),
        Just("null".to_owned()),
        Just("\u{FEFF}".to_owned()),
        "\\PC{1,4}",
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// What chance decides in a registry, taken in turn.
#[derive(Debug)]
struct Chance {
    texts: Vec<String>,
    indices: Vec<Index>,
    taken: usize,
}

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.taken += 1;
        self.indices[self.taken % self.indices.len()].index(count)
    }

    fn text(&mut self) -> String {
        let place = self.below(self.texts.len());
        self.texts[place].clone()
    }

    /// Some of these, in any order, none twice.
    fn some(&mut self, of: &[String]) -> Vec<String> {
        let mut left = of.to_vec();
        let count = self.below(left.len() + 1);
        (0..count).map(|_| left.swap_remove(self.below(left.len()))).collect()
    }
}

/// A registry of a few records of each kind, which refer to one another by chance.
struct Registry {
    chance: Chance,
    collections: Vec<(&'static str, Vec<Value>)>,
}

impl Registry {
    fn codes(&self, collection: &str) -> Vec<String> {
        let found = self.collections.iter().find(|(name, _)| *name == collection);
        found.map(|(_, records)| records.iter().map(code_of).collect()).unwrap_or_default()
    }

    /// Puts other codes where a record refers: at `/areas/*`, `/nations/*/nation`, `/project`.
    fn refer(&mut self, document: &mut Value, place: &str, codes: &[String]) {
        let mut steps = place.split('/').skip(1);
        let (field, in_list, within) = (steps.next().unwrap(), steps.next().is_some(), steps.next());
        document[field] = if in_list {
            let template = document[field][0].clone();
            let items = self.chance.some(codes).into_iter().map(|code| match within {
                None => json!(code),
                Some(name) => {
                    let mut item = template.clone();
                    item[name] = json!(code);
                    item
                }
            });
            items.collect()
        } else {
            codes.get(self.chance.below(codes.len().max(1))).map_or(Value::Null, |code| json!(code))
        };
    }
}

impl Visitor for Registry {
    fn visit<R: Resource>(&mut self) {
        let mut records: Vec<Value> = Vec::new();
        for n in 0..1 + self.chance.below(4) {
            let mut document = variant::<R>(n);
            for field in R::FIELDS.iter().filter(|field| field.name != "code") {
                // Whatever takes any text gets one, if the rules for texts allow it.
                if takes::<R>(field, &json!("any text at all")) {
                    let text = json!(self.chance.text());
                    if takes::<R>(field, &text) {
                        document[field.name] = text;
                    }
                }
            }
            for (place, to) in R::REFERENCES {
                let own = *to == R::COLLECTION;
                let codes = if own { records.iter().map(code_of).collect() } else { self.codes(to) };
                self.refer(&mut document, place, &codes);
            }
            records.push(document);
        }
        self.collections.push((R::COLLECTION, records));
    }
}

#[test]
fn any_registry_goes_from_service_to_service() {
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let chance = (proptest::collection::vec(text(), 40), proptest::collection::vec(any::<Index>(), 100));
    let outcome = runner.run(&chance, |(texts, indices)| {
        let chance = Chance { texts, indices, taken: 0 };
        let mut registry = Registry { chance, collections: Vec::new() };
        each(&mut registry);
        let source = TestApp::spawn();
        for (collection, records) in registry.collections {
            let file = serde_json::to_vec(&records).unwrap();
            let report = import(&source.admin(), &format!("{collection}?mode=create"), "application/json", file);
            prop_assert_eq!(report.expect(200).json()["created"].as_u64(), Some(records.len() as u64));
        }
        goes_from_service_to_service(&source);
        Ok(())
    });
    outcome.unwrap();
}
