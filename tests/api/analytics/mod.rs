//! Questions about partnerships, on the sample registry and on one made to be awkward.

mod bitmaps;
mod home;
mod network;
mod partnerships;
mod summaries;
mod travel;

use partnership_registry::demo;
use serde_json::{Value, json};

use crate::support::TestApp;

/// The sample, with what it has none of: reviews, regions with commas in their names, records with nothing, and a
/// nation, an organisation and a date in several states.
fn awkward_sample() -> TestApp {
    let app = TestApp::spawn();
    demo::load(&app.db).unwrap();
    let put = |path: &str, body: Value| drop(app.admin().put(path, &body).expect(201));
    for (code, alpha3, region) in [("TO", "TON", Some(r"Polynesia, \and\ more, <sea>")), ("AQ", "ATA", None)] {
        put(&format!("/nations/{code}"), json!({ "alpha3": alpha3, "name_en": code, "region": region }));
    }
    put("/projects/bare", json!({ "name": "Bare", "status": "proposed" }));
    put(
        "/projects/southern",
        json!({ "name": "Southern", "status": "in_development", "start_date": "2020-06", "launch_date": "2021",
            "nations": [{ "nation": "TO", "role": "lead" }, { "nation": "AQ" }, { "nation": "US", "role": "partner" }],
            "organisations": [{ "organisation": "cnes", "role": "lead" }, { "organisation": "cnes", "role": "operator" }],
            "areas": ["climate", "exploration"] }),
    );
    for (project, day, rating) in [
        ("southern", "2024-01-01", "off_track"),
        ("southern", "2025", "on_track"),
        ("trishna", "2025-05", "at_risk"),
        ("swot", "2025-05-06", "on_track"),
    ] {
        put(&format!("/reviews/{project}-{day}"), json!({ "project": project, "reviewed_on": day, "rating": rating }));
    }
    put("/agreements/bare", json!({ "title": "Bare", "kind": "joint_statement" }));
    put(
        "/agreements/southern",
        json!({ "title": "Southern", "kind": "framework_agreement", "nations": ["TO", "AQ", "IN"], "areas": ["climate"],
            "organisations": ["cnes"], "projects": ["southern"],
            "signed_on": "2020", "effective_on": "2020-02", "expires_on": "2990-05" }),
    );
    app
}

/// How many records a list has.
#[track_caller]
fn total(app: &TestApp, path: &str) -> i64 {
    let separator = if path.contains('?') { '&' } else { '?' };
    app.viewer().get(&format!("{path}{separator}limit=1")).expect(200).json()["total"].as_i64().unwrap()
}
