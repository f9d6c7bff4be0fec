//! The day that is asked about: what is derived for a day is derived for that of the moment.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::database::run;

/// An agreement in force from 2020 to 2024, written down in May 2020, and its project, a month later.
fn written_in_2020() -> TestApp {
    let app = TestApp::spawn();
    let agreement = json!({ "code": "pact", "title": "Pact", "kind": "letter_of_intent", "effective_on": "2020-01-01",
        "expires_on": "2024-12-31" });
    app.editor().post("/agreements", &agreement).expect(201);
    app.editor().post("/projects", &json!({ "code": "lagoon", "name": "Lagoon", "status": "proposed" })).expect(201);
    app.editor().patch("/agreements/pact", &json!({ "projects": ["lagoon"] })).expect(200);
    let mut conn = app.database.disarmed();
    for (revision, at) in
        [(1, "2020-05-01T12:00:00.000000Z"), (2, "2020-06-01T12:00:00.000000Z"), (3, "2020-06-01T12:00:00.000001Z")]
    {
        run(&mut conn, &format!("UPDATE changes SET at = '{at}' WHERE revision = {revision}"));
    }
    app
}

#[test]
fn an_agreement_has_the_status_of_the_day() {
    let app = written_in_2020();
    let viewer = app.viewer();
    assert_eq!(viewer.get("/agreements/pact").expect(200).json()["status"], "expired");
    for moment in ["2020-05-01", "2020-05", "2020", "2023-02-03T04:05:06Z", "2024-12-31", "2024", "r1", "r2", "r3"] {
        let record = viewer.get(&format!("/agreements/pact?as_of={moment}")).expect(200);
        assert_eq!(record.json()["status"], "in_force", "{moment}");
        assert!(record.etag().ends_with("-in_force-2024-12-31\""), "{record}");
        for (status, total) in [("in_force", 1), ("expired", 0)] {
            let list = viewer.get(&format!("/agreements?status={status}&as_of={moment}")).expect(200).json();
            assert_eq!(list["total"], total, "{status} {moment}");
        }
    }
    viewer.get("/agreements/pact?as_of=2020-04").problem(404, "not-found");
    let later = viewer.get("/agreements/pact?as_of=2025-01-01").expect(200);
    assert_eq!((later.json()["status"].clone(), later.etag()), (json!("expired"), "\"v3-expired\"".to_owned()));
}

/// `as_of` is what was known, `in_force_on` what was true: the two combine.
#[test]
fn as_of_asks_what_was_known_and_in_force_on_what_was_true() {
    let app = written_in_2020();
    let page = |query: &str| app.viewer().get(&format!("/agreements?{query}")).expect(200).json();
    let status = |page: &Value| page["items"][0]["status"].clone();
    assert_eq!(status(&page("as_of=2023&in_force_on=2021-01-01")), "in_force");
    assert_eq!(page("as_of=2023&in_force_on=2025-01-01")["total"], 0);
    assert_eq!(page("as_of=2025-06&in_force_on=2021-01-01")["total"], 1);
    assert_eq!(page("as_of=2020-04&in_force_on=2021-01-01")["total"], 0, "nothing was known of it yet");
    let expanded = app.viewer().get("/projects/lagoon?expand=agreements&as_of=2021").expect(200).json();
    assert_eq!(expanded["expanded"]["agreements"]["pact"]["status"], "in_force");
    let before = app.viewer().get("/projects/lagoon?expand=agreements&as_of=2020-06-01T12:00:00Z").expect(200).json();
    assert_eq!(before["expanded"]["agreements"], json!({}));
    let row = app.viewer().get("/summaries/agreements?group_by=status&as_of=2022").expect(200).json();
    assert_eq!((&row["groups"][0]["key"]["status"], &row["groups"][0]["count"]), (&json!("in_force"), &json!(1)));
}
