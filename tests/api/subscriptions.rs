//! Subscriptions: addresses with a secret of their own. And HTTP Basic, for clients that know nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use partnership_registry::auth::{Role, revoke_all_sessions_and_tokens};
use partnership_registry::db::schema::subscriptions as table;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Options, TestApp, records};

/// A subscription of a client, and the path of its address.
fn subscribe(client: &Client, query: &str) -> (Value, String) {
    let made = client.post("/subscriptions", &json!({ "query": query })).expect(201);
    let location = made.header("location").unwrap().to_owned();
    let made = made.json();
    assert_eq!(location, format!("/api/v1/subscriptions/{}", made["id"].as_str().unwrap()));
    let address = made["address"].as_str().unwrap().to_owned();
    (made, address)
}

fn filled() -> TestApp {
    let app = TestApp::with(Options {
        users: &[("viewer", Role::Viewer), ("editor", Role::Editor), ("admin", Role::Admin), ("ada", Role::Editor)],
        ..Options::default()
    });
    records::fill(&app);
    app
}

fn ada(app: &TestApp) -> Client {
    app.anonymous().with_token(&app.sign_in("ada"))
}

/// Fails where the stored query is not what is asked, and where an address answers another question or writes.
#[test]
fn an_address_answers_its_one_question_to_who_has_nothing_else() {
    let app = filled();
    let viewer = app.viewer();
    for query in [
        "/agreements?format=ics&nation=IN",
        "/api/v1/agreements?format=csv&fields=code,title&sort=-title",
        "/projects?format=ndjson&expand=nations",
        "/nations?limit=1&format=csv",
        "/summaries/projects?group_by=nation&format=csv",
        "/partnerships?format=ndjson",
        "/nations?as_of=r1&format=csv",
    ] {
        let (made, address) = subscribe(&viewer, query);
        let plain = viewer.get(query).expect(200);
        let subscribed = app.root().get(&address).expect(200);
        assert_eq!(subscribed.text(), plain.text(), "{query}");
        for name in ["content-type", "etag", "content-disposition"] {
            assert_eq!(subscribed.header(name), plain.header(name), "{query}");
        }
        assert_eq!(subscribed.header("link"), None, "a page that no client could ask for");
        assert_eq!(subscribed.header("referrer-policy"), Some("no-referrer"));
        let extension = query.split("format=").nth(1).unwrap().split('&').next().unwrap();
        assert!(address.ends_with(&format!(".{extension}")), "{address}");
        assert_eq!(made["query"], query.trim_start_matches("/api/v1"));
        // The client's own wishes do not count, nor does a token.
        let root = app.root();
        let asked = root.request("GET", &address).header("Accept", "application/json");
        assert_eq!(asked.header("Authorization", "Bearer x").send().expect(200).text(), plain.text());
        let head = app.root().head(&address).expect(200);
        assert_eq!((head.etag(), head.body.len()), (plain.etag(), 0));
        for tag in [plain.etag(), format!("\"{}-gzip\"", plain.etag().trim_start_matches("W/").trim_matches('"'))] {
            app.root().request("GET", &address).header("If-None-Match", &tag).send().expect(304);
        }
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            app.root().request(method, &address).send().problem(405, "method-not-allowed");
        }
        app.root().get(&format!("{address}?limit=1")).problem(400, "bad-request");
    }
    // It answers as things are, not as they were.
    let (_, address) = subscribe(&viewer, "/nations?format=csv&fields=code");
    let tag = app.root().get(&address).etag();
    records::nation(&app, "KE");
    let changed = app.root().request("GET", &address).header("If-None-Match", &tag).send().expect(200);
    assert!(changed.text().contains("KE"));
}

#[test]
fn a_query_is_looked_at_when_the_subscription_is_made() {
    let app = filled();
    let viewer = app.viewer();
    let refused = |query: Value| viewer.post("/subscriptions", &json!({ "query": query })).problem(422, "validation");
    for (query, code, words) in [
        ("/nowhere?format=csv", "unknown_value", "/agreements, "),
        ("agreements?format=csv", "unknown_value", "/agreements, "),
        ("/users?format=csv", "unknown_value", "/partnerships"),
        ("/agreements/x?format=csv", "unknown_value", "/summaries/projects"),
        ("https://elsewhere.example/agreements?format=csv", "unknown_value", "/agreements"),
        ("/changes?format=csv", "unknown_value", "/agreements"),
        ("/agreements", "bad_format", "ics, csv, ndjson"),
        ("/agreements?format=json", "bad_format", "ics, csv, ndjson"),
        ("/agreements?format=xlsx", "bad_format", "ics, csv, ndjson"),
        ("/nations?format=ics", "bad_format", "csv, ndjson"),
        ("/agreements?format=ics&colour=red", "unknown_parameter", "colour"),
        ("/agreements?format=ics&nation=india", "", "nation"),
        ("/agreements?format=ics&fields=code", "not_in_format", "fields"),
        ("/agreements?format=csv&expand=nations", "not_in_format", "expand"),
        ("/agreements?format=csv&cursor=x", "bad_query", "cursor"),
        ("/agreements?format=csv&format=csv", "bad_query", "twice"),
        ("/summaries/projects?format=csv", "required", "nation"),
        ("/partnerships?format=csv&sort=code", "unknown_parameter", "sort"),
    ] {
        let problem = refused(json!(query));
        let error = &problem["errors"][0];
        assert_eq!(error["pointer"], "/query", "{problem}");
        assert!(code.is_empty() || error["code"] == code, "{query}: {problem}");
        assert!(error["detail"].as_str().unwrap().contains(words), "{query}: {problem}");
    }
    for wrong in
        [json!(7), json!(null), json!("x".repeat(4001)), json!(format!("/nations?format=csv&q={}", "x".repeat(4000)))]
    {
        refused(wrong);
    }
    let end = |name: &str, value: Value| {
        let body = json!({ "query": "/nations?format=csv", name: value });
        viewer.post("/subscriptions", &body)
    };
    end("expires_at", json!("2001-01-01T00:00:00Z")).assert_invalid(&[("/expires_at", "out_of_range")]);
    end("expires_at", json!("soon")).assert_invalid(&[("/expires_at", "bad_timestamp")]);
    end("expires_in_days", json!(1827)).assert_invalid(&[("/expires_in_days", "out_of_range")]);
    end("colour", json!("red")).assert_invalid(&[("/colour", "unknown_field")]);
    end("expires_in_days", json!(1826)).expect(201);
}

/// Fails where another user sees, lists or revokes it, where it outlives its revocation, and where the secret is kept.
#[test]
fn a_subscription_is_shown_once_and_revoked_by_its_owner_or_an_admin() {
    let app = filled();
    let (viewer, admin, ada) = (app.viewer(), app.admin(), ada(&app));
    let (made, address) = subscribe(&ada, "/nations?format=csv");
    let path = format!("/subscriptions/{}", made["id"].as_str().unwrap());
    let secret = address.rsplit('/').next().unwrap().trim_end_matches(".csv").to_owned();
    assert_eq!(secret.len(), 43);
    let kept: Vec<String> = table::table.select(table::digest).load(&mut app.database.connect()).unwrap();
    assert!(kept.iter().all(|digest| digest.len() == 64 && !digest.contains(&secret)));
    let shown = ada.get(&path).expect(200);
    assert!(!shown.text().contains(&secret) && shown.json().get("address").is_none(), "{shown}");
    assert_eq!(ada.get("/subscriptions").expect(200).column("id"), [made["id"].as_str().unwrap()]);
    assert_eq!(viewer.get("/subscriptions").json()["total"], 0);
    assert_eq!(admin.get("/subscriptions").json()["total"], 1);
    viewer.get(&path).problem(404, "not-found");
    viewer.delete(&path).problem(404, "not-found");
    app.root().get(&address).expect(200);
    let (_, other) = subscribe(&ada, "/nations?format=csv");
    admin.delete(&path).expect(204);
    ada.delete(&path).expect(204);
    assert!(ada.get(&path).json()["revoked_at"].is_string());
    app.root().get(&address).problem(404, "not-found");
    app.root().get(&other).expect(200);
    // A program makes none.
    let token = json!({ "name": "a tool", "role": "editor", "expires_in_days": 1 });
    let token = ada.post("/tokens", &token).expect(201).json()["token"].as_str().unwrap().to_owned();
    app.anonymous().with_token(&token).post("/subscriptions", &json!({ "query": "/nations?format=csv" })).expect(403);
    app.database.connect();
    app.db.write_blocking(revoke_all_sessions_and_tokens).unwrap();
    app.root().get(&other).problem(404, "not-found");
}

/// Fails where the state of the owner is kept from when the subscription was made.
#[test]
fn a_subscription_ends_when_its_owner_loses_access() {
    type Operation = fn(&TestApp);
    let deadly: [Operation; 4] = [
        |app| drop(app.admin().patch("/users/ada", &json!({ "disabled": true })).expect(200)),
        |app| drop(app.admin().delete("/users/ada").expect(204)),
        |app| drop(app.admin().patch("/users/ada", &json!({ "password": "nine otters in the harbour" })).expect(200)),
        |app| {
            let expired = table::expires_at.eq("2026-01-01T00:00:00.000000Z");
            diesel::update(table::table).set(expired).execute(&mut app.database.connect()).unwrap();
        },
    ];
    for operation in deadly {
        let app = filled();
        let (_, address) = subscribe(&ada(&app), "/agreements?format=ics");
        app.admin().patch("/users/ada", &json!({ "role": "viewer" })).expect(200);
        app.root().get(&address).expect(200);
        operation(&app);
        app.root().get(&address).problem(404, "not-found");
        // An owner who comes back begins anew.
        app.admin().patch("/users/ada", &json!({ "disabled": false }));
        app.root().get(&address).problem(404, "not-found");
    }
}

/// Fails where wrong secrets cost nothing, where they shut out who signs in, and where a client of an address that has
/// ended shuts its neighbours out.
#[test]
fn secrets_cannot_be_tried_out() {
    let app = filled();
    let (made, address) = subscribe(&app.viewer(), "/nations?format=csv");
    let (_, ended) = subscribe(&app.viewer(), "/nations?format=csv");
    let path = format!("/subscriptions/{}", made["id"].as_str().unwrap());
    app.viewer().delete(&ended[..ended.rfind('/').unwrap()]).expect(204);
    for _ in 0..30 {
        app.root().get(&ended).problem(404, "not-found");
    }
    app.root().get(&address).expect(200);
    let other_format = address.replace(".csv", ".ndjson");
    app.root().get(&other_format).problem(404, "not-found");
    let unknown = [
        "/subscriptions/0190b0a5-7c1e-7d2e-8a53-0a4c1c1f2b3d/x.csv",
        "/subscriptions/x/y.csv",
        "/subscriptions/%00/%00.csv",
    ];
    let wrong = [format!("{path}/x.csv"), format!("{path}/{}.csv", "A".repeat(43)), address.replace(".csv", "x.csv")];
    let all: Vec<&str> = unknown.into_iter().chain(wrong.iter().map(String::as_str)).collect();
    let details: Vec<Value> =
        all.iter().map(|path| app.root().get(path).problem(404, "not-found")["detail"].clone()).collect();
    assert!(details.windows(2).all(|pair| pair[0] == pair[1]), "{details:?}");
    let answers: Vec<u16> = all.iter().cycle().take(30).map(|path| app.root().get(path).status).collect();
    assert_eq!(answers.iter().filter(|status| **status == 404).count(), 20 - all.len(), "{answers:?}");
    let late = app.root().get(&address);
    late.problem(429, "too-many-requests");
    assert!(
        late.header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().is_ok_and(|seconds| seconds > 800))
    );
    app.sign_in("editor");
}

fn basic(client: &Client, method: &str, path: &str, name: &str, password: &str) -> Answer {
    let value = format!("Basic {}", STANDARD.encode(format!("{name}:{password}")));
    client.request(method, path).header("Authorization", &value).send()
}

/// Fails where a person's password is looked at, where the token of another user is good enough, and where Basic
/// writes.
#[test]
fn a_named_token_is_a_password_for_reading() {
    let app = filled();
    let ada = ada(&app);
    let made =
        ada.post("/tokens", &json!({ "name": "a calendar", "role": "editor", "expires_in_days": 1 })).expect(201);
    let token = made.json()["token"].as_str().unwrap().to_owned();
    let root = app.root();
    for path in ["/api/v1/agreements?format=ics", "/api/v1/nations/IN", "/api/v1/auth/me", "/api/v1/tokens"] {
        for method in ["GET", "HEAD"] {
            basic(&root, method, path, "ada", &token).expect(200);
        }
    }
    assert_eq!(basic(&root, "GET", "/api/v1/auth/me", "ada", &token).json()["username"], "ada");
    basic(&root, "GET", "/api/v1/users", "ada", &token).problem(403, "forbidden");
    let session = ada.token().unwrap().to_owned();
    for (name, password) in [
        ("ada", crate::support::PASSWORD),
        ("ada", ""),
        ("ada", &session),
        ("viewer", &token),
        ("", &token),
        ("ADA", &token),
        ("ada", &format!("{token}x")),
    ] {
        let refused = basic(&root, "GET", "/api/v1/nations", name, password);
        refused.problem(401, "unauthenticated");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let refused = basic(&root, method, "/api/v1/nations/IN", "ada", &token);
        let detail = refused.problem(401, "unauthenticated")["detail"].to_string();
        assert!(detail.contains("GET and HEAD"), "{detail}");
        assert_eq!(challenges(&refused).len(), 1);
    }
    // Wrong ones are no attempts to sign in.
    app.sign_in("ada");
    ada.delete(&format!("/tokens/{}", made.json()["id"].as_str().unwrap())).expect(204);
    basic(&root, "GET", "/api/v1/nations", "ada", &token).problem(401, "unauthenticated");
}

fn challenges(answer: &Answer) -> Vec<String> {
    answer.headers.get_all("www-authenticate").iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

/// A calendar asks its user for name and password only where it is challenged; a browser that shows a page of ours must
/// not, whatever its scripts ask.
#[test]
fn a_client_that_may_know_basic_is_challenged_to_use_it() {
    let app = TestApp::spawn();
    let ask = |method: &str, headers: &[(&str, &str)]| {
        let anonymous = app.anonymous();
        let call = anonymous.request(method, "/nations");
        challenges(&headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send())
    };
    for headers in [&[][..], &[("Sec-Fetch-Mode", "navigate")], &[("Authorization", "Basic eDp5")]] {
        let both = ask("GET", headers);
        assert_eq!(both.len(), 2, "{both:?}");
        assert!(both[0].starts_with("Bearer") && both[1].starts_with("Basic realm="), "{both:?}");
    }
    for headers in
        [&[("Sec-Fetch-Mode", "cors")][..], &[("Sec-Fetch-Mode", "same-origin")], &[("Authorization", "Bearer x")]]
    {
        let one = ask("GET", headers);
        assert!(one.len() == 1 && one[0].starts_with("Bearer"), "{headers:?} {one:?}");
    }
    assert_eq!(ask("POST", &[]).len(), 1);
}
