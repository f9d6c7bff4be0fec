//! `verify` finds what was done to the database behind the service's back.

use std::process::Command;

use diesel::prelude::*;
use partnership_registry::changes::Change;
use partnership_registry::db::schema::changes;
use partnership_registry::db::{DbConn, write_transaction};
use partnership_registry::registry::search;
use serde_json::json;

use crate::support::database::run;
use crate::support::{TestApp, records};

/// The output of the command.
#[derive(Debug)]
struct Said {
    code: i32,
    lines: Vec<String>,
    error: String,
}

fn verify(app: &TestApp, args: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partnership-registry"));
    command.env_clear().env("DATABASE_URL", app.database.url_text()).arg("verify").args(args);
    let output = command.env("TMPDIR", app.database.directory()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let lines = text(output.stdout).lines().map(str::to_owned).collect();
    Said { code: output.status.code().unwrap(), lines, error: text(output.stderr) }
}

/// Asserts that these things are found, and nothing else; each in a line that contains the words.
#[track_caller]
fn finds(app: &TestApp, args: &[&str], findings: &[&str]) {
    let said = verify(app, args);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.error.starts_with("error: the registry is not what its log says"), "{said:?}");
    assert_eq!(said.lines.len(), findings.len() + 2, "{said:#?}");
    for (line, finding) in said.lines.iter().zip(findings) {
        assert!(line.contains(finding), "{line:?} should say {finding:?}");
    }
}

/// A registry with a past, and its head as noted down before the last change.
fn registry() -> (TestApp, String) {
    let app = TestApp::spawn();
    records::fill(&app);
    app.editor().patch("/projects/trishna", &json!({ "summary": "A second text." })).expect(200);
    let noted = note(&app);
    app.admin().post("/partner-types", &json!({ "code": "last", "name_en": "Last" })).expect(201);
    (app, noted)
}

fn note(app: &TestApp) -> String {
    let head = app.viewer().get("/changes/head").expect(200).json();
    format!("{}:{}", head["revision"], head["hash"].as_str().unwrap())
}

fn log(conn: &mut DbConn) -> Vec<Change> {
    changes::table.order(changes::revision).select(Change::as_select()).load(conn).unwrap()
}

/// The revision of the first change that fits.
fn revision(conn: &mut DbConn, resource: &str, key: &str) -> i64 {
    log(conn).iter().find(|change| change.resource == resource && change.key == key).unwrap().revision
}

#[test]
fn an_intact_registry_verifies() {
    let (app, noted) = registry();
    app.admin().delete("/partner-types/last").expect(204);
    let last = note(&app);
    for args in [&[][..], &["--head", &noted], &["--head", &last], &["--head", &format!("0:{}", "0".repeat(64))]] {
        let said = verify(&app, args);
        assert_eq!((said.code, said.error.as_str()), (0, ""), "{said:?}");
        let [counts, head, verdict] = said.lines.as_slice() else { panic!("{said:?}") };
        let (revision, _) = last.split_once(':').unwrap();
        assert!(counts.starts_with(&format!("{revision} changes, ")), "{counts}");
        assert_eq!((head, verdict.as_str()), (&format!("head: {last}"), "the registry is what its log says"));
    }
    for wrong in ["12", "12:abc", &format!("x:{}", "0".repeat(64)), &format!("-1:{}", "0".repeat(64))] {
        assert_eq!(verify(&app, &[&format!("--head={wrong}")]).code, 2, "{wrong}");
    }
    let empty = TestApp::spawn();
    assert_eq!(verify(&empty, &[]).lines[0], "0 changes, 0 records");
}

#[test]
fn a_changed_row_of_the_log_is_found() {
    let (app, _) = registry();
    let mut conn = app.database.disarmed();
    let first = revision(&mut conn, "projects", "trishna");
    run(&mut conn, &format!("UPDATE changes SET actor = 'nobody' WHERE revision = {first}"));
    let hash = format!("log r{first}: its hash");
    finds(&app, &[], &[&hash]);
    let area = revision(&mut conn, "cooperation-areas", "climate");
    let edit = "document = replace(document, '\"name_en\":\"', '\"name_en\":\"Un')";
    run(&mut conn, &format!("UPDATE changes SET {edit} WHERE revision = {area}"));
    finds(&app, &[], &[&format!("log r{area}: its hash"), &hash, "cooperation-areas/climate name_en: "]);
    run(&mut conn, &format!("UPDATE changes SET document = 'no JSON' WHERE revision = {area}"));
    let unread = format!("the document of revision {area}");
    let gone = "cooperation-areas/climate: in the table, not in the log";
    finds(&app, &[], &[&format!("log r{area}: its hash"), &hash, &unread, gone]);
}

#[test]
fn a_changed_row_of_a_table_is_found() {
    let (app, _) = registry();
    let mut conn = app.database.connect();
    for sql in [
        "UPDATE projects SET name = 'Other', version = version - 1 WHERE code = 'trishna'",
        "UPDATE nations SET created_at = '2000-01-01T00:00:00.000000Z', updated_at = '2000-01-01T00:00:00.000000Z' \
         WHERE code = 'IN'",
        "DELETE FROM project_areas WHERE project = 'trishna'",
        "DELETE FROM reviews",
        "INSERT INTO partner_types (code, name_en, version, created_at, updated_at) VALUES ('smuggled', 'S', 1, '', '')",
    ] {
        run(&mut conn, sql);
    }
    let findings = [
        "partner-types/smuggled: in the table, not in the log",
        "nations/IN created_at: \"2000-01-01T00:00:00.000000Z\" in the table, ",
        "nations/IN updated_at: ",
        "projects/trishna name: \"Other\" in the table, \"TRISHNA\" in the log",
        "projects/trishna areas: [] in the table, [\"climate\"] in the log",
        "projects/trishna version: ",
        ": in the log, not in the table",
        " is in the search index and not in the registry",
        "partner-types/smuggled is missing from the search index",
        "projects/trishna differs in the search index",
        "projects/trishna: first_review is kept as ",
        "projects/trishna: last_review is kept as ",
        "agreements/in-2018-vision: mismatched is kept as 0, the records say 1",
    ];
    finds(&app, &[], &findings);
}

#[test]
fn a_false_fact_beside_a_record_is_found() {
    let (app, _) = registry();
    let mut conn = app.database.connect();
    run(
        &mut conn,
        "UPDATE projects SET covered_until = covered_until + 1, last_review = '1999-01-01' WHERE code = 'trishna'",
    );
    run(&mut conn, "UPDATE search_index SET twice = 1 WHERE key = 'trishna'");
    let twice = "projects/trishna: twice is kept as 1, the records say 0";
    finds(
        &app,
        &[],
        &[
            "projects/trishna: covered_until is kept as ",
            "projects/trishna: last_review is kept as 1999-01-01, ",
            twice,
        ],
    );
}

#[test]
fn rows_that_changed_places_or_are_gone_are_found() {
    let (app, noted) = registry();
    let mut conn = app.database.disarmed();
    for (from, to) in [(2, 100_000), (3, 2), (100_000, 3)] {
        run(&mut conn, &format!("UPDATE changes SET revision = {to} WHERE revision = {from}"));
    }
    let said = verify(&app, &[]);
    assert_eq!(said.code, 1);
    for place in ["log r2: its hash", "log r3: its hash", "log r4: its hash", "version: 2 in the table, 3 in the log"] {
        assert!(said.lines.iter().any(|line| line.contains(place)), "{place}: {said:#?}");
    }
    for (from, to) in [(2, 100_000), (3, 2), (100_000, 3)] {
        run(&mut conn, &format!("UPDATE changes SET revision = {to} WHERE revision = {from}"));
    }
    assert_eq!(verify(&app, &[]).code, 0, "it is whole again");

    // An attacker who cuts the end off, and the tables with it, leaves a whole chain: a noted head shows it.
    let last = note(&app);
    run(&mut conn, "DELETE FROM changes WHERE key = 'last'");
    finds(&app, &[], &["partner-types/last: in the table, not in the log"]);
    run(&mut conn, "DELETE FROM partner_types WHERE code = 'last'");
    run(&mut conn, "DELETE FROM search_index WHERE key = 'last'");
    assert_eq!(verify(&app, &["--head", &noted]).code, 0);
    let (revision, _) = last.split_once(':').unwrap();
    finds(&app, &["--head", &last], &[&format!("log r{revision}: noted, and not there")]);

    let second = log(&mut conn)[1].clone();
    run(&mut conn, "DELETE FROM changes WHERE revision = 2");
    let said = verify(&app, &[]);
    let found = ["log r3: 1 of the revisions before it are missing", "log r3: its hash"];
    assert_eq!(said.code, 1);
    for (line, words) in said.lines.iter().zip(found) {
        assert!(line.contains(words), "{said:#?}");
    }
    let gone = format!("{}/{}: in the table, not in the log", second.resource, second.key);
    assert!(said.lines.contains(&gone), "{gone}: {said:#?}");
}

#[test]
fn a_log_that_was_made_anew_is_found_by_a_note() {
    let (app, noted) = registry();
    let mut conn = app.database.disarmed();
    let forged = revision(&mut conn, "cooperation-areas", "climate");
    run(&mut conn, "UPDATE cooperation_areas SET name_en = 'Weather' WHERE code = 'climate'");
    let mut before = "0".repeat(64);
    for mut change in log(&mut conn) {
        if change.revision == forged {
            let mut document = change.document().unwrap();
            document["name_en"] = json!("Weather");
            change.document = document.to_string();
        }
        change.hash = change.compute_hash(&before);
        let values = (changes::document.eq(&change.document), changes::hash.eq(&change.hash));
        diesel::update(changes::table.find(change.revision)).set(values).execute(&mut conn).unwrap();
        before = change.hash;
    }
    write_transaction(&mut conn, search::rebuild).unwrap();
    assert_eq!(verify(&app, &[]).code, 0, "the chain alone is whole");
    let (revision, hash) = noted.split_once(':').unwrap();
    finds(&app, &["--head", &noted], &[&format!("log r{revision}: its hash is ")]);
    assert!(verify(&app, &["--head", &noted]).lines[0].ends_with(&format!("noted was {hash}")));
}
