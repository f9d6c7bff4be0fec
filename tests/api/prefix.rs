//! Behind a proxy that cuts a path off: every link that the service writes leads back through it.

use serde_json::{Value, json};

use crate::support::{Answer, Options, TestApp, records};

/// Every link in answers of many kinds, with what it is.
fn links(app: &TestApp, prefix: &str) -> Vec<(String, String)> {
    let admin = app.admin();
    let root = app.root();
    let ask = |method: &str, path: &str, body: &Value| -> Answer {
        let client = if path == "/docs" { &root } else { &admin };
        let call = client.request(method, path);
        let call = if prefix.is_empty() { call } else { call.header("X-Forwarded-Prefix", prefix) };
        if body.is_null() { call.send() } else { call.json(body).send() }
    };
    let mut found = Vec::new();
    let mut header = |what: &str, name: &str, answer: &Answer| {
        let value = answer.header(name).unwrap_or_else(|| panic!("no {name} in {answer}"));
        found.push((what.to_owned(), value.trim_start_matches('<').to_owned()));
    };
    let area = json!({ "code": "made-here", "name_en": "Made here" });
    header("a record", "location", &ask("POST", "/cooperation-areas", &area).expect(201));
    header("its list", "link", &ask("GET", "/cooperation-areas?limit=1", &Value::Null).expect(200));
    ask("PATCH", "/cooperation-areas/made-here", &json!({ "name_en": "Changed" })).expect(200);
    header(
        "its history",
        "link",
        &ask("GET", "/cooperation-areas/made-here/history?limit=1", &Value::Null).expect(200),
    );
    ask("DELETE", "/cooperation-areas/made-here", &Value::Null).expect(204);
    header("a record put", "location", &ask("PUT", "/cooperation-areas/made-here", &area).expect(201));
    ask("DELETE", "/cooperation-areas/made-here", &Value::Null).expect(204);
    let token = json!({ "name": "a tool", "role": "viewer", "expires_in_days": 1 });
    header("a token", "location", &ask("POST", "/tokens", &token).expect(201));
    let user = json!({ "username": "ada@agency.example", "role": "viewer", "password": "nine otters in the harbour" });
    header("a user", "location", &ask("POST", "/users", &user).expect(201));
    header("the users", "link", &ask("GET", "/users?limit=1", &Value::Null).expect(200));
    ask("DELETE", "/users/ada@agency.example", &Value::Null).expect(204);
    let subscription = json!({ "query": "/nations?format=csv" });
    let made = ask("POST", "/subscriptions", &subscription).expect(201);
    header("a subscription", "location", &made);
    header("a search", "link", &ask("GET", "/search?q=a&limit=1", &Value::Null).expect(200));
    header("a file", "link", &ask("GET", "/nations?format=csv&limit=1", &Value::Null).expect(200));
    header("the documentation", "location", &ask("GET", "/docs", &Value::Null).expect(308));
    let search = ask("GET", "/search?q=a", &Value::Null).expect(200).json();
    found.push(("found".to_owned(), search["items"][0]["href"].as_str().unwrap().to_owned()));
    let summary = ask("GET", "/summaries/projects?group_by=nation", &Value::Null).expect(200).json();
    found.push(("a group".to_owned(), summary["groups"][0]["href"].as_str().unwrap().to_owned()));
    let table = ask("GET", "/summaries/projects?group_by=nation&format=ndjson", &Value::Null).expect(200).text();
    let first: Value = serde_json::from_str(table.lines().next().unwrap()).unwrap();
    found.push(("a group in a file".to_owned(), first["href"].as_str().unwrap().to_owned()));
    found
}

#[track_caller]
fn lead_below(prefix: &str, links: &[(String, String)]) {
    assert!(links.len() >= 13);
    for (what, link) in links {
        let rest = link.strip_prefix(prefix).unwrap_or_else(|| panic!("{what}: {link} is not below {prefix}"));
        assert!(rest.starts_with("/api/v1/") || rest == "/docs/", "{what}: {link}");
    }
}

/// Fails where one place makes its own link, and where the document or Swagger UI lead to the root.
#[test]
fn every_link_leads_below_what_a_trusted_proxy_has_cut_off() {
    let app = TestApp::with(Options { trusted_proxies: &["127.0.0.0/8"], ..Options::default() });
    records::fill(&app);
    lead_below("", &links(&app, ""));
    lead_below("/reg", &links(&app, "/reg/"));
    lead_below("/outer/in-ner", &links(&app, "/outer,/in-ner"));
    for odd in ["//evil.example", "https://evil.example", "/a\"b", "/../up"] {
        lead_below("", &links(&app, odd));
    }
    let served = |prefix: &str| {
        app.root().request("GET", "/openapi.json").header("X-Forwarded-Prefix", prefix).send().expect(200)
    };
    let below = served("/reg").json();
    assert_eq!(below["servers"], json!([{ "url": "/reg" }]));
    let flow = "/components/securitySchemes/oauth2/flows/password/tokenUrl";
    assert_eq!(below.pointer(flow), Some(&json!("/reg/api/v1/auth/token")));
    let plain = served("/");
    assert!(plain.body == app.root().get("/openapi.json").body, "at the root it is the same bytes");
    assert_eq!(below["paths"], plain.json()["paths"]);
    assert!(!app.root().get("/docs/swagger-initializer.js").text().contains("url: \"/"), "beside its page");
}

#[test]
fn the_public_address_says_where_links_lead() {
    let app = TestApp::with(Options { public_url: Some("https://registry.example/reg"), ..Options::default() });
    records::fill(&app);
    lead_below("/reg", &links(&app, ""));
    // Not of a proxy that is trusted.
    lead_below("/reg", &links(&app, "/elsewhere"));
    let document = app.root().get("/openapi.json").expect(200).json();
    assert_eq!(document["servers"], json!([{ "url": "/reg" }]));
    let made = app.viewer().post("/subscriptions", &json!({ "query": "/nations?format=csv" })).expect(201).json();
    let address = made["address"].as_str().unwrap();
    assert!(address.starts_with("https://registry.example/reg/subscriptions/"), "{address}");
    let app = TestApp::with(Options { public_url: Some("https://registry.example"), ..Options::default() });
    assert!(app.root().get("/openapi.json").body == partnership_registry::app::openapi_json().as_bytes());
}

#[test]
fn only_a_trusted_proxy_can_set_the_prefix_of_links() {
    let app = TestApp::spawn();
    records::fill(&app);
    lead_below("", &links(&app, "/reg"));
    let document = app.root().request("GET", "/openapi.json").header("X-Forwarded-Prefix", "/reg").send();
    assert!(document.body == partnership_registry::app::openapi_json().as_bytes());
}
