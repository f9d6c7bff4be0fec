//! The home nation is left out of the pictures that it flattens, and former states count for their successors where
//! that is asked.

use serde_json::{Value, json};

use crate::support::TestApp;

/// FR is the home nation; US and RU are partners, SU a former state whose successor RU is.
fn registry() -> TestApp {
    let app = TestApp::spawn();
    let put = |path: &str, body: Value| drop(app.admin().put(path, &body).expect(201));
    put("/partner-types/established", json!({ "name_en": "Established" }));
    put("/nations/FR", json!({ "alpha3": "FRA", "name_en": "France" }));
    for (code, alpha3) in [("US", "USA"), ("RU", "RUS")] {
        put(&format!("/nations/{code}"), json!({ "alpha3": alpha3, "name_en": code, "partner_type": "established" }));
    }
    put("/nations/SU", json!({ "alpha3": "SUN", "name_en": "SU", "ended_on": "1991-12-26", "successors": ["RU"] }));
    for (code, nations) in [("old", ["FR", "SU"]), ("new", ["FR", "RU"]), ("other", ["FR", "US"])] {
        let nations: Vec<_> = nations.iter().map(|nation| json!({ "nation": nation, "role": "lead" })).collect();
        put(&format!("/projects/{code}"), json!({ "name": code, "status": "operational", "nations": nations }));
    }
    put(
        "/agreements/old",
        json!({ "title": "Old", "kind": "joint_statement", "nations": ["SU"], "effective_on": "1966" }),
    );
    app
}

fn counts(app: &TestApp, query: &str) -> Vec<(String, i64)> {
    let answer = app.viewer().get(&format!("/summaries/projects?group_by=nation{query}")).expect(200).json();
    let group = |group: &Value| (group["key"]["nation"].to_string(), group["count"].as_i64().unwrap());
    answer["groups"].as_array().unwrap().iter().map(group).collect()
}

#[test]
fn the_home_nation_is_left_out_unless_it_is_asked_for() {
    let app = registry();
    let viewer = app.viewer();
    for path in [
        "/partnerships",
        "/network",
        "/summaries/projects?group_by=nation",
        "/summaries/agreements?group_by=kind,nation",
    ] {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (plain, whole) =
            (viewer.get(path).expect(200), viewer.get(&format!("{path}{separator}home=true")).expect(200));
        assert_eq!(plain.json()["without_home"], "FR", "{path}");
        assert_eq!(whole.json().get("without_home"), None, "{path}");
        assert!(!plain.text().contains("\"nation\":\"FR\"") && !plain.text().contains("\"code\":\"FR\""), "{plain}");
        viewer.get(&format!("{path}{separator}home=perhaps")).assert_bad_parameter("home", &["true, false"]);
    }
    assert_eq!(counts(&app, "").len() + 1, counts(&app, "&home=true").len());
    let network = viewer.get("/network").expect(200).json();
    assert_eq!((network["nodes"].as_array().unwrap().len(), network["edges"].as_array().unwrap().len()), (3, 0));
    let whole = viewer.get("/network?home=true").expect(200).json();
    assert_eq!((whole["nodes"].as_array().unwrap().len(), whole["edges"].as_array().unwrap().len()), (4, 3));
    assert_eq!(viewer.get("/network?of=organisations").expect(200).json().get("without_home"), None);
    assert_eq!(viewer.get("/summaries/projects?group_by=status").expect(200).json().get("without_home"), None);
    assert!(viewer.get("/partnerships?format=csv&home=true").expect(200).text().contains("\nFR,"));
    // Where two nations have no partner type, none is known to be the home nation.
    app.editor().patch("/nations/US", &json!({ "partner_type": null })).expect(200);
    assert_eq!(viewer.get("/partnerships").expect(200).json().get("without_home"), None);
}

#[test]
fn former_states_count_for_their_successors_where_that_is_asked() {
    let app = registry();
    let viewer = app.viewer();
    let codes = |path: &str| viewer.get(path).expect(200).codes();
    assert_eq!(codes("/projects?nation=RU"), ["new"]);
    assert_eq!(codes("/projects?nation=RU&count_as=successor"), ["new", "old"]);
    assert_eq!(codes("/projects?nation=RU&nation_role=lead&count_as=successor"), ["new", "old"]);
    assert_eq!(codes("/projects?nation__all=RU,FR&count_as=successor"), ["new", "old"]);
    assert_eq!(codes("/projects?nation=SU&count_as=successor"), ["old"]);
    assert_eq!(codes("/projects?nation=&count_as=successor"), [""; 0]);
    assert_eq!(codes("/agreements?nation=RU&count_as=successor"), ["old"]);
    viewer.get("/projects?count_as=yes").assert_bad_parameter("count_as", &["successor"]);
    assert_eq!(counts(&app, "&count_as=successor"), [("\"RU\"".to_owned(), 2), ("\"US\"".to_owned(), 1)]);
    assert_eq!(counts(&app, "").len(), 3);
    let groups = viewer.get("/summaries/projects?group_by=nation&nation=RU&count_as=successor").expect(200).json();
    for group in groups["groups"].as_array().unwrap() {
        let href = group["href"].as_str().unwrap().strip_prefix("/api/v1").unwrap();
        assert_eq!(viewer.get(href).expect(200).json()["total"], group["count"], "{href}");
    }
    let rows = viewer.get("/partnerships?count_as=successor").expect(200).json()["items"].clone();
    let row = |index: usize| {
        [&rows[index]["nation"], &rows[index]["projects"], &rows[index]["agreements_in_force"]].map(Value::clone)
    };
    assert_eq!(row(0), [json!("RU"), json!(2), json!(1)]);
    assert_eq!(row(1), [json!("US"), json!(1), json!(0)]);
}

#[test]
fn a_review_dated_after_the_day_is_not_known_on_it() {
    let app = registry();
    for (day, rating) in [("2020-03", "at_risk"), ("2021-01-01", "on_track"), ("9000", "off_track")] {
        let review = json!({ "project": "new", "reviewed_on": day, "rating": rating });
        app.editor().post("/reviews", &review).expect(201);
    }
    let viewer = app.viewer();
    let latest = |query: &str| {
        let shown = viewer.get(&format!("/projects?code=new&expand=latest_review{query}")).expect(200).json();
        let reviews = shown["items"][0]["expanded"]["latest_review"].clone();
        reviews.as_object().and_then(|found| found.keys().next().cloned())
    };
    assert_eq!(latest("").as_deref(), Some("new-2021-01-01"));
    assert_eq!(viewer.get("/projects?rating=on_track").expect(200).codes(), ["new"]);
    assert_eq!(viewer.get("/projects?rating=off_track").expect(200).codes(), [""; 0]);
    app.editor().patch("/projects/new", &json!({ "start_date": "2019" })).expect(200);
    assert_eq!(latest("&active_on=2020-12-31").as_deref(), Some("new-2020-03"));
    assert_eq!(latest("&active_on=2020-02-29"), None);
    assert_eq!(viewer.get("/projects?rating=at_risk&active_on=2020-12").expect(200).codes(), ["new"]);
    let rows = viewer.get("/partnerships?nation=RU").expect(200).json()["items"][0]["ratings"].clone();
    assert_eq!(rows, json!({ "on_track": 1, "at_risk": 0, "off_track": 0 }));
}
