//! Agreements as a calendar, read back by a parser that is not ours.

use icalendar::{Calendar, CalendarComponent, Component as _};
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, records};

fn calendar(answer: &Answer) -> Calendar {
    let text = answer.text();
    assert!(text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    text.parse().unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Each event: its uid, its first day, the day after its last, its title.
fn events(answer: &Answer) -> Vec<[String; 4]> {
    let calendar = calendar(answer);
    let events = calendar.components.iter().map(|component| {
        let CalendarComponent::Event(event) = component else { panic!("{component:?}") };
        let value = |name: &str| event.property_value(name).unwrap_or_else(|| panic!("{name}")).to_owned();
        for name in ["DTSTART", "DTEND"] {
            let property = event.properties().get(name).unwrap();
            assert_eq!(property.params()["VALUE"].value(), "DATE", "all day");
        }
        for name in ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE"] {
            assert!(!value(name).is_empty());
        }
        let title = event.get_summary().unwrap().to_owned();
        [event.get_uid().unwrap().to_owned(), value("DTSTART"), value("DTEND"), title]
    });
    events.collect()
}

fn agree(app: &TestApp, code: &str, more: Value) {
    let mut document = json!({ "code": code, "title": format!("About {code}"), "kind": "joint_statement" });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.editor().put(&format!("/agreements/{code}"), &document);
}

#[test]
fn each_date_of_an_agreement_is_an_event() {
    let app = TestApp::spawn();
    agree(&app, "day", json!({ "signed_on": "2018-03-10", "expires_on": "2028-12-31" }));
    agree(&app, "month", json!({ "signed_on": "2020-02" }));
    agree(&app, "none", json!({}));
    agree(&app, "year", json!({ "expires_on": "2031" }));
    let answer = app.viewer().get("/agreements?format=ics").expect(200);
    assert_eq!(answer.header("content-type"), Some("text/calendar; charset=utf-8"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"agreements.ics\""));
    let expected = [
        ["signed_on.day.agreements@partnership-registry", "20180310", "20180311", "Signed: About day"],
        ["expires_on.day.agreements@partnership-registry", "20281231", "20290101", "Expires: About day"],
        ["signed_on.month.agreements@partnership-registry", "20200201", "20200202", "Signed (2020-02): About month"],
        ["expires_on.year.agreements@partnership-registry", "20310101", "20310102", "Expires (2031): About year"],
    ];
    assert_eq!(events(&answer), expected);
    let partial = calendar(&answer).components[2].as_event().unwrap().get_description().unwrap().to_owned();
    assert!(partial.contains("only 2020-02"), "{partial}");

    // A client that asks again is told that nothing has changed, and finds its events again when something has.
    let viewer = app.viewer();
    let again = viewer.request("GET", "/agreements?format=ics").header("If-None-Match", &answer.etag());
    again.send().expect(304);
    app.editor().patch("/agreements/day", &json!({ "signed_on": "2018-03-11" })).expect(200);
    let moved = events(&app.viewer().get("/agreements?format=ics").expect(200));
    assert_eq!(moved[0][..2], ["signed_on.day.agreements@partnership-registry", "20180311"]);
    assert_eq!(moved[1..], expected[1..]);
}

#[test]
fn what_stands_in_a_calendar_is_escaped_and_folded() {
    let app = TestApp::spawn();
    records::fill(&app);
    let title = "Accord-cadre « Étoile », phases A; B\\C : \u{1F680}".to_owned() + &" é".repeat(60);
    let summary = "One;two,three\nfour\\n five";
    let url = "https://example.org/a,b;c?d=%20";
    let more =
        json!({ "title": title, "summary": summary, "url": url, "nations": ["IN", "FR"], "signed_on": "2020-02-29" });
    agree(&app, "hard", more);
    let answer = app.viewer().get("/agreements?code=hard&format=ics").expect(200);
    let calendar = calendar(&answer);
    let event = calendar.components[0].as_event().unwrap();
    assert_eq!(event.get_summary(), Some(format!("Signed: {title}").as_str()));
    let description = event.get_description().unwrap();
    for line in ["Code: hard", "Nations: IN;FR", "Signed on: 2020-02-29", "Status: signed", summary] {
        assert!(description.contains(line), "{line} in {description}");
    }
    assert_eq!(event.get_url(), Some(url));
}

#[test]
fn filters_hold_in_a_calendar_and_what_has_no_place_in_it_is_refused() {
    let app = TestApp::spawn();
    agree(&app, "old", json!({ "signed_on": "2001-01-01", "expires_on": "2002-01-01" }));
    agree(&app, "new", json!({ "signed_on": "2025-01-01" }));
    let viewer = app.viewer();
    let accepted = viewer.request("GET", "/agreements?status=expired").header("Accept", "text/calendar").send();
    assert_eq!(events(&accepted).len(), 2);
    assert_eq!(events(&viewer.get("/agreements?format=ics&sort=-signed_on&limit=1").expect(200))[0][1], "20250101");
    assert_eq!(events(&viewer.get("/agreements?format=ics&status=terminated").expect(200)), [[""; 4]; 0]);
    viewer.get("/agreements?format=ics&fields=code").blames("fields", &["ics"]);
    viewer.get("/agreements?format=ics&expand=nations").blames("expand", &["ics"]);
    viewer.get("/projects?format=ics").blames("format", &["json, csv, ndjson, xlsx"]);
    viewer.request("GET", "/projects").header("Accept", "text/calendar").send().problem(406, "not-acceptable");
}
