//! Findings: each rule, what is dismissed, pages, formats, the numbers a nation.

mod dismissed;
mod facts;
mod lists;
mod rules;

use serde_json::{Value, json};

use crate::support::TestApp;

/// Writes records: each a collection, a code and the fields.
fn write(app: &TestApp, records: &[(&str, &str, Value)]) {
    for (collection, code, fields) in records {
        let mut document = fields.clone();
        if !["nations", "partner-types", "cooperation-areas", "dismissals"].contains(collection) {
            let given = document["source"].clone();
            if given.is_null() && !["reviews", "documents"].contains(collection) {
                document["source"] = json!("a test");
            }
            if given == "" {
                document["source"] = Value::Null;
            }
        }
        app.admin().put(&format!("/{collection}/{code}"), &document).expect(201);
    }
}

/// The home nation, two partners with a project each, and an area.
fn world(app: &TestApp) {
    write(
        app,
        &[
            ("partner-types", "old", json!({ "name_en": "Old" })),
            ("cooperation-areas", "sea", json!({ "name_en": "Sea" })),
            ("cooperation-areas", "sky", json!({ "name_en": "Sky" })),
            ("nations", "FR", json!({ "alpha3": "FRA", "name_en": "France", "source": "s" })),
            ("nations", "IN", json!({ "alpha3": "IND", "name_en": "India", "partner_type": "old", "source": "s" })),
            (
                "nations",
                "US",
                json!({ "alpha3": "USA", "name_en": "United States", "partner_type": "old", "source": "s" }),
            ),
            (
                "projects",
                "over",
                json!({ "name": "Over", "status": "completed", "areas": ["sea"],
            "nations": [{ "nation": "IN" }, { "nation": "US" }] }),
            ),
        ],
    );
}

/// The findings as `rule resource/code`.
#[track_caller]
fn found(app: &TestApp, query: &str) -> Vec<String> {
    let page = app.viewer().get(&format!("/findings?limit=200&{query}")).expect(200).json();
    let items = page["items"].as_array().unwrap();
    let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let names =
        items.iter().map(|item| format!("{} {}/{}", text(item, "rule"), text(item, "resource"), text(item, "code")));
    names.collect()
}

/// How many a rule finds, and how many of those are dismissed.
#[track_caller]
fn count(app: &TestApp, query: &str, rule: &str) -> (i64, i64) {
    let page = app.viewer().get(&format!("/findings?{query}")).expect(200).json();
    let counts = page["counts"].as_array().unwrap();
    let one = counts.iter().find(|count| count["rule"] == rule).unwrap();
    (one["count"].as_i64().unwrap(), one["dismissed"].as_i64().unwrap())
}
