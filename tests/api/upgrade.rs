//! A registry that an earlier version made keeps its data, its log and its past.

use std::io::Read as _;

use diesel::prelude::*;
use partnership_registry::db::schema::changes;
use partnership_registry::registry::search::differences;
use partnership_registry::registry::{Resource, ResourceVisitor, visit_resources};
use partnership_registry::snapshots::verify;
use serde_json::{Map, Value};

use crate::support::{Database, Options, TestApp};

/// A registry with a hundred changes: creations, updates, a deletion. Its users are taken out.
fn earlier() -> TestApp {
    let packed = include_bytes!("../upgrade/registry-0.1.db.gz");
    let mut file = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut file).unwrap();
    TestApp::over(Database::of_file(&file), Options::default())
}

/// Collection, key, action and document of each change.
type Log = Vec<(String, String, String, String)>;

fn log(app: &TestApp) -> Log {
    let columns = (changes::resource, changes::key, changes::action, changes::document);
    changes::table.order(changes::revision).select(columns).load(&mut app.database.connect()).unwrap()
}

/// Tells whether a record shows everything that a document of its time says, and nothing in the fields that came later.
fn shows(record: &Map<String, Value>, document: &Map<String, Value>, fields: &[&str]) -> bool {
    let empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    document.iter().all(|(name, value)| record.get(name) == Some(value))
        && fields.iter().all(|name| document.contains_key(*name) || record.get(*name).is_some_and(empty))
}

#[test]
fn an_earlier_registry_is_kept_with_its_log_and_its_past() {
    let app = earlier();
    let log = log(&app);
    assert_eq!(log.len(), 100);
    let mut found = Vec::new();
    let verified = verify(
        &app.db,
        None,
        &mut |finding| {
            found.push(finding.to_string());
            Ok(())
        },
        &mut |_, _| {},
    )
    .unwrap();
    assert_eq!((found, verified.head.revision), (Vec::<String>::new(), 100));
    assert_eq!(differences(&mut app.database.connect()).unwrap(), []);

    struct Check<'a>(&'a TestApp, &'a Log);
    impl ResourceVisitor for Check<'_> {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            let fields: Vec<&str> = R::FIELDS.iter().map(|field| field.name).collect();
            for revision in 1..=self.1.len() {
                // The content of the registry then, by the documents of its log.
                let mut state = std::collections::BTreeMap::new();
                for (collection, key, action, document) in &self.1[..revision] {
                    if collection == R::COLLECTION && action != "deleted" {
                        state.insert(key.clone(), serde_json::from_str::<Value>(document).unwrap());
                    } else if collection == R::COLLECTION {
                        state.remove(key);
                    }
                }
                // Every tenth state, and the last.
                if revision % 10 != 0 && revision > 5 {
                    let path = format!("/{}?as_of=r{revision}&limit=1", R::COLLECTION);
                    assert_eq!(self.0.viewer().get(&path).expect(200).json()["total"], state.len(), "{path}");
                    continue;
                }
                let path = format!("/{}?as_of=r{revision}&limit=200", R::COLLECTION);
                let page = self.0.viewer().get(&path).expect(200).json();
                assert_eq!(page["total"], state.len(), "{path}");
                for item in page["items"].as_array().unwrap() {
                    let document = &state[item["code"].as_str().unwrap()];
                    let (record, document) = (item.as_object().unwrap(), document.as_object().unwrap());
                    assert!(shows(record, document, &fields), "{path}: {item} is not {document:?}");
                }
            }
        }
    }
    visit_resources(&mut Check(&app, &log)).for_each(drop);
    // It goes on from there.
    app.editor().patch("/nations/IN", &serde_json::json!({ "other_names": ["Bharat"] })).expect(200);
    assert_eq!(app.viewer().get("/changes/head").expect(200).json()["revision"], 101);
    assert_eq!(app.viewer().get("/search?q=bharat").expect(200).json()["items"][0]["code"], "IN");
}
