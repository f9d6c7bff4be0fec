//! The law of the indexes in memory: whatever was written, they count what SQL counts.

use partnership_registry::analytics::network::{NodeKind, network};
use partnership_registry::analytics::partnerships;
use partnership_registry::analytics::summaries::summary;
use partnership_registry::changes::revision;
use partnership_registry::clock;
use partnership_registry::registry::agreements::Agreement;
use partnership_registry::registry::bitmaps::Bitmaps;
use partnership_registry::registry::list::{Counts, ListParams, list};
use partnership_registry::registry::projects::Project;
use partnership_registry::registry::query::FilterSet;
use partnership_registry::registry::totals::Totals;
use partnership_registry::registry::{RecordCache, Resource};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::support::{TestApp, filter_set};

const NATIONS: [&str; 4] = ["FR", "IN", "US", "MA"];
const AREAS: [&str; 2] = ["climate", "exploration"];
const ORGANISATIONS: [&str; 2] = ["cnes", "isro"];
const STATUSES: [&str; 3] = ["proposed", "operational", "completed"];
const RATINGS: [&str; 3] = ["on_track", "at_risk", "off_track"];

/// A write, and whether questions are asked after it: what is not asked for is followed several writes at a time.
#[derive(Clone, Debug)]
struct Write {
    path: String,
    /// Nothing for a deletion.
    patch: Option<Value>,
    ask: bool,
}

fn some(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(of, 0..=of.len())
}

fn write() -> impl Strategy<Value = Write> {
    let one = |of: &'static [&'static str]| proptest::sample::select(of);
    let project = (0..4u8, some(&NATIONS), some(&AREAS), some(&ORGANISATIONS), one(&STATUSES), 2018..2024u16);
    let project = project.prop_map(|(n, nations, areas, organisations, status, year)| {
        let organisations: Vec<Value> = organisations.iter().map(|code| json!({ "organisation": code })).collect();
        let nations: Vec<Value> = nations.iter().map(|code| json!({ "nation": code, "role": "lead" })).collect();
        let patch = json!({ "name": format!("A project of {year}"), "status": status, "nations": nations, "areas": areas,
            "organisations": organisations, "launch_date": year.to_string() });
        (format!("/projects/p{n}"), Some(patch))
    });
    let agreement = (0..3u8, some(&NATIONS), some(&AREAS), prop::option::of(2019..2032u16));
    let agreement = agreement.prop_map(|(n, nations, areas, expires_on)| {
        let patch = json!({ "title": "A paper", "kind": "framework_agreement", "nations": nations, "areas": areas,
            "effective_on": "2018", "expires_on": expires_on.map(|year| year.to_string()) });
        (format!("/agreements/a{n}"), Some(patch))
    });
    let review = (0..3u8, 0..4u8, one(&RATINGS), 2018..2028u16).prop_map(|(n, project, rating, year)| {
        let patch = json!({ "project": format!("p{project}"), "rating": rating, "reviewed_on": year.to_string() });
        (format!("/reviews/r{n}"), Some(patch))
    });
    let nation = (one(&NATIONS), one(&["Asia", "Africa"]), prop::option::of(one(&["emerging", "established"])));
    let nation = nation.prop_map(|(code, region, kind)| {
        (format!("/nations/{code}"), Some(json!({ "region": region, "partner_type": kind })))
    });
    let kinds = one(&["research_laboratory", "manufacturer", "space_agency"]);
    let organisation = (one(&ORGANISATIONS), kinds, one(&["institutional", "commercial"]));
    let organisation = organisation.prop_map(|(code, kind, sector)| {
        (format!("/organisations/{code}"), Some(json!({ "kind": kind, "sector": sector })))
    });
    let gone =
        prop_oneof![(0..4u8).prop_map(|n| format!("/projects/p{n}")), (0..3u8).prop_map(|n| format!("/reviews/r{n}"))];
    let gone = gone.prop_map(|path| (path, None));
    let any = prop_oneof![4 => project, 2 => agreement, 3 => review, 2 => nation, 1 => organisation, 2 => gone];
    (any, any_bool()).prop_map(|((path, patch), ask)| Write { path, patch, ask })
}

fn any_bool() -> impl Strategy<Value = bool> {
    proptest::bool::weighted(0.6)
}

fn perform(app: &TestApp, write: &Write) {
    let admin = app.admin();
    let answer = match &write.patch {
        None => admin.delete(&write.path),
        Some(patch) if admin.get(&write.path).status == 404 => admin.put(&write.path, patch),
        Some(patch) => admin.patch(&write.path, patch),
    };
    // A review may be of a project that is not there, and what is reviewed cannot be removed.
    let refused = if write.path.starts_with("/reviews/") { 422 } else { 409 };
    assert!(matches!(answer.status, 200 | 201 | 204 | 404) || answer.status == refused, "{answer}");
}

/// Filters with their values, and dimensions.
type Question = (Vec<(&'static str, &'static str)>, &'static [&'static str]);

fn of_both() -> Vec<Vec<(&'static str, &'static str)>> {
    vec![
        vec![],
        vec![("nation", "FR,IN")],
        vec![("nation__all", "FR,IN")],
        vec![("nation", "")],
        vec![("area", "climate")],
        vec![("area", ",climate")],
        vec![("partner_type", "emerging")],
        vec![("region", "Asia")],
        vec![("region", " Asia ")],
        vec![("count_as", "successor"), ("nation", "IN")],
    ]
}

fn of_projects() -> Vec<Question> {
    let mut filters = of_both();
    filters.extend([
        vec![("status", "operational"), ("area", "climate")],
        vec![("rating", "on_track,")],
        vec![("rating", "at_risk"), ("nation", "US")],
        vec![("organisation", "cnes")],
        vec![("organisation_kind", "research_laboratory")],
        vec![("sector", "commercial")],
        vec![("launch_date__gte", "2020"), ("area", "climate")],
        vec![("active_on", "2021")],
        vec![("nation", "FR"), ("nation_role", "lead")],
        vec![("q", "project"), ("nation", "MA")],
        vec![("q", "proj")],
        vec![("q", "2020 project a")],
        vec![("q", "\"project\" 20"), ("area", "climate")],
        vec![("q", "project -2021")],
        vec![("q", "\"a project\"")],
        vec![("q", "nothing")],
    ]);
    let groups: [&[&str]; 6] = [
        &["nation", "area"],
        &["partner_type", "status"],
        &["region"],
        &["rating", "organisation_kind"],
        &["sector", "launch_year"],
        &["organisation", "nation"],
    ];
    filters.iter().flat_map(|filters| groups.map(|group| (filters.clone(), group))).collect()
}

fn of_agreements() -> Vec<Question> {
    let mut filters = of_both();
    filters.extend([
        vec![("status", "in_force")],
        vec![("in_force_on", "2021")],
        vec![("status", "expired"), ("nation", "FR")],
        vec![("kind", "framework_agreement")],
    ]);
    let groups: [&[&str]; 3] = [&["nation", "area"], &["partner_type", "status"], &["region"]];
    filters.iter().flat_map(|filters| groups.map(|group| (filters.clone(), group))).collect()
}

fn filters_of<R: Resource>(filters: &[(&'static str, &'static str)]) -> FilterSet {
    filter_set::<R>(filters.iter().copied(), clock::today())
}

/// Compares an answer from memory with the one in SQL.
fn compare<T: PartialEq + std::fmt::Debug>(what: &str, ask: impl Fn(Option<&Bitmaps>) -> T, bitmaps: &Bitmaps) {
    assert_eq!(ask(Some(bitmaps)), ask(None), "{what}");
}

fn compare_summaries<R: Resource>(app: &TestApp, questions: &[Question], bitmaps: &Bitmaps) {
    let dimensions = R::dimensions();
    let find = |name: &&str| dimensions.iter().find(|dimension| dimension.name == *name).unwrap();
    for (filters, group) in questions {
        let (first, second) = (find(&group[0]), group.get(1).map(find));
        let ask = |bitmaps: Option<&Bitmaps>| {
            let mut conn = app.database.connect();
            summary::<R>(&mut conn, &filters_of::<R>(filters), first, second, bitmaps).unwrap()
        };
        compare(&format!("{} {filters:?} {group:?}", R::COLLECTION), ask, bitmaps);
    }
}

/// Reads a list page by page, each with its total.
fn pages<R: Resource>(app: &TestApp, filter_set: &FilterSet, sort: Option<&'static str>, counts: &Counts<'_>) -> Value {
    let sort: Vec<_> = sort.into_iter().map(|name| (name, true)).collect();
    let mut list_params = ListParams { filter_set: filter_set.clone(), sort, after: None, limit: 2 };
    let mut pages = Vec::new();
    loop {
        let page = app.db.read_blocking(|conn| list::<R>(conn, &list_params, counts)).unwrap();
        let codes: Vec<String> = page.items.iter().map(|stored| stored.record.code().to_owned()).collect();
        pages.push(json!([codes, page.total]));
        list_params.after = page.next;
        if list_params.after.is_none() {
            return pages.into();
        }
    }
}

/// Lists are found by sets in memory, or by SQL: by code, and by another order.
fn compare_lists<R: Resource>(app: &TestApp, questions: &[Question], sort: &'static str, bitmaps: &Bitmaps) {
    let revision = app.db.read_blocking(revision).unwrap();
    let mut asked: Vec<_> = questions.iter().map(|(filters, _)| filters).collect();
    asked.dedup();
    for (turn, filters) in (revision..).zip(asked) {
        // One now, the other after the next write.
        let sort = (turn % 2 == 0).then_some(sort);
        let ask = |bitmaps: Option<&Bitmaps>| {
            let counts = Counts { totals: &Totals::default(), bitmaps, records: &RecordCache::default(), revision };
            pages::<R>(app, &filters_of::<R>(filters), sort, &counts)
        };
        compare(&format!("{} {filters:?} by {sort:?}", R::COLLECTION), ask, bitmaps);
    }
}

fn compare_all(app: &TestApp, bitmaps: &Bitmaps) {
    compare_lists::<Project>(app, &of_projects(), "launch_date", bitmaps);
    compare_lists::<Agreement>(app, &of_agreements(), "title", bitmaps);
    compare_summaries::<Project>(app, &of_projects(), bitmaps);
    compare_summaries::<Agreement>(app, &of_agreements(), bitmaps);
    let known: Vec<&str> = partnerships::filters().map(|filter| filter.name).collect();
    for filters in of_both().iter().filter(|filters| filters.iter().all(|(name, _)| known.contains(name))) {
        let ask = |bitmaps: Option<&Bitmaps>| {
            partnerships::partnerships(&mut app.database.connect(), &filters_of::<Project>(filters), true, bitmaps)
                .unwrap()
        };
        compare(&format!("partnerships {filters:?}"), ask, bitmaps);
        for of in [NodeKind::Nations, NodeKind::Organisations] {
            let ask = |bitmaps: Option<&Bitmaps>| {
                network(&mut app.database.connect(), &filters_of::<Project>(filters), of, true, bitmaps).unwrap()
            };
            compare(&format!("network {filters:?}"), ask, bitmaps);
        }
    }
}

fn world(app: &TestApp) {
    let put = |path: String, body: Value| drop(app.admin().put(&path, &body).expect(201));
    for kind in ["emerging", "established"] {
        put(format!("/partner-types/{kind}"), json!({ "name_en": kind }));
    }
    for area in AREAS {
        put(format!("/cooperation-areas/{area}"), json!({ "name_en": area }));
    }
    for (code, alpha3) in NATIONS.iter().zip(["FRA", "IND", "USA", "MAR"]) {
        put(format!("/nations/{code}"), json!({ "alpha3": alpha3, "name_en": code }));
    }
    for code in ORGANISATIONS {
        put(
            format!("/organisations/{code}"),
            json!({ "name": code, "kind": "space_agency", "sector": "institutional" }),
        );
    }
}

#[test]
fn indexes_in_memory_count_what_sql_counts_whatever_was_written() {
    let app = TestApp::spawn();
    world(&app);
    let bitmaps = Bitmaps::default();
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&proptest::collection::vec(write(), 1..12), |writes| {
        for write in &writes {
            perform(&app, write);
            if write.ask {
                compare_summaries::<Project>(&app, &[(vec![], &["rating", "region"])], &bitmaps);
            }
        }
        compare_all(&app, &bitmaps);
        Ok(())
    });
    outcome.unwrap();
    let projects = app.viewer().get("/projects").expect(200).json();
    assert!(projects["total"].as_i64().unwrap() > 0, "{projects}");
}
