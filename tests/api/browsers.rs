//! Headers for browsers: which scripts may use the service, and whether to come without TLS.
//!
//! Each test fails without what it tests: the check of an origin, no credentials, `Vary`; the header for TLS, and the
//! setting for it; the policy of Swagger UI, and a looser one; each `no-store`.

use std::io::Read as _;

use serde_json::json;

use crate::support::{Answer, Options, PASSWORD, TestApp, raw};

const PANEL: &str = "https://panel.example.org";

fn preflight(app: &TestApp, origin: &str) -> Answer {
    let anonymous = app.anonymous();
    let call = anonymous.request("OPTIONS", "/nations/FR").header("Origin", origin);
    let call = call.header("Access-Control-Request-Method", "PATCH");
    call.header("Access-Control-Request-Headers", "authorization,content-type,if-match").send()
}

fn allowed(answer: &Answer) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

#[test]
fn scripts_of_other_origins_get_nothing_unless_their_origin_is_named() {
    let app = TestApp::spawn();
    assert_eq!(allowed(&preflight(&app, PANEL)), None);
    assert_eq!(allowed(&app.viewer().request("GET", "/nations").header("Origin", PANEL).send().expect(200)), None);

    let app = TestApp::with(Options { cors_origins: &[PANEL], ..Options::default() });
    let answer = preflight(&app, PANEL);
    assert!(matches!(answer.status, 200 | 204), "{answer}");
    assert_eq!(allowed(&answer), Some(PANEL));
    assert!(answer.header("access-control-allow-methods").unwrap().contains("PATCH"), "{answer}");
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    for other in ["https://evil.example.org", "http://panel.example.org", "https://panel.example.org.evil.org", "null"]
    {
        assert_eq!(allowed(&preflight(&app, other)), None, "{other}");
        let answer = app.viewer().request("GET", "/nations").header("Origin", other).send().expect(200);
        assert_eq!(allowed(&answer), None, "{other}");
    }
    let answer = app.viewer().request("GET", "/nations").header("Origin", PANEL).send().expect(200);
    assert_eq!(allowed(&answer), Some(PANEL));
    assert!(answer.header("access-control-expose-headers").unwrap().to_lowercase().contains("etag"), "{answer}");
    let vary: Vec<_> = answer.headers.get_all("vary").iter().map(|line| line.to_str().unwrap()).collect();
    let vary = vary.join(", ").to_lowercase();
    assert!(["origin", "accept", "authorization"].iter().all(|name| vary.contains(name)), "{vary}");
    // A script of an origin that is named still needs a token, and may read why.
    let refused = app.anonymous().request("GET", "/nations").header("Origin", PANEL).send();
    refused.problem(401, "unauthenticated");
    assert_eq!(allowed(&refused), Some(PANEL));
}

#[test]
fn the_hsts_setting_makes_browsers_use_tls() {
    let hsts = |answer: &Answer| answer.header("strict-transport-security").map(str::to_owned);
    let app = TestApp::spawn();
    assert_eq!(hsts(&app.root().get("/health/live")), None);
    let app = TestApp::with(Options { hsts: true, ..Options::default() });
    for answer in [app.root().get("/health/live"), app.root().get("/nowhere"), app.viewer().get("/nations")] {
        assert_eq!(hsts(&answer).as_deref(), Some("max-age=31536000"), "{answer}");
    }
}

#[test]
fn swagger_ui_comes_from_here_alone_and_may_run_nothing_else() {
    let app = TestApp::spawn();
    for file in
        ["", "swagger-initializer.js", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-ui.css"]
    {
        let answer = app.root().request("GET", &format!("/docs/{file}")).send().expect(200);
        let policy = answer.header("Content-Security-Policy").unwrap().to_owned();
        assert!(policy.contains("script-src 'self';") && !policy.contains("'unsafe-inline'"), "{file}: {policy}");
    }
    let initializer = app.root().request("GET", "/docs/swagger-initializer.js").send();
    assert!(initializer.header("Content-Type").unwrap().starts_with("text/javascript"));
    assert!(initializer.text().contains("url: \"../openapi.json\""));
    app.root().request("POST", "/docs/swagger-initializer.js").send().problem(405, "method-not-allowed");
}

/// Compressed bytes go to who asked for them; and a cache between keeps the two apart.
#[test]
fn swagger_ui_is_compressed_for_who_accepts_that() {
    let app = TestApp::spawn();
    for file in ["", "swagger-ui-bundle.js", "swagger-ui.css"] {
        let ask = |accept: &str| {
            let root = app.root();
            let call = root.request("GET", &format!("/docs/{file}"));
            if accept.is_empty() { call.send() } else { call.header("Accept-Encoding", accept).send() }.expect(200)
        };
        let plain = ask("identity");
        assert!(std::str::from_utf8(&plain.body).is_ok(), "{file}");
        for accept in ["gzip;q=0", "br", "gzip;q=0.1, identity", "*;q=0, identity"] {
            let answer = ask(accept);
            assert_eq!((answer.header("content-encoding"), answer.body == plain.body), (None, true), "{accept}");
        }
        for accept in ["gzip", "gzip, deflate, br", "*"] {
            // The client of the tests undoes the encoding that the header names.
            let answer = ask(accept);
            assert_eq!(varies(&answer).iter().filter(|name| *name == "accept-encoding").count(), 1, "{answer}");
            let bytes = match answer.header("content-encoding") {
                Some("gzip") => {
                    let mut bytes = Vec::new();
                    flate2::read::GzDecoder::new(answer.body.as_slice()).read_to_end(&mut bytes).unwrap();
                    bytes
                }
                _ => answer.body,
            };
            assert!(bytes == plain.body, "{accept} {file}");
        }
        assert!(varies(&plain).contains(&"accept-encoding".to_owned()));
    }
    let packed = raw(app.address(), "GET /docs/swagger-ui.css HTTP/1.1\nAccept-Encoding: gzip", b"");
    assert!(packed.head.to_lowercase().contains("content-encoding: gzip"), "{}", packed.head);
    assert!(packed.body.starts_with(&[0x1f, 0x8b]));
}

/// The names in `Vary`, in lower case.
fn varies(answer: &Answer) -> Vec<String> {
    let lines = answer.headers.get_all("vary").iter().map(|line| line.to_str().unwrap().to_lowercase());
    lines.flat_map(|line| line.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>()).collect()
}

/// A cache must not give one origin what another one was allowed, in either order.
#[test]
fn answers_vary_by_origin_where_scripts_of_others_are_let_in() {
    let app = TestApp::with(Options { cors_origins: &[PANEL], ..Options::default() });
    for origin in [None, Some(PANEL), Some("https://other.example.org")] {
        for path in ["/api/v1/nations", "/health/live", "/nowhere", "/docs/"] {
            let client = app.root().with_token(app.viewer().token().unwrap());
            let call = client.request("GET", path);
            let answer = origin.into_iter().fold(call, |call, origin| call.header("Origin", origin)).send();
            let names = varies(&answer);
            assert!(names.contains(&"origin".to_owned()), "{origin:?} {path}: {names:?}");
            assert!(["accept", "authorization"].iter().all(|name| names.contains(&(*name).to_owned())), "{names:?}");
        }
    }
    let app = TestApp::spawn();
    assert!(!varies(&app.viewer().get("/nations")).contains(&"origin".to_owned()), "there is one answer for all");
}

/// Each place in `http` that says `no-store` has its line here: without it the answer may be kept, and a line fails.
#[test]
fn nothing_that_concerns_identity_is_kept_by_a_browser() {
    let app = TestApp::spawn();
    let (admin, anonymous) = (app.admin(), app.anonymous());
    let sign_in = |password: &str| {
        let form = format!("grant_type=password&username=editor&password={}", password.replace(' ', "+"));
        anonymous.request("POST", "/auth/token").body("application/x-www-form-urlencoded", form).send()
    };
    let give_back =
        || anonymous.request("POST", "/auth/revoke").body("application/x-www-form-urlencoded", "token=none").send();
    let user = json!({ "username": "ada", "role": "viewer", "password": "nine otters in the harbour" });
    let token = json!({ "name": "a tool", "role": "viewer", "expires_in_days": 1 });
    let password = json!({ "current_password": PASSWORD, "new_password": "nine otters in the harbour" });
    let made = admin.post("/tokens", &token).expect(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let answers = [
        sign_in(PASSWORD).expect(200),
        sign_in("never").expect(400),
        give_back().expect(200),
        admin.get("/auth/me").expect(200),
        app.editor().post("/auth/password", &password).expect(204),
        admin.post("/users", &user).expect(201),
        admin.get("/users/ada").expect(200),
        admin.patch("/users/ada", &json!({ "display_name": "Ada" })).expect(200),
        admin.get("/users").expect(200),
        made,
        admin.get(&format!("/tokens/{id}")).expect(200),
        admin.get("/tokens").expect(200),
    ];
    for answer in answers {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{} {}", answer.method, answer.path);
    }
}

/// Without routes of our own for it the methods that Swagger UI does not know, `HEAD` among them, are a 404.
#[test]
fn swagger_ui_says_which_methods_it_has() {
    let app = TestApp::spawn();
    for file in ["", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        let ask = |method: &str| app.root().request(method, &format!("/docs/{file}")).send();
        for method in ["POST", "PUT", "PATCH", "DELETE", "PURGE"] {
            let refused = ask(method);
            refused.problem(405, "method-not-allowed");
            assert_eq!(refused.header("Allow"), Some("GET, HEAD, OPTIONS"), "{method} {file}");
        }
        let options = ask("OPTIONS").expect(204);
        assert_eq!(options.header("Allow"), Some("GET, HEAD, OPTIONS"));
        let (head, get) = (ask("HEAD").expect(200), ask("GET").expect(200));
        assert_eq!(head.text(), "");
        assert_eq!(head.header("Content-Type"), get.header("Content-Type"));
    }
    app.root().request("GET", "/docs/nothing.js").send().problem(404, "not-found");
}

#[test]
fn a_service_can_keep_silent_about_itself() {
    let app = TestApp::with(Options { docs: false, ..Options::default() });
    for path in ["/docs", "/docs/", "/docs/swagger-initializer.js", "/docs/swagger-ui-bundle.js", "/openapi.json"] {
        let nothing = app.root().request("GET", path).send();
        nothing.problem(404, "not-found");
        assert!(!nothing.text().contains("docs"), "{nothing}");
    }
    app.viewer().get("/nations").expect(200);
    app.root().get("/problems").expect(200);
}
