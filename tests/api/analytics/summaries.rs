//! Every count is the number of records that its link leads to.

use partnership_registry::registry::Resource;
use partnership_registry::registry::agreements::Agreement;
use partnership_registry::registry::projects::Project;
use serde_json::{Value, json};

use super::{awkward_sample, total};
use crate::support::TestApp;

/// A summary, all of whose links are followed.
fn followed(app: &TestApp, path: &str, most: usize) -> Value {
    let summary = app.viewer().get(path).expect(200).json();
    let groups = summary["groups"].as_array().unwrap();
    for group in groups.iter().take(most / 2).chain(groups.iter().rev().take(most.div_ceil(2))) {
        let href = group["href"].as_str().unwrap();
        assert_eq!(total(app, href), group["count"], "{path}: {group}");
    }
    summary
}

fn names<R: Resource>() -> Vec<&'static str> {
    R::dimensions().iter().map(|dimension| dimension.name).collect()
}

fn every_link_of_every_group<R: Resource>(app: &TestApp) {
    let all = total(app, &format!("/{}", R::COLLECTION));
    for one in names::<R>() {
        let path = format!("/summaries/{}?group_by={one}", R::COLLECTION);
        let summary = followed(app, &path, 400);
        assert_eq!(summary["total"], all, "each record counts once in total");
        for other in names::<R>().into_iter().filter(|other| *other != one) {
            followed(app, &format!("{path},{other}"), 24);
        }
    }
}

#[test]
fn every_link_leads_to_what_was_counted() {
    let app = awkward_sample();
    every_link_of_every_group::<Project>(&app);
    every_link_of_every_group::<Agreement>(&app);
}

/// A generator of numbers that is the same on every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((x ^ (x >> 31)) % limit as u64).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Values that a filter may have, empty ones among them.
fn values(filter: &str) -> &'static [&'static str] {
    match filter.trim_end_matches("__all") {
        "nation" => &["US", "IN", "FR", "JP", "TO", "AQ", "US,IN", "FR,AQ", ",US", ""],
        "nation_role" => &["lead", "partner", "contributor,lead"],
        "partner_type" => &["established", "emerging", "established,emerging", ""],
        "region" => &["Asia", "Europe,Americas", r"Polynesia\, \\and\\ more\, <sea>,Africa", ""],
        "area" => &["climate", "exploration", "climate,exploration", "innovation,", ""],
        "organisation" => &["cnes", "nasa", "isro,nasa", ""],
        "organisation_kind" => &["space_agency", "manufacturer,university", ""],
        "sector" => &["institutional", "commercial", ""],
        "rating" => &["on_track", "at_risk,off_track", ""],
        "responsible" => &["cnes", "nasa,cnes", ""],
        "count_as" => &["successor"],
        "term" => &["fixed", "open_ended,fixed", ""],
        "renewal" => &["tacit", "none,express", ""],
        "kind" => &["framework_agreement", "joint_statement,letter_of_intent"],
        "status" => &["operational,in_development", "completed"],
        "project" => &["southern", "trishna,swot", ""],
        "q" => &["satellite", "space mission", "\"joint statement\", -mars", "cnes, nasa", "-climate"],
        "active_on" | "in_force_on" => &["2021", "2010-05"],
        name if name.ends_with("__gte") => &["1990", "2005-06", "2020-06-02"],
        name if name.ends_with("__lte") => &["2026", "2019-12-30", ""],
        other => panic!("no values for {other}"),
    }
}

fn random_questions<R: Resource>(app: &TestApp, dice: &mut Dice, rounds: usize) -> usize {
    let filters: Vec<_> = R::filters().iter().map(|filter| filter.name).filter(|name| *name != "code").collect();
    let dimensions = names::<R>();
    let mut links = 0;
    for _ in 0..rounds {
        let mut asked = std::collections::BTreeMap::new();
        for _ in 0..dice.below(4) {
            let filter = *dice.one(&filters);
            let value = match (filter, R::COLLECTION) {
                ("status", "agreements") => "signed,in_force",
                _ => dice.one(values(filter)),
            };
            asked.insert(filter, value);
        }
        let one = *dice.one(&dimensions);
        let other = *dice.one(&dimensions);
        let by = if one == other { one.to_owned() } else { format!("{one},{other}") };
        let query: String = asked
            .iter()
            .map(|(name, value)| {
                let value: String = url_encoded(value);
                format!("&{name}={value}")
            })
            .collect();
        let summary = followed(app, &format!("/summaries/{}?group_by={by}{query}", R::COLLECTION), 8);
        let list = format!("/{}?{}", R::COLLECTION, query.trim_start_matches('&'));
        assert_eq!(total(app, list.trim_end_matches('?')), summary["total"], "{query}");
        links += summary["groups"].as_array().unwrap().len().min(8);
    }
    links
}

fn url_encoded(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-_,".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

#[test]
fn links_lead_to_what_was_counted_whatever_was_asked() {
    let app = awkward_sample();
    let mut dice = Dice(20_261_124);
    let links = random_questions::<Project>(&app, &mut dice, 140) + random_questions::<Agreement>(&app, &mut dice, 60);
    assert!(links > 500, "{links} links were followed");
}

#[test]
fn a_group_says_what_it_is_in_both_languages() {
    let app = awkward_sample();
    let viewer = app.viewer();
    let summary = viewer.get("/summaries/projects?group_by=nation,area&nation=IN").expect(200).json();
    let groups = summary["groups"].as_array().unwrap();
    let group = groups.iter().find(|group| group["key"] == json!({ "nation": "IN", "area": "climate" })).unwrap();
    assert_eq!(group["label"]["nation"], json!({ "en": "India", "fr": "Inde" }));
    assert_eq!(group["label"]["area"], json!({ "en": "Climate", "fr": "Climat" }));
    assert_eq!(group["href"], "/api/v1/projects?nation=IN&area=climate");
    let partners: Vec<_> = groups.iter().filter(|group| group["key"]["nation"] == "FR").collect();
    assert!(!partners.is_empty(), "the partners of the projects with India have groups, too");
    assert!(partners.iter().all(|group| group["href"].as_str().unwrap().contains("nation=IN&nation__all=FR")));
    let counts: Vec<_> = groups.iter().map(|group| group["count"].as_i64().unwrap()).collect();
    assert!(counts.is_sorted_by(|a, b| a >= b), "the greatest first: {counts:?}");

    let none = viewer.get("/summaries/projects?group_by=start_year").expect(200).json();
    let none =
        none["groups"].as_array().unwrap().iter().find(|group| group["key"]["start_year"].is_null()).unwrap().clone();
    assert_eq!(none["label"]["start_year"], json!({ "en": "none", "fr": "aucun" }));
    assert_eq!(none["href"], "/api/v1/projects?start_date__lte=");
    let kinds = viewer.get("/summaries/agreements?group_by=status").expect(200).text();
    assert!(kinds.contains(r#""label":{"status":{"en":"In force","fr":"En vigueur"}}"#), "{kinds}");
}

#[test]
fn the_status_counted_is_that_of_the_day() {
    let app = awkward_sample();
    let count = |query: &str| {
        let path = format!("/summaries/agreements?group_by=status&{query}");
        let summary = followed(&app, &path, 20);
        let groups = summary["groups"].as_array().unwrap().clone();
        groups.iter().find(|group| group["key"]["status"] == "in_force").map(|group| group["count"].as_i64().unwrap())
    };
    assert_eq!(count("project=southern"), Some(1));
    assert_eq!(count("project=southern&in_force_on=2990-05-31"), Some(1));
    assert_eq!(count("project=southern&in_force_on=2990-06-01"), None);
}

#[test]
fn a_wrong_group_by_is_refused() {
    let app = TestApp::spawn();
    let viewer = app.viewer();
    let dimensions = names::<Project>();
    viewer.get("/summaries/projects").assert_bad_parameter("group_by", &dimensions);
    viewer.get("/summaries/projects?group_by=").assert_bad_parameter("group_by", &dimensions);
    viewer.get("/summaries/projects?group_by=colour").assert_bad_parameter("group_by", &dimensions);
    viewer.get("/summaries/projects?group_by=nation,nation").assert_bad_parameter("group_by", &["twice"]);
    viewer.get("/summaries/projects?group_by=nation,area,status").assert_bad_parameter("group_by", &["2"]);
    viewer
        .get("/summaries/projects?group_by=nation&colour=red")
        .assert_bad_parameter("colour", &["group_by", "nation", "format"]);
    viewer.get("/summaries/projects?group_by=nation&limit=3").assert_bad_parameter("limit", &["group_by"]);
    viewer.get("/summaries/projects?group_by=nation&status=odd").assert_bad_parameter("status", &["proposed"]);
    viewer.get("/summaries/agreements?group_by=sector").assert_bad_parameter("group_by", &names::<Agreement>());
    viewer.get("/summaries/reviews?group_by=rating").problem(404, "not-found");
    let filters = Project::filters().iter().filter(|filter| filter.empty).map(|filter| format!("&{}=", filter.name));
    let filters: Vec<_> = filters.take(19).collect();
    viewer.get(&format!("/summaries/projects?group_by=nation,area{}", filters[1..].concat())).expect(200);
    let many = viewer.get(&format!("/summaries/projects?group_by=nation,area{}", filters.concat()));
    assert!(many.problem(400, "bad-request")["detail"].as_str().unwrap().contains("18"), "its links would be refused");
    let empty = viewer.get("/summaries/projects?group_by=nation,area").expect(200).json();
    assert_eq!(empty, json!({ "groups": [], "total": 0 }));
}

#[test]
fn a_summary_is_a_table_too() {
    let app = awkward_sample();
    let viewer = app.viewer();
    let csv = viewer.get("/summaries/projects?group_by=area,status&nation=TO&format=csv").expect(200);
    assert_eq!(csv.header("content-disposition"), Some("attachment; filename=\"projects-by-area-status.csv\""));
    assert_eq!(
        csv.text(),
        "area,area_en,area_fr,status,status_en,status_fr,count,href\r\n\
         climate,Climate,Climat,in_development,In development,En développement,1,\
         /api/v1/projects?nation=TO&area=climate&status=in_development\r\n\
         exploration,Exploration,Exploration,in_development,In development,En développement,1,\
         /api/v1/projects?nation=TO&area=exploration&status=in_development\r\n"
    );
    let lines = viewer.get("/summaries/agreements?group_by=kind&format=ndjson").expect(200).text();
    assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).unwrap()["key"]["kind"].is_string()));
}
