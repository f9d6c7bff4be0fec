//! The page of changes: what is different between two days, in words.

use partnership_registry::demo;
use serde_json::{Value, json};

use super::support::Browser;
use crate::support::{Answer, TestApp};

/// The sample, with a project of India's that changed, an organisation more and one that is gone.
fn changed() -> TestApp {
    let app = TestApp::spawn();
    demo::load(&app.db).unwrap();
    let editor = app.editor();
    let gone = json!({ "code": "gone", "name": "Gone <b>", "kind": "company", "sector": "commercial", "nation": "JP" });
    editor.post("/organisations", &gone).expect(201);
    editor.patch("/projects/trishna", &json!({ "status": "operational", "areas": ["exploration"] })).expect(200);
    let new = json!({ "code": "new", "name": "New", "kind": "company", "sector": "commercial", "nation": "IN" });
    editor.post("/organisations", &new).expect(201);
    editor.delete("/organisations/gone").expect(204);
    app
}

fn head(app: &TestApp) -> i64 {
    app.viewer().get("/changes/head").expect(200).json()["revision"].as_i64().unwrap()
}

fn summary(app: &TestApp, query: &str) -> Value {
    app.viewer().get(&format!("/changes/summary?{query}")).expect(200).json()
}

/// The rows of a table of numbers, by where each leads: three numbers each.
fn rows(page: &Answer) -> Vec<(String, Vec<i64>)> {
    let text = page.text();
    let rows = text.split("<tr><th scope=\"row\"><a href=\"").skip(1).filter(|row| row.contains("data-count"));
    rows.map(|row| {
        let row = row.split("</tr>").next().unwrap();
        let numbers = row.split("data-count=\"").skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap());
        (super::support::unescape(row.split('"').next().unwrap()), numbers.collect())
    })
    .collect()
}

#[test]
fn changes_are_described_in_words() {
    let app = changed();
    let from = head(&app) - 3;
    let browser = Browser::signed_in(&app, "viewer");
    let page = browser.get(&format!("/changes?from=r{from}&lang=en")).expect(200).text();
    assert!(page.contains("What changed: one record new, one changed, one deleted."), "{page}");
    let changed = page.split("<dl class=\"changed\">").nth(1).unwrap().split("</dl>").next().unwrap();
    for said in [
        "Thermal infraRed",
        "by editor",
        "Status",
        "<del>",
        "In development",
        "Operational",
        "Areas",
        "Climate",
        "Exploration",
    ] {
        assert!(changed.contains(said), "{said}: {changed}");
    }
    // A deleted record is shown as it was then, and nothing of it is markup.
    assert!(page.contains(&format!("href=\"/organisations/gone?as_of=r{from}&#38;lang=en\"")), "{page}");
    assert!(page.contains("Gone &#60;b&#62;"));
    browser.get(&format!("/organisations/gone?as_of=r{from}")).expect(200);
    let nothing = browser.get(&format!("/changes?from=r{}&lang=fr", head(&app))).expect(200).text();
    assert!(nothing.contains("Rien n’a changé."), "{nothing}");
}

#[test]
fn numbers_by_nation_and_area_are_those_of_the_views_that_they_lead_to() {
    let app = changed();
    let browser = Browser::signed_in(&app, "viewer");
    for query in
        ["from=2020".to_owned(), format!("from=r{}", head(&app) - 3), format!("from=r5&to=r{}", head(&app) - 1)]
    {
        let page = browser.get(&format!("/changes?{query}")).expect(200);
        let rows = rows(&page);
        assert!(rows.len() >= 4, "{query}: {rows:?}");
        for (href, numbers) in rows {
            let narrowed = summary(&app, href.split_once('?').unwrap().1);
            let sum = |name: &str| {
                narrowed["counts"].as_array().unwrap().iter().map(|count| count[name].as_i64().unwrap()).sum::<i64>()
            };
            assert_eq!(numbers, [sum("created"), sum("changed"), sum("deleted")], "{href}");
        }
    }
}

#[test]
fn the_calendar_is_a_part_of_it() {
    let app = TestApp::spawn();
    let document = json!({
        "code": "a", "title": "An agreement", "kind": "letter_of_intent", "effective_on": "2020-01-01", "expires_on": "2024-06",
    });
    app.editor().post("/agreements", &document).expect(201);
    let mut conn = app.database.disarmed();
    crate::support::database::run(&mut conn, "UPDATE changes SET at = '2020-05-01T12:00:00.000000Z'");
    let browser = Browser::signed_in(&app, "viewer");
    let page = browser.get("/changes?from=2020-06-01&to=2025-01-01&lang=en").expect(200).text();
    assert!(page.contains("one agreement moved by the calendar"), "{page}");
    assert!(page.contains("From 1 Jun 2020 to 1 Jan 2025."), "{page}");
    let moved = page.split("id=\"by-calendar\"").nth(1).unwrap();
    assert!(moved.contains("An agreement") && moved.contains("In force") && moved.contains("Expired"), "{moved}");
}

#[test]
fn the_panorama_leads_here_and_the_files_are_those_of_the_view() {
    let app = changed();
    let browser = Browser::signed_in(&app, "viewer");
    let panorama = browser.get("/").expect(200).text();
    assert!(panorama.contains("href=\"/changes?from="), "{panorama}");
    let page = browser.get("/changes?from=r1&nation=IN").expect(200).text();
    let href = page.split("<a href=\"/data/changes/summary?").nth(2).unwrap().split('"').next().unwrap();
    let csv = browser.get(&format!("/data/changes/summary?{}", super::support::unescape(href))).expect(200);
    let own = app.viewer().get("/changes/summary?from=r1&nation=IN&format=csv").expect(200);
    assert_eq!(csv.text(), own.text());
    browser.get("/changes?from=yesterday").expect(400);
    browser.get("/changes?colour=red").expect(400);
}
