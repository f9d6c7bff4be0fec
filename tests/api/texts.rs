//! Texts: clean wherever they come from, long where that is needed, and read as they were where the log is older than
//! a rule.

use diesel::prelude::*;
use partnership_registry::changes::{self, Action, Change};
use partnership_registry::clock;
use partnership_registry::db::schema;
use partnership_registry::snapshots::verify;
use serde_json::{Value, json};

use crate::support::{TestApp, records};

fn app() -> TestApp {
    let app = TestApp::spawn();
    records::fill(&app);
    app
}

#[test]
fn invisible_characters_make_no_difference_wherever_a_text_comes_from() {
    let app = app();
    let organisation = |n: usize, name: &str| json!({ "code": format!("invisible-{n}"), "name": name, "kind": "company", "sector": "commercial" });
    let names =
        ["\u{FEFF}Blue Lagoon", "Blue\u{200B} Lagoon", "Blue\u{E0041} La\u{AD}goon", "Blue\u{FFFE} Lagoon\u{2060}"];
    let records: Vec<Value> = names.iter().enumerate().map(|(n, name)| organisation(n, name)).collect();
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    let rows: Vec<String> = names.iter().enumerate().map(|(n, name)| format!("invisible-{n},{name}\r\n")).collect();
    let import = |kind: &str, body: String| {
        app.editor().request("POST", "/imports/organisations?mode=upsert").body(kind, body).send().expect(200)
    };
    import("application/x-ndjson", lines.join("\n"));
    let shown = || app.viewer().get("/organisations?code=invisible-0,invisible-1,invisible-2,invisible-3").json();
    let check = || {
        let page = shown();
        let found: Vec<&str> =
            page["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(found, ["Blue Lagoon"; 4]);
        page
    };
    let before = check();
    import("application/json", Value::from(records.clone()).to_string());
    import(
        "text/csv",
        format!("code,name,kind,sector\r\n{}", rows.concat().replace("\r\n", ",company,commercial\r\n")),
    );
    for record in &records {
        app.editor().put(&format!("/organisations/{}", record["code"].as_str().unwrap()), record).expect(200);
    }
    assert_eq!(check(), before, "none of them is a change");

    // A code follows from what can be seen.
    let created = app.editor().post(
        "/organisations",
        &json!({ "name": "Red\u{200B} La\u{AD}goon", "kind": "company", "sector": "commercial" }),
    );
    assert_eq!(created.expect(201).json()["code"], "red-lagoon");
    // Persian, Sinhala, emoji and mixed directions are spelled with these.
    for name in ["می\u{200C}خواهم", "ශ්\u{200D}රී", "👩\u{200D}🚀", "❤\u{FE0F}", "ISRO\u{200E} (\u{200F}إسرو)"]
    {
        let kept = app.editor().patch("/organisations/red-lagoon", &json!({ "name": name })).expect(200).json();
        assert_eq!(kept["name"], name);
    }
}

#[test]
fn line_breaks_are_line_feeds_wherever_a_text_comes_from() {
    let app = app();
    let text = "First line.\r\nSecond line.\rThird line.";
    let kept = "First line.\nSecond line.\nThird line.";
    app.editor().put("/projects/probe", &json!({ "name": "Probe", "status": "proposed" })).expect(201);
    let patched = app.editor().patch("/projects/probe", &json!({ "summary": text })).expect(200).json();
    assert_eq!(patched["summary"], kept);
    let record = json!({ "code": "probe", "name": "Probe", "status": "proposed", "summary": text });
    let csv = format!("code,name,status,summary\r\nprobe,Probe,proposed,\"{text}\"\r\n");
    for (kind, body) in [("application/x-ndjson", record.to_string()), ("text/csv", csv)] {
        app.editor().request("POST", "/imports/projects").body(kind, body).send().expect(200);
        let shown = app.viewer().get("/projects/probe").json();
        assert_eq!((&shown["summary"], &shown["version"]), (&json!(kept), &patched["version"]), "{kind}");
    }
    let user = json!({ "username": "lines", "display_name": "Ada\r\nKing\u{FEFF}", "role": "viewer", "password": "seven lanterns on the pier" });
    assert_eq!(app.admin().post("/users", &user).expect(201).json()["display_name"], "Ada\nKing");
}

#[test]
fn titles_hold_a_thousand_characters_and_names_three_hundred() {
    let app = app();
    let agreement =
        |title: &str| app.editor().put("/agreements/long", &json!({ "title": title, "kind": "joint_statement" }));
    for character in ["é", "\u{1F680}"] {
        assert!([200, 201].contains(&agreement(&character.repeat(1_000)).status));
        assert_eq!(app.viewer().get("/agreements/long").json()["title"], character.repeat(1_000));
        let refused = agreement(&character.repeat(1_001));
        refused.assert_invalid(&[("/title", "too_long")]);
        assert!(refused.json()["errors"][0]["detail"].as_str().unwrap().contains(&character.repeat(60)), "{refused}");
    }
    let project = json!({ "name": "é".repeat(301), "status": "proposed" });
    app.editor().put("/projects/probe", &project).assert_invalid(&[("/name", "too_long")]);
}

/// Writes an organisation as the program before these rules did, and gives the revision.
fn write_as_before(app: &TestApp, document: &Value) -> i64 {
    let text = |field: &str| document[field].as_str().unwrap().to_owned();
    let mut conn = app.database.connect();
    let head = changes::head(&mut conn).unwrap();
    let mut change = Change {
        revision: head.revision + 1,
        at: clock::stamp(clock::now()).max(head.at),
        actor: "admin".to_owned(),
        action: Action::Created,
        resource: "organisations".to_owned(),
        key: "old".to_owned(),
        batch: None,
        document: document.to_string(),
        hash: String::new(),
        restored_from: None,
    };
    change.hash = change.compute_hash(&head.hash);
    diesel::insert_into(schema::changes::table).values(&change).execute(&mut conn).unwrap();
    {
        use schema::organisations::dsl as o;
        diesel::insert_into(schema::organisations::table)
            .values((
                (
                    o::code.eq("old"),
                    o::name.eq(text("name")),
                    o::short_name.eq(text("short_name")),
                    o::kind.eq("company"),
                ),
                (
                    o::sector.eq("commercial"),
                    o::url.eq(text("url")),
                    o::source.eq(text("source")),
                    o::version.eq(change.revision),
                ),
                (o::created_at.eq(&change.at), o::updated_at.eq(&change.at)),
            ))
            .execute(&mut conn)
            .unwrap();
        // As an upgrade does.
        diesel::delete(schema::search_index::table).execute(&mut conn).unwrap();
        partnership_registry::registry::search::migrate(&mut conn).unwrap();
    }
    change.revision
}
/// A registry of the program before these rules: a record whose name has characters that would be taken out today, and
/// an address that would be refused. Seen to fail while the log was read by today's rules.
#[test]
fn documents_of_earlier_rules_are_read_as_they_are() {
    let app = app();
    let (name, url) = ("\u{FEFF}Blue\u{200B} Lagoon", "https://ada:secret@example.org/");
    let document = json!({
        "code": "old", "name": name, "short_name": "\u{2060}", "kind": "company", "sector": "commercial", "nation": null,
        "url": url, "source": "line\u{FFFE}",
    });
    let revision = write_as_before(&app, &document);
    let findings = || {
        let mut found = Vec::new();
        verify(
            &app.db,
            None,
            &mut |finding| {
                found.push(finding.to_string());
                Ok(())
            },
            &mut |_, _| {},
        )
        .unwrap();
        found
    };
    assert_eq!(findings(), Vec::<String>::new());
    let now = app.viewer().get("/organisations/old").expect(200).json();
    assert_eq!((&now["name"], &now["url"], &now["short_name"]), (&json!(name), &json!(url), &json!("\u{2060}")));

    // The next change reads the whole record by today's rules.
    app.editor().patch("/organisations/old", &json!({ "kind": "university" })).assert_invalid(&[("/url", "bad_url")]);
    let better = json!({ "kind": "university", "url": null });
    let changed = app.editor().patch("/organisations/old", &better).expect(200).json();
    assert_eq!((&changed["name"], &changed["short_name"]), (&json!("Blue Lagoon"), &Value::Null));
    let past = app.viewer().get(&format!("/organisations/old?as_of=r{revision}")).expect(200).json();
    assert_eq!(past, now);
    assert_eq!(findings(), Vec::<String>::new());
}
