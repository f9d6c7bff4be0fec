//! Reading an identity provider's keys: OpenID Connect Discovery 1.0 §4, then its JSON Web Key Set (RFC 7517 §5).
//!
//! The same document has the addresses for signing in and for exchanging a code.

use std::sync::Arc;

use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};
use url::Url;

use super::fetch::get;
use super::jwk::{Algorithm, KeyId, KeySet};
use super::settings::{IssuerUrl, is_loopback_http};
use crate::limits::KEY_ID;

/// The addresses at which users sign in at a provider.
#[derive(Clone, Debug)]
pub(super) struct Endpoints {
    /// The address that a browser is sent to.
    pub(super) authorization: Url,
    /// The address at which a code is exchanged.
    pub(super) token: String,
    /// True if plain HTTP on this machine is allowed.
    pub(super) over_http: bool,
}

impl Endpoints {
    fn of(about: &Map<String, Value>, over_http: bool) -> Option<Self> {
        let text = |name: &str| about.get(name).and_then(Value::as_str);
        let authorization = Url::parse(text("authorization_endpoint")?).ok()?;
        let sound = authorization.scheme() == "https" || (over_http && is_loopback_http(&authorization));
        sound.then_some(Self { authorization, token: text("token_endpoint")?.to_owned(), over_http })
    }
}

/// The result of reading a provider.
pub(super) struct Found {
    pub(super) keys: KeySet,
    /// None where browsers cannot sign in there.
    pub(super) endpoints: Option<Endpoints>,
}

/// The source of the keys of a provider.
pub(super) struct JwksSource {
    issuer: IssuerUrl,
}

impl JwksSource {
    pub(super) fn new(issuer: &IssuerUrl) -> Self {
        Self { issuer: issuer.clone() }
    }

    /// Reads them. The text of an error is for the log alone.
    pub(super) fn read(&self) -> Result<Found, String> {
        let issuer = self.issuer.as_str();
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let about = get(&address, true)?;
        let text = |name: &str| about.get(name).and_then(Value::as_str);
        // Else the keys of another could pass for the provider's (Discovery §4.3).
        if text("issuer") != Some(issuer) {
            return Err(format!(
                "{address} is that of another issuer, {:?}: --oidc-issuer must be exactly the same",
                text("issuer")
            ));
        }
        let jwks_uri = text("jwks_uri").ok_or_else(|| format!("{address} has no jwks_uri"))?;
        let over_http = Url::parse(issuer).is_ok_and(|url| is_loopback_http(&url));
        let keys = get(jwks_uri, over_http)?;
        let keys = keys.get("keys").and_then(Value::as_array).ok_or_else(|| format!("{jwks_uri} has no keys"))?;
        Ok(Found { keys: keys.iter().filter_map(parse_jwk).collect(), endpoints: Endpoints::of(&about, over_http) })
    }
}

/// Returns a key that verifies tokens in one of the three ways, if it is one (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2). A
/// set may hold others, for other purposes; they are left out, as §5 wants it.
fn parse_jwk(key: &Value) -> Option<(KeyId, Arc<DecodingKey>)> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let kid = text("kid").filter(|kid| !kid.is_empty() && kid.len() <= KEY_ID)?;
    let (algorithm, decoding) = match (text("kty")?, text("crv")) {
        ("RSA", None) => (Algorithm::Rs256, DecodingKey::from_rsa_components(text("n")?, text("e")?)),
        ("EC", Some("P-256")) => (Algorithm::Es256, DecodingKey::from_ec_components(text("x")?, text("y")?)),
        ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, DecodingKey::from_ed_components(text("x")?)),
        _ => return None,
    };
    let verifies = key.get("key_ops").is_none_or(|ops| {
        ops.as_array().is_some_and(|ops| ops.iter().any(|operation| operation.as_str() == Some("verify")))
    });
    let ours = verifies
        && key.get("use").is_none_or(|used| used.as_str() == Some("sig"))
        && key.get("alg").is_none_or(|alg| alg.as_str().and_then(Algorithm::named) == Some(algorithm));
    let decoding = decoding.ok().filter(|_| ours)?;
    Some((KeyId { kid: kid.to_owned(), algorithm }, Arc::new(decoding)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 8037, appendix A.2.
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    #[test]
    fn only_keys_that_verify_in_one_of_three_ways_are_of_use() {
        let key = json!({"kid": "a", "kty": "OKP", "crv": "Ed25519", "x": X});
        let with = |name: &str, value: Value| {
            let mut key = key.clone();
            key[name] = value;
            key
        };
        let id = KeyId { kid: "a".to_owned(), algorithm: Algorithm::EdDsa };
        for good in [
            key.clone(),
            with("use", json!("sig")),
            with("alg", json!("EdDSA")),
            with("key_ops", json!(["verify"])),
            with("x5t", json!("anything else")),
        ] {
            assert_eq!(parse_jwk(&good).map(|(id, _)| id), Some(id.clone()), "{good}");
        }
        for bad in [
            with("kid", json!("")),
            with("kid", json!(1)),
            with("kid", json!("k".repeat(256))),
            with("use", json!("enc")),
            with("use", json!(null)),
            with("alg", json!("RS256")),
            with("alg", json!("none")),
            with("key_ops", json!(["sign"])),
            with("crv", json!("Ed448")),
            with("crv", json!("X25519")),
            with("kty", json!("EC")),
            with("x", json!("?")),
            json!({"kid": "a", "kty": "oct", "k": "c2VjcmV0"}),
            json!({"kid": "a", "kty": "EC", "crv": "P-384", "x": X, "y": X}),
            json!({"kid": "a", "kty": "RSA", "n": "?", "e": "AQAB"}),
            json!({"kid": "a", "kty": "RSA"}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": X}),
            json!("a"),
        ] {
            assert!(parse_jwk(&bad).is_none(), "{bad}");
        }
    }
}
