//! The law: what is asked as of a revision is answered as it was when that revision was the last one, byte for byte.

use std::collections::BTreeMap;

use partnership_registry::http::document;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use crate::contract::with_parameters;
use crate::support::operations::{kinds, operation, perform};
use crate::support::{Options, TestApp, records};

/// Paths that no moment can be asked of: who may do what, the log, which has its own way back, and the names of its
/// revisions.
const TIMELESS: [&str; 8] =
    ["/auth/", "/users", "/sessions", "/tokens", "/subscriptions", "/changes", "/releases", "/webhooks"];

/// Every question of the document about the registry: as it is, then with each of its parameters as in the example, and
/// in every format. The first ones, so many, are the questions as they are.
pub(crate) fn questions() -> (Vec<String>, usize) {
    let document = document();
    let (mut questions, mut more) = (Vec::new(), Vec::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(path) = path.strip_prefix("/api/v1").filter(|path| !TIMELESS.iter().any(|one| path.starts_with(one)))
        else {
            continue;
        };
        let read = with_parameters(document, &item["get"]);
        let Some(parameters) = read["parameters"].as_array() else { continue };
        assert!(parameters.iter().any(|parameter| parameter["name"] == "as_of"), "{path} shows the present alone");
        if path.contains('{') {
            continue;
        }
        let parameters: Vec<_> = parameters.iter().filter(|parameter| parameter["in"] == "query").collect();
        let said =
            |parameter: &Value, value: &Value| format!("&{}={}", parameter["name"].as_str().unwrap(), text(value));
        let mut question = format!("{path}?");
        for parameter in &parameters {
            if parameter["required"] == true {
                question += &said(parameter, &parameter["example"]);
            } else if parameter["name"] == "limit" {
                question += &said(parameter, &parameter["schema"]["maximum"]);
            }
        }
        for parameter in parameters {
            match parameter["name"].as_str().unwrap() {
                "as_of" | "limit" | "cursor" => {}
                "format" => {
                    let formats = parameter["schema"]["enum"].as_array().unwrap();
                    // Links in a workbook are compressed, so that they cannot be found below; CSV has the same cells.
                    let linked = ["/summaries", "/activity", "/findings"].iter().any(|linked| path.starts_with(linked));
                    // Parquet, too; and not every program has it.
                    let hidden = |format: &Value| format == "parquet" || (linked && format == "xlsx");
                    let comparable = formats.iter().filter(|format| !hidden(format));
                    more.extend(comparable.map(|format| format!("{question}{}", said(parameter, format))));
                }
                // One without an example goes with another: `dialect` with `format=csv`.
                _ if parameter["required"] == true || parameter["example"].is_null() => {}
                _ => more.push(format!("{question}{}", said(parameter, &parameter["example"]))),
            }
        }
        questions.push(question);
    }
    let plain = questions.len();
    questions.extend(more);
    (questions, plain)
}

/// An example as it is written in a query string.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace(' ', "+"),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// The last revision.
fn head(app: &TestApp) -> i64 {
    app.viewer().get("/changes/head").expect(200).json()["revision"].as_i64().unwrap()
}

#[test]
fn the_past_is_shown_as_it_was_shown() {
    let app = TestApp::with(Options { snapshots: 3, ..Options::default() });
    records::fill(&app);
    let kinds = kinds();
    let (questions, plain) = questions();
    assert!(questions.len() > 100, "{questions:#?}");
    // The plain ones each time, of the others a few: each has its turn.
    let asked = |revision: i64| {
        let turn = move |n: usize| n < plain || (n as i64 + revision) % 8 == 0;
        questions.iter().enumerate().filter(move |(n, _)| turn(*n)).map(|(_, question)| question.as_str())
    };
    let look = || {
        let revision = head(&app);
        let viewer = app.viewer();
        asked(revision).map(move |question| ((revision, question), viewer.get(question).expect(200).body))
    };
    let config = Config { cases: 5, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let steps = (proptest::collection::vec(operation(kinds.len()), 8..20), any::<proptest::sample::Index>());
    let backwards = std::cell::Cell::new(false);
    let outcome = runner.run(&steps, |(operations, begin)| {
        let mut shown: BTreeMap<(i64, &str), Vec<u8>> = look().collect();
        for operation in &operations {
            perform(&app, &kinds, operation);
            shown.extend(look());
        }
        // From anywhere on, in either direction: so states are made from nothing, from earlier and from later ones.
        let begin = begin.index(shown.len());
        let mut order: Vec<_> = shown.iter().skip(begin).chain(shown.iter().take(begin)).collect();
        if backwards.replace(!backwards.get()) {
            order.reverse();
        }
        for ((revision, question), then) in order {
            let now = app.viewer().get(&format!("{question}&as_of=r{revision}")).expect(200).body;
            // Links to lists and records are links to those of the moment.
            let link = format!("as_of=r{revision}");
            let text =
                |body| String::from_utf8_lossy(body).replace(&format!("&{link}"), "").replace(&format!("?{link}"), "");
            prop_assert_eq!(text(&now), text(then), "{} as of {}", question, revision);
        }
        Ok(())
    });
    outcome.unwrap();
}
