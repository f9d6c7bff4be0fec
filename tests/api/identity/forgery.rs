//! Forged tokens.

use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::*;

/// The raw material of forged tokens: the service's own key, read from its directory.
struct Forge {
    kid: String,
    pair: Ed25519KeyPair,
    public: Vec<u8>,
}

impl Forge {
    fn of(data_dir: &Path) -> Self {
        let path = std::fs::read_dir(data_dir.join("keys")).unwrap().next().unwrap().unwrap().path();
        let pem = std::fs::read_to_string(&path).unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pair = Ed25519KeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap();
        let public = pair.public_key().as_ref().to_vec();
        let kid = path.file_stem().unwrap().to_str().unwrap().split_once('-').unwrap().1.to_owned();
        Self { kid, pair, public }
    }

    fn header(&self) -> Value {
        json!({"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid})
    }

    fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(message.as_bytes()).as_ref());
        format!("{message}.{signature}")
    }
}

pub(super) fn with(base: &Value, changes: Value) -> String {
    let mut all = base.clone();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            all.as_object_mut().unwrap().remove(name);
        } else {
            all[name] = value.clone();
        }
    }
    all.to_string()
}

/// The same token as this one, but for its last seconds: it expires while a test watches.
pub(crate) fn about_to_expire(app: &support::TestApp, token: &str) -> String {
    let forge = Forge::of(app.database.directory());
    let payload = token.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    // Five seconds of leeway follow.
    let exp = claims["iat"].as_u64().unwrap();
    forge.sign(&forge.header().to_string(), &with(&claims, json!({ "iat": exp - 60, "exp": exp })))
}

#[test]
fn no_forged_token_opens_anything() {
    let app = TestApp::spawn();
    let good = app.token("root");
    let forge = Forge::of(app.app.database.directory());
    let segments: Vec<&str> = good.split('.').collect();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segments[1]).unwrap()).unwrap();
    let (header, now) = (forge.header(), claims["iat"].as_u64().unwrap());
    let status = |token: &str| app.get("/api/v1/auth/me", token).status;

    // The forge works: what follows fails for its one difference.
    assert_eq!(status(&forge.sign(&header.to_string(), &claims.to_string())), 200);

    let mut forged: Vec<(String, String)> = Vec::new();
    let own_x = URL_SAFE_NO_PAD.encode(&forge.public);
    for change in [
        json!({"alg": "eddsa"}),
        json!({"alg": "HS256"}),
        json!({"alg": "HS512"}),
        json!({"alg": "ES256"}),
        json!({"alg": "RS256"}),
        json!({"alg": "PS256"}),
        json!({"alg": ["EdDSA"]}),
        json!({"alg": ""}),
        json!({"alg": null}),
        json!({"kid": null}),
        json!({"kid": "unknown"}),
        json!({"kid": ""}),
        json!({"kid": 1}),
        json!({"kid": "../../keys/x"}),
        json!({"kid": "../../../../../../dev/null"}),
        json!({"kid": format!("{}\0", forge.kid)}),
        json!({"kid": [forge.kid]}),
        json!({"kid": "' OR 1=1 --"}),
        json!({"typ": null}),
        json!({"typ": "JWT"}),
        json!({"typ": "AT+JWT"}),
        json!({"typ": "dpop+jwt"}),
        json!({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": own_x}}),
        json!({"jku": "https://example.org/jwks.json"}),
        json!({"x5u": "https://example.org/cert"}),
        json!({"x5c": ["AAAA"]}),
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"b64": false}),
        json!({"zip": "DEF"}),
        json!({"cty": "JWT"}),
        json!({"extra": 1}),
    ] {
        forged.push((format!("header {change}"), forge.sign(&with(&header, change), &claims.to_string())));
    }
    for change in [
        json!({"iss": "https://example.org"}),
        json!({"iss": ["partnership-registry"]}),
        json!({"iss": null}),
        json!({"aud": "others"}),
        json!({"aud": ["partnership-registry"]}),
        json!({"aud": ["partnership-registry", "others"]}),
        json!({"aud": null}),
        json!({"exp": null}),
        json!({"exp": now - 6, "iat": now - 100}),
        json!({"exp": (now + 900).to_string()}),
        json!({"exp": now as f64 + 900.5}),
        json!({"exp": now + 901}),
        json!({"exp": 4_102_444_800_u64}),
        json!({"exp": u64::MAX}),
        json!({"exp": -1}),
        json!({"iat": now + 3600, "exp": now + 3700}),
        json!({"iat": null}),
        json!({"iat": -1}),
        json!({"iat": 0}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": "eddie"}),
        json!({"sub": "Root"}),
        json!({"sub": ["root"]}),
        json!({"sub": 1}),
        json!({"sub": true}),
        json!({"sub": {"username": "root"}}),
        json!({"sub": "nobody.at.all"}),
        json!({"sub": "root\0"}),
        json!({"client_id": "somebody else"}),
        json!({"client_id": null}),
        json!({"jti": null}),
        // Right in everything, but longer than a token may be.
        json!({"jti": "x".repeat(4_000)}),
        json!({"scope": null}),
        json!({"scope": "god"}),
        json!({"sid": "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11"}),
        json!({"sid": null}),
        json!({"token_use": "named"}),
        json!({"token_use": "refresh"}),
        json!({"epoch": 0}),
        json!({"epoch": null}),
        json!({"nbf": now + 3600}),
        json!({"admin": true}),
    ] {
        forged.push((format!("claims {change}"), forge.sign(&header.to_string(), &with(&claims, change))));
    }
    // `none` in each of its sixteen forms, with the signature and without (CVE-2022-23540 and its kin).
    for form in 0..16_u8 {
        let letter = |(at, c): (usize, char)| if form >> at & 1 == 1 { c.to_ascii_uppercase() } else { c };
        let none: String = "none".chars().enumerate().map(letter).collect();
        let signed = forge.sign(&with(&header, json!({ "alg": none })), &claims.to_string());
        let bare = format!("{}.", signed.rsplit_once('.').unwrap().0);
        forged.push((format!("{none}, signed"), signed));
        forged.push((format!("{none}, bare"), bare));
    }
    let twice = |text: String, more: &str| text.replacen('{', &format!("{{{more},"), 1);
    for more in [r#""sub":"root""#, r#""exp":1"#, r#""aud":"x""#, r#""sid":"x""#, r#""epoch":0"#] {
        forged
            .push((format!("claims twice {more}"), forge.sign(&header.to_string(), &twice(claims.to_string(), more))));
    }
    for more in [r#""alg":"none""#, r#""kid":"x""#, r#""typ":"at+jwt""#] {
        forged
            .push((format!("header twice {more}"), forge.sign(&twice(header.to_string(), more), &claims.to_string())));
    }
    // HS256 with the public key as the secret (CVE-2015-9235).
    let hmac_header = with(&header, json!({"alg": "HS256"}));
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(&hmac_header), segments[1]);
    for secret in [forge.public.clone(), own_x.clone().into_bytes()] {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let tag = URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()).as_ref());
        forged.push(("HS256 with the public key".to_owned(), format!("{message}.{tag}")));
    }
    // Another deployment's own token, and the token that is good for another thing.
    let elsewhere = TestApp::spawn();
    forged.push(("another deployment".to_owned(), elsewhere.token("root")));
    forged.push(("a refresh token".to_owned(), app.sign_in("root").1));
    assert_eq!(app.refresh(&good).status, 400, "an access token refreshes nothing");
    // Another key under the known id.
    let thief = Forge { kid: forge.kid.clone(), pair: Ed25519KeyPair::generate().unwrap(), public: Vec::new() };
    forged.push(("another key".to_owned(), thief.sign(&header.to_string(), &claims.to_string())));
    let (head, payload, signature) = (segments[0], segments[1], segments[2]);
    for (what, token) in [
        ("no signature", format!("{head}.{payload}.")),
        ("two segments", format!("{head}.{payload}")),
        ("four segments", format!("{good}.{signature}")),
        ("padded", format!("{good}=")),
        ("padded header", format!("{head}=.{payload}.{signature}")),
        ("truncated", good[..good.len() - 1].to_owned()),
        ("half a signature", format!("{head}.{payload}.{}", &signature[..signature.len() / 2])),
        ("a zero signature", format!("{head}.{payload}.{}", URL_SAFE_NO_PAD.encode([0_u8; 64]))),
        ("standard base64", good.replace('-', "+").replace('_', "/") + "+"),
        ("a dot more", format!("{good}.")),
        ("a byte more", format!("{good}A")),
        ("a zero byte more", format!("{good}%00")),
        ("the same twice", format!("{good}{good}")),
        ("100 KiB", format!("{good}{}", "A".repeat(100 << 10))),
        ("quotes", format!("\"{good}\"")),
        ("nothing", "..".to_owned()),
        ("an array", format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode("[]"))),
        ("too long", format!("{head}.{}.{signature}", "A".repeat(5000))),
        ("a deep header", format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode("[".repeat(2000)))),
    ] {
        forged.push((what.to_owned(), token));
    }
    let mut bodies = std::collections::BTreeSet::new();
    for (what, token) in &forged {
        let answer = app.get("/api/v1/auth/me", token);
        assert_eq!(answer.status, 401, "{what}");
        assert!(answer.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""), "{what}");
        let mut body = answer.body.clone();
        body.as_object_mut().unwrap().remove("instance");
        bodies.insert(format!("{} {body}", answer.header("www-authenticate")));
    }
    assert!(forged.len() > 130, "{}", forged.len());
    assert_eq!(bodies.len(), 1, "what is wrong with a token is nobody's business: {bodies:?}");
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

#[test]
fn a_key_that_is_gone_verifies_nothing_that_it_verified_before() {
    let app = TestApp::spawn();
    let token = app.token("root");
    assert_eq!(app.get("/api/v1/auth/me", &token).status, 200, "it is remembered now");
    let key = || app.send("GET", "/.well-known/jwks.json", &[], None).body["keys"][0]["kid"].clone();
    let (old, folder) = (key(), app.app.database.directory().to_owned());
    let file = std::fs::read_dir(folder.join("keys")).unwrap().next().unwrap().unwrap().path();
    partnership_registry::auth::rotate(&app.app.db, &folder).unwrap();
    std::fs::remove_file(file).unwrap();
    // The service looks at its keys once a second: asked until it has.
    std::iter::repeat_with(key).take(50_000).find(|now| *now != old).unwrap();
    assert_eq!(app.get("/api/v1/auth/me", &token).status, 401);
    assert_eq!(app.get("/api/v1/auth/me", &app.token("root")).status, 200);
}
