//! Pages count as the API counts: every number that leads to a list is compared with that list.

use partnership_registry::demo;

use super::support::{Browser, unescape};
use crate::support::TestApp;

/// The numbers of a page that lead to a list: the address of the list, and the number.
fn counts(page: &str) -> Vec<(String, i64)> {
    page.split("<a href=\"")
        .skip(1)
        .filter_map(|rest| {
            let (href, rest) = rest.split_once('"')?;
            let count = rest.strip_prefix(" data-count=\"")?.split_once('"')?.0;
            Some((unescape(href), count.parse().ok()?))
        })
        .collect()
}

/// The total that the API gives for the list of a page.
fn of_api(app: &TestApp, href: &str) -> i64 {
    let (path, query) = href.split_once('?').unwrap_or((href, ""));
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name != "lang")
        .map(|(name, value)| (name.into_owned(), if value == "-" { String::new() } else { value.into_owned() }))
        .collect();
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let path = path.replace("/areas", "/cooperation-areas");
    app.viewer().get(&format!("{path}?{query}&limit=1")).expect(200).json()["total"].as_i64().unwrap()
}

#[test]
fn every_number_on_the_panorama_is_that_of_the_list_it_leads_to() {
    let app = TestApp::spawn();
    demo::load(&app.db).unwrap();
    let browser = Browser::signed_in(&app, "viewer");
    for path in ["/", "/?area=climate", "/?partner_type=emerging&lang=fr", "/?region=Asia&order=name"] {
        let page = browser.get(path).expect(200).text();
        let counts = counts(&page);
        assert!(counts.len() > 30, "{path}: {}", counts.len());
        for (href, count) in counts {
            assert_eq!(of_api(&app, &href), count, "{path}: {href}");
        }
    }
}

/// Every page of the sample: each number that leads to a list is held against it, once.
#[test]
fn every_number_of_every_page_is_that_of_the_list_it_leads_to() {
    let app = TestApp::spawn();
    demo::load(&app.db).unwrap();
    let browser = Browser::signed_in(&app, "viewer");
    let mut paths: Vec<String> =
        ["/findings", "/network", "/network?area=climate", "/changes?from=2020", "/review", "/about"]
            .map(str::to_owned)
            .into();
    for collection in ["nations", "cooperation-areas", "partner-types", "agreements", "projects", "organisations"] {
        let path = collection.replace("cooperation-areas", "areas");
        let list = app.viewer().get(&format!("/{collection}?limit=200&fields=code")).expect(200).json();
        let codes = list["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap());
        paths.extend(codes.map(|code| format!("/{path}/{code}")));
    }
    let mut known = std::collections::BTreeMap::new();
    for path in &paths {
        for (href, count) in counts(&browser.get(path).expect(200).text()) {
            let told = *known.entry(href.clone()).or_insert_with(|| of_api(&app, &href));
            assert_eq!(told, count, "{path}: {href}");
        }
    }
    assert!(known.len() > 300, "{} numbers on {} pages", known.len(), paths.len());
}

#[test]
fn the_home_nation_is_left_out_and_the_page_says_so() {
    let app = TestApp::spawn();
    demo::load(&app.db).unwrap();
    let page = Browser::signed_in(&app, "viewer").get("/").expect(200).text();
    assert!(page.contains("France is left out: it takes part in everything."), "{page}");
    let matrix = page.split("<table class=\"heat\">").nth(1).unwrap().split("</table>").next().unwrap();
    assert!(!matrix.contains(">France<"), "{matrix}");
    assert!(matrix.contains(">India<"), "{matrix}");
}

#[test]
fn every_list_and_record_of_the_sample_has_a_page() {
    let app = TestApp::spawn();
    demo::load(&app.db).unwrap();
    let browser = Browser::signed_in(&app, "viewer");
    let mut walked = 0;
    for collection in
        ["projects", "agreements", "organisations", "nations", "reviews", "cooperation-areas", "partner-types"]
    {
        let path = collection.replace("cooperation-areas", "areas");
        let list = app.viewer().get(&format!("/{collection}?limit=200")).expect(200).json();
        let page = browser.get(&format!("/{path}")).expect(200).text();
        let total = list["total"].as_i64().unwrap();
        assert!(page.contains(&total.to_string()), "{collection}: {total}");
        // One of each is walked in French, too.
        for (at, item) in list["items"].as_array().unwrap().iter().enumerate().step_by(7) {
            let code = item["code"].as_str().unwrap();
            browser.get(&format!("/{path}/{code}?lang={}", if at % 2 == 0 { "en" } else { "fr" })).expect(200);
            walked += 1;
        }
    }
    assert!(walked > 40, "{walked}");
}

#[test]
fn an_empty_registry_says_what_would_fill_it() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "viewer");
    let page = browser.get("/").expect(200).text();
    assert!(page.contains("No project is recorded yet."), "{page}");
    assert!(browser.get("/projects").expect(200).text().contains("Nothing matches"));
}

#[test]
fn one_pages_through_a_list_and_back() {
    let app = TestApp::spawn();
    demo::load(&app.db).unwrap();
    let browser = Browser::signed_in(&app, "viewer");
    let link = |page: &str, rel: &str| {
        let before = page.split(&format!("\" rel=\"{rel}\"")).next().filter(|before| before.len() < page.len())?;
        Some(unescape(before.rsplit("href=\"").next()?))
    };
    let first = browser.get("/projects?limit=40").expect(200).text();
    assert!(first.contains("1–40 of 98"), "{first}");
    assert_eq!(link(&first, "prev"), None);
    let second = browser.get(&link(&first, "next").unwrap()).expect(200).text();
    assert!(second.contains("41–80 of 98"), "{second}");
    let third = browser.get(&link(&second, "next").unwrap()).expect(200).text();
    assert!(third.contains("81–98 of 98"), "{third}");
    assert_eq!(link(&third, "next"), None);
    let back = browser.get(&link(&third, "prev").unwrap()).expect(200).text();
    assert!(back.contains("41–80 of 98"), "{back}");
    let back = browser.get(&link(&back, "prev").unwrap()).expect(200).text();
    assert!(back.contains("1–40 of 98"), "{back}");
}

/// Fails where an empty field of a form is taken for a filter.
#[test]
fn an_empty_form_asks_for_everything() {
    let app = TestApp::spawn();
    demo::load(&app.db).unwrap();
    let browser = Browser::signed_in(&app, "viewer");
    let answer = browser.get("/projects?q=&status=&nation=IN&area=&active_on=").expect(303);
    assert_eq!(answer.header("location"), Some("/projects?nation=IN"));
}
