//! Whole collections in and out: exports are imported to the same bytes, and each way in which a file can be wrong is
//! reported with its line and column, with nothing written.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test may panic as the test may")]

use std::collections::BTreeMap;
use std::path::Path;

use partnership_registry::clock;
use partnership_registry::db::{DatabaseUrl, Db, Limits};
use partnership_registry::demo::{self, SAMPLE};
use partnership_registry::error::{At, Error};
use partnership_registry::registry::agreements::Agreement;
use partnership_registry::registry::query::FilterSet;
use partnership_registry::registry::{Author, RESOURCES, Resource};
use partnership_registry::transfer::{
    FieldReport, Mode, Options, Package, Report, TableFormat, export, import_package, table_fields, write_collection,
};

/// A registry in a folder that goes with it.
struct Registry {
    db: Db,
    folder: tempfile::TempDir,
}

impl Registry {
    fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        Db::migrate(&url).unwrap();
        Self { db: Db::open(&url, Limits::default()).unwrap(), folder }
    }

    /// With two partner types, an area and three nations, which the files of the tests may refer to.
    fn small() -> Self {
        let registry = Self::empty();
        let files = [
            ("partner_types.csv", "code,name_en\nestablished,Established\nemerging,Emerging\n"),
            ("cooperation_areas.csv", "name_en\nClimate\n"),
            ("nations.csv", "alpha3,name_en,partner_type\nFRA,France,\nUSA,United States,established\nIND,India,\n"),
        ];
        registry.import(&files, Options::default()).unwrap();
        registry
    }

    fn import<B: AsRef<[u8]>>(&self, files: &[(&str, B)], options: Options) -> Result<Vec<(String, Report)>, Error> {
        let mut package = Package::default();
        for (name, bytes) in files {
            package.add(name, bytes.as_ref().to_vec())?;
        }
        import_package(&self.db, Author::command_line(), &package, options, |_, _| {})
    }

    /// The defects of one file: line, column, code.
    fn defects(&self, name: &str, bytes: impl AsRef<[u8]>) -> Vec<(u64, String, &'static str)> {
        let before = self.exported();
        let found = defects(self.import(&[(name, bytes.as_ref())], Options::default()));
        assert_eq!(self.exported(), before, "a file with a defect has changed the registry");
        found.into_iter().map(|(_, line, field, code)| (line, field, code)).collect()
    }

    fn exported(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = self.folder.path().join("export");
        self.db.read_blocking(|conn| export(conn, &folder, &FilterSet::empty(clock::today()), &mut |_, _| {})).unwrap();
        files_of(&folder)
    }

    fn csv<R: Resource>(&self) -> String {
        let mut out = Vec::new();
        let filter_set = FilterSet::empty(clock::today());
        let csv = TableFormat::Csv;
        self.db.read_blocking(|conn| write_collection::<R>(conn, &filter_set, csv, &mut out, &mut |_| {})).unwrap();
        String::from_utf8(out).unwrap()
    }
}

fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect()
}

fn defects<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(String, u64, String, &'static str)> {
    let Error::Import { defects, .. } = result.unwrap_err() else { panic!("defects were expected") };
    let found = defects.into_iter().map(|defect| match defect.at {
        At::Line { file, line, field } => (file.unwrap_or_default(), line, field.unwrap_or_default(), defect.code),
        other => panic!("a defect without a line: {other:?}"),
    });
    found.collect()
}

fn at(line: u64, field: &str, code: &'static str) -> Vec<(u64, String, &'static str)> {
    vec![(line, field.to_owned(), code)]
}

#[test]
fn an_export_imports_to_the_same_bytes() {
    let (one, other) = (Registry::empty(), Registry::empty());
    let reports = demo::load(&one.db).unwrap();
    assert_eq!(reports.iter().map(|(_, report)| report.created).collect::<Vec<_>>(), [2, 3, 39, 143, 98, 116, 165]);
    let exported = one.exported();
    assert_eq!(exported.len(), RESOURCES.len() + 1, "every collection and the description: {:?}", exported.keys());
    let package = Package::open(&one.folder.path().join("export")).unwrap();
    assert_eq!(package.ignored, [] as [&str; 0]);
    import_package(&other.db, Author::command_line(), &package, Options::default(), |_, _| {}).unwrap();
    assert_eq!(other.exported(), exported);
    // And once more over what is there already: nothing changes.
    let again = import_package(&one.db, Author::command_line(), &package, Options::default(), |_, _| {}).unwrap();
    assert!(again.iter().all(|(_, report)| report.unchanged == report.rows), "{again:?}");
}

#[test]
fn texts_that_are_hard_for_csv_survive() {
    let (one, other) = (Registry::small(), Registry::small());
    let texts =
        ["=1+1", "'t Hart", "+33", "-", "@x", "a,b", "say \"x\"", "two\nlines", "a;b:c", "\u{feff}x", "''", "é"];
    let rows: String = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            serde_json::json!({"code": format!("a-{index}"), "name_en": text, "position": -3}).to_string() + "\n"
        })
        .collect();
    one.import(&[("cooperation_areas.ndjson", rows)], Options::default()).unwrap();
    let exported = one.exported();
    let csv = String::from_utf8(exported["cooperation_areas.csv"].clone()).unwrap();
    assert!(csv.contains("a-0,'=1+1,,,'-3\r\n"), "{csv}");
    let files: Vec<(&str, &[u8])> = vec![("cooperation_areas.csv", csv.as_bytes())];
    other.import(&files, Options::default()).unwrap();
    assert_eq!(other.exported(), exported);
}

#[test]
fn columns_come_in_any_order_and_what_is_derived_is_ignored() {
    let registry = Registry::small();
    let csv = "\u{feff}status,kind,title,nations,version\r\nterminated,joint_statement,Words,\"FR; IN\",12\r\n";
    registry.import(&[("agreements.csv", csv)], Options::default()).unwrap();
    let header = table_fields::<Agreement>(None).join(",");
    assert!(
        header.starts_with("code,title,kind,nations,") && header.ends_with(",source,status,runs_until,decide_by"),
        "{header}"
    );
    let wanted = format!("{header}\r\nwords,Words,joint_statement,FR;IN,,,,,,,,,,,,,,,,,,signed,,\r\n");
    assert_eq!(registry.csv::<Agreement>(), wanted);
}

#[test]
fn more_records_than_a_batch_are_written_in_order() {
    let registry = Registry::empty();
    let rows: String = (0..1234).rev().map(|index| format!("a-{index:04},Area {index}\n")).collect();
    registry.import(&[("cooperation_areas.csv", format!("code,name_en\n{rows}"))], Options::default()).unwrap();
    let exported = registry.exported();
    let csv = String::from_utf8(exported["cooperation_areas.csv"].clone()).unwrap();
    let codes: Vec<&str> = csv.lines().skip(1).map(|line| &line[..6]).collect();
    assert_eq!(codes.len(), 1234);
    assert!(codes.is_sorted());
}

#[test]
fn rows_may_refer_to_rows_that_come_with_them() {
    let registry = Registry::small();
    let agreements = "code,title,kind,supersedes,projects\nnew,New,joint_statement,old,p\nold,Old,joint_statement,,\n";
    let projects = "code,name,status,nations\np,P,proposed,FR:lead;US\n";
    let files = [("agreements.csv", agreements), ("projects.csv", projects)];
    let reports = registry.import(&files, Options::default()).unwrap();
    assert_eq!(reports.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["projects.csv", "agreements.csv"]);
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let registry = Registry::small();
    let before = registry.exported();
    let csv = "code,alpha3,name_en\nFR,FRA,Frankreich\nIN,IND,India\nJP,JPN,Japan\n";
    let options = Options { dry_run: true, ..Options::default() };
    let reports = registry.import(&[("nations.csv", csv)], options).unwrap();
    let field = |field, set, changed| FieldReport { field, set, changed, emptied: 0 };
    let fields = vec![field("code", 1, 0), field("alpha3", 1, 0), field("name_en", 1, 1)];
    let tried = Report { rows: 3, created: 1, updated: 1, unchanged: 1, dry_run: true, fields };
    assert_eq!(reports[0].1, tried);
    assert_eq!(registry.exported(), before);
    let wet = registry.import(&[("nations.csv", csv)], Options::default()).unwrap();
    assert_eq!(wet[0].1, Report { dry_run: false, ..tried });
}

#[test]
fn create_refuses_what_exists() {
    let registry = Registry::small();
    let csv = "code,alpha3,name_en\nJP,JPN,Japan\nFR,FRA,France\n";
    let options = Options { mode: Mode::Create, ..Options::default() };
    let found = defects(registry.import(&[("nations.csv", csv)], options));
    assert_eq!(found, [("nations.csv".to_owned(), 3, "code".to_owned(), "code_taken")]);
}

#[test]
fn a_file_that_is_not_utf_8_is_refused() {
    let registry = Registry::small();
    let header = b"code,alpha3,name_en\nJP,JPN,Japan\n".to_vec();
    let latin1 = [header.as_slice(), b"DE,DEU,R\xe9publique\n"].concat();
    assert_eq!(registry.defects("nations.csv", latin1), at(3, "", "encoding"));
    let utf16: Vec<u8> = "code,alpha3\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(registry.defects("nations.csv", [b"\xff\xfe", utf16.as_slice()].concat()), at(1, "", "encoding"));
    assert_eq!(registry.defects("nations.csv", utf16), at(1, "", "encoding"));
    assert_eq!(registry.defects("nations.csv", b"PK\x03\x04whatever"), at(1, "", "encoding"));
    let nul = [header.as_slice(), b"DE,DEU,Ger\0many\n"].concat();
    assert_eq!(registry.defects("nations.csv", nul), at(3, "", "bad_character"));
}

#[test]
fn a_file_that_is_no_csv_is_refused() {
    let registry = Registry::small();
    let check = |csv: &str, wanted| assert_eq!(registry.defects("nations.csv", csv), wanted, "{csv}");
    check("", at(1, "", "empty_file"));
    check("code|alpha3|name_en\nJP|JPN|Japan\n", at(1, "", "delimiter"));
    check("code\talpha3\tname_en\nJP\tJPN\tJapan\n", at(1, "", "delimiter"));
    check("code,alpha3,name_en\nJP,JPN,\"Japan\nDE,DEU,Germany\n", at(2, "", "open_quote"));
    check("code,alpha3,name_en\nJP,JPN,the \"Japan\"\n", at(2, "", "bad_quote"));
    check("code,alpha3,name_en\n\nJP,JPN\n", at(3, "", "short_row"));
    check("code,alpha3,name_en\nJP,JPN,Japan, the\n", at(2, "", "long_row"));
    check("code,alpha3,name_en,colour\nJP,JPN,Japan,red\n", at(1, "colour", "unknown_column"));
    check("name_en\nJapan\n", at(1, "alpha3", "missing_column"));
    check("code,name_en\nJP,Japan\n", at(2, "alpha3", "required"));
    check("code,alpha3,name_en,code\nJP,JPN,Japan,JP\n", at(1, "code", "duplicate_column"));
}

#[test]
fn a_wrong_row_is_reported_with_its_column() {
    let registry = Registry::small();
    let nation = |row: &str, wanted| {
        let csv = format!("code,alpha3,name_en,partner_type,cooperation_since\nJP,JPN,\"Ja\npan\",,\n{row}\n");
        assert_eq!(registry.defects("nations.csv", csv), wanted, "{row}");
    };
    // The record before it takes lines 2 and 3.
    nation("JP,JPN,Nippon,,", at(4, "code", "duplicate_code"));
    nation(",JPN,Nippon,,", at(4, "code", "code_taken"));
    nation("de,DEU,Germany,,", at(4, "code", "bad_code"));
    nation("DE,DNK,Germany,,", at(4, "alpha3", "mismatch"));
    nation("DE,DEU,,,", at(4, "name_en", "required"));
    nation("DE,DEU,Germany,rival,", at(4, "partner_type", "unknown_reference"));
    nation("DE,DEU,Germany,,10/08/1992", at(4, "cooperation_since", "bad_date"));
    nation(&format!("DE,DEU,{},,", "x".repeat(301)), at(4, "name_en", "too_long"));
    nation("DE,DEU,Ger\u{202e}many,,", at(4, "name_en", "bad_character"));

    let project = |row: &str, wanted| {
        let csv = format!("code,name,status,start_date,end_date,url,nations,areas\n{row}\n");
        assert_eq!(registry.defects("projects.csv", csv), wanted, "{row}");
    };
    project("p,P,asleep,,,,,", at(2, "status", "unknown_value"));
    project("p,P,proposed,2020,2019-12,,,", at(2, "end_date", "end_before_start"));
    project("p,P,proposed,,,javascript:alert(1),,", at(2, "url", "bad_url"));
    project("p,P,proposed,,,,FR:lead;JP:partner,", at(2, "nations", "unknown_reference"));
    project("p,P,proposed,,,,FR:boss,", at(2, "nations", "unknown_value"));
    project("p,P,proposed,,,,FR;FR,", at(2, "nations", "duplicate"));
    project("p,P,proposed,,,,,climate;moon", at(2, "areas", "unknown_reference"));
    project("p,P,proposed,,,,,climate;", at(2, "areas", "bad_code"));
    // The missing references of a row that is refused anyway are reported, too.
    let both = [at(2, "status", "unknown_value"), at(2, "areas", "unknown_reference")].concat();
    project(" p , P ,asleep,,,,,moon", both);
    let position = registry.defects("cooperation_areas.csv", "name_en,position\nMoon,first\n");
    assert_eq!(position, at(2, "position", "type"));
}

#[test]
fn json_is_read_like_csv() {
    let registry = Registry::small();
    let ndjson =
        "{\"alpha3\":\"JPN\",\"name_en\":\"Japan\",\"version\":3}\n{\"alpha3\":\"DEU\",\"colour\":1}\n{\n[1]\n";
    let wanted = [(2, "name_en", "required"), (2, "colour", "unknown_field"), (3, "", "bad_json"), (4, "", "type")];
    let wanted: Vec<_> = wanted.into_iter().map(|(line, field, code)| (line, field.to_owned(), code)).collect();
    assert_eq!(registry.defects("nations.ndjson", ndjson), wanted);
    let array = "[\n {\"alpha3\": \"JPN\", \"name_en\": \"Japan\", \"partner_type\": \"rival\"}\n]";
    assert_eq!(registry.defects("nations.json", array), at(2, "partner_type", "unknown_reference"));
    let reports = registry.import(&[("nations.json", array.replace("rival", "emerging"))], Options::default()).unwrap();
    assert_eq!(reports[0].1.created, 1);
}

#[test]
fn defects_of_all_files_are_listed_in_order_up_to_a_hundred() {
    let registry = Registry::small();
    let nations = "alpha3,name_en,partner_type\nJPN,Japan,rival\nUKX,Nowhere,\n";
    let rows: String = (0..200).map(|index| format!("P{index},P,proposed\n")).collect();
    let projects = format!("code,name,status\n{rows}");
    let files = [("projects.csv", projects.as_str()), ("nations.csv", nations)];
    let found = defects(registry.import(&files, Options::default()));
    assert_eq!(found.len(), 100);
    let shown: Vec<_> = found.iter().take(4).map(|(file, line, field, _)| format!("{file} {line} {field}")).collect();
    assert_eq!(
        shown,
        ["nations.csv 2 partner_type", "nations.csv 3 code", "nations.csv 3 alpha3", "projects.csv 2 code"]
    );
}

#[test]
fn a_file_that_cannot_be_read_makes_no_defects_elsewhere() {
    let registry = Registry::empty();
    let mut files: Vec<(&str, &str)> = SAMPLE.to_vec();
    files[2].1 = "code|alpha3\n";
    let found = defects(registry.import(&files, Options::default()));
    assert_eq!(found, [("nations.csv".to_owned(), 1, String::new(), "delimiter")]);
}

#[test]
fn a_folder_is_read_for_what_it_holds() {
    let registry = Registry::small();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    assert!(matches!(Package::open(folder.path()), Err(Error::BadRequest { .. })));
    write("notes.txt", "hello");
    write("datapackage.json", "{}");
    write("nations.csv", "alpha3,name_en\nJPN,Japan\n");
    let package = Package::open(folder.path()).unwrap();
    assert_eq!(package.ignored, ["notes.txt"]);
    let reports =
        import_package(&registry.db, Author::command_line(), &package, Options::default(), |_, _| {}).unwrap();
    assert_eq!(reports.len(), 1);
    write("nations.json", "[]");
    assert!(matches!(Package::open(folder.path()), Err(Error::BadRequest { .. })));
    assert!(matches!(Package::open(&folder.path().join("absent.csv")), Err(Error::BadRequest { .. })));
}

#[test]
fn a_failed_export_leaves_what_was_there() {
    let registry = Registry::small();
    let folder = tempfile::tempdir().unwrap();
    // A folder has the temporary name of a file that is wanted.
    let block = folder.path().join(format!(".projects.csv.{}.part", std::process::id()));
    std::fs::create_dir(&block).unwrap();
    std::fs::write(folder.path().join("nations.csv"), "old").unwrap();
    let filter_set = FilterSet::empty(clock::today());
    let failed = registry.db.read_blocking(|conn| export(conn, folder.path(), &filter_set, &mut |_, _| {}));
    assert!(matches!(failed, Err(Error::Internal { .. })));
    std::fs::remove_dir(&block).unwrap();
    assert_eq!(files_of(folder.path()), BTreeMap::from([("nations.csv".to_owned(), b"old".to_vec())]));
}

#[test]
fn an_import_is_one_batch_of_the_log() {
    let registry = Registry::empty();
    demo::load(&registry.db).unwrap();
    let changes = registry
        .db
        .read_blocking(|conn| partnership_registry::changes::history(conn, "nations", "IN", i64::MAX, 10))
        .unwrap();
    let area = registry
        .db
        .read_blocking(|conn| {
            partnership_registry::changes::history(conn, "cooperation-areas", "climate", i64::MAX, 10)
        })
        .unwrap();
    assert_eq!(changes.len(), 1);
    assert!(changes[0].change.batch.is_some());
    assert_eq!(changes[0].change.batch, area[0].change.batch);
    assert_eq!(changes[0].change.actor, "(command line)");
}
