//! Forged tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::corpus::{forged, open_nothing, twice, with};
use super::*;
use crate::support::provider::SigningKey;

/// The claims of a token, unproved.
fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The same token as this one, but for its last seconds: it expires while a test watches.
pub(crate) fn about_to_expire(app: &support::TestApp, token: &str) -> String {
    let (forge, claims) = (SigningKey::of(app.database.directory()), claims_of(token));
    // Five seconds of leeway follow.
    let exp = claims["iat"].as_u64().unwrap();
    forge.sign(&forge.header().to_string(), &with(&claims, json!({ "iat": exp - 60, "exp": exp })))
}

/// Claims that are not those of a token made at `now`, each by one difference.
fn other_claims(now: u64) -> Vec<Value> {
    vec![
        json!({"iss": ["partnership-registry"]}),
        json!({"aud": ["partnership-registry"]}),
        json!({"aud": ["partnership-registry", "others"]}),
        json!({"exp": now + 901}),
        json!({"sub": "eddie"}),
        json!({"sub": "Root"}),
        json!({"sub": "nobody.at.all"}),
        json!({"client_id": "somebody else"}),
        json!({"client_id": null}),
        json!({"jti": null}),
        json!({"scope": null}),
        json!({"scope": "god"}),
        json!({"sid": "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11"}),
        json!({"sid": null}),
        json!({"token_use": "named"}),
        json!({"token_use": "refresh"}),
        json!({"epoch": 0}),
        json!({"epoch": null}),
        json!({"admin": true}),
    ]
}
/// Fails without any one of these: the signature; the length; the three members of a header, `typ`, `kid`; that all
/// claims are there, of their types, once, and no others; `client_id`, `scope`, `iat`, `exp`, the longest life; that
/// one header has one token, and that neither a URL nor a cookie has any. `alg`, `iss`, `aud` and members of a header
/// that are there twice are checked here and by jsonwebtoken: it fails without both. The three segments are counted
/// twice as well, and `sub` is the session's.
#[test]
fn no_forged_token_opens_anything() {
    let app = TestApp::spawn();
    let good = app.token("root");
    // The service's own key, read from its folder.
    let (forge, claims) = (SigningKey::of(app.app.database.directory()), claims_of(&good));
    let (header, now) = (forge.header(), claims["iat"].as_u64().unwrap());
    let status = |token: &str| app.get("/api/v1/auth/me", token).status;
    // The forge works: what follows fails for its one difference.
    assert_eq!(status(&forge.sign(&header.to_string(), &claims.to_string())), 200);

    let mut all = forged(&forge, &claims);
    for change in other_claims(now) {
        all.push((format!("claims {change}"), forge.sign(&header.to_string(), &with(&claims, change))));
    }
    for more in [r#""sid":"x""#, r#""epoch":0"#] {
        all.push((format!("claims twice {more}"), forge.sign(&header.to_string(), &twice(&claims, more))));
    }
    all.push(("typ".to_owned(), forge.sign(&with(&header, json!({"typ": "AT+JWT"})), &claims.to_string())));
    // Another deployment's own token, and the token that is good for another thing.
    let elsewhere = TestApp::spawn();
    all.push(("another deployment".to_owned(), elsewhere.token("root")));
    all.push(("a refresh token".to_owned(), app.sign_in("root").1));
    assert_eq!(app.refresh(&good).status, 400, "an access token refreshes nothing");
    let thief = SigningKey::ed(&forge.kid);
    all.push(("another key under the known id".to_owned(), thief.sign(&header.to_string(), &claims.to_string())));
    assert!(all.len() > 140, "{}", all.len());
    open_nothing(&app, &all);
    // Longer than any head may be: actix says so itself.
    let endless = format!("GET /api/v1/auth/me HTTP/1.1\r\nAuthorization: Bearer {}\r\n\r\n", "A".repeat(1 << 20));
    let answer = support::exchange(app.app.address(), endless.into_bytes());
    assert!(answer.is_none_or(|answer| (400..500).contains(&answer.status)), "1 MiB");

    let bearer = format!("Bearer {good}");
    for headers in [
        vec![("Authorization", bearer.as_str()), ("Authorization", bearer.as_str())],
        vec![("Authorization", "Basic Og=="), ("Authorization", bearer.as_str())],
        vec![("Authorization", good.as_str())],
        vec![("Authorization", "Bearer"), ("X-Authorization", bearer.as_str())],
        vec![("Cookie", bearer.as_str())],
        vec![("Authorization", &format!("{bearer} x"))],
        vec![("Authorization", &format!("{bearer}, {bearer}"))],
        vec![("Authorization", &bearer.replace(' ', "\t"))],
    ] {
        assert_eq!(app.send("GET", "/api/v1/auth/me", &headers, None).status, 401, "{headers:?}");
    }
    assert_eq!(app.send("GET", &format!("/api/v1/auth/me?access_token={good}"), &[], None).status, 401);
    let lower = bearer.replacen('B', "b", 1);
    assert_eq!(app.send("GET", "/api/v1/auth/me", &[("Authorization", &lower)], None).status, 200, "RFC 9110 §11.1");
    assert_eq!(status(&good), 200, "and the good one still works");
}

#[test]
fn the_public_keys_verify_a_token_and_hold_nothing_private() {
    let app = TestApp::spawn();
    let answer = app.send("GET", "/.well-known/jwks.json", &[], None);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/jwk-set+json"));
    let key = &answer.body["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
    assert!(key.get("d").is_none());
    let token = app.token("vera");
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(header.kid.as_deref(), key["kid"].as_str());
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.set_audience(&["partnership-registry"]);
    let public = jsonwebtoken::DecodingKey::from_ed_components(key["x"].as_str().unwrap()).unwrap();
    let claims = jsonwebtoken::decode::<Value>(&token, &public, &validation).unwrap().claims;
    for name in ["iss", "sub", "aud", "exp", "iat", "jti", "scope", "client_id"] {
        assert!(!claims[name].is_null(), "{name}");
    }
}

/// Fails where a remembered token is believed without its key.
#[test]
fn a_key_that_is_gone_verifies_nothing_that_it_verified_before() {
    let app = TestApp::spawn();
    let token = app.token("root");
    assert_eq!(app.get("/api/v1/auth/me", &token).status, 200, "it is remembered now");
    let key = || app.send("GET", "/.well-known/jwks.json", &[], None).body["keys"][0]["kid"].clone();
    let (old, folder) = (key(), app.app.database.directory().to_owned());
    let mut files = std::fs::read_dir(folder.join("keys")).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|path| path.extension().is_some_and(|extension| extension == "pem")).unwrap();
    partnership_registry::auth::rotate(&app.app.db, &folder).unwrap();
    std::fs::remove_file(file).unwrap();
    // The service looks at its keys once a second: asked until it has.
    std::iter::repeat_with(key).take(50_000).find(|now| *now != old).unwrap();
    assert_eq!(app.get("/api/v1/auth/me", &token).status, 401);
    assert_eq!(app.get("/api/v1/auth/me", &app.token("root")).status, 200);
}
