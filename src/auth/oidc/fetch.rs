//! Requests to the identity provider (rules.md 25), at addresses that the operator and the provider have named.
//! Nothing of what comes back goes to a client, or further than it must: no redirects, a deadline, a largest size.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use url::Url;

use super::settings::{is_loopback, is_loopback_http};
use crate::outgoing::{USER_AGENT, tls};
use crate::values::json;

/// Seconds for one answer, all in all.
const DEADLINE: Duration = Duration::from_secs(10);
/// The largest answer in bytes.
const LARGEST: u64 = 256 * 1024;

/// Reads one JSON object; over plain HTTP only from this machine, and only where that is allowed.
pub(super) fn get(address: &str, over_http: bool) -> Result<Map<String, Value>, String> {
    let url = safe(address, over_http)?;
    object(address, agent(&url)?.get(address).call())
}

/// Sends a form, as a client that may have a secret (RFC 6749 §2.3.1), and reads the JSON object of the answer. No
/// message has the content of the form.
pub(super) fn post(
    address: &str,
    over_http: bool,
    form: &[(&str, &str)],
    client: Option<(&str, &str)>,
) -> Result<Map<String, Value>, String> {
    let url = safe(address, over_http)?;
    let mut request = agent(&url)?.post(address);
    if let Some((id, secret)) = client {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let both = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
        request = request.header("Authorization", format!("Basic {both}"));
    }
    object(address, request.send_form(form.iter().copied()))
}

fn safe(address: &str, over_http: bool) -> Result<Url, String> {
    let url = Url::parse(address).map_err(|error| format!("{address:?}: {error}"))?;
    if url.scheme() == "https" || (over_http && is_loopback_http(&url)) {
        return Ok(url);
    }
    Err(format!("{address:?} is not an https address"))
}

fn object(
    address: &str,
    answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Map<String, Value>, String> {
    let mut answer = answer.map_err(|error| format!("{address}: {error}"))?;
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
        .user_agent(USER_AGENT)
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
