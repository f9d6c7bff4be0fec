//! The differences between two moments.

mod asking;
mod laws;

use serde_json::Value;

use crate::support::TestApp;

/// The differences.
#[track_caller]
fn summary(app: &TestApp, query: &str) -> Value {
    app.viewer().get(&format!("/changes/summary?{query}")).expect(200).json()
}

/// The items as `action resource/code`.
fn items(summary: &Value) -> Vec<String> {
    let items = summary["items"].as_array().unwrap().iter();
    let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    items.map(|item| format!("{} {}/{}", text(item, "action"), text(item, "resource"), text(item, "code"))).collect()
}

/// The last revision.
fn head(app: &TestApp) -> i64 {
    app.viewer().get("/changes/head").expect(200).json()["revision"].as_i64().unwrap()
}
