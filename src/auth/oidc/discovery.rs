//! Reading an identity provider's keys: OpenID Connect Discovery 1.0 §4, then its JSON Web Key Set (RFC 7517 §5).
//!
//! The only requests that this service makes (rules.md 25), to addresses that its operator and the provider have named.
//! Nothing of what comes back goes to a client, or further than it must: no redirects, a deadline, a largest size.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use url::Url;

use super::keys::{Algorithm, KeyId, KeySet};
use super::settings::{IssuerUrl, is_here, is_loopback};
use crate::values::json;

/// Seconds for one answer, all in all.
const DEADLINE: Duration = Duration::from_secs(10);
/// The largest answer in bytes.
const LARGEST: u64 = 256 * 1024;
/// The longest key id.
const KID: usize = 255;

/// Where the keys of a provider are read.
pub(super) struct Source {
    issuer: IssuerUrl,
}

impl Source {
    pub(super) fn new(issuer: &IssuerUrl) -> Self {
        Self { issuer: issuer.clone() }
    }

    /// Reads them. What goes wrong is said for the log alone.
    pub(super) fn read(&self) -> Result<KeySet, String> {
        let issuer = self.issuer.as_str();
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let about = get(&address, true)?;
        let text = |name: &str| about.get(name).and_then(Value::as_str);
        // Else somebody else's keys could pass for the provider's (Discovery §4.3).
        if text("issuer") != Some(issuer) {
            return Err(format!(
                "{address} is that of another issuer, {:?}: --oidc-issuer must be exactly the same",
                text("issuer")
            ));
        }
        let jwks_uri = text("jwks_uri").ok_or_else(|| format!("{address} has no jwks_uri"))?;
        let over_http = Url::parse(issuer).is_ok_and(|url| is_here(&url));
        let keys = get(jwks_uri, over_http)?;
        let keys = keys.get("keys").and_then(Value::as_array).ok_or_else(|| format!("{jwks_uri} has no keys"))?;
        Ok(keys.iter().filter_map(usable).collect())
    }
}

/// One JSON object; over plain HTTP only from this machine, and only where that is allowed.
fn get(address: &str, over_http: bool) -> Result<Map<String, Value>, String> {
    let url = Url::parse(address).map_err(|error| format!("{address:?}: {error}"))?;
    if url.scheme() != "https" && !(over_http && is_here(&url)) {
        return Err(format!("{address:?} is not an https address"));
    }
    let mut answer = agent(&url)?.get(address).call().map_err(|error| format!("{address}: {error}"))?;
    let body = answer.body_mut().with_config().limit(LARGEST).read_to_vec();
    let body = body.map_err(|error| format!("{address}: {error}"))?;
    match json::parse(&body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(format!("{address} is no JSON object")),
        Err(error) => Err(format!("{address}: {error}")),
    }
}

fn agent(url: &Url) -> Result<ureq::Agent, String> {
    let mut config = ureq::Agent::config_builder()
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .accept("application/json, application/jwk-set+json")
        .max_redirects(0)
        .timeout_global(Some(DEADLINE));
    if url.scheme() == "https" {
        config = config.tls_config(tls()?);
    }
    if is_loopback(url) {
        // A proxy from the environment is for what is elsewhere.
        config = config.proxy(None);
    }
    Ok(config.build().new_agent())
}

/// TLS as this machine trusts others: its own certificates (or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name), read
/// anew each time, so that a changed one counts without a restart.
fn tls() -> Result<TlsConfig, String> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        return Err(format!(
            "this machine trusts no certificate authority ({:?}): install ca-certificates, or set SSL_CERT_FILE",
            found.errors
        ));
    }
    let roots = found.certs.iter().map(|der| Certificate::from_der(der).to_owned());
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .build())
}

/// A key that verifies tokens in one of the three ways, if it is one (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2). A set may hold
/// others, for other purposes; they are left out, as §5 wants it.
fn usable(key: &Value) -> Option<(KeyId, Arc<DecodingKey>)> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let kid = text("kid").filter(|kid| !kid.is_empty() && kid.len() <= KID)?;
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
    fn nobody_is_asked_over_a_line_that_others_may_listen_to() {
        for (address, over_http) in [
            ("http://192.0.2.1/keys", true),
            ("http://127.0.0.1:9/keys", false),
            ("file:///etc/passwd", true),
            ("ftp://127.0.0.1/keys", true),
        ] {
            let refused = get(address, over_http).unwrap_err();
            assert!(refused.ends_with("is not an https address"), "{refused}");
        }
    }

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
            assert_eq!(usable(&good).map(|(id, _)| id), Some(id.clone()), "{good}");
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
            assert!(usable(&bad).is_none(), "{bad}");
        }
    }
}
