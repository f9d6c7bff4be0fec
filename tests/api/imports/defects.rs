//! Each way in which a file can be wrong has a message of its own, on its line, and nothing is written.

use serde_json::json;

use super::import;
use crate::support::TestApp;

const CSV: &str = "text/csv";
const LINES: &str = "application/x-ndjson";
const JSON: &str = "application/json";

/// A registry to refer to.
fn registry() -> TestApp {
    let app = TestApp::spawn();
    import(&app.admin(), "partner-types", CSV, "name_en\nEmerging\n").expect(200);
    import(&app.admin(), "cooperation-areas", CSV, "name_en\nClimate\n").expect(200);
    import(&app.editor(), "nations", CSV, "alpha3,name_en\nFRA,France\n").expect(200);
    app
}

/// Sends a file and expects exactly these defects: line, field, code, and words that the detail holds.
#[track_caller]
fn refused(app: &TestApp, to: &str, kind: &str, file: &[u8], expected: &[(u64, &str, &str, &str)]) {
    let revision = || app.viewer().get("/nations").etag();
    let before = revision();
    let answer = import(&app.admin(), to, kind, file);
    let problem = answer.problem(422, "validation");
    let errors = problem["errors"].as_array().unwrap();
    let found: Vec<_> = errors
        .iter()
        .map(|error| {
            let text = |name: &str| error[name].as_str().unwrap_or_default();
            (error["line"].as_u64().unwrap(), text("field"), text("code"), text("detail"))
        })
        .collect();
    assert_eq!(found.len(), expected.len(), "{answer}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.0, found.1, found.2), (expected.0, expected.1, expected.2), "{answer}");
        assert!(found.3.contains(expected.3), "‘{}’ should say ‘{}’", found.3, expected.3);
    }
    assert_eq!(revision(), before, "something was written");
}

fn utf16(text: &str, mark: &[u8], unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    [mark.to_vec(), text.encode_utf16().flat_map(unit).collect()].concat()
}

#[test]
fn a_file_that_is_no_csv() {
    let app = registry();
    let check = |file: &[u8], line, field, code, detail| {
        refused(&app, "nations", CSV, file, &[(line, field, code, detail)]);
    };
    let head = "code,alpha3,name_en,notes\n";
    let row = |row: &[u8]| [head.as_bytes(), row].concat();
    check(&row(b"RE,REU,R\xe9union,\n"), 2, "", "encoding", "0xE9 is not UTF-8");
    check(&utf16(head, b"\xff\xfe", u16::to_le_bytes), 1, "", "encoding", "UTF-16");
    check(&utf16(head, b"\xfe\xff", u16::to_be_bytes), 1, "", "encoding", "UTF-16");
    check(&utf16(head, b"", u16::to_le_bytes), 1, "", "encoding", "UTF-16");
    check(b"PK\x03\x04xl/worksheets", 1, "", "encoding", "spreadsheet");
    check(&row(b"JP,JPN,Ja\0pan,\n"), 2, "", "bad_character", "NUL");
    check(&row(b"JP,JPN,Ja\x07pan,\n"), 2, "name_en", "bad_character", "U+0007");
    check(&row("JP,JPN,Ja\u{202e}pan,\n".as_bytes()), 2, "name_en", "bad_character", "U+202E");
    check(&row("JP,JPN,Japan,a\u{2066}b\n".as_bytes()), 2, "notes", "bad_character", "U+2066");
    check(b"", 1, "", "empty_file", "header");
    check(b"code\talpha3\tname_en\nJP\tJPN\tJapan\n", 1, "", "delimiter", "tabs (‘\\t’): a comma is wanted");
    check(b"sep=;\r\ncode;alpha3;name_en\r\nJP;JPN;Japan\r\n", 1, "", "delimiter", "‘sep=;’, is a note to Excel");
    check(&row(b"JP,JPN,\"Japan,\nDE,DEU,Germany,\n"), 2, "", "open_quote", "nothing closes");
    check(&row(b"JP,JPN,the \"Japan\",\n"), 2, "", "bad_quote", "write the quote twice");
    check(&row(b"JP,JPN,\"Japan\"!,\n"), 2, "", "bad_quote", "closing quote");
    check(&row(b"DE,DEU,Germany,\nJP,JPN,Japan\n"), 3, "", "short_row", "3 cells where the header has 4");
    check(&row(b"JP,JPN,Japan,the land, of\n"), 2, "", "long_row", "5 cells where the header has 4");
    check(b"alpha3,name_en,colour\nJPN,Japan,red\n", 1, "colour", "unknown_column", "the columns are code, alpha3");
    check(b"name_en\nJapan\n", 1, "alpha3", "missing_column", "required");
    check(b"code,name_en\nJP,Japan\n", 2, "alpha3", "required", "no ‘JP’ yet among the nations");
    check(b"alpha3,name_en,alpha3\nJPN,Japan,JPN\n", 1, "alpha3", "duplicate_column", "places 1 and 3");
}

#[test]
fn a_row_of_nations_that_is_wrong() {
    let app = registry();
    let check = |row: &str, line, field, code, detail| {
        // The record before it takes lines 2 and 3.
        let csv = format!("code,alpha3,name_en,partner_type,cooperation_since\nJP,JPN,\"Ja\npan\",,\n{row}\n");
        refused(&app, "nations", CSV, csv.as_bytes(), &[(line, field, code, detail)]);
    };
    check("JP,JPN,Nippon,,", 4, "code", "duplicate_code", "‘JP’ is on line 2 already");
    check(
        ",JPN,Nippon,,",
        4,
        "code",
        "code_taken",
        "‘JP’, follows from other fields and is taken by the row on line 2",
    );
    check("de,DEU,Germany,,", 4, "code", "bad_code", "‘de’");
    check("DE,DNK,Germany,,", 4, "alpha3", "mismatch", "DEU");
    check("DE,DEU,,,", 4, "name_en", "required", "required");
    check("DE,DEU,Germany,rival,", 4, "partner_type", "unknown_reference", "‘rival’ among the partner-types");
    check("DE,DEU,Germany,,31/12/2020", 4, "cooperation_since", "bad_date", "1992-08-10 is wanted");
    check("DE,DEU,Germany,,2021-02-30", 4, "cooperation_since", "bad_date", "‘2021-02-30’ is not a date");
    check("DE,DEU,Germany,,2021-13", 4, "cooperation_since", "bad_date", "‘2021-13’ is not a date");
    check(&format!("DE,DEU,{},,", "x".repeat(301)), 4, "name_en", "too_long", "300");
}

#[test]
fn a_row_of_projects_that_is_wrong() {
    let app = registry();
    let check = |row: &str, field, code, detail| {
        let csv = format!("code,name,status,start_date,end_date,url,nations,areas\n{row}\n");
        refused(&app, "projects", CSV, csv.as_bytes(), &[(2, field, code, detail)]);
    };
    check("Bad Code,P,proposed,,,,,", "code", "bad_code", "‘Bad Code’");
    check("p,P,asleep,,,,,", "status", "unknown_value", "none of proposed, in_development");
    check("p,P,proposed,2020,2019-12,,,", "end_date", "end_before_start", "2019-12 is before start_date, 2020");
    check("p,P,proposed,,,ftp://example.org,,", "url", "bad_url", "http");
    check("p,P,proposed,,,javascript:alert(1),,", "url", "bad_url", "http");
    check("p,P,proposed,,,,FR:lead;JP:partner,", "nations", "unknown_reference", "‘JP’ among the nations");
    check("p,P,proposed,,,,FR:boss,", "nations", "unknown_value", "lead, partner, contributor");
    check("p,P,proposed,,,,FR;FR,", "nations", "duplicate", "already");
    check("p,P,proposed,,,,,climate;moon", "areas", "unknown_reference", "‘moon’ among the cooperation-areas");
    check("p,P,proposed,,,,,climate;", "areas", "bad_code", "");
    let csv = "name_en,position\nMoon,first\n";
    refused(&app, "cooperation-areas", CSV, csv.as_bytes(), &[(2, "position", "type", "whole number")]);
    let all = [
        (2, "status", "unknown_value", "asleep"),
        (2, "end_date", "end_before_start", "2019"),
        (2, "areas", "unknown_reference", "moon"),
    ];
    let csv = "code,name,status,start_date,end_date,areas\np,P,asleep,2020,2019,moon\n";
    refused(&app, "projects", CSV, csv.as_bytes(), &all);
}

#[test]
fn json_that_is_wrong() {
    let app = registry();
    let good = r#"{"alpha3":"JPN","name_en":"Japan"}"#;
    let check = |kind: &str, file: &str, line, field, code, detail| {
        refused(&app, "nations", kind, file.as_bytes(), &[(line, field, code, detail)]);
    };
    let deep = format!(r#"{{"name_en":{}1{}}}"#, "[".repeat(33), "]".repeat(33));
    let rows: [(&str, &str, &str, &str); 9] = [
        (r#"{"alpha3":"DEU","name_en":"Germany""#, "", "bad_json", "EOF"),
        (&deep, "", "bad_json", "nest deeper than 32"),
        (r#"{"alpha3":"DEU","name_en":"a","name_en":"b"}"#, "", "bad_json", "‘name_en’ is given twice"),
        (r#"{"alpha3":"DEU","name_en":"\ud800"}"#, "", "bad_json", "surrogate"),
        (r#"{"alpha3":"DEU","name_en":NaN}"#, "", "bad_json", "NaN is no number"),
        (r#"{"alpha3":"DEU","name_en":7}"#, "name_en", "type", "a string is wanted, not a number"),
        (r#"{"alpha3":"DEU","name_en":"Germany","colour":1}"#, "colour", "unknown_field", "the fields are code"),
        (r#"["DEU"]"#, "", "type", "an object is wanted, not an array"),
        (r#"{"alpha3":"DEU","name_en":"Germany","cooperation_since":2020}"#, "cooperation_since", "type", "a string"),
    ];
    for (row, field, code, detail) in rows {
        check(LINES, &format!("{good}\n{row}\n"), 2, field, code, detail);
    }
    for (row, field, code, detail) in rows.into_iter().skip(1) {
        check(JSON, &format!("[{good},\n{row}]"), 2, field, code, detail);
    }
    check(JSON, &format!("[{good},\n{{\"alpha3\""), 2, "", "bad_json", "not closed");
    check(JSON, &format!("[{good},\n]"), 2, "", "bad_json", "beside a comma");
    check(JSON, good, 1, "", "bad_json", "a JSON array of objects is wanted");
    check(JSON, &format!("[{good}]\n[]"), 2, "", "bad_json", "something follows");
    check(JSON, "", 1, "", "bad_json", "a JSON array of objects is wanted");
    refused(&app, "nations", LINES, b"{\"name_en\":\"\xe9\"}", &[(1, "", "encoding", "0xE9")]);
    refused(&app, "nations", LINES, &utf16(good, b"\xff\xfe", u16::to_le_bytes), &[(1, "", "encoding", "UTF-16")]);
    let escaped = r#"{"alpha3":"DEU","name_en":"Ger\u0000many"}"#;
    refused(&app, "nations", LINES, escaped.as_bytes(), &[(1, "name_en", "bad_character", "U+0000")]);
}

#[test]
fn the_answer_lists_the_first_hundred_defects() {
    let app = registry();
    let rows: String = (0..300).map(|n| format!("p-{n},P,asleep\n")).collect();
    let answer = import(&app.editor(), "projects", CSV, format!("code,name,status\n{rows}"));
    let errors = answer.problem(422, "validation")["errors"].as_array().unwrap().clone();
    assert_eq!(errors.len(), 100);
    assert!((2..102).eq(errors.iter().map(|error| error["line"].as_u64().unwrap())));
    assert_eq!(errors[0]["field"], json!("status"));
}

/// A name may be as long as a file: the answer shows its beginning. Fails where it shows the whole, which made an
/// answer of 128 MiB of a file of 64.
#[test]
fn a_name_that_is_as_long_as_a_file_is_cut() {
    let app = registry();
    let long = "x".repeat(500 << 10);
    for (kind, file) in [
        (CSV, format!("alpha3,name_en,{long}\nJPN,Japan,1\n")),
        (LINES, format!("{{\"alpha3\":\"JPN\",\"name_en\":\"Japan\",\"{long}\":1}}\n")),
        (JSON, format!("[{{\"alpha3\":\"JPN\",\"name_en\":\"Japan\",\"{long}\":1}}]")),
    ] {
        let answer = import(&app.admin(), "nations", kind, file.as_bytes());
        let problem = answer.problem(422, "validation");
        assert!(answer.body.len() < 4096, "{kind}: {} bytes", answer.body.len());
        assert!(problem["errors"][0]["field"].as_str().is_some_and(|field| field.ends_with("xxx…")), "{answer}");
    }
}
