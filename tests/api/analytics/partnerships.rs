//! One row a nation, compared with the lists.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{awkward_sample, total};
use crate::support::TestApp;

fn rows(app: &TestApp, query: &str) -> Vec<Value> {
    let page = app.viewer().get(&format!("/partnerships{query}")).expect(200).json();
    let items = page["items"].as_array().unwrap().clone();
    assert_eq!((&page["total"], &page["next_cursor"]), (&json!(items.len()), &Value::Null));
    items
}

/// Holds every number of every row against the total of a list.
fn compare(app: &TestApp, query: &str, active: &str, in_force: &str) -> Vec<Value> {
    let rows = rows(app, query);
    let extra = query.trim_start_matches('?');
    let agreements_extra: Vec<_> =
        extra.split('&').filter(|part| part.starts_with("area=") || part.starts_with("organisation=")).collect();
    let agreements_extra = agreements_extra.join("&");
    let project_extra: Vec<_> = extra
        .split('&')
        .filter(|part| !["nation=", "partner_type=", "region="].iter().any(|name| part.starts_with(name)))
        .collect();
    let project_extra = project_extra.join("&");
    let projects = |more: &str| total(app, &format!("/projects?{project_extra}&{more}").replace("?&", "?"));
    let agreements =
        |more: &str| total(app, &format!("/agreements?{agreements_extra}&{in_force}&{more}").replace("?&", "?"));
    for row in &rows {
        let nation = format!("nation={}", row["nation"].as_str().unwrap());
        assert_eq!(row["projects"], projects(&nation), "{query} {row}");
        assert_eq!(row["active_projects"], projects(&format!("{nation}{active}")), "{query} {row}");
        assert_eq!(row["agreements_in_force"], agreements(&nation), "{query} {row}");
        let next =
            format!("/agreements?{agreements_extra}&{in_force}&{nation}&sort=decide_by&limit=1").replace("?&", "?");
        let next = app.viewer().get(&next).expect(200).json()["items"][0]["decide_by"].clone();
        assert_eq!(row["decide_by"], next, "{query} {row}");
        for rating in ["on_track", "at_risk", "off_track"] {
            assert_eq!(row["ratings"][rating], projects(&format!("{nation}&rating={rating}")), "{query} {row}");
        }
        if extra.contains("area=") {
            continue;
        }
        for cell in row["areas"].as_array().unwrap() {
            let area = format!("{nation}&area={}", cell["area"].as_str().unwrap());
            assert_eq!(cell["projects"], projects(&area), "{query} {row}");
            assert_eq!(cell["active_projects"], projects(&format!("{area}{active}")), "{query} {row}");
            assert_eq!(cell["agreements_in_force"], agreements(&area), "{query} {row}");
        }
    }
    rows
}

const ACTIVE: &str = "&status=in_development,operational";

#[test]
fn every_number_is_the_total_of_a_list() {
    let app = awkward_sample();
    let renewed = json!({ "title": "Renewed", "kind": "framework_agreement", "nations": ["IN"], "effective_on": "2001",
        "expires_on": "2001-06-30", "renewal": "tacit", "renewal_months": 12, "notice_months": 6 });
    app.editor().put("/agreements/renewed", &renewed).expect(201);
    let all = compare(&app, "", ACTIVE, "status=in_force");
    assert!(all.len() > 20);
    let order: Vec<_> =
        all.iter().map(|row| (-row["projects"].as_i64().unwrap(), row["name_en"].as_str().unwrap())).collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(all[0]["nation"], "FR");
    assert!(all.iter().any(|row| row["decide_by"].is_string()), "one of them needs a decision");
    compare(&app, "?region=Asia", ACTIVE, "status=in_force");
    compare(&app, "?partner_type=", ACTIVE, "status=in_force");
    compare(&app, "?organisation=cnes,nasa", ACTIVE, "status=in_force");
    compare(&app, "?active_on=2021", "", "in_force_on=2021");
    let emerging = compare(&app, "?partner_type=emerging", ACTIVE, "status=in_force");
    assert!(!emerging.is_empty() && emerging.iter().all(|row| row["partner_type"] == "emerging"));
}

#[test]
fn only_what_matches_is_counted() {
    let app = awkward_sample();
    let india = compare(&app, "?nation=IN&area=climate", ACTIVE, "status=in_force");
    assert_eq!(india.len(), 1);
    let areas: Vec<_> = india[0]["areas"].as_array().unwrap().iter().map(|cell| &cell["area"]).collect();
    assert_eq!(areas, ["climate"], "only areas that are asked for");
    assert_eq!(india[0]["areas"][0]["projects"], india[0]["projects"]);
    let done = rows(&app, "?status=completed");
    assert!(done.iter().all(|row| row["projects"].as_i64().unwrap() > 0 && row["active_projects"] == 0));
    let without = rows(&app, "?area=&nation=TO,AQ,US");
    assert!(without.iter().all(|row| row["areas"] == json!([])));
    assert_eq!(rows(&app, "?nation=BR&partner_type=established&region=Asia"), Vec::<Value>::new());
}

#[test]
fn a_row_is_exactly_this() {
    let app = awkward_sample();
    let findings = total(&app, "/findings?nation=TO");
    assert!(findings > 0);
    let expected = json!({
        "nation": "TO", "name_en": "TO", "name_fr": null, "partner_type": null, "cooperation_since": null,
        "projects": 1, "active_projects": 1, "agreements_in_force": 1, "next_expiry": "2990-05", "decide_by": null,
        "findings": findings,
        "ratings": { "on_track": 1, "at_risk": 0, "off_track": 0 },
        "areas": [
            { "area": "climate", "projects": 1, "active_projects": 1, "agreements_in_force": 1 },
            { "area": "exploration", "projects": 1, "active_projects": 1, "agreements_in_force": 0 },
        ],
    });
    let answer = app.viewer().get("/partnerships?nation=TO").expect(200);
    assert_eq!(answer.json()["items"], json!([expected]));
    assert_eq!(rows(&app, r"?region=Polynesia%5C,%20%5C%5Cand%5C%5C%20more%5C,%20%3Csea%3E"), [expected]);
    let csv = app.viewer().get("/partnerships?nation=TO&format=csv").expect(200).text();
    assert_eq!(
        csv.replace(&format!(",{findings}\r\n"), ",n\r\n"),
        "nation,name_en,name_fr,partner_type,cooperation_since,projects,active_projects,agreements_in_force,next_expiry,decide_by,\
         on_track,at_risk,off_track,areas,active_areas,agreement_areas,findings\r\n\
         TO,TO,,,,1,1,1,2990-05,,1,0,0,climate:1;exploration:1,climate:1;exploration:1,climate:1;exploration:0,n\r\n"
    );
    // An agreement's nations have a row without any project; when it has expired nothing is left.
    let later: BTreeMap<_, _> = rows(&app, "?active_on=2990-06-01")
        .into_iter()
        .map(|row| (row["nation"].as_str().unwrap().to_owned(), row["agreements_in_force"].clone()))
        .collect();
    assert_eq!(later.get("TO"), Some(&json!(0)), "the project goes on");
    app.editor().delete("/reviews/southern-2024-01-01").expect(204);
    app.editor().delete("/reviews/southern-2025").expect(204);
    app.editor().delete("/agreements/southern").expect(204);
    app.editor().delete("/projects/southern").expect(204);
    assert_eq!(rows(&app, "?nation=TO"), Vec::<Value>::new());
}

#[test]
fn an_answer_is_known_by_its_tag() {
    let app = awkward_sample();
    let viewer = app.viewer();
    for path in [
        "/partnerships",
        "/summaries/projects?group_by=nation",
        "/network",
        "/network?format=graphml",
        "/partnerships?format=csv",
        "/partnerships?format=xlsx",
        "/summaries/projects?group_by=nation&format=xlsx",
    ] {
        let tag = viewer.get(path).expect(200).etag();
        assert!(tag.starts_with("W/\"r"), "{tag}");
        let again = viewer.request("GET", path).header("If-None-Match", &tag).send().expect(304);
        assert!(again.body.is_empty() && again.etag() == tag);
        assert_eq!(viewer.head(path).expect(200).body.len(), 0);
    }
    for path in ["/partnerships", "/summaries/projects?group_by=nation", "/network"] {
        viewer.request("GET", path).header("Accept", "image/png").send().problem(406, "not-acceptable");
    }
    let tag = viewer.get("/partnerships").etag();
    app.editor().patch("/projects/bare", &json!({ "summary": "changed" })).expect(200);
    assert_ne!(viewer.request("GET", "/partnerships").header("If-None-Match", &tag).send().expect(200).etag(), tag);
    viewer.get("/partnerships?colour=red").assert_bad_parameter("colour", &["nation", "active_on", "format"]);
    viewer.get("/partnerships?sector=commercial").assert_bad_parameter("sector", &["organisation"]);
    viewer.get("/partnerships?nation=India").assert_bad_parameter("nation", &[]);
    app.anonymous().get("/partnerships").problem(401, "unauthenticated");
}
