//! The effects of an import.

use std::collections::BTreeSet;

use partnership_registry::auth::Role;
use partnership_registry::registry::{Resource, ResourceVisitor, visit_resources};
use serde_json::{Value, json};

use super::import;
use crate::support::{Answer, TestApp, minimal, raw, records};

const CSV: &str = "text/csv";

fn report(rows: u64, created: u64, updated: u64, unchanged: u64, dry_run: bool) -> Value {
    json!({ "rows": rows, "created": created, "updated": updated, "unchanged": unchanged, "dry_run": dry_run })
}

/// The report of an import, without the fields.
#[track_caller]
fn done(answer: &Answer) -> Value {
    let mut report = answer.json();
    report.as_object_mut().unwrap().remove("fields").expect("the fields are counted");
    report
}

#[test]
fn an_import_creates_updates_and_leaves_alone() {
    let app = TestApp::spawn();
    let admin = app.admin();
    let csv = "code,name_en\nspace,Space\nclimate,Climate\n";
    let created = import(&admin, "cooperation-areas", CSV, csv).expect(200);
    assert_eq!(created.header("content-type"), Some("application/json"));
    assert_eq!(done(&created), report(2, 2, 0, 0, false));
    let changed = "name_en,code,version\nSpace!,space,12\nClimate,climate,\nOceans,,\n";
    let dry = import(&admin, "cooperation-areas?dry_run=true", CSV, changed).expect(200);
    assert_eq!(done(&dry), report(3, 1, 1, 1, true));
    assert_eq!(admin.get("/cooperation-areas").codes(), ["climate", "space"], "a dry run writes nothing");
    assert_eq!(
        done(&import(&admin, "cooperation-areas?mode=upsert&dry_run=false", CSV, changed)),
        report(3, 1, 1, 1, false)
    );
    let page = admin.get("/cooperation-areas?fields=code,name_en,version").json();
    assert_eq!(
        page["items"],
        json!([
            { "code": "climate", "name_en": "Climate", "version": 2 },
            { "code": "oceans", "name_en": "Oceans", "version": 4 },
            { "code": "space", "name_en": "Space!", "version": 3 },
        ])
    );
    let refused = import(&admin, "cooperation-areas?mode=create", CSV, "name_en\nMoon\nOceans\n");
    let problem = refused.problem(422, "validation");
    assert_eq!(problem["errors"][0]["code"], "code_taken");
    assert_eq!(problem["errors"][0]["line"], 3);
    admin.get("/cooperation-areas/moon").problem(404, "not-found");
    assert_eq!(
        done(&import(&admin, "cooperation-areas?mode=create", CSV, "name_en\nMoon\n")),
        report(1, 1, 0, 0, false)
    );
}

#[test]
fn an_import_is_one_batch_in_the_name_of_who_sent_it() {
    let app = TestApp::spawn();
    import(&app.editor(), "nations", CSV, "alpha3,name_en\nFRA,France\nIND,India\n").expect(200);
    let change = |code: &str| app.viewer().get(&format!("/nations/{code}/history")).json()["items"][0].clone();
    let (france, india) = (change("FR"), change("IN"));
    assert_eq!(france["actor"], "editor");
    assert!(france["batch"].is_string());
    assert_eq!(france["batch"], india["batch"]);
}

#[test]
fn every_format_is_read_alike_and_rows_refer_to_each_other() {
    let rows = json!([
        { "code": "new", "title": "New", "kind": "joint_statement", "supersedes": "old" },
        { "code": "old", "title": "Old", "kind": "joint_statement", "signed_on": "2001" },
    ]);
    let lines: String = rows.as_array().unwrap().iter().map(|row| format!("{row}\r\n")).collect();
    let csv =
        "\u{feff}code,title,kind,supersedes,signed_on\r\nnew,New,joint_statement,old,\r\nold,Old,joint_statement,,2001";
    let files = [
        ("application/json", rows.to_string()),
        ("Application/JSON; charset=utf-8", rows.to_string()),
        ("application/x-ndjson", lines),
        ("text/csv; header=present; charset=UTF-8", csv.to_owned()),
    ];
    let exports: BTreeSet<Vec<u8>> = files
        .into_iter()
        .map(|(kind, file)| {
            let app = TestApp::spawn();
            assert_eq!(done(&import(&app.editor(), "agreements", kind, file)), report(2, 2, 0, 0, false), "{kind}");
            app.viewer().get("/agreements?format=csv").expect(200).body
        })
        .collect();
    assert_eq!(exports.len(), 1);
}

#[test]
fn nothing_is_a_file_of_no_rows() {
    let app = TestApp::spawn();
    for (kind, file) in [("application/json", "[]"), ("application/x-ndjson", ""), (CSV, "alpha3,name_en\n")] {
        assert_eq!(done(&import(&app.editor(), "nations", kind, file)), report(0, 0, 0, 0, false));
    }
}

#[test]
fn an_import_needs_the_role_of_a_write() {
    struct Rows;
    impl ResourceVisitor for Rows {
        type Output = (&'static str, Role, Value);

        fn visit<R: Resource>(&mut self) -> Self::Output {
            (R::COLLECTION, R::WRITTEN_BY, minimal::<R>(1))
        }
    }
    let app = TestApp::spawn();
    records::fill(&app);
    for (collection, written_by, document) in visit_resources(&mut Rows) {
        let expected =
            if matches!(collection, "partner-types" | "cooperation-areas") { Role::Admin } else { Role::Editor };
        assert_eq!(written_by, expected);
        let row = json!([document]).to_string();
        for role in Role::ALL {
            let answer = import(&app.client(*role), collection, "application/json", row.as_str());
            if *role < written_by {
                answer.problem(403, "forbidden");
            } else {
                assert_eq!(answer.expect(200).json()["rows"], 1);
            }
        }
        import(&app.anonymous(), collection, CSV, "").problem(401, "unauthenticated");
    }
    import(&app.admin(), "users", CSV, "").problem(404, "not-found");
}

#[test]
fn only_what_can_be_read_is_taken() {
    let app = TestApp::spawn();
    let editor = app.editor();
    for kind in ["text/plain", "application/xml", "text/csv; charset=latin1", "multipart/form-data", "csv", ""] {
        let refused = import(&editor, "nations", kind, "alpha3,name_en\n").problem(415, "unsupported-media-type");
        assert!(refused["detail"].as_str().unwrap().contains("application/x-ndjson"), "{refused}");
    }
    editor.request("POST", "/imports/nations").bytes("alpha3,name_en\n").send().problem(415, "unsupported-media-type");
    import(&editor, "nations?mode=merge", CSV, "").assert_bad_parameter("mode", &["upsert, replace, create"]);
    import(&editor, "nations?dry_run=yes", CSV, "").assert_bad_parameter("dry_run", &["true, false"]);
    import(&editor, "nations?colour=red", CSV, "").assert_bad_parameter("colour", &["mode, dry_run"]);
    import(&editor, "nations?mode=create&mode=upsert", CSV, "").assert_bad_parameter("mode", &["twice"]);
}

/// Fails without the limit of `Content-Length`, and without that of what has come so far.
#[test]
fn a_file_is_limited_with_and_without_a_content_length() {
    const LIMIT: usize = 64 * 1024 * 1024;
    let app = TestApp::spawn();
    let token = app.editor().token().unwrap_or_default().to_owned();
    let head = |more: &str| {
        format!("POST /api/v1/imports/nations HTTP/1.1\nAuthorization: Bearer {token}\nContent-Type: text/csv\n{more}")
    };
    raw(app.address(), head(&format!("Content-Length: {}", LIMIT + 1)), b"").problem(413, "too-large");
    let mut chunked = format!("{:x}\r\n", LIMIT + 1).into_bytes();
    chunked.resize(chunked.len() + LIMIT + 1, b'x');
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let refused = raw(app.address(), head("Transfer-Encoding: chunked"), &chunked).problem(413, "too-large");
    assert!(refused["detail"].as_str().unwrap().contains(&LIMIT.to_string()), "{refused}");
}

#[test]
fn too_many_imports_at_once_are_refused() {
    let app = TestApp::spawn();
    let held: Vec<_> = std::iter::from_fn(|| app.db.import_ticket().ok()).collect();
    assert!(!held.is_empty());
    let refused = import(&app.editor(), "nations", CSV, "alpha3,name_en\nFRA,France\n");
    refused.problem(503, "unavailable");
    assert_eq!(refused.header("retry-after"), Some("1"));
    drop(held);
    import(&app.editor(), "nations", CSV, "alpha3,name_en\nFRA,France\n").expect(200);
}
