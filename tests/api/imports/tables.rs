//! Tables as spreadsheets write them: other delimiters, empty rows and columns, headers in any case.

use serde_json::json;

use super::import;
use crate::support::TestApp;

const CSV: &str = "text/csv";

fn code(app: &TestApp, file: impl Into<Vec<u8>>) -> (u64, String) {
    let problem = import(&app.editor(), "organisations", CSV, file).problem(422, "validation");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{problem}");
    (problem["errors"][0]["line"].as_u64().unwrap(), problem["errors"][0]["code"].as_str().unwrap().to_owned())
}

#[test]
fn empty_lines_rows_and_columns_are_skipped() {
    let app = TestApp::spawn();
    for (n, file) in [
        "\u{feff}code,name,kind,sector,,\r\nx-0,Tail,company,commercial,,\r\n,,,,,\r\n",
        "\n,,,\nCode, Name ,KIND,sector\r\nx-1,Head,company,commercial\r\n",
        "code,,name,kind,sector\nx-2, ,Between,company,commercial\n , , , , \n",
        "code,name,kind,sector\nx-3,More,company,commercial,,,\n,\n",
    ]
    .into_iter()
    .enumerate()
    {
        let report = import(&app.editor(), "organisations", CSV, file).expect(200).json();
        assert_eq!((&report["rows"], &report["created"]), (&json!(1), &json!(1)), "{file}");
        app.viewer().get(&format!("/organisations/x-{n}")).expect(200);
    }
    let in_no_column = "code,name,kind,sector,\nx,X,company,commercial,\ny,Y,company,commercial,what\n";
    assert_eq!(code(&app, in_no_column), (3, "unnamed_column".to_owned()));
    assert_eq!(
        code(&app, "code,name,Name,kind,sector\nx,X,X,company,commercial\n"),
        (1, "duplicate_column".to_owned())
    );
}

#[test]
fn semicolons_are_read_and_other_files_say_what_they_are() {
    let app = TestApp::spawn();
    let file = "code;name;kind;sector\ndialect-1;\"Café; spatial, 1\";company;commercial\n";
    import(&app.editor(), "organisations", CSV, file).expect(200);
    assert_eq!(app.viewer().get("/organisations/dialect-1").json()["name"], "Café; spatial, 1");
    let told = |file: &[u8]| {
        let problem = import(&app.editor(), "organisations", CSV, file).problem(422, "validation");
        problem["errors"][0]["detail"].as_str().unwrap().to_owned()
    };
    assert!(told(b"code\tname\tkind\tsector\nx\tX\tcompany\tcommercial\n").contains("tabs"));
    assert!(told(b"code,name,kind,sector\nx,Caf\xe9,company,commercial\n").contains("Windows-1252"));
    assert!(told(b"sep=,\r\ncode,name,kind,sector\r\n").contains("‘sep=,’, is a note to Excel"));
    assert!(told(b"\xff\xfec\0o\0").contains("UTF-16"));
}

#[test]
fn a_number_with_nothing_after_its_point_is_whole() {
    let app = TestApp::spawn();
    let file = "code,alpha3,name_en,cooperation_since\nPT,PRT,Portugal,2015.0\nIE,IRL,Ireland,\n";
    import(&app.editor(), "nations", CSV, file).expect(200);
    assert_eq!(app.viewer().get("/nations/PT").json()["cooperation_since"], "2015");
    let file = "code,alpha3,name_en,cooperation_since\nPT,PRT,Portugal,2015.5\n";
    let problem = import(&app.editor(), "nations", CSV, file).problem(422, "validation");
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("2015.5"), "{problem}");
}

/// Ten million bad rows are not read: the answer comes with the hundredth defect.
#[test]
fn reading_a_file_ends_after_its_first_hundred_defects() {
    let app = TestApp::spawn();
    let bad = |count: usize| format!("code,name,kind,sector\n{}", "x,,company,commercial\n".repeat(count));
    let detail = |count: usize| {
        let problem = import(&app.editor(), "organisations", CSV, bad(count)).problem(422, "validation");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 100.min(problem["errors"].as_array().unwrap().len()));
        problem["detail"].as_str().unwrap().to_owned()
    };
    // Each row lacks its name, and all but the first one repeat its code.
    assert!(detail(2).ends_with("(and 2 more: see errors)"), "{}", detail(2));
    assert!(detail(200_000).ends_with("(and more than 99 others: the first 100 are in errors)"));
}

#[test]
fn the_dialect_of_spreadsheets_is_read_back() {
    let app = TestApp::spawn();
    partnership_registry::demo::load(&app.db).unwrap();
    for collection in ["nations", "organisations", "projects", "agreements"] {
        let file = app.viewer().get(&format!("/{collection}?format=csv&dialect=excel")).expect(200);
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
        let text = file.text();
        assert!(text.starts_with("\u{feff}code;") && text.ends_with("\r\n"), "{collection}");
        let report = import(&app.editor(), collection, CSV, file.body).expect(200).json();
        assert_eq!((&report["unchanged"], &report["fields"]), (&report["rows"], &json!([])), "{collection}");
    }
    let viewer = app.viewer();
    let tables =
        ["/partnerships?format=csv&dialect=excel", "/summaries/projects?group_by=area&format=csv&dialect=excel"];
    for table in tables {
        assert!(viewer.get(table).expect(200).text().starts_with('\u{feff}'), "{table}");
    }
    for refused in ["/nations?dialect=excel", "/nations?format=xlsx&dialect=excel", "/nations?format=csv&dialect=lotus"]
    {
        viewer.get(refused).assert_bad_parameter("dialect", &[]);
    }
    viewer.get("/network?of=nations&dialect=excel").assert_bad_parameter("dialect", &[]);
    viewer.get("/nations/FR?dialect=excel").assert_bad_parameter("dialect", &[]);
}
