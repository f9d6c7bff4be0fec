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

/// Each event: its uid, its day, its title.
fn events(answer: &Answer) -> Vec<[String; 3]> {
    let calendar = calendar(answer);
    let events = calendar.components.iter().map(|component| {
        let CalendarComponent::Event(event) = component else { panic!("{component:?}") };
        let value = |name: &str| event.property_value(name).unwrap_or_else(|| panic!("{name}")).to_owned();
        assert_eq!(event.properties()["DTSTART"].params()["VALUE"].value(), "DATE", "all day");
        assert!(!event.properties().contains_key("DTEND"), "one day is the default");
        for name in ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE"] {
            assert!(!value(name).is_empty());
        }
        let title = event.get_summary().unwrap().to_owned();
        [event.get_uid().unwrap().to_owned(), value("DTSTART"), title]
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
        ["signed_on.day.agreements@partnership-registry", "20180310", "Signed: About day"],
        ["expires_on.day.agreements@partnership-registry", "20281231", "Expires: About day"],
        ["signed_on.month.agreements@partnership-registry", "20200201", "Signed (2020-02): About month"],
        ["expires_on.year.agreements@partnership-registry", "20311231", "Expires (2031): About year"],
    ];
    assert_eq!(events(&answer), expected);
    let partial = calendar(&answer).components[2].as_event().unwrap().get_description().unwrap().to_owned();
    assert!(partial.contains("only 2020-02"), "{partial}");

    // A client that asks again gets 304 when nothing has changed, and finds its events again when something has.
    let viewer = app.viewer();
    let again = viewer.request("GET", "/agreements?format=ics").header("If-None-Match", &answer.etag());
    again.send().expect(304);
    app.editor().patch("/agreements/day", &json!({ "signed_on": "2018-03-11" })).expect(200);
    let moved = events(&app.viewer().get("/agreements?format=ics").expect(200));
    assert_eq!(moved[0][..2], ["signed_on.day.agreements@partnership-registry", "20180311"]);
    assert_eq!(moved[1..], expected[1..]);
}

#[test]
fn texts_in_a_calendar_are_escaped_and_folded() {
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
    assert_eq!(events(&viewer.get("/agreements?format=ics&status=terminated").expect(200)), [[""; 3]; 0]);
    viewer.get("/agreements?format=ics&fields=code").assert_bad_parameter("fields", &["ics"]);
    viewer.get("/agreements?format=ics&expand=nations").assert_bad_parameter("expand", &["ics"]);
    viewer.get("/projects?format=ics").assert_bad_parameter("format", &["json, csv, ndjson, xlsx"]);
    viewer.request("GET", "/projects").header("Accept", "text/calendar").send().problem(406, "not-acceptable");
}

#[test]
fn every_date_that_a_record_can_hold_is_a_date_of_the_calendar() {
    let app = TestApp::spawn();
    agree(&app, "a", json!({ "signed_on": "0001-01-01", "expires_on": "0001-01-01" }));
    agree(&app, "z", json!({ "signed_on": "9999", "expires_on": "9999-12-31", "notice_months": 0 }));
    let found = events(&app.viewer().get("/agreements?format=ics").expect(200));
    let days: Vec<_> = found.iter().map(|[uid, day, _]| (uid.split('@').next().unwrap(), day.as_str())).collect();
    let expected = [
        ("signed_on.a.agreements", "00010101"),
        ("expires_on.a.agreements", "00010101"),
        ("signed_on.z.agreements", "99990101"),
        ("expires_on.z.agreements", "99991231"),
        ("decide_by.z.agreements", "99991231"),
    ];
    assert_eq!(days, expected);
}

#[test]
fn a_decision_has_an_alarm_and_what_has_ended_expires_no_more() {
    let app = TestApp::spawn();
    let tacit = json!({ "expires_on": "9000-06-30", "renewal": "tacit", "renewal_months": 12, "notice_months": 6 });
    agree(&app, "tacit", tacit);
    agree(&app, "gone", json!({ "expires_on": "9000", "ended_on": "2001-05", "notice_months": 3 }));
    agree(&app, "over", json!({ "expires_on": "2001", "ended_on": "2001-12-31", "end_reason": "expired" }));
    let answer = app.viewer().get("/agreements?format=ics").expect(200);
    let expected = [
        ["expires_on.over.agreements@partnership-registry", "20011231", "Expires (2001): About over"],
        ["runs_until.tacit.agreements@partnership-registry", "90000630", "Renewed tacitly: About tacit"],
        ["decide_by.tacit.agreements@partnership-registry", "89991230", "Decide by: About tacit"],
    ];
    assert_eq!(events(&answer), expected);
    let text = answer.text();
    let alarm =
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Decide by: About tacit\r\nTRIGGER:-P30D\r\nEND:VALARM\r\n";
    assert_eq!(text.matches("BEGIN:VALARM").count(), 1);
    assert!(text.contains(alarm), "{text}");
    // Before it was ended it was to expire.
    let before = app.viewer().get("/agreements?format=ics&code=gone&in_force_on=2001-05-30").expect(200);
    assert!(events(&before).is_empty(), "it is not known to have entered into force");
    agree(&app, "gone", json!({ "effective_on": "2000", "expires_on": "9000", "ended_on": "2001-05" }));
    let before = app.viewer().get("/agreements?format=ics&code=gone&in_force_on=2001-05-30").expect(200);
    assert_eq!(events(&before)[0][1], "90001231");
}
