//! Workbooks in: what their first sheet shows, within limits.

use std::io::Write as _;

use calamine::Reader as _;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::import;
use crate::support::{Answer, TestApp};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.add_worksheet().write(0, 0, "another sheet").unwrap();
    workbook.save_to_buffer().unwrap()
}

fn told(answer: &Answer) -> Vec<(u64, Value, Value)> {
    let problem = answer.problem(422, "validation");
    let errors = problem["errors"].as_array().unwrap().iter();
    errors.map(|error| (error["line"].as_u64().unwrap(), error["field"].clone(), error["code"].clone())).collect()
}

#[test]
fn a_sheet_is_read_as_it_is_shown() {
    let app = TestApp::spawn();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let file = workbook(|sheet| {
        for (column, name) in
            ["", "Code", " NAME ", "status", "start_date", "launch_date", "end_date", "summary"].into_iter().enumerate()
        {
            sheet.write(2, column as u16, name).unwrap();
        }
        sheet.write(5, 1, "one").unwrap();
        sheet.write_formula(5, 2, Formula::new("=\"O\"&\"ne\"").set_result("One")).unwrap();
        sheet.write(5, 3, "proposed").unwrap();
        sheet.write(5, 4, 2015).unwrap();
        sheet.write_with_format(5, 5, ExcelDateTime::from_ymd(2022, 12, 16).unwrap(), &day).unwrap();
        sheet.write(5, 6, "2031-12").unwrap();
        sheet.write(5, 7, "'quoted, \"and\"\nmore").unwrap();
        sheet.write(7, 1, "two").unwrap();
        sheet.write(7, 2, true).unwrap();
        sheet.write(7, 3, "proposed").unwrap();
        sheet.write(7, 7, 0.25).unwrap();
    });
    let report = import(&app.editor(), "projects", XLSX, file).expect(200).json();
    assert_eq!((&report["rows"], &report["created"]), (&json!(2), &json!(2)));
    let one = app.viewer().get("/projects/one").expect(200).json();
    let shown = ["name", "start_date", "launch_date", "end_date", "summary"].map(|name| one[name].as_str().unwrap());
    assert_eq!(shown, ["One", "2015", "2022-12-16", "2031-12", "'quoted, \"and\"\nmore"]);
    let two = app.viewer().get("/projects/two").expect(200).json();
    assert_eq!((&two["name"], &two["summary"]), (&json!("true"), &json!("0.25")));
}

#[test]
fn a_cell_without_a_value_is_reported_with_its_row() {
    let app = TestApp::spawn();
    let file = workbook(|sheet| {
        for (column, name) in ["code", "name", "status"].into_iter().enumerate() {
            sheet.write(0, column as u16, name).unwrap();
        }
        for (row, code) in [(1, "a"), (4, "b"), (5, "Bad Code")] {
            sheet.write(row, 0, code).unwrap();
            sheet.write(row, 1, "A name").unwrap();
            sheet.write(row, 2, "proposed").unwrap();
        }
        sheet.write_formula(4, 1, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    });
    let found = told(&import(&app.editor(), "projects", XLSX, file));
    assert_eq!(found.last().unwrap(), &(6, json!("code"), json!("bad_code")), "{found:?}");
    assert!(found.len() == 1 || found[0] == (5, json!("name"), json!("bad_cell")), "{found:?}");
}

/// The workbook of a service, with a file in it that is another.
fn with_file(workbook: &[u8], name: &str, content: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut archive = ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let mut out = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).unwrap();
        if file.name().unwrap() != name {
            out.raw_copy_file(file).unwrap();
        }
    }
    out.start_file(name, SimpleFileOptions::default()).unwrap();
    for piece in content {
        out.write_all(&piece).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let app = TestApp::spawn();
    let small = workbook(|sheet| {
        sheet.write(0, 0, "code").unwrap();
    });
    // Beside the sheets 64 MiB are read.
    let bomb = with_file(&small, "docProps/bomb.xml", (0..65).map(|_| vec![b' '; 1 << 20]));
    assert!(bomb.len() < 1 << 20);
    import(&app.editor(), "projects", XLSX, bomb).problem(413, "too-large");
    let lie =
        br#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="9999999999999"></sst>"#;
    let lie = with_file(&small, "xl/sharedStrings.xml", std::iter::once(lie.to_vec()));
    assert_eq!(told(&import(&app.editor(), "projects", XLSX, lie)), [(1, Value::Null, json!("bad_workbook"))]);
}

#[test]
fn a_file_that_is_not_a_workbook_is_refused() {
    let app = TestApp::spawn();
    let whole = workbook(|sheet| {
        sheet.write(0, 0, "code").unwrap();
    });
    for broken in
        [&b""[..], b"code,name\n", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"PK\x03\x04nothing", &whole[..whole.len() / 2]]
    {
        assert_eq!(told(&import(&app.editor(), "projects", XLSX, broken)), [(1, Value::Null, json!("bad_workbook"))]);
    }
}

/// A list of 500 long codes with their roles is longer than a cell (without roles it is not): the cell says so, the
/// second sheet has it, and an import refuses it.
#[test]
fn a_list_that_no_cell_holds_is_in_a_sheet_of_its_own() {
    let app = TestApp::spawn();
    let codes: Vec<String> =
        (0..500).map(|n| format!("coastal-station-of-the-observation-network-with-a-long-code-{n:04}")).collect();
    let rows: String = codes.iter().map(|code| format!("{code},Station,company,commercial\n")).collect();
    import(&app.editor(), "organisations", "text/csv", format!("code,name,kind,sector\n{rows}")).expect(200);
    let links: Vec<Value> = codes.iter().map(|code| json!({ "organisation": code, "role": "operator" })).collect();
    let project = json!({ "code": "many", "name": "Many", "status": "proposed", "organisations": links });
    app.editor().post("/projects", &project).expect(201);
    let file = app.viewer().get("/projects?format=xlsx&code=many").expect(200).body;
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(file.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let note =
        sheet.rows().nth(1).unwrap().iter().map(ToString::to_string).find(|cell| cell.contains("truncated")).unwrap();
    assert!(note.starts_with(&codes[0]) && note.encode_utf16().count() <= 32_767, "{note}");
    assert!(note.ends_with("of 500 are here, all of them in the sheet ‘links’"), "{note}");
    let rows: Vec<Vec<String>> = book
        .worksheet_range("links")
        .unwrap()
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect();
    assert_eq!(rows[0], ["row", "code", "column", "value", "role"]);
    assert_eq!(rows.len(), 501);
    for (row, code) in rows.iter().skip(1).zip(&codes) {
        assert_eq!(row, &["2", "many", "organisations", code, "operator"]);
    }
    let refused = told(&import(&app.editor(), "projects", XLSX, file));
    assert_eq!(refused, [(2, json!("organisations"), json!("truncated"))]);
}
