//! Forged tokens, of our own keys and of a provider's: the ways in which people attack JSON Web Tokens (RFC 8725).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::support::provider::SigningKey;

/// Forged tokens, each with what is wrong with it.
pub(crate) type Forged = Vec<(String, String)>;

/// A JSON object with some members changed, and without those that are null here.
pub(crate) fn with(base: &Value, changes: Value) -> String {
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

/// Changes that are wrong in the header of any token.
fn headers(key: &SigningKey, right: &Value) -> Vec<Value> {
    let own = json!({"alg": key.alg()});
    let mut changes: Vec<Value> = ["RS256", "ES256", "EdDSA"].iter().map(|alg| json!({"alg": alg})).collect();
    changes.retain(|change| *change != own);
    changes.extend([
        json!({"alg": key.alg().to_ascii_lowercase()}),
        json!({"alg": "HS256"}),
        json!({"alg": "HS512"}),
        json!({"alg": "RS384"}),
        json!({"alg": "RS512"}),
        json!({"alg": "ES384"}),
        json!({"alg": "PS256"}),
        json!({"alg": [key.alg()]}),
        json!({"alg": ""}),
        json!({"alg": null}),
        json!({"kid": null}),
        json!({"kid": "unknown"}),
        json!({"kid": ""}),
        json!({"kid": 1}),
        json!({"kid": "../../keys/x"}),
        json!({"kid": "../../../../../../dev/null"}),
        json!({"kid": format!("{}\0", key.kid)}),
        json!({"kid": [key.kid]}),
        json!({"kid": "' OR 1=1 --"}),
        json!({"typ": null}),
        json!({"typ": "JWT"}),
        json!({"typ": "at+jwt"}),
        json!({"typ": "dpop+jwt"}),
        json!({"typ": "logout+jwt"}),
        json!({"typ": "text/at+jwt"}),
        json!({"jwk": key.jwk()}),
        json!({"jku": "https://example.org/jwks.json"}),
        json!({"x5u": "https://example.org/cert"}),
        json!({"x5c": ["AAAA"]}),
        json!({"x5t": "AAAA"}),
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"b64": false}),
        json!({"zip": "DEF"}),
        json!({"cty": "JWT"}),
        json!({"extra": 1}),
    ]);
    changes.retain(|change| change["typ"].is_null() || change["typ"] != right["typ"]);
    changes
}

/// Changes that are wrong in the claims of any token.
fn claims(now: u64) -> Vec<Value> {
    vec![
        json!({"iss": "https://example.org"}),
        json!({"iss": null}),
        json!({"aud": "others"}),
        json!({"aud": []}),
        json!({"aud": null}),
        json!({"exp": null}),
        json!({"exp": now - 6, "iat": now - 100}),
        json!({"exp": now - 1}),
        json!({"exp": (now + 300).to_string()}),
        json!({"exp": now as f64 + 300.5}),
        json!({"exp": 4_102_444_800_u64}),
        json!({"exp": u64::MAX}),
        json!({"exp": -1}),
        json!({"iat": now + 3600, "exp": now + 3700}),
        json!({"iat": null}),
        json!({"iat": -1}),
        json!({"iat": 0}),
        json!({"iat": "0"}),
        json!({"nbf": now + 3600}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 1}),
        json!({"sub": true}),
        json!({"sub": ["root"]}),
        json!({"sub": {"username": "root"}}),
        json!({"sub": "root\0"}),
        json!({"sub": "root\nroot"}),
        // Right in everything, but longer than a token may be.
        json!({"jti": "x".repeat(4_000)}),
    ]
}

/// Forged access tokens, made of one that is right.
pub(super) fn forged(key: &SigningKey, right: &Value) -> Forged {
    forged_as(key, key.header(), right)
}

/// The same of a token with another header.
pub(crate) fn forged_as(key: &SigningKey, header: Value, right: &Value) -> Forged {
    let now = right["iat"].as_u64().unwrap();
    let good = key.sign(&header.to_string(), &right.to_string());
    let mut forged = Forged::new();
    for change in headers(key, &header) {
        forged.push((format!("header {change}"), key.sign(&with(&header, change), &right.to_string())));
    }
    for change in claims(now) {
        forged.push((format!("claims {change}"), key.sign(&header.to_string(), &with(right, change))));
    }
    forged.extend(unsigned(key, &header, right));
    for more in [r#""sub":"root""#, r#""exp":1"#, r#""aud":"x""#, r#""iss":"x""#] {
        forged.push((format!("claims twice {more}"), key.sign(&header.to_string(), &twice(right, more))));
    }
    for more in [r#""alg":"none""#, r#""kid":"x""#, r#""typ":"at+jwt""#] {
        forged.push((format!("header twice {more}"), key.sign(&twice(&header, more), &right.to_string())));
    }
    forged.push(("claims no object".to_owned(), key.sign(&header.to_string(), "[]")));
    let nested = (0..40).fold(json!(1), |inner, _| json!([inner]));
    forged.push(("claims too deep".to_owned(), key.sign(&header.to_string(), &with(right, json!({ "deep": nested })))));
    forged.extend(secrets(key, &header, right));
    forged.extend(mangled(&good));
    forged
}

/// A member more in front of an object: one that it has already.
pub(super) fn twice(object: &Value, more: &str) -> String {
    object.to_string().replacen('{', &format!("{{{more},"), 1)
}

/// `none` in each of its sixteen forms, with the signature and without (CVE-2022-23540 and its kin).
fn unsigned(key: &SigningKey, header: &Value, right: &Value) -> Forged {
    let mut forged = Forged::new();
    for form in 0..16_u8 {
        let letter = |(at, c): (usize, char)| if form >> at & 1 == 1 { c.to_ascii_uppercase() } else { c };
        let none: String = "none".chars().enumerate().map(letter).collect();
        let signed = key.sign(&with(header, json!({ "alg": none })), &right.to_string());
        let bare = format!("{}.", signed.rsplit_once('.').unwrap().0);
        forged.push((format!("{none}, signed"), signed));
        forged.push((format!("{none}, bare"), bare));
    }
    forged
}

/// HS256 with the public key as the secret (CVE-2015-9235).
fn secrets(key: &SigningKey, header: &Value, right: &Value) -> Forged {
    let header = with(header, json!({"alg": "HS256"}));
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(right.to_string()));
    let token = |secret: &[u8]| {
        let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
        let tag = aws_lc_rs::hmac::sign(&secret, message.as_bytes());
        ("HS256 with the public key".to_owned(), format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref())))
    };
    let public = key.public();
    vec![token(&public), token(URL_SAFE_NO_PAD.encode(&public).as_bytes()), token(key.jwk().to_string().as_bytes())]
}

/// A good token with its parts broken.
fn mangled(good: &str) -> Forged {
    let segments: Vec<&str> = good.split('.').collect();
    let (head, payload, signature) = (segments[0], segments[1], segments[2]);
    let length = URL_SAFE_NO_PAD.decode(signature).unwrap().len();
    let other = |byte: u8| format!("{head}.{payload}.{}", URL_SAFE_NO_PAD.encode(vec![byte; length]));
    [
        ("no signature", format!("{head}.{payload}.")),
        ("two segments", format!("{head}.{payload}")),
        ("four segments", format!("{good}.{signature}")),
        ("padded", format!("{good}=")),
        ("padded header", format!("{head}=.{payload}.{signature}")),
        ("truncated", good[..good.len() - 1].to_owned()),
        ("half a signature", format!("{head}.{payload}.{}", &signature[..signature.len() / 2])),
        ("a signature of zeros", other(0)),
        ("a signature of ones", other(1)),
        ("standard base64", good.replace('-', "+").replace('_', "/") + "+"),
        ("a dot more", format!("{good}.")),
        ("a byte more", format!("{good}A")),
        ("a zero byte more", format!("{good}%00")),
        ("the same twice", format!("{good}{good}")),
        ("30 KiB, as much as a head may have", format!("{good}{}", "A".repeat(30 << 10))),
        ("quotes", format!("\"{good}\"")),
        ("nothing", "..".to_owned()),
        ("an array", format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode("[]"))),
        ("too long", format!("{head}.{}.{signature}", "A".repeat(5000))),
        ("a deep header", format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode("[".repeat(2000)))),
    ]
    .map(|(what, token)| (what.to_owned(), token))
    .into()
}

/// Asserts that each is refused, and that the refusals do not tell why.
#[track_caller]
pub(super) fn open_nothing(app: &TestApp, forged: &Forged) {
    let mut bodies = std::collections::BTreeSet::new();
    for (what, token) in forged {
        let answer = app.get("/api/v1/auth/me", token);
        assert_eq!(answer.status, 401, "{what}: {}", answer.body);
        assert!(answer.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""), "{what}");
        let mut body = answer.body.clone();
        body.as_object_mut().unwrap().remove("instance");
        bodies.insert(format!("{} {body}", answer.header("www-authenticate")));
    }
    assert_eq!(bodies.len(), 1, "the answer does not say what is wrong with a token: {bodies:?}");
}
