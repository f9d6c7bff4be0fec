//! Exports are imported to the same bytes: the sample registry, and any other.

use partnership_registry::demo;
use partnership_registry::registry::{
    Resource, ResourceInfo, ResourceVisitor, field_names, visit_resource, visit_resources,
};
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

const FORMATS: [(&str, &str); 4] = [
    ("csv", "text/csv"),
    ("csv&dialect=excel", "text/csv"),
    ("ndjson", "application/x-ndjson"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
];

/// Imports files of some fields. A file as a list wrote it changes nothing, whatever fields were asked for, if the code
/// is among them; a file with other values in them changes these alone.
fn files_of_some_fields_are_harmless(source: &TestApp, chance: &mut Chance) {
    struct Fields<'c>(&'c mut Chance);
    impl ResourceVisitor for Fields<'_> {
        type Output = (&'static str, Vec<String>);

        fn visit<R: Resource>(&mut self) -> Self::Output {
            let names: Vec<String> =
                field_names::<R>().into_iter().filter(|name| *name != "code").map(str::to_owned).collect();
            (R::COLLECTION, self.0.some(&names))
        }
    }
    let admin = source.admin();
    for (collection, mut fields) in visit_resources(&mut Fields(chance)) {
        fields.push("code".to_owned());
        let list = |more: &str| admin.get(&format!("/{collection}?{more}")).expect(200);
        let before = list("format=ndjson&fields=version").body;
        for (format, kind) in FORMATS {
            let file = list(&format!("format={format}&fields={}", fields.join(","))).body;
            let report = import(&admin, collection, kind, file).expect(200).json();
            assert_eq!(
                (&report["unchanged"], &report["fields"]),
                (&report["rows"], &json!([])),
                "{collection} {fields:?}"
            );
        }
        assert!(list("format=ndjson&fields=version").body == before, "{collection} {fields:?}");
        only_named_fields_change(source, collection, &fields);
    }
}

/// Empties the optional ones of these fields in all records by a file that names nothing else.
fn only_named_fields_change(source: &TestApp, collection: &'static str, fields: &[String]) {
    struct Optional<'f>(&'f [String]);
    impl ResourceVisitor for Optional<'_> {
        type Output = Vec<&'static str>;

        fn visit<R: Resource>(&mut self) -> Self::Output {
            let optional = R::FIELDS.iter().filter(|field| field.optional).map(|field| field.name);
            optional.filter(|name| self.0.iter().any(|asked| asked == name)).collect()
        }
    }
    let optional = visit_resource(collection, &mut Optional(fields)).unwrap();
    let admin = source.admin();
    let records = || -> Vec<Value> {
        let text = admin.get(&format!("/{collection}?format=ndjson")).expect(200).text();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let before = records();
    let rows: Vec<Value> = before
        .iter()
        .map(|record| {
            let nulls = optional.iter().map(|name| ((*name).to_owned(), Value::Null));
            nulls.chain([("code".to_owned(), record["code"].clone())]).collect::<serde_json::Map<_, _>>().into()
        })
        .collect();
    let answer = import(&admin, &format!("{collection}?dry_run=false"), "application/json", json!(rows).to_string());
    if answer.status == 422 {
        // A rule between fields wants one of them.
        assert_eq!(records(), before);
        return;
    }
    for (before, after) in before.iter().zip(records()) {
        for (name, value) in after.as_object().unwrap() {
            let is_derived = !fields.is_empty() && name == "status";
            if !optional.contains(&name.as_str()) && !is_derived {
                assert_eq!(value, &before[name], "{collection}: {name} is not in the file");
            }
        }
    }
}

/// Exports a registry and imports it into an empty one, in every format.
fn goes_from_service_to_service(source: &TestApp) {
    for (format, kind) in FORMATS {
        let target = TestApp::spawn();
        for collection in ResourceInfo::collections() {
            let list = format!("/{collection}?format={format}");
            let file = source.viewer().get(&list).expect(200).body;
            let report = import(&target.admin(), &format!("{collection}?mode=create"), kind, file.clone()).expect(200);
            assert_eq!(report.json()["created"], report.json()["rows"]);
            assert!(
                format == "xlsx" || target.viewer().get(&list).expect(200).body == file,
                "{collection} has changed on its way as {format}"
            );
            let lines = |app: &TestApp| app.viewer().get(&format!("/{collection}?format=ndjson")).expect(200).body;
            assert!(lines(&target) == lines(source), "{collection} has changed on its way as {format}");
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

/// The random choices for a registry, taken in turn.
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

impl ResourceVisitor for Registry {
    type Output = ();

    fn visit<R: Resource>(&mut self) {
        let mut records: Vec<Value> = Vec::new();
        for n in 0..1 + self.chance.below(4) {
            let mut document = variant::<R>(n);
            for field in R::FIELDS.iter().filter(|field| field.name != "code") {
                // A field that takes any text gets one, if the rules for texts allow it.
                if takes::<R>(field, &json!("any text at all")) {
                    let text = json!(self.chance.text());
                    if takes::<R>(field, &text) {
                        document[field.name] = text;
                    }
                }
            }
            for (place, to) in R::OUTGOING_REFS {
                let own = *to == R::COLLECTION;
                let codes = if own { records.iter().map(code_of).collect() } else { self.codes(to) };
                self.refer(&mut document, place, &codes);
            }
            // A record that says itself which collection a code is of.
            if R::OUTGOING_REFS.is_empty() {
                for reference in R::references_of(&document) {
                    let codes = self.codes(reference.to);
                    *document.pointer_mut(&reference.pointer).unwrap() = json!(codes[self.chance.below(codes.len())]);
                }
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
        visit_resources(&mut registry).for_each(drop);
        let source = TestApp::spawn();
        for (collection, records) in registry.collections {
            let file = serde_json::to_vec(&records).unwrap();
            let report = import(&source.admin(), &format!("{collection}?mode=create"), "application/json", file);
            prop_assert_eq!(report.expect(200).json()["created"].as_u64(), Some(records.len() as u64));
        }
        goes_from_service_to_service(&source);
        files_of_some_fields_are_harmless(&source, &mut registry.chance);
        Ok(())
    });
    outcome.unwrap();
}
