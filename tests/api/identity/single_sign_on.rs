//! People for whom an organisation's own identity provider vouches.
//!
//! Each of these was seen to fail with its protection taken out: the length of a token, the three members of its
//! header, `typ`, the list of algorithms, the key's algorithm, the signature, `aud` (alone, and among others), `iat`,
//! `nbf`, `exp`, the lifetime, the form of `sub`, claims that are repeated or nest deeply; the prefix of names, whose
//! named tokens are shown, the role, the challenge; of the provider, its name in the discovery document, redirects, the
//! size of an answer, the pace of reading, the ages of keys, and that a remembered token's key is looked up again. Two
//! are not seen to be missed, as others do the same: a fourth segment breaks the signature, and only a token with the
//! right `iss` comes to be judged at all.

use std::time::Duration;

use partnership_registry::auth::oidc::RefreshPolicy;
use partnership_registry::auth::{Auth, Settings};
use partnership_registry::error::Error;
use partnership_registry::registry::cooperation_areas::CooperationArea;

use super::corpus::{Forged, forged, open_nothing, twice, with};
use super::*;
use crate::support::provider::{AUDIENCE, Page, Provider, SigningKey};

const ME: &str = "/api/v1/auth/me";
const STAFF: &[&str] = &["agency-staff"];
const EDITORS: &[&str] = &["agency-staff", "registry editors"];
const ADMINS: &[&str] = &["cn=admins,ou=it"];

/// Nothing is read a second time while a test runs.
const ONCE: RefreshPolicy = RefreshPolicy { reread: HOUR, retry: HOUR, fresh: HOUR, stale: HOUR };
/// Everything that may be read again is read again.
const ALWAYS: RefreshPolicy = RefreshPolicy { reread: Duration::ZERO, retry: Duration::ZERO, fresh: HOUR, stale: HOUR };
const HOUR: Duration = Duration::from_hours(1);

/// A service that believes a provider.
fn trusting(provider: &Provider, refresh_policy: RefreshPolicy) -> TestApp {
    let users = &[("root", Role::Admin), ("eddie", Role::Editor)];
    let provider = Some(provider.settings(refresh_policy));
    TestApp { app: support::TestApp::with(Options { users, provider, ..Options::default() }) }
}

/// The status that a token gets, once it is the one expected: a key set may be under way.
fn becomes(app: &TestApp, token: &str, status: u16) {
    let statuses = (0..10_000).map(|_| app.get(ME, token).status);
    assert!(statuses.into_iter().any(|found| found == status), "never {status}");
}

#[test]
fn users_of_the_provider_may_do_what_their_groups_allow() {
    let keys = [SigningKey::rsa("rsa"), SigningKey::ec("ec"), SigningKey::ed("ed")];
    let provider = Provider::start(&keys.each_ref());
    let app = trusting(&provider, ONCE);
    for key in &keys {
        for (groups, role) in [(STAFF, "viewer"), (EDITORS, "editor"), (ADMINS, "admin")] {
            let me = app.get(ME, &provider.token(key, "ada|1815", groups));
            assert_eq!(me.status, 200, "{} {}", key.kid, me.body);
            let expected = json!({
                "username": "oidc:ada|1815", "display_name": "oidc:ada|1815", "role": role, "named_token": null,
                "identity_provider": provider.issuer(), "created_at": null, "updated_at": null,
            });
            assert_eq!(me.body, expected);
        }
    }
    let token = |groups: &[&str]| provider.token(&keys[0], "ada", groups);
    let area = support::minimal::<CooperationArea>(1);
    let write = |token: &str| app.json("POST", "/api/v1/cooperation-areas", token, &area).status;
    assert_eq!((write(&token(STAFF)), write(&token(EDITORS)), write(&token(ADMINS))), (403, 403, 201));
    assert_eq!(app.write("nations", &token(EDITORS)), 422);
    assert_eq!(app.get("/api/v1/users", &token(EDITORS)).status, 403);
    assert_eq!(app.get("/api/v1/users", &token(ADMINS)).status, 200);
    let log = app.get("/api/v1/changes", &token(STAFF));
    assert_eq!(log.body["items"][0]["actor"], "oidc:ada", "{}", log.body);
    // A name to show, where the token has one.
    let named = with(&provider.claims("ada", STAFF), json!({"name": "Ada Lovelace"}));
    let me = app.get(ME, &keys[1].sign(&keys[1].header().to_string(), &named));
    assert_eq!((&me.body["display_name"], &me.body["username"]), (&json!("Ada Lovelace"), &json!("oidc:ada")));
    // And a user of this registry is who they were.
    let me = app.get(ME, &app.token("root"));
    assert_eq!((&me.body["username"], &me.body["identity_provider"]), (&json!("root"), &json!(null)));
}

#[test]
fn users_of_the_provider_without_a_role_are_forbidden_everything() {
    let key = SigningKey::ec("k");
    let provider = Provider::start(&[&key]);
    let app = trusting(&provider, ONCE);
    for groups in [&[][..], &["editor"], &["admin"], &["Agency-Staff"], &["agency-staff "], &["registry", "editors"]] {
        let token = provider.token(&key, "ada", groups);
        for path in [ME, "/api/v1/nations", "/api/v1/nowhere", "/api/v1/changes/stream"] {
            let answer = app.get(path, &token);
            assert_eq!(
                (answer.status, &answer.body["type"]),
                (403, &json!("/problems/forbidden")),
                "{groups:?} {path}"
            );
            assert_eq!(answer.header("www-authenticate"), r#"Bearer error="insufficient_scope""#);
        }
        assert_eq!(app.form("/api/v1/auth/revoke", &[("token", &token)]).status, 200, "as unknown as any other");
    }
}

#[test]
fn users_of_the_provider_have_no_password_and_no_named_tokens() {
    let key = SigningKey::ed("k");
    let provider = Provider::start(&[&key]);
    let app = trusting(&provider, ONCE);
    let named = json!({"name": "nightly export", "role": "viewer", "expires_in_days": 1});
    let own = app.json("POST", "/api/v1/tokens", &app.token("eddie"), &named);
    let path = format!("/api/v1/tokens/{}", own.text("id"));
    // The name of a user as a subject is nothing: an editor of that name is not the user.
    for sub in ["eddie", "root"] {
        let token = provider.token(&key, sub, EDITORS);
        assert_eq!(app.json("POST", "/api/v1/tokens", &token, &named).status, 403);
        let change = json!({"current_password": PASSWORD, "new_password": OTHER});
        assert_eq!(app.json("POST", "/api/v1/auth/password", &token, &change).status, 403);
        assert_eq!(app.get("/api/v1/tokens", &token).body["total"], 0);
        assert_eq!((app.get(&path, &token).status, app.call("DELETE", &path, &token).status), (404, 404));
    }
    let admin = provider.token(&key, "eddie", ADMINS);
    assert_eq!(app.get("/api/v1/tokens", &admin).body["total"], 1);
    assert_eq!(app.json("POST", "/api/v1/tokens", &admin, &named).status, 403);
    assert_eq!(app.call("DELETE", &path, &admin).status, 204);
    assert_eq!(app.get(ME, &own.text("token")).status, 401);
}

/// Each of these is refused for its one difference from a token that is accepted.
#[test]
fn no_forged_token_of_a_provider_opens_anything() {
    let keys = [SigningKey::rsa("rsa"), SigningKey::ec("ec"), SigningKey::ed("ed")];
    let provider = Provider::start(&keys.each_ref());
    let app = trusting(&provider, ALWAYS);
    let [_, ec, _] = &keys;
    let claims = provider.claims("ada", ADMINS);
    let now = claims["iat"].as_u64().unwrap();
    let mut all = Forged::new();
    for key in &keys {
        assert_eq!(app.get(ME, &key.sign(&key.header().to_string(), &claims.to_string())).status, 200);
        all.extend(forged(key, &claims));
        // A key of one kind, used as one of another.
        for other in keys.iter().filter(|other| other.kid != key.kid) {
            for change in [json!({"kid": other.kid}), json!({"alg": other.alg(), "kid": other.kid})] {
                let token = key.sign(&with(&key.header(), change.clone()), &claims.to_string());
                all.push((format!("{} as {change}", key.kid), token));
            }
        }
    }
    for thief in [SigningKey::rsa("rsa"), SigningKey::ec("ec"), SigningKey::ed("ed")] {
        all.push((format!("another {} key of the same name", thief.kid), provider.token(&thief, "ada", ADMINS)));
    }
    for change in [
        json!({"iss": format!("{}/", provider.issuer())}),
        json!({"iss": [provider.issuer()]}),
        json!({"iss": "partnership-registry"}),
        json!({"aud": "partnership-registry"}),
        json!({"aud": [AUDIENCE, "others"]}),
        json!({"aud": [AUDIENCE, AUDIENCE]}),
        json!({"aud": {AUDIENCE: true}}),
        json!({"exp": now + 86_401}),
        json!({"nbf": "0"}),
        json!({"nbf": -1}),
        json!({"sub": "a".repeat(256)}),
    ] {
        all.push((format!("claims {change}"), ec.sign(&ec.header().to_string(), &with(&claims, change))));
    }
    all.push(("twice groups".to_owned(), ec.sign(&ec.header().to_string(), &twice(&claims, r#""groups":[]"#))));
    assert!(all.len() > 300, "{}", all.len());
    open_nothing(&app, &all);
    // A token that is not forged, for comparison: a few seconds of grace count from now, not from before the forged
    // ones.
    let claims = provider.claims("ada", ADMINS);
    let now = claims["iat"].as_u64().unwrap();
    for (what, change) in [
        ("an audience in a list", json!({"aud": [AUDIENCE]})),
        ("a day", json!({"exp": now + 86_400})),
        ("a clock behind", json!({"iat": now + 3, "nbf": now + 3})),
        ("just over", json!({"exp": now - 1, "iat": now - 60})),
        ("a claim more", json!({"acr": "2", "nested": {"deep": [1]}})),
    ] {
        let status = app.get(ME, &ec.sign(&ec.header().to_string(), &with(&claims, change))).status;
        assert_eq!(status, 200, "{what}");
    }
    for typ in ["AT+JWT", "application/at+jwt"] {
        assert_eq!(app.get(ME, &ec.sign(&with(&ec.header(), json!({"typ": typ})), &claims.to_string())).status, 200);
    }
}

/// Else one could issue tokens of the other. Seen to fail without the comparison.
#[test]
fn the_provider_has_another_issuer_than_the_registry() {
    let provider = Provider::start(&[]);
    let app = TestApp::spawn();
    let open = |issuer: String| {
        let settings = Settings { issuer, provider: Some(provider.settings(ONCE).clone()), ..Settings::default() };
        Auth::open(app.app.db.clone(), app.app.database.directory(), settings)
    };
    assert!(matches!(open(provider.issuer()), Err(Error::Conflict(why)) if why.contains("--public-url")));
    assert!(open(format!("{}/registry", provider.issuer())).is_ok());
}

#[test]
fn a_token_of_a_provider_that_is_not_configured_is_refused() {
    let key = SigningKey::ed("k");
    let (provider, other) = (Provider::start(&[&key]), Provider::start(&[&key]));
    let token = provider.token(&key, "ada", ADMINS);
    assert_eq!(TestApp::spawn().get(ME, &token).status, 401);
    assert_eq!(trusting(&other, ALWAYS).get(ME, &token).status, 401, "the same key, another issuer");
    assert_eq!(provider.asked(), 0, "no provider is asked because a token says so");
}

#[test]
fn a_new_key_is_known_at_its_first_token_and_an_old_one_goes() {
    let (old, new, newer) = (SigningKey::rsa("old"), SigningKey::ec("new"), SigningKey::ed("newer"));
    let provider = Provider::start(&[&old]);
    let app = trusting(&provider, ONCE);
    let token = |key: &SigningKey| provider.token(key, "ada", STAFF);
    let before = token(&old);
    assert_eq!(app.get(ME, &before).status, 200);
    provider.publish(&[&old, &new]);
    assert_eq!((app.get(ME, &token(&new)).status, app.get(ME, &before).status), (200, 200));
    // At most once a minute (here: an hour) the provider is asked for an unknown key.
    provider.publish(&[&newer]);
    let invented: Vec<u16> = (0..20)
        .map(|n| app.get(ME, &token(&SigningKey { kid: format!("{n}"), ..SigningKey::ed("") })).status)
        .collect();
    assert_eq!(invented, [401; 20]);
    assert_eq!(app.get(ME, &token(&newer)).status, 401);
    assert_eq!(provider.asked(), 2, "the first time, and once again");
    assert_eq!(app.get(ME, &before).status, 200);
    // Once it may, and a token that was believed before is not any more.
    let app = trusting(&provider, ALWAYS);
    assert_eq!((app.get(ME, &token(&newer)).status, app.get(ME, &before).status), (200, 401));
}

#[test]
fn a_key_that_is_taken_back_is_not_believed_for_long() {
    let (first, second) = (SigningKey::ed("first"), SigningKey::ed("second"));
    let provider = Provider::start(&[&first]);
    let app = trusting(&provider, RefreshPolicy { fresh: Duration::ZERO, ..ALWAYS });
    let token = provider.token(&first, "ada", STAFF);
    becomes(&app, &token, 200);
    provider.publish(&[&second]);
    becomes(&app, &token, 401);
    // Nor one that the provider has not vouched for in a long time.
    let app = trusting(&provider, RefreshPolicy { stale: Duration::ZERO, ..ONCE });
    assert_eq!(app.get(ME, &provider.token(&second, "ada", STAFF)).status, 401);
}

#[test]
fn while_the_provider_is_away_what_is_known_goes_on() {
    let (known, unknown) = (SigningKey::ec("known"), SigningKey::ec("unknown"));
    let provider = Provider::start(&[&known]);
    provider.show_keys(Page::broken(503));
    let app = trusting(&provider, ALWAYS);
    let token = provider.token(&known, "ada", STAFF);
    let answer = app.get(ME, &token);
    assert_eq!((answer.status, &answer.body["type"]), (503, &json!("/problems/unavailable")), "{}", answer.body);
    assert!(!answer.header("retry-after").is_empty());
    assert!(!answer.body.to_string().contains("127.0.0.1"), "the answer does not say where the provider is");
    assert_eq!(app.get(ME, &app.token("root")).status, 200, "users go on");
    provider.publish(&[&known]);
    assert_eq!(app.get(ME, &token).status, 200, "it is back");
    provider.show_keys(Page::broken(500));
    assert_eq!(app.get(ME, &provider.token(&unknown, "ada", STAFF)).status, 503);
    assert_eq!(app.get(ME, &token).status, 200);
    assert_eq!(app.get(ME, &provider.token(&known, "eve", STAFF)).status, 200);
}

#[test]
fn no_token_is_accepted_on_a_wrong_answer_of_the_provider() {
    let key = SigningKey::ed("k");
    let provider = Provider::start(&[&key]);
    let issuer = provider.issuer();
    let about = |change: Value| {
        let about = json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys")});
        Page { body: with(&about, change).into(), ..Page::json(&json!({})) }
    };
    let token = provider.token(&key, "ada", STAFF);
    let moved = |status: u16| Page { header: format!("Location: {issuer}/moved"), ..Page::broken(status) };
    provider.show_moved(about(json!({})));
    for (what, page) in [
        ("another issuer", about(json!({"issuer": format!("{issuer}/")}))),
        ("no issuer", about(json!({"issuer": null}))),
        ("no keys", about(json!({"jwks_uri": null}))),
        ("keys in a file", about(json!({"jwks_uri": "file:///etc/passwd"}))),
        ("keys nowhere", about(json!({"jwks_uri": "nowhere"}))),
        ("moved", moved(302)),
        ("moved for good", moved(308)),
        ("missing", Page::broken(404)),
        ("empty", Page::broken(200)),
        ("a list", Page { body: b"[]".to_vec(), ..about(json!({})) }),
        ("deep", Page { body: b"[".repeat(100_000), ..about(json!({})) }),
        ("large", about(json!({"padding": "A".repeat(300 << 10)}))),
    ] {
        provider.show_about(page);
        assert_eq!(trusting(&provider, ALWAYS).get(ME, &token).status, 503, "{what}");
    }
    provider.show_about(about(json!({})));
    provider.show_moved(Page::json(&json!({"keys": [key.jwk()]})));
    for (what, page, status) in [
        ("moved", moved(302), 503),
        ("no list", Page::json(&json!({"keys": {}})), 503),
        ("none", Page::json(&json!({"keys": []})), 401),
        ("others", Page::json(&json!({"keys": [1, null, {}, {"kty": "oct", "k": "AAAA", "kid": "k"}]})), 401),
        ("large", Page::json(&json!({"keys": [key.jwk()], "padding": "A".repeat(300 << 10)})), 503),
        ("another beside it", Page::json(&json!({"keys": [{"kty": "EC", "kid": "k"}, key.jwk()]})), 200),
    ] {
        provider.show_keys(page);
        assert_eq!(trusting(&provider, ALWAYS).get(ME, &token).status, status, "{what}");
    }
}
