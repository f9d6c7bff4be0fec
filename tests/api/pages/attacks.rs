//! Attacks on pages by other sites and by what is in the registry.

use partnership_registry::pages;
use serde_json::json;

use super::support::{Browser, HTML, attributes, form_token};
use crate::support::{Options, PASSWORD, TestApp};

/// Fails without the check of `Sec-Fetch-Site` and `Origin`.
#[test]
fn a_form_of_another_site_is_refused_whatever_token_it_has() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "editor");
    let token = form_token(&browser.get("/about").expect(200));
    let own = browser.origin().to_owned();
    for headers in [
        &[][..],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
        &[("Origin", ""), ("Sec-Fetch-Site", "cross-site")],
        &[("Origin", &own), ("Sec-Fetch-Site", "same-site")],
        &[("Origin", &own), ("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "none")],
        &[("Origin", "http://127.0.0.1:1")],
        &[("Origin", &own), ("Origin", "https://evil.example")],
    ] {
        let answer = browser.send("/sign-out", &[("form_token", &token)], headers);
        assert_eq!(answer.status, 403, "{headers:?}: {answer}");
        assert!(answer.text().contains("not sent from here"), "{answer}");
    }
    browser.get("/").expect(200);
    // A browser that does not know Sec-Fetch-Site.
    browser.send("/sign-out", &[("form_token", &token)], &[("Origin", &own)]).expect(303);
}

/// Fails where a page that changes something reads a form of another site.
#[test]
fn no_page_reads_a_form_of_another_site() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "admin");
    let token = form_token(&browser.get("/about").expect(200));
    let mut walked = 0;
    for route in pages::listed().into_iter().filter(|route| route.method == "POST") {
        let path = route.path.replace("{code}", "x");
        for headers in [&[("Sec-Fetch-Site", "cross-site")][..], &[("Origin", "https://evil.example")], &[]] {
            let answer = browser.send(&path, &[("form_token", &token)], headers);
            assert_eq!(answer.status, 403, "{path} {headers:?}: {answer}");
        }
        walked += 1;
    }
    assert!(walked > 20, "{walked}");
    browser.get("/").expect(200);
}

/// Fails without the token, and with one that is the same for every session or for ever.
#[test]
fn a_form_without_the_token_of_its_session_is_refused() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "editor");
    let stale = form_token(&browser.get("/about").expect(200));
    let other = form_token(&Browser::signed_in(&app, "admin").get("/about").expect(200));
    let page = browser.get("/about").expect(200);
    browser.post("/sign-out", &page, &[]).expect(303);
    let visitor = form_token(&browser.get("/sign-in").expect(200));
    assert_eq!(browser.sign_in("editor", PASSWORD, "/").status, 303);
    let own = browser.origin().to_owned();
    let headers = [("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin")];
    for token in [None, Some(""), Some("x"), Some(&*stale), Some(&*other), Some(&*visitor)] {
        let fields: Vec<_> = token.map(|token| ("form_token", token)).into_iter().collect();
        let answer = browser.send("/sign-out", &fields, &headers);
        assert_eq!(answer.status, 403, "{token:?}: {answer}");
    }
    browser.get("/").expect(200);
}

/// Fails where signing in without a form of ours is possible: then a victim works in the attacker's name.
#[test]
fn another_site_cannot_sign_a_browser_in() {
    let app = TestApp::spawn();
    let browser = Browser::new(&app);
    let fields = [("username", "viewer"), ("password", PASSWORD)];
    for headers in [&[("Origin", "https://evil.example")][..], &[("Sec-Fetch-Site", "cross-site")], &[]] {
        browser.send("/sign-in", &fields, headers).expect(403);
    }
    let own = browser.origin().to_owned();
    browser.send("/sign-in", &fields, &[("Origin", &own)]).expect(403);
    assert!(!browser.cookies.borrow().contains_key("session"));
}

/// Fails where a cookie that a browser brings along becomes that of the session.
#[test]
fn signing_in_makes_a_new_session_whatever_cookie_comes_along() {
    let app = TestApp::spawn();
    let browser = Browser::new(&app);
    browser.cookies.borrow_mut().insert("session".to_owned(), "fixed-by-an-attacker".to_owned());
    assert_eq!(browser.sign_in("viewer", PASSWORD, "/").status, 303);
    let first = browser.cookies.borrow()["session"].clone();
    assert_ne!(first, "fixed-by-an-attacker");
    let other = Browser::signed_in(&app, "viewer");
    assert_ne!(other.cookies.borrow()["session"], first);
    let fixed = Browser::new(&app);
    fixed.cookies.borrow_mut().insert("session".to_owned(), "fixed-by-an-attacker".to_owned());
    assert_eq!(fixed.get("/").status, 303);
}

#[test]
fn signing_in_leads_to_no_other_site() {
    let app = TestApp::spawn();
    for to in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/..//evil.example"]
    {
        let answer = Browser::new(&app).sign_in("viewer", PASSWORD, to).expect(303);
        assert_eq!(answer.header("location"), Some("/"), "{to}");
        let page = Browser::new(&app).get(&format!("/sign-in?to={to}")).expect(200);
        assert!(page.text().contains("name=\"to\" value=\"/\""), "{to}: {page}");
        let links = attributes(&page.text(), "href");
        assert!(links.iter().all(|link| link.starts_with('/') || link.starts_with('#')), "{links:?}");
    }
}

#[test]
fn cookies_are_kept_from_scripts_and_from_other_sites() {
    let app = TestApp::spawn();
    let browser = Browser::new(&app);
    let answer = browser.sign_in("viewer", PASSWORD, "/").expect(303);
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    let session = cookies.iter().find(|line| line.starts_with("session=")).unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
        assert!(session.contains(part), "{session}");
    }
    assert!(!session.contains("Secure") && !session.contains("Domain"), "{session}");

    let app = TestApp::with(Options { hsts: true, ..Options::default() });
    let page = app.root().request("GET", "/sign-in").header("Accept", HTML).send().expect(200);
    let line = page.header("set-cookie").unwrap();
    assert!(line.starts_with("__Host-visitor=") && line.contains("Secure"), "{line}");
}

/// Fails where the API believes a cookie.
#[test]
fn the_api_reads_no_cookie() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "admin");
    browser.get_with("/api/v1/projects", &[]).problem(401, "unauthenticated");
    browser.get_with("/api/v1/users", &[]).problem(401, "unauthenticated");
}

#[test]
fn pages_run_no_script_and_are_in_no_frame() {
    let app = TestApp::spawn();
    let browser = Browser::signed_in(&app, "viewer");
    for path in ["/", "/projects", "/about", "/nowhere", "/search?q=x"] {
        let answer = browser.get(path);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
        let text = answer.text();
        for wrong in ["<script", " style=", " onclick=", "javascript:"] {
            assert!(!text.contains(wrong), "{path}: {wrong}");
        }
        for address in attributes(&text, "src").into_iter().chain(attributes(&text, "href")) {
            assert!(address.starts_with('/') || address.starts_with('#'), "{path} leads to {address}");
        }
    }
}

/// Texts of users: each must be shown as it is.
const NASTY: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }} & ' \" `",
    "שלום‏ world مرحبا",
];

/// Records of every kind with such texts in each of their fields.
fn add_nasty_records(app: &TestApp) {
    let (editor, admin) = (app.editor(), app.admin());
    for (at, nasty) in NASTY.iter().enumerate() {
        let code = format!("n{at}");
        let kind = json!({ "code": code, "name_en": nasty, "name_fr": nasty, "description": nasty, "position": 1 });
        admin.post("/partner-types", &kind).expect(201);
        admin.post("/cooperation-areas", &kind).expect(201);
        let nation = ["IN", "JP", "US", "DE", "IT", "ES"][at];
        let alpha3 = ["IND", "JPN", "USA", "DEU", "ITA", "ESP"][at];
        let record = json!({
            "code": nation, "alpha3": alpha3, "name_en": nasty, "name_fr": nasty, "region": nasty, "subregion": nasty,
            "partner_type": code, "agency": nasty, "notes": nasty, "source": nasty, "other_names": [nasty],
        });
        editor.post("/nations", &record).expect(201);
        let organisation = json!({
            "code": code, "name": nasty, "short_name": nasty, "kind": "university", "sector": "institutional",
            "nation": nation, "source": nasty, "other_names": [nasty],
        });
        editor.post("/organisations", &organisation).expect(201);
        let project = json!({
            "code": code, "name": nasty, "acronym": nasty, "summary": nasty, "status": "operational",
            "start_date": "2001", "source": nasty, "nations": [{ "nation": nation, "role": "lead" }],
            "areas": [code], "organisations": [{ "organisation": code, "role": null }],
        });
        editor.post("/projects", &project).expect(201);
        editor.patch(&format!("/projects/{code}"), &json!({ "summary": format!("{nasty} again") })).expect(200);
        let agreement = json!({
            "code": code, "title": nasty, "kind": "joint_statement", "nations": [nation], "areas": [code],
            "projects": [code], "summary": nasty, "source": nasty, "signed_on": "2001",
        });
        editor.post("/agreements", &agreement).expect(201);
        let review = json!({
            "project": code, "reviewed_on": "2002-02-02", "rating": "at_risk", "summary": nasty, "reviewer": nasty,
            "source": nasty,
        });
        editor.post("/reviews", &review).expect(201);
        let later = json!({ "project": code, "reviewed_on": "2003-02-02", "rating": "on_track", "summary": nasty });
        editor.post("/reviews", &later).expect(201);
        let document = json!({
            "code": code, "agreement": code, "project": code, "title": nasty, "kind": "annex", "notes": nasty,
        });
        editor.post("/documents", &document).expect(201);
        let dismissal = json!({ "rule": "review-stale", "resource": "projects", "key": code, "reason": nasty });
        editor.post("/dismissals", &dismissal).expect(201);
    }
}

/// The pages and pictures that show them.
fn pages_of_nasty_records() -> Vec<String> {
    let mut paths: Vec<String> = [
        "/",
        "/projects",
        "/agreements",
        "/organisations",
        "/nations",
        "/reviews",
        "/areas",
        "/partner-types",
        "/documents",
    ]
    .into_iter()
    .chain(["/dismissals", "/findings", "/findings?limit=200", "/changes?from=r0", "/changes?from=r20", "/network"])
    .chain(["/review", "/review/minutes?on=2002-02-02"])
    .map(str::to_owned)
    .collect();
    for nation in ["IN", "JP", "US"] {
        paths.push(format!("/nations/{nation}"));
    }
    for collection in ["projects", "agreements", "organisations", "areas", "partner-types", "documents"] {
        for end in ["", "/edit", "/delete"] {
            paths.extend((0..NASTY.len()).map(|at| format!("/{collection}/n{at}{end}")));
        }
    }
    let pictures = ["/network.svg", "/pictures/map.svg", "/pictures/nations/IN/timeline.svg"];
    paths.extend(pictures.map(str::to_owned));
    paths.extend((0..NASTY.len()).map(|at| format!("/pictures/projects/n{at}/history.svg")));
    paths.extend((0..NASTY.len()).map(|at| format!("/pictures/years-n{at}.svg")));
    paths.push("/search?q=%3Cscript%3Ealert%281%29".to_owned());
    paths.push("/projects?q=%22%3E%3Cimg+src%3Dx+onerror%3Dalert%281%29%3E".to_owned());
    paths.push("/sign-in?to=%22%3E%3Cscript%3E&why=%3Cscript%3E".to_owned());
    paths.push("/nowhere%3Cscript%3E".to_owned());
    paths.push("/projects?%3Cscript%3E=%3Cimg".to_owned());
    paths
}

/// Fails where any text goes into a page unescaped.
#[test]
fn no_text_of_a_record_becomes_markup() {
    let app = TestApp::spawn();
    add_nasty_records(&app);
    let browser = Browser::signed_in(&app, "editor");
    let mut seen = 0;
    for path in pages_of_nasty_records() {
        for language in ["en", "fr"] {
            let mark = if path.contains('?') { '&' } else { '?' };
            let answer = browser.get(&format!("{path}{mark}lang={language}"));
            if path.ends_with(".svg") {
                // It is no page of ours: a browser saves it.
                assert!(answer.header("content-disposition").unwrap().starts_with("attachment"), "{path}: {answer}");
            }
            let text = answer.text();
            for wrong in ["<script", "<img", "<svg onload", "href=\"javascript:"] {
                assert!(!text.contains(wrong), "{path}: {wrong} in {text}");
            }
            seen += text.matches("alert(1)").count();
        }
    }
    assert!(seen > 100, "the texts are shown: {seen}");
}
