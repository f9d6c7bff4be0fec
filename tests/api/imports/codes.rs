//! The codes that records get which are sent without one.

use partnership_registry::registry::{Resource, ResourceVisitor, visit_resources};
use serde_json::{Value, json};

use super::import;
use crate::support::records::code_of;
use crate::support::{TestApp, records, sample};

const CSV: &str = "text/csv";

#[test]
fn reviews_of_a_project_with_a_long_code_have_codes_of_their_own() {
    let app = TestApp::spawn();
    let editor = app.editor();
    let project = "vegetation-and-environment-monitoring-on-a-new-small-satellite";
    editor.post("/projects", &json!({ "code": project, "name": "Vegetation", "status": "proposed" })).expect(201);
    let mut codes = Vec::new();
    for day in ["2026-01-15", "2026-06-15"] {
        let review = json!({ "project": project, "reviewed_on": day, "rating": "on_track" });
        let code = editor.post("/reviews", &review).expect(201).json()["code"].as_str().unwrap().to_owned();
        assert!(code.len() <= 64 && code.starts_with("vegetation-and-") && code.ends_with(day), "{code}");
        codes.push(code);
    }
    assert_eq!(app.viewer().get("/reviews").codes(), codes);
}

#[test]
fn titles_that_begin_alike_make_two_records() {
    let app = TestApp::spawn();
    let title = "Arrangement between the national agencies of two seas on joint observation of coastal waters, phase";
    for (phase, year) in [("one", 1993), ("two", 2003)] {
        let file = format!("title,kind,signed_on\n\"{title} {phase}\",framework_agreement,{year}\n");
        assert_eq!(import(&app.editor(), "agreements", CSV, file).expect(200).json()["created"], 1);
    }
    let signed = app.viewer().get("/agreements?sort=signed_on&fields=signed_on").column("signed_on");
    assert_eq!(signed, ["1993", "2003"]);
}

/// A row without a code never changes a record, whatever the kind, the format and the mode; its defect names the record
/// that it met.
#[test]
fn a_row_without_a_code_only_creates() {
    struct Check(TestApp);
    impl ResourceVisitor for Check {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            let admin = self.0.admin();
            let mut met = sample::<R>();
            met.as_object_mut().unwrap().remove("code");
            let code = R::default_code(met.as_object().unwrap()).unwrap();
            met["code"] = json!(code);
            let path = format!("/{}/{code}", R::COLLECTION);
            admin.put(&path, &met);
            let before = admin.get(&path).expect(200).body;
            for mode in ["upsert", "replace", "create"] {
                for blank in [None, Some(json!(null)), Some(json!("")), Some(json!(" "))] {
                    let mut row = met.clone();
                    row.as_object_mut().unwrap().remove("code");
                    if let Some(blank) = blank {
                        row["code"] = blank;
                    }
                    for (kind, file) in [
                        ("application/json", json!([row]).to_string()),
                        ("application/x-ndjson", row.to_string()),
                        (CSV, csv::<R>(&row)),
                    ] {
                        let answer = import(&admin, &format!("{}?mode={mode}", R::COLLECTION), kind, file);
                        let problem = answer.problem(422, "validation");
                        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{answer}");
                        let told = &problem["errors"][0];
                        assert_eq!((&told["field"], &told["code"]), (&json!("code"), &json!("code_taken")), "{answer}");
                        let detail = told["detail"].as_str().unwrap();
                        assert!(detail.contains(&format!("{}/{code}", R::COLLECTION)), "{detail}");
                        assert!(detail.contains("add a column ‘code’"), "{detail}");
                    }
                }
            }
            assert_eq!(admin.get(&path).expect(200).body, before);
        }
    }
    let app = TestApp::spawn();
    records::fill(&app);
    visit_resources(&mut Check(app)).for_each(drop);
}

/// A record as a CSV file of a header and a row.
fn csv<R: Resource>(row: &Value) -> String {
    let fields = R::FIELDS.iter().filter(|field| row.get(field.name).is_some());
    let (names, cells): (Vec<_>, Vec<_>) = fields
        .map(|field| (field.name, partnership_registry::transfer::cells::print(field.shape, &row[field.name])))
        .unzip();
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(names).unwrap();
    file.write_record(cells).unwrap();
    String::from_utf8(file.into_inner().unwrap()).unwrap()
}

#[test]
fn two_rows_of_one_title_meet() {
    let app = TestApp::spawn();
    let file = "title,kind\nA letter,letter_of_intent\nA letter!,joint_statement\n";
    let problem = import(&app.editor(), "agreements", CSV, file).problem(422, "validation");
    assert_eq!(problem["errors"][0]["line"], 3, "{problem}");
    assert_eq!(problem["errors"][0]["code"], "code_taken");
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("by the row on line 2"), "{problem}");
    // With a code each, both are taken.
    let file = "code,title,kind\na,A letter,letter_of_intent\n,A letter!,joint_statement\n";
    import(&app.editor(), "agreements", CSV, file).expect(200);
    assert_eq!(
        app.viewer().get("/agreements").json()["items"].as_array().unwrap().iter().map(code_of).collect::<Vec<_>>(),
        ["a", "a-letter"]
    );
}

#[test]
fn a_name_in_the_place_of_a_code_is_understood() {
    let app = TestApp::spawn();
    let nations = "alpha3,name_en,name_fr\nKOR,South Korea,Corée du Sud\nIND,India,Inde\n";
    import(&app.editor(), "nations", CSV, nations).expect(200);
    import(&app.editor(), "organisations", CSV, "code,name,kind,sector\ncnes,CNES,space_agency,institutional\n")
        .expect(200);
    let told = |field: &str, cell: &str| {
        let file = format!("title,kind,{field}\nA letter,letter_of_intent,{cell}\n");
        let problem = import(&app.editor(), "agreements", CSV, file).problem(422, "validation");
        problem["errors"][0]["detail"].as_str().unwrap().to_owned()
    };
    for cell in ["Corée du Sud", "corée du SUD", "South Korea"] {
        let detail = told("nations", cell);
        assert!(detail.contains(cell) && detail.ends_with("is KR (‘South Korea’) meant?"), "{detail}");
    }
    assert!(told("organisations", "CNES").ends_with("is cnes (‘CNES’) meant?"));
    assert!(!told("nations", "Korea").contains("meant"), "part of a name is no name");
    assert!(!told("nations", "ZZ").contains("meant"));
}
