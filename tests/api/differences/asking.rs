//! The parameters of a comparison: moments, filters, the calendar, files.

use serde_json::{Value, json};

use super::{head, items, summary};
use crate::support::TestApp;
use crate::support::database::run;
use crate::support::records;

/// Three agreements: one that runs out in 2024, one that begins in 2023, one that was ended by a write in 2024. The
/// log says that they were written in 2020 and 2024.
fn written_in_2020() -> TestApp {
    let app = TestApp::spawn();
    let editor = app.editor();
    for (code, dates) in [
        ("expires", json!({ "effective_on": "2020-01-01", "expires_on": "2024-06" })),
        ("begins", json!({ "signed_on": "2020", "effective_on": "2023-05-01" })),
        ("ended", json!({ "effective_on": "2020-01-01" })),
        ("goes-on", json!({ "effective_on": "2020-01-01", "expires_on": "2999" })),
    ] {
        let mut document = json!({ "code": code, "title": code, "kind": "letter_of_intent" });
        document.as_object_mut().unwrap().extend(dates.as_object().unwrap().clone());
        editor.post("/agreements", &document).expect(201);
    }
    editor.patch("/agreements/ended", &json!({ "end_reason": "terminated", "ended_on": "2024-01-01" })).expect(200);
    editor.patch("/agreements/begins", &json!({ "summary": "It begins." })).expect(200);
    let mut conn = app.database.disarmed();
    run(&mut conn, "UPDATE changes SET at = '2020-05-01T12:00:00.000000Z' WHERE revision <= 4");
    run(&mut conn, "UPDATE changes SET at = '2024-02-01T12:00:00.000000Z' WHERE revision > 4");
    app
}

#[test]
fn the_calendar_moves_statuses() {
    let app = written_in_2020();
    let moved = |query: &str| {
        let moved = summary(&app, query)["by_calendar"].clone();
        let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
        let one = |one: &Value| format!("{} {} {}", text(one, "code"), text(one, "before"), text(one, "after"));
        moved.as_array().unwrap().iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(moved("from=2020-06&to=2025-01-01"), ["begins signed in_force", "expires in_force expired"]);
    assert_eq!(moved("from=2020-06&to=2023-05-01"), ["begins signed in_force"]);
    assert_eq!(moved("from=2020-06&to=2023-04-30"), [] as [&str; 0]);
    assert_eq!(moved("from=2024-03&to=2024-07-01"), ["expires in_force expired"]);
    assert_eq!(moved("from=2020-06&to=2025-01-01&resource=projects"), [] as [&str; 0]);
    // Before they were written there were none.
    assert_eq!(moved("from=2019&to=2025-01-01"), [] as [&str; 0]);
    let all = summary(&app, "from=2020-06&to=2025-01-01");
    assert_eq!(items(&all), ["updated agreements/begins", "updated agreements/ended"]);
    assert_eq!((&all["from"]["revision"], &all["from"]["at"]), (&json!(4), &json!("2020-05-01T12:00:00.000000Z")));
    assert_eq!((&all["to"]["revision"], &all["to"]["day"]), (&json!(6), &json!("2025-01-01")));
    assert_eq!(all["items"][1]["actors"], all["items"][0]["actors"]);
    assert_eq!(all["items"][1]["last_revision"], 5);
}

#[test]
fn moments_are_those_of_as_of() {
    let app = written_in_2020();
    let get = |query: &str| app.viewer().get(&format!("/changes/summary?{query}"));
    get("").assert_bad_parameter("from", &["moment"]);
    get("from=yesterday").assert_bad_parameter("from", &["release"]);
    get("from=2020&to=2999").assert_bad_parameter("to", &["still to come"]);
    get("from=r7").assert_bad_parameter("from", &["r6"]);
    get("from=r5&to=r2").assert_bad_parameter("to", &["from"]);
    get("from=r0&resource=rockets").assert_bad_parameter("resource", &["projects"]);
    get("from=r0&nation=AB").assert_bad_parameter("nation", &["AB"]);
    get("from=r0&as_of=2020").assert_bad_parameter("as_of", &["from"]);
    assert_eq!(items(&summary(&app, "from=r0&to=2020-05-01T12:00:00Z")).len(), 4);
    assert_eq!(items(&summary(&app, "from=r6")), [] as [&str; 0]);
    assert_eq!(summary(&app, "from=r0&to=r0")["to"]["at"], Value::Null);
    let answer = get("from=r0").expect(200);
    let again = app.viewer().request("GET", "/changes/summary?from=r0").header("If-None-Match", &answer.etag()).send();
    again.expect(304);
}

#[test]
fn filters_keep_what_concerns_a_nation_or_an_area() {
    let app = TestApp::spawn();
    records::fill(&app);
    let all = items(&summary(&app, "from=r0"));
    let about = |query: &str| items(&summary(&app, &format!("from=r0&{query}")));
    let india = about("nation=IN");
    // The nation, what names it, and what belongs to what names it.
    for one in [
        "nations/IN",
        "organisations/isro",
        "projects/trishna",
        "agreements/in-2018-vision",
        "reviews/trishna-2026-06-15",
        "documents/in-2018-vision-text",
        "dismissals/end-unknown-in-2018-vision",
    ] {
        assert!(india.contains(&format!("created {one}")), "{one}: {india:?}");
    }
    assert!(!india.contains(&"created nations/FR".to_owned()) && india.len() < all.len());
    assert!(about("area=climate").contains(&"created cooperation-areas/climate".to_owned()));
    assert_eq!(about("nation=IN&resource=reviews"), ["created reviews/trishna-2026-06-15"]);
    let reviews: Vec<_> = all.iter().filter(|one| one.contains(" reviews/")).cloned().collect();
    assert_eq!(about("resource=reviews"), reviews);
    // A project that leaves a nation concerns it still.
    let before = head(&app);
    app.editor().patch("/projects/trishna", &json!({ "nations": [] })).expect(200);
    assert_eq!(items(&summary(&app, &format!("from=r{before}&nation=IN"))), ["updated projects/trishna"]);
    assert_eq!(items(&summary(&app, &format!("from=r{before}&nation=US"))), [] as [&str; 0]);
}

#[test]
fn a_file_has_a_row_a_field() {
    let app = written_in_2020();
    let csv = app.viewer().get("/changes/summary?from=2020-06&to=2025-01-01&format=csv").expect(200).text();
    let actor = summary(&app, "from=r5")["items"][0]["actors"][0].as_str().unwrap().to_owned();
    let expected = format!(
        "resource,code,title,action,field,before,after,actors,last_revision\r\n\
         agreements,begins,begins,updated,summary,,It begins.,{actor},6\r\n\
         agreements,ended,ended,updated,ended_on,,2024-01-01,{actor},5\r\n\
         agreements,ended,ended,updated,end_reason,,terminated,{actor},5\r\n\
         agreements,begins,begins,by_calendar,status,signed,in_force,,\r\n\
         agreements,expires,expires,by_calendar,status,in_force,expired,,\r\n"
    );
    assert_eq!(csv, expected);
    let lines = app.viewer().get("/changes/summary?from=2020-06&to=2025-01-01&format=ndjson").expect(200).text();
    assert_eq!(lines.lines().count(), 5);
}
