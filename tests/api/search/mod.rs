//! Full text search: what it finds, in which order, and that it is kept with every write.

mod index;
mod lists;
mod oracle;

use partnership_registry::demo;
use partnership_registry::limits::{QUESTION, QUESTION_WORDS};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::{Answer, Client, TestApp};

/// A service with the sample registry.
fn sample() -> TestApp {
    let app = TestApp::spawn();
    demo::load(&app.db).unwrap();
    app
}

fn ask(client: &Client, question: &str, rest: &str) -> Answer {
    client.get(&format!("/search?q={}{rest}", utf8_percent_encode(question, NON_ALPHANUMERIC)))
}

/// The results of one page, as `collection/code`.
fn places(answer: &Answer) -> Vec<String> {
    let codes = answer.codes();
    answer.column("resource").into_iter().zip(codes).map(|(collection, code)| format!("{collection}/{code}")).collect()
}

#[test]
fn people_find_what_they_look_for() {
    let app = sample();
    let viewer = app.viewer();
    for (question, first) in [
        ("venus", &["projects/venus"][..]),
        ("VENµS", &["projects/venus"]),
        ("venμs", &["projects/venus"]),
        ("etats", &["nations/MX", "nations/US"]),
        ("États-Unis", &["nations/US"]),
        ("united states", &["nations/US"]),
        ("IND", &["nations/IN"]),
        ("isro", &["organisations/isro"]),
        ("trishna", &["projects/trishna"]),
        ("surface water", &["projects/swot"]),
        ("centre national d’etudes spatiales", &["organisations/cnes"]),
        ("\"l'environnement et de l'espace\"", &["organisations/lpc2e"]),
        ("climat", &["cooperation-areas/climate"]),
        ("mars rover -rosalind", &["projects/mars-2020-supercam", "projects/msl-curiosity"]),
    ] {
        let found = places(&ask(&viewer, question, "").expect(200));
        assert!(
            found.starts_with(&first.iter().map(|place| (*place).to_owned()).collect::<Vec<_>>()),
            "{question}: {found:?}"
        );
    }
}

#[test]
fn a_result_says_what_it_is() {
    let app = sample();
    let page = ask(&app.viewer(), "etats-un", "&in=nations").expect(200).json();
    assert_eq!(
        page,
        serde_json::json!({
            "items": [{
                "resource": "nations",
                "code": "MX",
                "title": "Mexico",
                "snippet": "États-Unis mexicains",
                "href": "/api/v1/nations/MX",
            }, {
                "resource": "nations",
                "code": "US",
                "title": "United States",
                "snippet": "États-Unis",
                "href": "/api/v1/nations/US",
            }],
            "total": 2,
            "next_cursor": null,
        })
    );
    let item = &ask(&app.viewer(), "microwave background", "").expect(200).json()["items"][0];
    assert_eq!(item["code"], "litebird");
    assert!(item["snippet"].as_str().unwrap().contains("cosmic microwave background"), "{item}");
    app.viewer().get(item["href"].as_str().unwrap()).expect(200);
}

#[test]
fn a_question_is_asked_of_the_collections_that_are_named() {
    let app = sample();
    let viewer = app.viewer();
    let all = places(&ask(&viewer, "space", "&limit=200").expect(200));
    let some = places(&ask(&viewer, "space", "&limit=200&in=projects,nations").expect(200));
    let kept = |place: &&String| place.starts_with("projects/") || place.starts_with("nations/");
    assert_eq!(some, all.iter().filter(kept).cloned().collect::<Vec<_>>());
    assert!(!some.is_empty() && some.len() < all.len());
    ask(&viewer, "space", "&in=rockets")
        .assert_bad_parameter("in", &["rockets", "projects", "nations", "partner-types"]);
    ask(&viewer, "space", "&in=").assert_bad_parameter("in", &["projects"]);
    ask(&viewer, "space", "&sort=code").assert_bad_parameter("sort", &["q", "in", "limit", "cursor", "as_of"]);
    viewer.get("/search").assert_bad_parameter("q", &["search for"]);
    viewer.get("/search?q=%20").assert_bad_parameter("q", &["search for"]);
    ask(&viewer, &"a".repeat(QUESTION + 1), "").assert_bad_parameter("q", &["300"]);
    ask(&viewer, &"a ".repeat(QUESTION_WORDS + 1), "").assert_bad_parameter("q", &["32"]);
}

#[test]
fn pages_follow_each_other() {
    let app = sample();
    let viewer = app.viewer();
    let whole = ask(&viewer, "space", "&limit=200").expect(200);
    let total = whole.json()["total"].as_u64().unwrap() as usize;
    let (mut path, mut found) = ("/api/v1/search?q=space&limit=7".to_owned(), Vec::new());
    loop {
        let page = viewer.get(&path).expect(200);
        assert_eq!(page.json()["total"].as_u64().unwrap() as usize, total);
        found.extend(places(&page));
        let Some(link) = page.header("link") else { break };
        link.trim_start_matches('<').split_once('>').unwrap().0.clone_into(&mut path);
    }
    assert_eq!(found.len(), total);
    assert_eq!(found, places(&whole));
    let cursor = ask(&viewer, "space", "&limit=7").json()["next_cursor"].as_str().unwrap().to_owned();
    ask(&viewer, "mars", &format!("&cursor={cursor}")).assert_bad_parameter("cursor", &["cursor"]);
    ask(&viewer, "space", &format!("&in=projects&cursor={cursor}")).assert_bad_parameter("cursor", &["cursor"]);
}

#[test]
fn a_result_that_the_client_has_is_not_sent_again() {
    let app = sample();
    let answer = ask(&app.viewer(), "venus", "").expect(200);
    let tag = answer.etag();
    let again = |tag: &str| app.viewer().request("GET", "/search?q=venus").header("If-None-Match", tag).send();
    assert_eq!(again(&tag).expect(304).etag(), tag);
    app.editor().patch("/projects/venus", &serde_json::json!({ "summary": null })).expect(200);
    again(&tag).expect(200);
}

#[test]
fn the_past_is_searched_as_it_was() {
    let app = sample();
    let viewer = app.viewer();
    let head = viewer.get("/changes/head").expect(200).json()["revision"].as_i64().unwrap();
    let before = places(&ask(&viewer, "venus", "").expect(200));
    app.editor().post("/projects", &serde_json::json!({ "name": "Venus zebrafish", "status": "proposed" })).expect(201);
    app.editor().patch("/projects/venus", &serde_json::json!({ "name": "Renamed", "summary": null })).expect(200);
    let then = format!("&as_of=r{head}");
    assert_eq!(places(&ask(&viewer, "venus", &then).expect(200)), before);
    assert_eq!(places(&ask(&viewer, "zebrafish", &then).expect(200)), Vec::<String>::new());
    assert_ne!(places(&ask(&viewer, "venus", "").expect(200)), before);
    let first = ask(&viewer, "space", &format!("{then}&limit=3")).expect(200);
    assert!(first.header("link").unwrap().contains(&format!("as_of=r{head}")), "{first}");
    assert_eq!(viewer.get(&format!("/projects?q=zebrafish{then}")).expect(200).codes(), Vec::<String>::new());
    assert_eq!(viewer.get("/projects?q=zebrafish").expect(200).codes(), ["venus-zebrafish"]);
    ask(&viewer, "venus", "&as_of=now").assert_bad_parameter("as_of", &["r42"]);
}

#[test]
fn nothing_that_is_typed_breaks_a_search() {
    let app = sample();
    let viewer = app.viewer();
    for odd in [
        "\"",
        "'",
        "*",
        "-",
        "--",
        "(",
        ")",
        "AND",
        "a AND",
        "NEAR(a b)",
        "a* OR",
        "^a",
        "a:b",
        "{a}",
        "\\",
        "%",
        "_",
        ";",
        "'; DROP TABLE projects; --",
        "\u{1}",
        "\u{10FFFF}",
        "a\u{0301}\u{0301}",
        "🛰️",
        "-\"\"",
        "|",
        "| a",
        "a | b",
        "&",
        "!a",
        "a:*",
        "<->",
    ] {
        ask(&viewer, odd, "").expect(200);
        viewer.get(&format!("/projects?q={}", utf8_percent_encode(odd, NON_ALPHANUMERIC))).expect(200);
    }
    let any = any::<String>().prop_filter("NUL is in no query string", |text| !text.contains('\0'));
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() });
    let checked = runner.run(&any, |text| {
        let answer = ask(&viewer, &text, "");
        let fits = !text.trim().is_empty()
            && text.chars().count() <= QUESTION
            && text.split_whitespace().count() <= QUESTION_WORDS;
        prop_assert_eq!(answer.status, if fits { 200 } else { 400 }, "{}", answer);
        Ok(())
    });
    checked.unwrap();
}
