//! A code that is none is answered with the record that was probably meant, however one record is written.

use serde_json::{Value, json};

use crate::support::TestApp;

fn filled() -> TestApp {
    let app = TestApp::spawn();
    let korea = json!({ "code": "KR", "alpha3": "KOR", "name_en": "South Korea", "name_fr": "Corée du Sud" });
    app.editor().post("/nations", &korea).expect(201);
    let cnes = json!({
        "code": "cnes", "name": "Centre national d’études spatiales", "short_name": "CNES", "kind": "space_agency", "sector": "institutional",
    });
    app.editor().post("/organisations", &cnes).expect(201);
    app.editor().post("/projects", &json!({ "code": "koshin", "name": "Koshin", "status": "proposed" })).expect(201);
    app
}

/// The details of a refused write, by their places.
fn detail(answer: &Value, pointer: &str) -> String {
    let defects = answer["errors"].as_array().unwrap();
    let defect = defects.iter().find(|defect| defect["pointer"] == pointer);
    defect.unwrap_or_else(|| panic!("{pointer}: {answer}"))["detail"].as_str().unwrap().to_owned()
}

/// Seen to fail without suggestions.
#[test]
fn a_refused_write_of_one_record_suggests_what_was_meant() {
    let app = filled();
    let wrong = json!({ "nations": [{ "nation": "Corée du Sud" }], "responsible": "c-n-e-s" });
    let whole = |mut document: Value| {
        document["name"] = "Koshin".into();
        document["status"] = "proposed".into();
        document
    };
    let editor = app.editor();
    for answer in [
        editor.post("/projects", &whole(wrong.clone())),
        editor.put("/projects/koshin", &whole(wrong.clone())),
        editor.patch("/projects/koshin", &wrong),
    ] {
        let problem = answer.problem(422, "validation");
        let nation = detail(&problem, "/nations/0/nation");
        assert!(nation.contains("‘Corée du Sud’") && nation.ends_with("; is KR (‘South Korea’) meant?"), "{nation}");
    }
    // Also what could be a code.
    let dangling = json!({ "responsible": "centre-national-d-etudes-spatiales" });
    let problem = editor.patch("/projects/koshin", &dangling).problem(422, "validation");
    let responsible = detail(&problem, "/responsible");
    assert!(responsible.starts_with("there is no") && responsible.contains("; is cnes ("), "{responsible}");
    // And nothing where nothing is like it.
    let problem =
        editor.patch("/projects/koshin", &json!({ "nations": [{ "nation": "ZZ" }] })).problem(422, "validation");
    assert!(!detail(&problem, "/nations/0/nation").contains("meant"), "{problem}");
}
