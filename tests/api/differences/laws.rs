//! The two laws: the differences lead from one state to the other, and they add up.

use std::collections::BTreeMap;

use partnership_registry::registry::{READ_ONLY, Resource, ResourceVisitor, visit_resources};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use super::{head, summary};
use crate::support::operations::{Operation, kinds, operation, perform};
use crate::support::{TestApp, records, variant};

/// Every record, as it is written: what is empty is left out.
type State = BTreeMap<(String, String), Map<String, Value>>;

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn state(app: &TestApp) -> State {
    struct Read<'a>(&'a TestApp, State);
    impl ResourceVisitor for Read<'_> {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            let page = self.0.viewer().get(&format!("/{}?limit=200", R::COLLECTION)).expect(200).json();
            assert_eq!(page["next_cursor"], Value::Null);
            for item in page["items"].as_array().unwrap() {
                let mut record = item.as_object().unwrap().clone();
                record.retain(|name, value| {
                    let derived = R::DERIVED.iter().any(|field| field.name == name);
                    !READ_ONLY.contains(&name.as_str()) && !derived && !is_nothing(value)
                });
                let place = (R::COLLECTION.to_owned(), record["code"].as_str().unwrap().to_owned());
                self.1.insert(place, record);
            }
        }
    }
    let mut read = Read(app, State::new());
    visit_resources(&mut read).for_each(drop);
    read.1
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap().to_owned()
}

/// Does what an answer says.
fn apply(mut state: State, summary: &Value) -> State {
    for item in summary["items"].as_array().unwrap() {
        let place = (text(item, "resource"), text(item, "code"));
        let mut record = match item["action"].as_str().unwrap() {
            "created" => {
                assert!(!state.contains_key(&place), "{item}");
                Map::new()
            }
            _ => state.remove(&place).unwrap_or_else(|| panic!("{item} is not there")),
        };
        for change in item["changed"].as_array().unwrap() {
            let field = text(change, "field");
            let before = record.get(&field).cloned().unwrap_or_default();
            assert!(before == change["before"] || is_nothing(&before) && is_nothing(&change["before"]), "{item}");
            if is_nothing(&change["after"]) {
                record.remove(&field);
            } else {
                record.insert(field, change["after"].clone());
            }
        }
        if item["action"] == "deleted" {
            assert!(record.is_empty(), "a deletion tells all that there was: {item}");
        } else {
            state.insert(place, record);
        }
    }
    state
}

/// Each field that is different: what it was and is, nothing for what is nothing.
type Fields = BTreeMap<(String, String, String), (Value, Value)>;

fn fields(summary: &Value) -> Fields {
    let mut fields = Fields::new();
    let plain = |value: &Value| if is_nothing(value) { Value::Null } else { value.clone() };
    for item in summary["items"].as_array().unwrap() {
        for change in item["changed"].as_array().unwrap() {
            let place = (text(item, "resource"), text(item, "code"), text(change, "field"));
            fields.insert(place, (plain(&change["before"]), plain(&change["after"])));
        }
    }
    fields
}

/// One after the other.
fn followed_by(first: &Value, second: &Value) -> Fields {
    let mut all = fields(first);
    for (place, (middle, after)) in fields(second) {
        let before = match all.remove(&place) {
            Some((before, met)) => {
                assert_eq!(met, middle, "{place:?}");
                before
            }
            None => middle,
        };
        if before != after {
            all.insert(place, (before, after));
        }
    }
    all
}

/// One operation, or an import of several records of a kind: those that are there already are changed.
#[derive(Clone, Debug)]
enum Step {
    Operation(Operation),
    Import(usize, usize),
}

/// Files to import: for each kind, several.
fn files() -> Vec<(&'static str, Vec<Value>)> {
    struct Make;
    impl ResourceVisitor for Make {
        type Output = (&'static str, Vec<Value>);

        fn visit<R: Resource>(&mut self) -> Self::Output {
            let file = |first: usize| (first..first + 3).map(variant::<R>).collect::<Value>();
            (R::COLLECTION, vec![file(0), file(2)])
        }
    }
    visit_resources(&mut Make).collect()
}

fn take(app: &TestApp, step: &Step, files: &[(&'static str, Vec<Value>)]) {
    match step {
        Step::Operation(operation) => perform(app, &kinds(), operation),
        Step::Import(kind, file) => {
            let (collection, contents) = &files[*kind];
            let call = app.admin();
            let call = call.request("POST", &format!("/imports/{collection}"));
            let answer = call.body("application/json", contents[*file].to_string()).send();
            assert!(matches!(answer.status, 200 | 422), "{answer}");
        }
    }
}

#[test]
fn differences_lead_from_one_state_to_the_other_and_add_up() {
    let app = TestApp::spawn();
    records::fill(&app);
    let files = files();
    let count = files.len();
    let step = prop_oneof![
        5 => operation(count).prop_map(Step::Operation),
        1 => (0..count, 0..2usize).prop_map(|(kind, file)| Step::Import(kind, file)),
    ];
    let config = Config { cases: 8, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    // The states of all cases: any two of them are two moments.
    let states = std::cell::RefCell::new(vec![(0, State::new()), (head(&app), state(&app))]);
    let points = proptest::collection::vec(any::<proptest::sample::Index>(), 9);
    let outcome = runner.run(&(proptest::collection::vec(step, 6..16), points), |(steps, points)| {
        for (n, step) in steps.iter().enumerate() {
            take(&app, step, &files);
            if n % 3 == 0 {
                states.borrow_mut().push((head(&app), state(&app)));
            }
        }
        let states = states.borrow();
        for points in points.chunks(3) {
            let mut points: Vec<usize> = points.iter().map(|point| point.index(states.len())).collect();
            points.sort_unstable();
            let [a, b, c] = [0, 1, 2].map(|n| &states[points[n]]);
            let between =
                |from: &(i64, State), to: &(i64, State)| summary(&app, &format!("from=r{}&to=r{}", from.0, to.0));
            let (ab, bc, ac) = (between(a, b), between(b, c), between(a, c));
            prop_assert_eq!(&apply(a.1.clone(), &ab), &b.1, "r{} to r{}", a.0, b.0);
            prop_assert_eq!(&apply(a.1.clone(), &ac), &c.1, "r{} to r{}", a.0, c.0);
            prop_assert_eq!(followed_by(&ab, &bc), fields(&ac), "r{}, r{}, r{}", a.0, b.0, c.0);
            for (action, count) in [("created", "created"), ("updated", "changed"), ("deleted", "deleted")] {
                let told: i64 = ac["counts"].as_array().unwrap().iter().map(|one| one[count].as_i64().unwrap()).sum();
                let items = ac["items"].as_array().unwrap().iter().filter(|item| item["action"] == action);
                prop_assert_eq!(told, items.count() as i64);
            }
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn there_and_back_is_nothing() {
    let app = TestApp::spawn();
    records::fill(&app);
    let before = head(&app);
    let editor = app.editor();
    editor.patch("/projects/trishna", &json!({ "status": "cancelled" })).expect(200);
    assert_eq!(super::items(&summary(&app, &format!("from=r{before}"))), ["updated projects/trishna"]);
    let version = editor.get(&format!("/projects/trishna?as_of=r{before}")).expect(200).json()["version"].clone();
    editor.post("/projects/trishna/restore", &json!({ "version": version })).expect(200);
    editor.post("/projects", &json!({ "code": "brief", "name": "Brief", "status": "proposed" })).expect(201);
    editor.delete("/projects/brief").expect(204);
    assert!(head(&app) > before + 3);
    let nothing = summary(&app, &format!("from=r{before}"));
    assert_eq!((&nothing["items"], &nothing["by_calendar"]), (&json!([]), &json!([])));
    assert!(nothing["counts"].as_array().unwrap().iter().all(|one| one["created"] == 0 && one["changed"] == 0));
}
