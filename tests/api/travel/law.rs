//! The law: what is asked as of a revision is answered as it was when that revision was the last one, byte for byte.

use std::collections::BTreeMap;

use partnership_registry::registry::{Resource, Visitor, each};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::deeds::{deed, kinds, perform};
use crate::support::records::filter_value;
use crate::support::{Options, TestApp, records};

/// Every collection whole, then with every sort, filter and expansion, and in every format.
fn questions() -> Vec<String> {
    struct Ask(Vec<String>, Vec<String>);
    impl Visitor for Ask {
        fn visit<R: Resource>(&mut self) {
            let list = format!("/{}?limit=200", R::COLLECTION);
            self.1.extend(R::sorts().iter().map(|sort| format!("{list}&sort=-{}", sort.name)));
            self.1.extend(R::EXPANSIONS.iter().map(|expansion| format!("{list}&expand={}", expansion.name)));
            for filter in R::filters() {
                let value = match filter.name {
                    "nation" => "IN".to_owned(),
                    "area" => "climate".to_owned(),
                    "organisation" => "isro".to_owned(),
                    "project" => "trishna".to_owned(),
                    _ => filter_value(&serde_json::to_value((filter.schema)()).unwrap()),
                };
                self.1.push(format!("{list}&{}={value}", filter.name));
            }
            self.1.extend(["csv", "ndjson"].map(|format| format!("/{}?format={format}", R::COLLECTION)));
            self.0.push(list);
        }
    }
    let mut ask = Ask(Vec::new(), Vec::new());
    each(&mut ask);
    let Ask(mut questions, more) = ask;
    questions.extend(more);
    questions
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
    let questions = questions();
    // All whole lists each time, of the others a few: each has its turn.
    let asked = |revision: i64| {
        let turn = move |n: usize| n < 7 || (n as i64 + revision) % 6 == 0;
        questions.iter().enumerate().filter(move |(n, _)| turn(*n)).map(|(_, question)| question.as_str())
    };
    let look = || {
        let revision = head(&app);
        let viewer = app.viewer();
        asked(revision).map(move |question| ((revision, question), viewer.get(question).expect(200).body))
    };
    let config = Config { cases: 5, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let steps = (proptest::collection::vec(deed(kinds.len()), 8..20), any::<proptest::sample::Index>());
    let outcome = runner.run(&steps, |(deeds, begin)| {
        let mut shown: BTreeMap<(i64, &str), Vec<u8>> = look().collect();
        for deed in &deeds {
            perform(&app, &kinds, deed);
            shown.extend(look());
        }
        // From anywhere on, so that states are made from nothing and from earlier ones.
        let begin = begin.index(shown.len());
        for ((revision, question), then) in shown.iter().skip(begin).chain(shown.iter().take(begin)) {
            let now = app.viewer().get(&format!("{question}&as_of=r{revision}")).expect(200).body;
            let text = |body| String::from_utf8_lossy(body).into_owned();
            prop_assert_eq!(text(&now), text(then), "{} as of {}", question, revision);
        }
        Ok(())
    });
    outcome.unwrap();
}
