//! SQLite's plans for lists, checked for every filter and every sort: a query must use the index that was made for it.

use std::collections::BTreeMap;

use diesel::RunQueryDsl as _;
use diesel::sql_types::{Integer, Text};

use super::conditions::Access;
use super::findings::{Question, RULES, plan};
use super::list::{ListParams, rows};
use super::projects::Project;
use super::query::{Filter, FilterSet, RowQuery};
use super::resource::Resource;
use super::resource_info::{ResourceVisitor, visit_resources};
use super::table_record::TableRecord as _;
use crate::db::{DatabaseUrl, Db, DbConn, RawSql};

fn registry() -> (tempfile::TempDir, DbConn) {
    let directory = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(directory.path().join("registry.db"));
    Db::migrate(&url).unwrap();
    let conn = Db::connect(&url).unwrap();
    (directory, conn)
}

/// Returns the steps of the plan of each query that a page takes.
fn steps<R: Resource>(conn: &mut DbConn, list_params: &ListParams, access: Access) -> Vec<String> {
    let mut next = Some(Box::new(rows::<R>(list_params, access).unwrap()));
    let mut steps = Vec::new();
    while let Some(rows) = next {
        let RowQuery { then, .. } = *rows;
        let plan = RawSql::new("EXPLAIN QUERY PLAN ").push(R::plan(RowQuery { then: None, ..*rows }));
        let found =
            plan.returning::<(Integer, Integer, Integer, Text)>().load::<(i32, i32, i32, String)>(conn).unwrap();
        steps.extend(found.into_iter().map(|(.., step)| step));
        next = then;
    }
    steps
}

fn list_params<R: Resource>(
    filters: BTreeMap<&'static str, Vec<String>>,
    sort: Vec<(&'static str, bool)>,
    after: bool,
) -> ListParams {
    let keys = sort.iter().map(|_| "0".to_owned()).chain(["a".to_owned()]).collect();
    let parse = |(name, texts)| (name, (filter::<R>(name).parse)(texts, true).unwrap());
    let filters = filters.into_iter().map(parse).collect();
    let filter_set = FilterSet { kept: true, ..FilterSet::of(filters, crate::clock::today()) };
    ListParams { filter_set, sort, after: after.then_some(keys), limit: 20 }
}

fn filter<R: Resource>(name: &str) -> &'static Filter<R::Table> {
    R::filters().iter().find(|filter| filter.name == name).unwrap()
}

fn takes<T>(filter: &Filter<T>, value: &str) -> bool {
    (filter.parse)(vec![value.to_owned()], false).is_ok()
}

/// Returns a value that a filter takes.
fn value<T>(filter: &Filter<T>) -> String {
    let schema = serde_json::to_value((filter.schema)()).unwrap();
    let first = schema["enum"][0].as_str().map(str::to_owned);
    let values = ["2020", "IN", "climate"].map(str::to_owned).into_iter().chain(first);
    values.into_iter().find(|value| takes(filter, value)).unwrap()
}

/// Kinds with few records have no indexes for their sorts: there are not two hundred nations.
fn is_large<R: Resource>() -> bool {
    !["partner-types", "cooperation-areas", "nations", "dismissals"].contains(&R::COLLECTION)
}

#[test]
fn every_page_in_every_order_begins_at_an_index() {
    struct Check(DbConn, Vec<String>, usize);
    impl ResourceVisitor for Check {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            let sorts = R::sorts().iter().flat_map(|sort| [(sort.name, false), (sort.name, true)]);
            for sort in sorts.filter(|_| is_large::<R>()) {
                for after in [false, true] {
                    let list_params = list_params::<R>(BTreeMap::new(), vec![sort], after);
                    let steps = steps::<R>(&mut self.0, &list_params, Access::Listed);
                    let sorted = steps.iter().any(|step| step == "USE TEMP B-TREE FOR ORDER BY");
                    let indexed = steps.iter().any(|step| step.contains(" INDEX "));
                    let sought = !after || !steps.iter().any(|step| step.starts_with("SCAN"));
                    if sorted || !indexed || !sought {
                        self.1.push(format!("{} by {sort:?}, after {after}: {steps:?}", R::COLLECTION));
                    }
                    self.2 += 1;
                }
            }
        }
    }
    let (_directory, conn) = registry();
    let mut check = Check(conn, Vec::new(), 0);
    visit_resources(&mut check).for_each(drop);
    assert!(check.1.is_empty(), "{:#?}", check.1);
    assert!(check.2 > 60, "{}", check.2);
}

#[test]
fn a_selective_filter_reads_no_table_from_end_to_end_whatever_the_sort() {
    struct Check(DbConn, Vec<String>, usize);
    impl ResourceVisitor for Check {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            for filter in R::filters().iter().filter(|filter| filter.name != "q") {
                // Ratings and sectors are not selective: each has a third of the records, or more.
                let coarse = ["rating", "sector"].iter().any(|name| filter.name.starts_with(name));
                if (filter.probe.is_none() && filter.name != "code") || coarse {
                    continue;
                }
                for sort in R::sorts().iter().flat_map(|sort| [(sort.name, false), (sort.name, true)]) {
                    let filters = [(filter.name, vec![value(filter)])].into();
                    let list_params = list_params::<R>(filters, vec![sort], false);
                    let steps = steps::<R>(&mut self.0, &list_params, Access::Listed);
                    // The nations of the world may be read from end to end, and the one row that a day is computed in.
                    let small = ["SCAN nations", "SCAN CONSTANT ROW", "SCAN e"];
                    let scans =
                        |step: &&String| step.starts_with("SCAN ") && !small.iter().any(|name| step.starts_with(name));
                    if steps.iter().any(|step| scans(&step)) {
                        self.1.push(format!("{} {} by {sort:?}: {steps:?}", R::COLLECTION, filter.name));
                    }
                    self.2 += 1;
                }
            }
        }
    }
    let (_directory, conn) = registry();
    let mut check = Check(conn, Vec::new(), 0);
    visit_resources(&mut check).for_each(drop);
    assert!(check.1.is_empty(), "{:#?}", check.1);
    assert!(check.2 > 200, "{}", check.2);
}

#[test]
fn a_coarse_filter_is_probed_in_the_order_of_the_sort() {
    let (_directory, mut conn) = registry();
    for filter in Project::filters().iter().filter(|filter| filter.probe.is_some()) {
        for sort in Project::sorts().iter().flat_map(|sort| [(sort.name, false), (sort.name, true)]) {
            let list_params = list_params::<Project>([(filter.name, vec![value(filter)])].into(), vec![sort], false);
            let steps = steps::<Project>(&mut conn, &list_params, Access::InOrder);
            let sorted = steps.iter().any(|step| step == "USE TEMP B-TREE FOR ORDER BY");
            // Nothing is listed before, and no other table is read than about one project.
            let listed = steps.iter().any(|step| step.starts_with("LIST SUBQUERY") || step.starts_with("MATERIALIZE"));
            let scans = steps.iter().any(|step| step.starts_with("SCAN ") && !step.starts_with("SCAN projects USING"));
            assert!(!sorted && !listed && !scans, "{} by {sort:?}: {steps:?}", filter.name);
        }
    }
}

#[test]
fn every_rule_finds_by_an_index() {
    let (_directory, mut conn) = registry();
    let partial = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'";
    let partial = RawSql::new(partial).returning::<(Text,)>().load::<(String,)>(&mut conn).unwrap();
    let mut question = Question::on(crate::clock::today());
    question.filter_set.kept = true;
    for rule in RULES {
        for case in rule.cases {
            let query = RawSql::new("EXPLAIN QUERY PLAN ").push(plan(case, &question));
            let steps = query
                .returning::<(Integer, Integer, Integer, Text)>()
                .load::<(i32, i32, i32, String)>(&mut conn)
                .unwrap();
            // An index of what the rule is about alone may be read from end to end, and the nations of the world.
            let is_small = |step: &str| {
                step == "SCAN nations" || partial.iter().any(|(name,)| step.ends_with(&format!(" INDEX {name}")))
            };
            let scans: Vec<_> =
                steps.iter().filter(|(.., step)| step.starts_with("SCAN ") && !is_small(step)).collect();
            assert!(scans.is_empty(), "{} of {}: {steps:?}", rule.name, case.subject.collection);
        }
    }
}

/// Returns a registry of 60 projects whose values come and go at different intervals.
fn patterned_registry() -> (tempfile::TempDir, DbConn) {
    let (directory, mut conn) = registry();
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59) INSERT INTO ";
    let known = "1, '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z'";
    for sql in [
        "PRAGMA foreign_keys = OFF".to_owned(),
        format!(
            "INSERT INTO nations (code, alpha3, name_en, region, partner_type, version, created_at, updated_at) VALUES
             ('FR', 'FRA', 'France', 'Europe', NULL, {known}), ('IN', 'IND', 'India', 'Asia', 'emerging', {known}),
             ('US', 'USA', 'United States', NULL, 'established', {known})"
        ),
        format!(
            "INSERT INTO organisations (code, name, kind, sector, version, created_at, updated_at) VALUES
             ('isro', 'ISRO', 'space_agency', 'institutional', {known}), ('acme', 'Acme', 'company', 'commercial', {known})"
        ),
        format!(
            "{numbers} projects (code, name, status, launch_date, version, created_at, updated_at) SELECT
             'p' || i, 'P', 'proposed', CASE i % 4 WHEN 0 THEN NULL ELSE 2000 + i % 7 END, {known} FROM n"
        ),
        format!("{numbers} project_nations SELECT 'p' || i, 0, 'FR', 'lead' FROM n WHERE i % 5 > 0"),
        format!("{numbers} project_nations SELECT 'p' || i, 1, 'IN', 'partner' FROM n WHERE i % 3 = 0"),
        format!("{numbers} project_nations SELECT 'p' || i, 2, 'US', NULL FROM n WHERE i % 7 = 0"),
        format!("{numbers} project_areas SELECT 'p' || i, 0, 'climate' FROM n WHERE i % 2 = 0"),
        format!("{numbers} project_areas SELECT 'p' || i, 1, 'exploration' FROM n WHERE i % 3 = 0"),
        format!("{numbers} project_organisations SELECT 'p' || i, 0, 'isro', NULL FROM n WHERE i % 4 = 0"),
        format!("{numbers} project_organisations SELECT 'p' || i, 1, 'acme', NULL FROM n WHERE i % 6 = 0"),
        format!(
            "{numbers} reviews (code, project, reviewed_on, rating, version, created_at, updated_at) SELECT
             'r' || i, 'p' || i % 20, 2000 + i, CASE i % 3 WHEN 0 THEN 'on_track' ELSE 'at_risk' END, {known} FROM n"
        ),
    ] {
        diesel::sql_query(&sql).execute(&mut conn).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    (directory, conn)
}

/// Filters that can be probed, each with values of its own and beside others.
fn questions() -> Vec<BTreeMap<&'static str, Vec<String>>> {
    let mut questions: Vec<BTreeMap<&'static str, Vec<String>>> = Vec::new();
    let values = [
        "IN",
        "FR",
        "isro",
        "acme",
        "climate",
        "exploration",
        "Asia",
        "emerging",
        "company",
        "institutional",
        "at_risk",
    ];
    for filter in Project::filters().iter().filter(|filter| filter.probe.is_some()) {
        for value in values.into_iter().filter(|value| takes(filter, value)) {
            let one = vec![value.to_owned()];
            for values in [one.clone(), vec![value.to_owned(), String::new()], vec![String::new()]] {
                questions.push([(filter.name, values)].into());
            }
            questions.push([(filter.name, one.clone()), ("area", vec!["climate".to_owned()])].into());
            questions
                .push([(filter.name, one.clone()), ("nation__all", vec!["FR".to_owned(), "IN".to_owned()])].into());
            questions.push(
                [
                    (filter.name, one.clone()),
                    ("nation", vec!["IN".to_owned()]),
                    ("nation_role", vec!["partner".to_owned()]),
                ]
                .into(),
            );
            questions.push([(filter.name, one), ("code", ["p0", "p6", "p12"].map(str::to_owned).to_vec())].into());
        }
    }
    questions
}

/// The law: listed or in order, a page is the same.
#[test]
fn both_ways_to_a_page_find_the_same() {
    let (_directory, mut conn) = patterned_registry();
    let (mut found, mut empty) = (0, 0);
    for filters in questions() {
        for sort in [vec![], vec![("launch_date", true)]] {
            let list_params = ListParams { limit: 100, ..list_params::<Project>(filters.clone(), sort, false) };
            let mut codes = |access| -> Vec<String> {
                let records = Project::load(&mut conn, rows::<Project>(&list_params, access).unwrap()).unwrap();
                records.into_iter().map(|stored| stored.record.code().to_owned()).collect()
            };
            let listed = codes(Access::Listed);
            assert_eq!(codes(Access::InOrder), listed, "{:?}", list_params.filter_set.filters);
            if listed.is_empty() { empty += 1 } else { found += 1 }
        }
    }
    assert!(found > 200 && empty > 0, "{found} found something, {empty} nothing");
}
