//! The effects of an import on the fields of a record that exists already.

use serde_json::{Value, json};

use super::import;
use crate::support::{Answer, Options, TestApp};

const CSV: &str = "text/csv";
const LINES: &str = "application/x-ndjson";

/// A registry with one project, and the project.
fn registry() -> (TestApp, Value) {
    let app = TestApp::spawn();
    import(&app.editor(), "nations", CSV, "alpha3,name_en\nFRA,France\nIND,India\n").expect(200);
    let project = json!({
        "code": "swot", "name": "SWOT", "status": "in_development", "summary": "Water", "launch_date": "2022-12-16",
        "nations": [{"nation": "FR", "role": "lead"}],
    });
    app.editor().post("/projects", &project).expect(201);
    (app, project)
}

fn project(app: &TestApp) -> Value {
    app.viewer().get("/projects/swot").expect(200).json()
}

fn code(answer: &Answer) -> Vec<String> {
    let problem = answer.problem(422, "validation");
    let errors = problem["errors"].as_array().unwrap().iter();
    errors
        .map(|error| {
            format!("{} {} {}", error["line"], error["field"].as_str().unwrap(), error["code"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn fields_that_a_file_does_not_name_stay_as_they_are() {
    for (kind, file) in [
        (CSV, "code,name,status\nswot,SWOT,operational\n".to_owned()),
        (CSV, "status,code\noperational,swot\n".to_owned()),
        (LINES, json!({ "code": "swot", "status": "operational" }).to_string()),
        ("application/json", json!([{ "code": "swot", "status": "operational" }]).to_string()),
    ] {
        let (app, before) = registry();
        let report = import(&app.editor(), "projects", kind, file).expect(200).json();
        assert_eq!(report["fields"], json!([{ "field": "status", "set": 0, "changed": 1, "emptied": 0 }]), "{report}");
        let after = project(&app);
        for (name, value) in before.as_object().unwrap() {
            let wanted = if name == "status" { &json!("operational") } else { value };
            assert_eq!(&after[name], wanted, "{name} by {kind}");
        }
    }
}

#[test]
fn a_field_that_is_empty_in_a_file_becomes_empty() {
    for (kind, file) in [
        (CSV, "code,summary,nations\nswot,,\n".to_owned()),
        (LINES, json!({ "code": "swot", "summary": null, "nations": null }).to_string()),
    ] {
        let (app, _) = registry();
        for dry_run in [true, false] {
            let report =
                import(&app.editor(), &format!("projects?dry_run={dry_run}"), kind, file.as_str()).expect(200).json();
            let emptied = |field: &str| json!({ "field": field, "set": 0, "changed": 0, "emptied": 1 });
            assert_eq!(report["fields"], json!([emptied("summary"), emptied("nations")]), "{report}");
            assert_eq!(report["dry_run"], dry_run);
        }
        let after = project(&app);
        assert_eq!((&after["summary"], &after["nations"]), (&Value::Null, &json!([])));
        assert_eq!(after["launch_date"], "2022-12-16");
    }
}

#[test]
fn replacing_empties_what_a_file_does_not_name() {
    let (app, _) = registry();
    let file = "code,name,status\nswot,SWOT,operational\n";
    import(&app.editor(), "projects?mode=replace", CSV, file).expect(200);
    let after = project(&app);
    assert_eq!((&after["summary"], &after["launch_date"], &after["nations"]), (&Value::Null, &Value::Null, &json!([])));
    let refused = import(&app.editor(), "projects?mode=replace", CSV, "code,status\nswot,proposed\n");
    assert_eq!(code(&refused), ["1 name missing_column"]);
    let refused = import(&app.editor(), "projects?mode=replace", LINES, r#"{"code":"swot","status":"proposed"}"#);
    assert_eq!(code(&refused), ["1 name required"]);
}

#[test]
fn rules_hold_between_what_a_file_names_and_what_it_does_not() {
    let (app, _) = registry();
    app.editor().patch("/projects/swot", &json!({ "start_date": "2020", "launch_date": null })).expect(200);
    let refused = import(&app.editor(), "projects", CSV, "code,end_date\nswot,2019\n");
    assert_eq!(code(&refused), ["2 end_date end_before_start"]);
    // With a field that cannot be read beside it, both are reported.
    let refused = import(&app.editor(), "projects", CSV, "code,end_date,status\nswot,2019,asleep\n");
    assert_eq!(code(&refused), ["2 status unknown_value", "2 end_date end_before_start"]);
    import(&app.editor(), "projects", CSV, "code,end_date\nswot,2024\n").expect(200);
}

#[test]
fn a_new_record_needs_what_is_required() {
    let (app, _) = registry();
    let refused = import(&app.editor(), "projects", CSV, "code,summary\nswot,Lakes\nnew,Rivers\n");
    assert_eq!(code(&refused), ["3 name required", "3 status required"]);
    assert_eq!(project(&app)["summary"], "Water");
}

#[test]
fn a_row_of_an_earlier_version_is_stale() {
    let (app, _) = registry();
    let list = "/projects?format=csv&fields=code,name,summary,end_date,version";
    let file = app.viewer().get(list).expect(200).body;
    app.editor().patch("/projects/swot", &json!({ "end_date": "2031-12" })).expect(200);
    for mode in ["upsert", "replace&dry_run=true"] {
        let file = if mode == "upsert" { file.clone() } else { [b"status,".as_slice(), &file].concat() };
        let file = String::from_utf8(file)
            .unwrap()
            .replace("\r\nswot", if mode == "upsert" { "\r\nswot" } else { "\r\nproposed,swot" });
        let refused = import(&app.editor(), &format!("projects?mode={mode}"), CSV, file);
        assert_eq!(code(&refused), ["2 version stale"], "{refused}");
    }
    assert_eq!(project(&app)["end_date"], "2031-12");
    let file = app.viewer().get(list).expect(200).text().replace("Water", "Lakes");
    assert_eq!(import(&app.editor(), "projects", CSV, file).expect(200).json()["updated"], 1);
    for wrong in ["first", "-1", "1.5"] {
        let refused = import(&app.editor(), "projects", CSV, format!("code,version\nswot,{wrong}\n"));
        assert_eq!(code(&refused), ["2 version type"]);
    }
}

#[test]
fn a_change_needs_the_version_where_the_service_wants_if_match() {
    let app = TestApp::with(Options { require_if_match: true, ..Options::default() });
    let areas = |file: &str| import(&app.admin(), "cooperation-areas", CSV, file);
    areas("code,name_en\nspace,Space\nclimate,Climate\n").expect(200);
    let version = app.viewer().get("/cooperation-areas/space").json()["version"].as_i64().unwrap();
    assert_eq!(code(&areas("code,name_en\nspace,Space!\nclimate,Climate\nnew,New\n")), ["2 version version_required"]);
    assert_eq!(
        code(&areas(&format!("code,name_en,version\nspace,Space!,{}\n", version + 9))),
        ["2 version unknown_version"]
    );
    let done = areas(&format!("code,name_en,version\nspace,Space!,{version}\nclimate,Climate,\nnew,New,\n"))
        .expect(200)
        .json();
    assert_eq!((&done["created"], &done["updated"], &done["unchanged"]), (&json!(1), &json!(1), &json!(1)));
}
