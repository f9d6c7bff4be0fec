//! Each rule finds what it is about, and what is nearly so it leaves alone.

use serde_json::{Value, json};

use super::{count, found, world, write};
use crate::support::TestApp;

/// Writes records into a small world, and returns what a rule finds.
#[track_caller]
fn finds(rule: &str, records: &[(&str, &str, Value)]) -> Vec<String> {
    let app = TestApp::spawn();
    world(&app);
    write(&app, records);
    let found = found(&app, &format!("rule={rule}"));
    assert_eq!(count(&app, "", rule), (found.len() as i64, 0));
    let places = found.iter().map(|finding| finding.strip_prefix(&format!("{rule} ")).unwrap().to_owned());
    places.collect()
}

fn project(status: &str, more: Value) -> Value {
    let mut document = json!({ "name": "Any", "status": status });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

fn agreement(projects: &[&str], more: Value) -> Value {
    let mut document = json!({ "title": "Any", "kind": "joint_statement", "projects": projects });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

#[test]
fn an_active_project_wants_a_living_agreement() {
    let found = finds(
        "active-without-agreement",
        &[
            ("projects", "named", project("operational", json!({}))),
            ("projects", "signed", project("in_development", json!({}))),
            ("projects", "ended", project("operational", json!({}))),
            ("projects", "alone", project("in_development", json!({}))),
            ("projects", "proposed", project("proposed", json!({}))),
            ("agreements", "in-force", agreement(&["named"], json!({ "effective_on": "2001" }))),
            ("agreements", "signed", agreement(&["signed"], json!({ "signed_on": "2001" }))),
            (
                "agreements",
                "expired",
                agreement(&["named", "ended"], json!({ "effective_on": "2001", "expires_on": "2002" })),
            ),
        ],
    );
    assert_eq!(found, ["projects/alone", "projects/ended"]);
}

#[test]
fn an_agreement_outlives_its_projects() {
    let found = finds(
        "agreement-outlives-projects",
        &[
            ("projects", "going", project("proposed", json!({}))),
            ("projects", "cancelled", project("cancelled", json!({}))),
            ("agreements", "all-over", agreement(&["over", "cancelled"], json!({}))),
            ("agreements", "one-goes-on", agreement(&["over", "going"], json!({}))),
            ("agreements", "without", agreement(&[], json!({}))),
            ("agreements", "ended", agreement(&["over"], json!({ "end_reason": "terminated", "ended_on": "2001" }))),
        ],
    );
    assert_eq!(found, ["agreements/all-over"]);
}

#[test]
fn an_end_is_unknown() {
    let found = finds(
        "end-unknown",
        &[
            ("agreements", "open", agreement(&[], json!({ "signed_on": "2001" }))),
            ("agreements", "known", agreement(&[], json!({ "expires_on": "2990" }))),
            ("agreements", "ended", agreement(&[], json!({ "end_reason": "terminated", "ended_on": "2001" }))),
        ],
    );
    assert_eq!(found, ["agreements/open"]);
}

#[test]
fn dates_that_are_over_are_found() {
    let records = [
        ("projects", "late", project("in_development", json!({ "launch_date": "2001-02", "end_date": "2990" }))),
        ("projects", "planned", project("proposed", json!({ "launch_date": "2990" }))),
        ("projects", "flown", project("operational", json!({ "launch_date": "2001", "end_date": "2002" }))),
        ("projects", "done", project("completed", json!({ "launch_date": "2001", "end_date": "2002" }))),
        ("projects", "undated", project("proposed", json!({}))),
    ];
    assert_eq!(finds("launch-overdue", &records), ["projects/late"]);
    assert_eq!(finds("operational-after-end", &records), ["projects/flown"]);
}

/// A date that is known to the month or year is over after its last day.
#[test]
fn a_year_is_not_over_before_its_end() {
    let year = &partnership_registry::clock::today().to_string()[..4];
    let records = [("projects", "this-year", project("proposed", json!({ "launch_date": year, "end_date": year })))];
    assert_eq!(finds("launch-overdue", &records), [] as [&str; 0]);
    assert_eq!(finds("operational-after-end", &records), [] as [&str; 0]);
}

#[test]
fn active_projects_are_to_be_reviewed() {
    let review = |project: &str, day: &str| json!({ "project": project, "reviewed_on": day, "rating": "on_track" });
    let today = partnership_registry::clock::today().to_string();
    let records = [
        ("projects", "never", project("operational", json!({}))),
        ("projects", "proposed", project("proposed", json!({}))),
        ("projects", "stale", project("in_development", json!({}))),
        ("projects", "fresh", project("operational", json!({}))),
        ("projects", "planned", project("operational", json!({}))),
        ("reviews", "stale-1", review("stale", "2001-05")),
        ("reviews", "stale-2", review("stale", "2002")),
        ("reviews", "fresh-1", review("fresh", "2001")),
        ("reviews", "fresh-2", review("fresh", &today)),
        // It is still to come: as if it were not there.
        ("reviews", "planned-1", review("planned", "2990")),
        ("reviews", "over-1", review("over", "2001")),
    ];
    assert_eq!(finds("review-missing", &records), ["projects/never", "projects/planned"]);
    assert_eq!(finds("review-stale", &records), ["projects/stale"]);
}

#[test]
fn partners_are_in_projects_and_named_by_agreements() {
    let nation = |alpha3: &str, kind: Value| json!({ "alpha3": alpha3, "name_en": alpha3, "partner_type": kind });
    let nations =
        |codes: &[&str]| json!({ "nations": codes.iter().map(|code| json!({ "nation": code })).collect::<Value>() });
    let records = [
        ("nations", "GR", nation("GRC", json!("old"))),
        ("nations", "EG", nation("EGY", Value::Null)),
        ("projects", "half", project("operational", nations(&["FR", "IN", "US"]))),
        ("projects", "whole", project("operational", nations(&["FR", "IN"]))),
        ("projects", "bare", project("operational", nations(&["US"]))),
        ("projects", "proposed", project("proposed", nations(&["US"]))),
        ("agreements", "with-india", agreement(&["half", "whole", "proposed"], json!({ "nations": ["IN"] }))),
    ];
    assert_eq!(finds("partner-without-project", &records), ["nations/GR"]);
    assert_eq!(finds("partner-not-covered", &records), ["projects/half"]);
}

#[test]
fn areas_do_not_match() {
    let found = finds(
        "area-mismatch",
        &[
            ("projects", "sky", project("proposed", json!({ "areas": ["sky"] }))),
            ("projects", "both", project("proposed", json!({ "areas": ["sky", "sea"] }))),
            ("agreements", "match", agreement(&["over", "both"], json!({ "areas": ["sea"] }))),
            ("agreements", "mismatch", agreement(&["over", "sky"], json!({ "areas": ["sea"] }))),
            ("agreements", "without", agreement(&["sky"], json!({}))),
        ],
    );
    assert_eq!(found, ["agreements/mismatch"]);
}

#[test]
fn names_that_are_nearly_equal_are_likely_one() {
    let organisation = |name: &str, nation: &str| json!({ "name": name, "nation": nation, "kind": "university", "sector": "institutional" });
    let found = finds(
        "likely-duplicate",
        &[
            ("organisations", "a-1", organisation("Indian Space Research Organisation", "IN")),
            ("organisations", "a-2", organisation("Organization of Indian Space Research", "IN")),
            ("organisations", "elsewhere", organisation("Indian Space Research Organisation", "US")),
            ("organisations", "other", organisation("Indian Institute of Science", "IN")),
            ("projects", "b-1", json!({ "name": "Étoile", "status": "proposed" })),
            ("projects", "b-2", json!({ "name": "ETOILE", "status": "completed" })),
            ("projects", "b-3", json!({ "name": "Étoile 2", "status": "completed" })),
        ],
    );
    assert_eq!(found, ["organisations/a-1", "organisations/a-2", "projects/b-1", "projects/b-2"]);
}

#[test]
fn facts_have_sources() {
    let found = finds(
        "no-source",
        &[
            ("nations", "GR", json!({ "alpha3": "GRC", "name_en": "Greece" })),
            (
                "organisations",
                "bare",
                json!({ "name": "B", "kind": "university", "sector": "institutional", "source": "" }),
            ),
            ("projects", "bare", project("proposed", json!({ "source": "" }))),
            ("agreements", "bare", agreement(&[], json!({ "source": "" }))),
        ],
    );
    assert_eq!(found, ["nations/GR", "organisations/bare", "projects/bare", "agreements/bare"]);
}

#[test]
fn every_rule_is_counted_and_described() {
    let app = TestApp::spawn();
    let page = app.viewer().get("/findings").expect(200).json();
    assert_eq!((&page["items"], &page["total"], &page["next_cursor"]), (&json!([]), &json!(0), &Value::Null));
    let rules = partnership_registry::registry::findings::RULES;
    let names: Vec<&str> = page["counts"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert_eq!(names, rules.iter().map(|rule| rule.name).collect::<Vec<_>>());
    let document = partnership_registry::http::document();
    let about = document["paths"]["/api/v1/findings"]["get"]["description"].as_str().unwrap();
    for rule in rules {
        assert!(about.contains(rule.name) && about.contains(rule.about), "{}", rule.name);
    }
}
