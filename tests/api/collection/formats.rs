//! A list in each of its formats: the same records, in the same order, with the same filters.

use partnership_registry::registry::{READ_ONLY, Resource, field_names};
use partnership_registry::transfer::cells;
use partnership_registry::values::CellFormat;
use serde_json::{Map, Value};

use crate::support::records::code_of;
use crate::support::{Answer, Client, TestApp, sample};

pub(super) fn check<R: Resource>(app: &TestApp) {
    every_format_has_the_records_of_the_pages::<R>(app);
    filters_sort_limit_and_cursor_hold_in_files::<R>(app);
    fields_are_in_a_fixed_order::<R>(app);
    each_format_has_a_tag_of_its_own::<R>(app);
    only_what_is_offered_is_answered::<R>(app);
    parquet_is_there_or_says_why_not::<R>(app);
}

/// The name and the media type of each format that comes as a table.
const TABLES: [(&str, &str); 3] = [
    ("csv", "text/csv; charset=utf-8"),
    ("ndjson", "application/x-ndjson"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
];

fn shape_of<R: Resource>(name: &str) -> CellFormat {
    let field = R::FIELDS.iter().find(|field| field.name == name);
    field.map_or(if name == "version" { CellFormat::Integer } else { CellFormat::Text }, |field| field.shape)
}

/// The rows of a file, as JSON objects.
fn rows<R: Resource>(answer: &Answer) -> Vec<Map<String, Value>> {
    let row = |names: &[String], cells: Vec<String>| {
        let cells = names.iter().zip(cells);
        cells.map(|(name, cell)| (name.clone(), cells::parse(shape_of::<R>(name), &cell))).collect()
    };
    match answer.header("content-type") {
        Some("application/x-ndjson") => answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        Some("text/csv; charset=utf-8") => {
            let text = answer.text();
            assert!(text.ends_with("\r\n"), "{text}");
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
            reader.records().map(|record| row(&names, record.unwrap().iter().map(str::to_owned).collect())).collect()
        }
        _ => {
            let mut sheet =
                workbook(answer).rows().map(|cells| cells.iter().map(cell_text).collect()).collect::<Vec<_>>();
            let names: Vec<String> = sheet.remove(0);
            sheet.into_iter().map(|cells| row(&names, cells)).collect()
        }
    }
}

/// The sheet of a workbook.
pub(crate) fn workbook(answer: &Answer) -> calamine::Range<calamine::Data> {
    use calamine::Reader as _;
    let mut workbook = calamine::Xlsx::new(std::io::Cursor::new(answer.body.clone())).unwrap();
    workbook.worksheet_range_at(0).unwrap().unwrap()
}

/// A cell as CSV would have it, but for what guards formulas.
pub(crate) fn cell_text(cell: &calamine::Data) -> String {
    match cell {
        calamine::Data::Empty => String::new(),
        calamine::Data::String(text) => text.clone(),
        calamine::Data::Float(number) => number.to_string(),
        calamine::Data::DateTime(day) => {
            let epoch = chrono::NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
            (epoch + chrono::TimeDelta::days(day.as_f64() as i64)).to_string()
        }
        other => panic!("{other:?}"),
    }
}

/// Every record, page after page, without what only the registry writes.
fn pages<R: Resource>(client: &Client, query: &str) -> Vec<Map<String, Value>> {
    let mut records = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("/{}?limit=7{query}{cursor}", R::COLLECTION)).expect(200).json();
        for item in page["items"].as_array().unwrap() {
            let mut record = item.as_object().unwrap().clone();
            record.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
            records.push(record);
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return records,
        }
    }
}

fn file_name<R: Resource>(extension: &str) -> String {
    format!("attachment; filename=\"{}.{extension}\"", R::COLLECTION.replace('-', "_"))
}

fn every_format_has_the_records_of_the_pages<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let expected = pages::<R>(&viewer, "");
    assert!(expected.len() > 7);
    for (format, media_type) in TABLES {
        let path = format!("/{}", R::COLLECTION);
        let named = viewer.get(&format!("{path}?format={format}")).expect(200);
        let accepted = viewer.request("GET", &path).header("Accept", media_type).send().expect(200);
        assert_eq!(named.body, accepted.body);
        assert_eq!(named.etag(), accepted.etag());
        for answer in [&named, &accepted] {
            assert_eq!(answer.header("content-type"), Some(media_type));
            assert_eq!(answer.header("content-disposition"), Some(file_name::<R>(format).as_str()));
            assert_eq!(answer.header("vary"), Some("Accept, Authorization"));
            assert_eq!(answer.header("link"), None, "a file is whole");
        }
        assert_eq!(rows::<R>(&named), expected, "{format}");
        let head = viewer.head(&format!("{path}?format={format}")).expect(200);
        assert_eq!((head.etag(), head.body.len()), (named.etag(), 0));
    }
}

fn filters_sort_limit_and_cursor_hold_in_files<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let sort = R::sorts().last().unwrap().name;
    let expected = pages::<R>(&viewer, &format!("&sort=-{sort}"));
    for (format, _) in TABLES {
        let list = format!("/{}?sort=-{sort}&format={format}", R::COLLECTION);
        assert_eq!(rows::<R>(&viewer.get(&list).expect(200)), expected);
        let first = viewer.get(&format!("{list}&limit=3")).expect(200);
        assert_eq!(rows::<R>(&first), expected[..3]);
        let link = first.header("link").unwrap();
        let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        assert!(next.contains(&format!("format={format}")) && next.contains("limit=3"), "{next}");
        assert_eq!(rows::<R>(&viewer.get(next).expect(200)), expected[3..6]);
        let all_after = next.replace("limit=3&", "");
        assert_eq!(rows::<R>(&viewer.get(&all_after).expect(200)), expected[3..]);
        let mine = code_of(&sample::<R>());
        if R::filters().iter().any(|filter| filter.name == "code") {
            let found = viewer.get(&format!("/{}?code={mine}&format={format}", R::COLLECTION)).expect(200);
            assert_eq!(rows::<R>(&found).iter().map(|row| row["code"].clone()).collect::<Vec<_>>(), [mine.as_str()]);
        }
        viewer.get(&format!("{list}&cursor=x")).assert_bad_parameter("cursor", &[]);
        viewer.get(&format!("{list}&limit=201")).assert_bad_parameter("limit", &["200"]);
        viewer.get(&format!("{list}&colour=red")).assert_bad_parameter("colour", &["format"]);
    }
}

fn fields_are_in_a_fixed_order<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let all = field_names::<R>();
    let header = |query: &str| {
        let csv = viewer.get(&format!("/{}?format=csv{query}", R::COLLECTION)).expect(200).text();
        let line = viewer.get(&format!("/{}?format=ndjson&limit=1{query}", R::COLLECTION)).expect(200).text();
        let row: Map<String, Value> = serde_json::from_str(line.trim_end()).unwrap();
        let names = csv.lines().next().unwrap().to_owned();
        assert_eq!(row.keys().map(String::as_str).collect::<Vec<_>>().join(","), names);
        names
    };
    assert_eq!(header(""), all[..all.len() - READ_ONLY.len()].join(","));
    let [first, second, ..] = all[..] else { panic!("two fields") };
    assert_eq!(
        header(&format!("&fields=updated_at,version,{second},{first}")),
        format!("{first},{second},version,updated_at")
    );
    assert_eq!(header(&format!("&fields={}", all.join(","))), all.join(","));
}

fn each_format_has_a_tag_of_its_own<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let mut tags = std::collections::BTreeSet::new();
    for format in ["json", "csv", "ndjson", "xlsx"] {
        let list = format!("/{}?format={format}", R::COLLECTION);
        let tag = viewer.get(&list).expect(200).etag();
        let again = viewer.request("GET", &list).header("If-None-Match", &tag).send().expect(304);
        assert_eq!((again.etag(), again.body.len()), (tag.clone(), 0));
        assert!(tags.insert(tag.clone()), "{tag}");
        let other = format!("/{}?format=json", R::COLLECTION);
        let other = viewer.request("GET", &other).header("If-None-Match", &tag).send();
        assert_eq!(other.status, if format == "json" { 304 } else { 200 });
    }
}

/// Its content is the business of `tests/analysts/run`.
fn parquet_is_there_or_says_why_not<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let (list, media_type) = (format!("/{}", R::COLLECTION), "application/vnd.apache.parquet");
    let named = viewer.get(&format!("{list}?format=parquet"));
    let accepted = viewer.request("GET", &list).header("Accept", media_type).send();
    if !cfg!(feature = "parquet") {
        named.assert_bad_parameter("format", &["--features parquet"]);
        accepted.problem(406, "not-acceptable");
        return;
    }
    for answer in [named.expect(200), accepted.expect(200)] {
        assert_eq!(answer.header("content-type"), Some(media_type));
        assert_eq!(answer.header("content-disposition"), Some(file_name::<R>("parquet").as_str()));
        assert!(answer.body.starts_with(b"PAR1") && answer.body.ends_with(b"PAR1"));
    }
}

fn only_what_is_offered_is_answered<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let list = format!("/{}", R::COLLECTION);
    let accepting =
        |query: &str, accept: &str| viewer.request("GET", &format!("{list}{query}")).header("Accept", accept).send();
    for accept in ["image/png", "text/html", "application/json;q=0", "text/csv;charset=utf-16"] {
        let problem = accepting("", accept).problem(406, "not-acceptable");
        for offered in ["application/json", "text/csv", "application/x-ndjson", "spreadsheetml"] {
            assert!(problem["detail"].as_str().unwrap().contains(offered), "{problem}");
        }
    }
    accepting("?format=csv", "image/png").expect(200);
    accepting("", "csv").problem(400, "bad-request");
    let json = accepting("", "text/html,application/xml;q=0.9,*/*;q=0.8").expect(200);
    assert_eq!(json.header("content-type"), Some("application/json"));
    let csv = accepting("", "application/json;q=0.2, text/csv;q=0.3").expect(200);
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    viewer.get(&format!("{list}?format=pdf")).assert_bad_parameter("format", &["pdf", "json, csv, ndjson, xlsx"]);
    viewer.get(&format!("{list}?format=")).assert_bad_parameter("format", &["json, csv, ndjson, xlsx"]);
    if let Some(expansion) = R::expansions().next() {
        let name = expansion.name;
        for format in ["csv", "xlsx"] {
            viewer
                .get(&format!("{list}?format={format}&expand={name}"))
                .assert_bad_parameter("expand", &[format, "ndjson"]);
        }
        let lines = viewer.get(&format!("{list}?format=ndjson&expand={name}")).expect(200).text();
        let page = viewer.get(&format!("{list}?limit=200&expand={name}")).expect(200).json();
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let items = page["items"].as_array().unwrap();
        assert_eq!(lines.len(), items.len());
        assert!(lines.iter().zip(items).all(|(line, item)| line["expanded"] == item["expanded"]));
    }
}
