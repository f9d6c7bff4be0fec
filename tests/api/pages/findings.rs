//! The page of findings: what the API counts, in the reader's language, and what is meant to be so.

use partnership_registry::demo;
use serde_json::Value;

use super::support::{Browser, unescape};
use crate::support::TestApp;

/// The sample, with one finding more for every rule that finds nothing in it would be a test of the rules: these are
/// of pages.
fn sample() -> TestApp {
    let app = TestApp::spawn();
    demo::load(&app.db).unwrap();
    app
}

fn counts(app: &TestApp, query: &str) -> Vec<Value> {
    app.viewer().get(&format!("/findings?{query}")).expect(200).json()["counts"].as_array().unwrap().clone()
}

#[test]
fn each_rule_is_counted_as_the_api_counts_and_leads_to_its_list() {
    let app = sample();
    let browser = Browser::signed_in(&app, "viewer");
    for query in ["", "nation=IN", "area=climate", "resource=agreements"] {
        let page = browser.get(&format!("/findings?{query}")).expect(200).text();
        for count in counts(&app, query) {
            let (rule, title, number) =
                (count["rule"].as_str().unwrap(), count["title"].as_str().unwrap(), &count["count"]);
            let row = page.split("<tr").find(|row| row.contains(&format!(">{title}</th>"))).expect(title);
            if number == 0 {
                assert!(row.contains("class=\"number\">0</td>"), "{query} {rule}: {row}");
                continue;
            }
            assert!(row.contains(&format!("data-count=\"{number}\"")), "{query} {rule}: {row}");
            let href = unescape(row.split("<a href=\"").nth(1).unwrap().split('"').next().unwrap());
            let list = browser.get(&format!("{href}&limit=200")).expect(200).text();
            let shown = list.matches(&format!(" id=\"finding-{rule}-")).count();
            assert_eq!(shown as i64, number.as_i64().unwrap().min(200), "{href}");
        }
    }
}

/// The API says details in English: in French none of the sample's is left in it.
#[test]
fn findings_are_shown_in_the_language_of_the_page() {
    let app = sample();
    let browser = Browser::signed_in(&app, "viewer");
    let mut next = Some("/findings?lang=fr&limit=200".to_owned());
    let mut seen = 0;
    while let Some(path) = next {
        let page = browser.get(&path).expect(200).text();
        let main = page.split("<main").nth(1).unwrap();
        assert!(!main.contains("lang=\"en\">"), "{:?}", main.split("lang=\"en\">").nth(1));
        seen += main.matches(" id=\"finding-").count();
        next = main
            .split("\" rel=\"next\"")
            .next()
            .filter(|before| before.len() < main.len())
            .map(|before| unescape(before.rsplit("href=\"").next().unwrap()));
    }
    let total = app.viewer().get("/findings").expect(200).json()["total"].as_i64().unwrap();
    assert_eq!(seen as i64, total);
}

#[test]
fn an_editor_says_that_a_finding_is_intended_and_the_log_keeps_why() {
    let app = sample();
    let editor = Browser::signed_in(&app, "editor");
    let before = app.viewer().get("/findings?rule=end-unknown&limit=1").expect(200).json();
    let (code, total) = (before["items"][0]["code"].as_str().unwrap().to_owned(), before["total"].as_i64().unwrap());
    let path = "/findings?rule=end-unknown&lang=en";
    let page = editor.get(path).expect(200);
    assert!(page.text().contains("Why it is meant to be so"));
    let send = |reason: &str| {
        editor.post(
            path,
            &page,
            &[("rule", "end-unknown"), ("resource", "agreements"), ("key", &code), ("reason", reason)],
        )
    };
    // Nothing is no reason; what was typed is kept.
    let refused = send("  ").expect(422).text();
    assert!(refused.contains("Say why"), "{refused}");
    assert!(send("never\u{202e}").expect(422).text().contains("value=\"never"));
    let answer = send("A statement <of> intent.").expect(303);
    let to = answer.header("location").unwrap().to_owned();
    assert!(to.starts_with("/findings?rule=end-unknown&done="), "{to}");
    let shown = editor.get(&to).expect(200).text();
    assert!(shown.contains("It is dismissed") && !shown.contains(&format!("id=\"finding-end-unknown-{code}\"")));
    let made = app.viewer().get("/dismissals").expect(200).json();
    assert_eq!(made["items"][0]["reason"], "A statement <of> intent.");
    let log = app.viewer().get("/changes?resource=dismissals").expect(200).json();
    assert_eq!(log["items"][0]["actor"], "editor");
    let after = counts(&app, "").into_iter().find(|count| count["rule"] == "end-unknown").unwrap();
    assert_eq!((after["count"].as_i64(), after["dismissed"].as_i64()), (Some(total - 1), Some(1)));
    // Once more: another user was faster.
    assert!(send("Again.").expect(422).text().contains("dismissed it already"));
    // It is found in the list of what is intended, and can be taken back there.
    let list = editor.get("/dismissals?lang=en").expect(200).text();
    assert!(list.contains("A statement &#60;of&#62; intent."), "{list}");
}

#[test]
fn a_viewer_sees_no_form_and_can_send_none() {
    let app = sample();
    let viewer = Browser::signed_in(&app, "viewer");
    let page = viewer.get("/findings").expect(200);
    assert!(!page.text().contains("name=\"reason\""));
    let fields = [("rule", "end-unknown"), ("resource", "agreements"), ("key", "x"), ("reason", "So.")];
    viewer.post("/findings", &page, &fields).expect(403);
    // Nor is a past state changed.
    let editor = Browser::signed_in(&app, "editor");
    assert!(!editor.get("/findings?as_of=r1").expect(200).text().contains("name=\"reason\""));
    assert_eq!(app.viewer().get("/dismissals").expect(200).json()["total"], 0);
}

#[test]
fn nations_and_areas_show_what_is_found_about_them() {
    let app = sample();
    let browser = Browser::signed_in(&app, "viewer");
    for (path, query) in [("/nations/IN", "nation=IN"), ("/areas/climate", "area=climate")] {
        let total = app.viewer().get(&format!("/findings?{query}")).expect(200).json()["total"].as_i64().unwrap();
        let page = browser.get(path).expect(200).text();
        assert!(page.contains(&format!("href=\"/findings?{query}\" data-count=\"{total}\"")), "{path}: {total}");
    }
}
