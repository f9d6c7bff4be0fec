//! Facts that rules take from other records are right after every write, in every past state, and when they are made
//! anew.

use partnership_registry::db::write_transaction;
use partnership_registry::registry::search::rebuild;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::{found, world};
use crate::support::TestApp;

const RULES: &str = "active-without-agreement,agreement-outlives-projects,review-missing,review-stale,partner-not-covered,\
    area-mismatch,likely-duplicate";

/// A write: of what, of which record, and with what in it, as bits.
type Write = (usize, usize, u32);

/// Some of the codes.
fn some(codes: &[&str], bits: u32) -> Vec<Value> {
    let chosen = codes.iter().enumerate().filter(|(n, _)| bits >> n & 1 == 1);
    chosen.map(|(_, code)| json!(code)).collect()
}

fn one<'a>(texts: &[&'a str], bits: u32) -> &'a str {
    texts[bits as usize % texts.len()]
}

const PROJECTS: [&str; 4] = ["p0", "p1", "p2", "p3"];

fn perform(app: &TestApp, (what, which, bits): Write) {
    let admin = app.admin();
    let code = which.to_string();
    let areas = some(&["sea", "sky"], bits >> 8);
    let answer = match what {
        0 | 1 => {
            let nations = some(&["FR", "IN", "US"], bits >> 4);
            let nations: Vec<Value> = nations.iter().map(|code| json!({ "nation": code })).collect();
            let status = one(&["operational", "in_development", "completed", "cancelled"], bits);
            let name = one(&["Observatory of Planets", "Planets Observatory", "Another"], bits >> 12);
            let document = json!({ "name": name, "status": status, "areas": areas, "nations": nations });
            admin.put(&format!("/projects/p{code}"), &document)
        }
        2 | 3 => {
            let expires = one(&["2990", "2001-02-28", "2990-01"], bits >> 12);
            let document = json!({ "title": "Any", "kind": "joint_statement", "areas": areas, "expires_on": expires,
                "projects": some(&["over", "p0", "p1"], bits), "nations": some(&["IN", "US"], bits >> 4) });
            admin.put(&format!("/agreements/a{code}"), &document)
        }
        4 => {
            let day = one(&["2001-05", "2990-01-01", "2000"], bits >> 4);
            let document = json!({ "project": one(&PROJECTS, bits), "reviewed_on": day, "rating": "on_track" });
            admin.put(&format!("/reviews/r{code}"), &document)
        }
        5 => admin
            .delete(&format!("/{}", [format!("agreements/a{code}"), format!("reviews/r{code}")][bits as usize % 2])),
        6 => admin.delete(&format!("/projects/p{code}")),
        _ => {
            let kind = [json!("old"), Value::Null][bits as usize % 2].clone();
            admin.patch(&format!("/nations/{}", one(&["IN", "US"], bits >> 1)), &json!({ "partner_type": kind }))
        }
    };
    assert!(matches!(answer.status, 200 | 201 | 204 | 404 | 409 | 422), "{answer}");
}

#[test]
fn facts_from_other_records_follow_every_write() {
    let app = TestApp::spawn();
    world(&app);
    let config = Config { cases: 10, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let writes = proptest::collection::vec((0..8usize, 0..4usize, any::<u32>()), 12..24);
    let states = std::cell::RefCell::new(Vec::new());
    let query = format!("rule={RULES}");
    let outcome = runner.run(&writes, |writes| {
        for write in writes {
            perform(&app, write);
        }
        let shown = found(&app, &query);
        let mut conn = app.database.connect();
        write_transaction(&mut conn, rebuild).unwrap();
        prop_assert_eq!(&shown, &found(&app, &query));
        let head = app.viewer().get("/changes/head").expect(200).json()["revision"].clone();
        states.borrow_mut().push((head, shown));
        Ok(())
    });
    outcome.unwrap();
    let mut rules = std::collections::BTreeSet::new();
    for (revision, shown) in states.into_inner() {
        assert_eq!(found(&app, &format!("{query}&as_of=r{revision}")), shown, "r{revision}");
        rules.extend(shown.iter().filter_map(|finding| finding.split(' ').next().map(str::to_owned)));
    }
    assert_eq!(rules.len(), RULES.split(',').count(), "each of them found something: {rules:?}");
}
