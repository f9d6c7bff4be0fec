//! Errors: always a problem (RFC 9457), whatever was sent; and the headers of every answer.

use serde_json::Value;

use crate::support::{TestApp, database, raw, records};

fn get(app: &TestApp, target: &[u8], headers: &str) -> crate::support::RawAnswer {
    let token = app.viewer().token().unwrap_or_default().to_owned();
    let mut head = b"GET ".to_vec();
    head.extend_from_slice(target);
    head.extend_from_slice(b" HTTP/1.1\nAuthorization: Bearer ");
    head.extend_from_slice(token.as_bytes());
    if !headers.is_empty() {
        head.extend_from_slice(format!("\n{headers}").as_bytes());
    }
    raw(app.address(), head, b"")
}

#[test]
fn a_path_that_is_nowhere_is_a_problem() {
    let app = TestApp::spawn();
    for path in ["/nowhere", "/nations/IN/colour", "/nations/", "//nations", "/nations/IN/", "/projects/a/b/c/d", ""] {
        app.viewer().get(&format!("/api/v1{path}")).problem(404, "not-found");
    }
    for path in ["/nowhere", "/api", "/api/v2/nations", "/problems/nonsense", "/health", "/.env"] {
        app.root().request("GET", path).send().problem(404, "not-found");
    }
}

#[test]
fn strange_bytes_in_a_path_are_not_found() {
    let app = TestApp::spawn();
    records::fill(&app);
    for code in [
        "%00",
        "IN%00",
        "%ff",
        "%C3%28",
        "%zz",
        "%",
        "%2F",
        "..%2f..%2fetc",
        "%E2%80%AE",
        "'%20OR%201=1",
        "in",
        "%F0%9F%9A%80",
    ] {
        let answer = get(&app, format!("/api/v1/nations/{code}").as_bytes(), "");
        assert!(matches!(answer.status, 400 | 404), "{code}: {}", answer.head);
        answer.problem(answer.status, if answer.status == 400 { "bad-request" } else { "not-found" });
        let history = get(&app, format!("/api/v1/projects/{code}/history").as_bytes(), "");
        assert!(matches!(history.status, 400 | 404), "{code}: {}", history.head);
    }
}

/// Fails where bytes that are not UTF-8 are read all the same, and where texts take control characters.
#[test]
fn strange_bytes_in_a_query_are_refused() {
    let app = TestApp::spawn();
    for query in
        ["code=%00", "code=%ff", "region=%C3%28", "%00=1", "region=a%00b", "region=%E2%80%AE", "limit=%FF", "sort=%00"]
    {
        get(&app, format!("/api/v1/nations?{query}").as_bytes(), "").problem(400, "bad-request");
    }
    for query in ["", "&", "region=", "region=%25", "region='%3B--"] {
        let answer = get(&app, format!("/api/v1/nations?{query}").as_bytes(), "");
        assert!(matches!(answer.status, 200 | 400), "{query}: {}", answer.head);
    }
}

/// Fails without the check of `Content-Encoding`.
#[test]
fn a_body_with_a_content_encoding_is_not_read() {
    let app = TestApp::spawn();
    for encoding in ["gzip", "br", "deflate", "zstd", "gzip, identity", ""] {
        let answer = get(&app, b"/api/v1/nations", &format!("Content-Encoding: {encoding}"));
        answer.problem(415, "unsupported-media-type");
    }
    assert_eq!(get(&app, b"/api/v1/nations", "Content-Encoding: identity").status, 200);
}

/// Fails where every id is sane.
#[test]
fn a_request_keeps_its_id_if_it_is_sane() {
    let app = TestApp::spawn();
    let ask = |id: &str| {
        let answer = app.root().request("GET", "/nowhere").header("X-Request-Id", id).send();
        let given = answer.header("x-request-id").unwrap().to_owned();
        assert_eq!(answer.json()["instance"], given);
        given
    };
    for sane in ["a", "0190b0a5-7c1e-7d2e-8a53-0a4c1c1f2b3d", "Trace_1.2", &"x".repeat(64)] {
        assert_eq!(ask(sane), *sane);
    }
    let mut made = std::collections::BTreeSet::new();
    for insane in ["", "a b", "a\"b", "<script>", "a;b", "ééé", &"x".repeat(65)] {
        let given = ask(insane);
        assert_ne!(given, *insane);
        assert!(given.len() == 36 && made.insert(given), "a new id each time");
    }
}

#[test]
fn every_kind_of_problem_is_explained() {
    let app = TestApp::spawn();
    let page = app.root().get("/problems").expect(200).json();
    let items = page["items"].as_array().unwrap();
    let expected = [
        (400, "bad-request"),
        (401, "unauthenticated"),
        (403, "forbidden"),
        (404, "not-found"),
        (405, "method-not-allowed"),
        (406, "not-acceptable"),
        (409, "answer-not-kept"),
        (409, "conflict"),
        (409, "in-use"),
        (409, "still-running"),
        (412, "precondition-failed"),
        (413, "too-large"),
        (414, "too-large"),
        (415, "unsupported-media-type"),
        (422, "idempotency-key-reused"),
        (422, "validation"),
        (428, "precondition-required"),
        (429, "too-many-requests"),
        (431, "too-large"),
        (500, "internal"),
        (503, "unavailable"),
        (507, "storage-full"),
    ];
    let mut found: Vec<_> =
        items.iter().map(|item| (item["status"].as_u64().unwrap(), item["type"].as_str().unwrap())).collect();
    found.sort_unstable();
    let types: Vec<_> = expected.iter().map(|(status, slug)| (*status, format!("/problems/{slug}"))).collect();
    assert_eq!(found, types.iter().map(|(status, kind)| (*status, kind.as_str())).collect::<Vec<_>>());
    for item in items {
        for name in ["title", "detail"] {
            assert!(item[name].as_str().is_some_and(|text| text.len() > 10), "{item}");
        }
        app.root().get(item["type"].as_str().unwrap()).expect(200);
    }
}

/// Fails without any one of them, and with CORS for every origin.
#[test]
fn every_answer_carries_the_security_headers() {
    let app = TestApp::spawn();
    records::fill(&app);
    let viewer = app.viewer();
    let tag = viewer.get("/nations/IN").header("ETag").unwrap().to_owned();
    let page = viewer.get("/nations").header("ETag").unwrap().to_owned();
    let known = |path: &str, tag: &str| viewer.request("GET", path).header("If-None-Match", tag).send().expect(304);
    let answers = [
        known("/nations/IN", &tag),
        known("/nations", &page),
        viewer.get("/nations"),
        viewer.get("/nations/IN"),
        viewer.get("/nations/ZZ"),
        viewer.get("/nations?colour=red"),
        viewer.request("OPTIONS", "/nations").send(),
        viewer.request("PURGE", "/nations").send(),
        app.root().get("/nowhere"),
        app.root().get("/health/live"),
        app.root().get(&format!("/{}", "x".repeat(9000))),
        viewer.request("GET", "/nations/IN").header("If-None-Match", "*").send(),
    ];
    for answer in answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("vary", "Accept, Authorization"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name} of {answer}");
        }
        let cache = answer.header("cache-control").unwrap();
        assert!(cache.contains("no-cache") || cache.contains("no-store"), "{cache} of {answer}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(answer.header("server"), None);
    }
}

/// Fails without the limit.
#[test]
fn a_body_is_limited_with_and_without_a_content_length() {
    let app = TestApp::spawn();
    let token = app.admin().token().unwrap_or_default().to_owned();
    let head = |more: &str| {
        format!("POST /api/v1/projects HTTP/1.1\nAuthorization: Bearer {token}\nContent-Type: application/json\n{more}")
    };
    raw(app.address(), head("Content-Length: 1048577"), b"").problem(413, "too-large");
    // Exactly as much as fits: it is read, and is no JSON.
    let body = vec![b' '; 1024 * 1024];
    raw(app.address(), head("Content-Length: 1048576"), &body).problem(400, "bad-request");
    let mut chunked = b"100001\r\n".to_vec();
    chunked.extend(vec![b' '; 1024 * 1024 + 1]);
    raw(app.address(), head("Transfer-Encoding: chunked"), &chunked).problem(413, "too-large");
}

#[test]
fn no_error_tells_what_is_inside() {
    let app = TestApp::spawn();
    let answers = [
        app.viewer().get("/nations/'%3B%20DROP%20TABLE%20nations"),
        app.viewer().get("/nations?region='%22%5C"),
        app.viewer().get("/projects?sort=name%3B--"),
        app.viewer().get("/projects?cursor=WzEsIngiLFsiYSJdXQ"),
        app.admin().post("/projects", &Value::String("'".to_owned())),
    ];
    for answer in answers {
        assert!(answer.status < 500, "{answer}");
        let text = answer.text().to_lowercase();
        for word in ["select ", "sqlite", "postgres", "diesel", "/src/", ".rs", "panicked"] {
            assert!(!text.contains(word), "{word} in {answer}");
        }
    }
}

/// A fault inside is for the log: two tables are gone, and no answer says which.
#[test]
fn a_fault_of_the_service_tells_nothing_but_the_id_of_the_request() {
    let app = TestApp::spawn();
    let admin = app.admin();
    let mut conn = app.database.connect();
    for table in ["named_tokens", "login_attempts"] {
        database::run(&mut conn, &format!("ALTER TABLE {table} RENAME TO {table}_elsewhere"));
    }
    let form = "grant_type=password&username=admin&password=a+password+that+is+wrong";
    let anonymous = app.anonymous();
    let sign_in = anonymous.request("POST", "/auth/token").body("application/x-www-form-urlencoded", form).send();
    assert_eq!(sign_in.json()["error"], "server_error", "{sign_in}");
    let list = admin.get("/tokens");
    list.problem(500, "internal");
    for answer in [sign_in.expect(500), list] {
        let text = answer.text().to_lowercase();
        for word in ["table", "named_tokens", "login_attempts", "select", "sql", "relation", "diesel", ".rs"] {
            assert!(!text.contains(word), "{word} in {answer}");
        }
    }
}

#[test]
fn health_tells_that_the_service_lives_and_is_ready() {
    let app = TestApp::spawn();
    app.root().get("/health/live").expect(200);
    app.root().get("/health/ready").expect(200);
}
