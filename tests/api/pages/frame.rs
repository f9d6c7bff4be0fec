//! The frame of every page: language, errors, caching, the templates' own rules.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use super::support::{Browser, HTML, attributes};
use crate::support::{Options, PASSWORD, TestApp};
use partnership_registry::pages::{keys, says};

#[test]
fn the_language_is_that_of_the_address_then_of_the_cookie_then_of_the_browser() {
    let app = TestApp::spawn();
    let of = |browser: &Browser, path: &str, headers: &[(&str, &str)]| {
        let answer = browser.get_with(path, headers).expect(200);
        let tag = answer.header("content-language").unwrap().to_owned();
        assert!(answer.text().contains(&format!("<html lang=\"{tag}\">")), "{answer}");
        tag
    };
    let french = [("Accept-Language", "fr-CA,fr;q=0.9,en;q=0.5")];
    let browser = Browser::new(&app);
    assert_eq!(of(&browser, "/about", &[]), "en");
    assert_eq!(of(&browser, "/about", &french), "fr");
    assert_eq!(of(&browser, "/about?lang=en", &french), "en");
    assert_eq!(of(&browser, "/about", &french), "en", "it is remembered");
    assert_eq!(of(&browser, "/about?lang=fr", &[]), "fr");
    assert_eq!(of(&browser, "/about", &[]), "fr");
    browser.get("/about?lang=de").expect(400);
}

#[test]
fn links_keep_the_language_that_the_address_says() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "viewer");
    let text = browser.get("/projects?lang=fr").expect(200).text();
    let links = attributes(&text, "href");
    let pages = links
        .iter()
        .filter(|link| !link.starts_with("/assets") && !link.starts_with("/data") && !link.starts_with('#'));
    for link in pages.filter(|link| !link.contains("lang=en")) {
        assert!(link.contains("lang=fr"), "{link}");
    }
    assert_eq!(attributes(&text, "hreflang").iter().filter(|tag| *tag == "en").count(), 2, "alternate and switch");
}

#[test]
fn browsers_are_answered_with_pages_and_programs_with_problems() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "viewer");
    for (path, status, words) in [
        ("/nowhere", 404, "There is no such page"),
        ("/projects/none-such", 404, "There is no such page"),
        ("/projects/%3F", 404, "There is no such page"),
        ("/projects?colour=red", 400, "colour"),
        ("/?colour=red", 400, "colour"),
        ("/projects?as_of=2999", 400, "still to come"),
        ("/projects?sort=colour", 400, "is no sort here"),
    ] {
        let page = browser.get(path).expect(status);
        assert!(page.text().contains(words), "{page}");
        let id = page.header("x-request-id").unwrap();
        assert!(page.text().contains(id), "{page}");
        let problem = browser.get_with(path, &[("Accept", "application/json")]);
        assert_eq!(problem.status, status);
    }
    let french = browser.get("/nowhere?lang=fr").expect(404);
    assert!(french.text().contains("Cette page n’existe pas"), "{french}");
    app.root().get("/nowhere").problem(404, "not-found");
    app.root().request("GET", "/api/v1/nations").header("Accept", HTML).send().problem(401, "unauthenticated");
    app.root().request("GET", "/problems/nothing").header("Accept", HTML).send().problem(404, "not-found");
}

#[test]
fn a_page_that_the_browser_has_is_not_sent_again() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "viewer");
    let other = Browser::signed_in(&app, "editor");
    for path in ["/", "/nations", "/search?q=x"] {
        let tag = browser.get(path).expect(200).etag();
        let again = browser.get_with(path, &[("If-None-Match", &tag)]).expect(304);
        assert_eq!(again.body.len(), 0);
        assert_eq!(again.etag(), tag);
        other.get_with(path, &[("If-None-Match", &tag)]).expect(200);
        browser
            .get_with(
                &format!("{path}{}lang=fr", if path.contains('?') { "&" } else { "?" }),
                &[("If-None-Match", &tag)],
            )
            .expect(200);
        browser.get("/about?lang=en").expect(200);
        let area = json!({ "code": format!("a{}", path.len()), "name_en": "Area" });
        app.admin().post("/cooperation-areas", &area).expect(201);
        browser.get_with(path, &[("If-None-Match", &tag)]).expect(200);
    }
}

#[test]
fn every_page_says_as_of_when_it_is() {
    let app = TestApp::spawn();
    app.admin().post("/cooperation-areas", &json!({ "code": "climate", "name_en": "Climate" })).expect(201);
    let head = app.viewer().get("/changes/head").expect(200).json();
    let hash: String = head["hash"].as_str().unwrap().chars().take(12).collect();
    let browser = Browser::signed_in(&app, "viewer");
    for path in ["/", "/projects", "/areas/climate", "/search?q=climate"] {
        let text = browser.get(path).expect(200).text();
        assert!(text.contains(&hash) && text.contains("revision 1"), "{path}: {text}");
        assert!(!text.contains("You see a past state"), "{path}");
    }
    app.admin().patch("/cooperation-areas/climate", &json!({ "name_en": "Climate and water" })).expect(200);
    let past = browser.get("/areas/climate?as_of=r1").expect(200).text();
    assert!(past.contains("You see a past state") && past.contains(&hash), "{past}");
    assert!(past.contains("<bdi>Climate</bdi>") && !past.contains("Climate and water"), "{past}");
    let now = browser.get("/areas/climate").expect(200).text();
    assert!(now.contains("Climate and water") && now.contains("Changed by admin"), "{now}");
}

#[test]
fn style_sheets_are_kept_for_ever_under_an_address_that_says_which_they_are() {
    let app = TestApp::spawn();
    let page = Browser::new(&app).get("/about").expect(200).text();
    let sheets: Vec<_> = attributes(&page, "href").into_iter().filter(|link| link.starts_with("/assets/")).collect();
    assert_eq!(sheets.len(), 3, "{sheets:?}");
    for sheet in sheets {
        let answer = app.root().get(&sheet).expect(200);
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert!(!answer.text().contains("url(http"), "{sheet}");
    }
    app.root().get("/assets/secret").problem(404, "not-found");
}

fn files(directory: &Path, extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
    found
}

/// Fails for a word in a template, and for a key that no language has.
#[test]
fn templates_hold_keys_and_no_text() {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages");
    let mut wanted = BTreeSet::new();
    for template in files(&room, "html").into_iter().chain(files(&room.join("templates"), "svg")) {
        let mut text = template.clone();
        for (open, close) in [("{%", "%}"), ("{{", "}}"), ("<", ">")] {
            while let Some(begin) = text.find(open) {
                let end = begin + text[begin..].find(close).unwrap() + close.len();
                text.replace_range(begin..end, " ");
            }
        }
        // Names of formats and methods are the same in every language.
        let words: Vec<_> = text
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty() && !["CSV", "SVG", "GET"].contains(word))
            .collect();
        assert!(words.is_empty(), "{words:?} in {template}");
        wanted.extend(literal_keys(&template));
    }
    for source in files(&room, "rs") {
        wanted.extend(literal_keys(source.split("mod tests").next().unwrap()));
    }
    assert!(wanted.len() > 80, "{}", wanted.len());
    for language in ["en", "fr"] {
        let known: BTreeSet<_> = keys(language).into_iter().collect();
        let missing: Vec<_> = wanted.difference(&known).collect();
        assert!(missing.is_empty(), "{language} lacks {missing:?}");
        assert_eq!(says(language, "no-such-key"), None);
    }
}

/// The keys that are written out where a text is asked for.
fn literal_keys(source: &str) -> Vec<String> {
    ["get(\"", ".n(\"", ".s(\"", "with(\""]
        .iter()
        .flat_map(|call| source.split(call).skip(1))
        .filter_map(|rest| rest.split_once('"'))
        .map(|(key, _)| key.to_owned())
        .filter(|key| {
            key.contains('-')
                && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        })
        .collect()
}

/// Fails for a link, a form or a style sheet that leads past the proxy.
#[test]
fn behind_a_proxy_every_link_leads_through_it() {
    let app = TestApp::with(Options { public_url: Some("https://registry.example.org/reg"), ..Options::default() });
    let browser = Browser::new(&app);
    let page = browser.get("/sign-in?to=/projects").expect(200);
    assert!(page.header("set-cookie").unwrap().starts_with("__Host-visitor="), "{page}");
    let answer = browser.sign_in("editor", PASSWORD, "/projects?nation=IN").expect(303);
    assert_eq!(answer.header("location"), Some("/reg/projects?nation=IN"));
    assert_eq!(Browser::new(&app).get("/").expect(303).header("location"), Some("/reg/sign-in"));
    for path in ["/", "/projects", "/projects/new", "/review", "/search?q=x", "/about", "/nowhere"] {
        let text = browser.get(path).text();
        for name in ["href", "action"] {
            for link in attributes(&text, name).iter().filter(|link| !link.starts_with('#')) {
                assert!(link.starts_with("/reg/"), "{path} leads to {link}");
            }
        }
    }
}
