//! One request to a receiver: to the address that was checked and no other, with a deadline. No redirects, no
//! proxies.

use std::io::Read as _;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::{Response, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::public::is_public;
use super::target::Target;
use crate::limits;
use crate::outgoing::{USER_AGENT, tls};

/// The longest pause that an answer may ask for.
const LONGEST_RETRY_AFTER: u64 = 3_600;

/// A message, ready to be sent.
pub(super) struct Message<'a> {
    pub(super) id: &'a str,
    pub(super) timestamp: i64,
    pub(super) signature: &'a str,
    pub(super) body: &'a str,
}

/// The result of a request.
#[derive(Debug, Default)]
pub(super) struct Answered {
    pub(super) status: Option<u16>,
    /// The beginning of the body, if there is one.
    pub(super) body: Option<String>,
    /// The reason why it failed, if it did.
    pub(super) error: Option<String>,
    /// When to come again, as the receiver says.
    pub(super) retry_after: Option<Duration>,
}

/// A line to a receiver, which may be used for several messages.
pub(super) struct Sender {
    agent: ureq::Agent,
    address: String,
}

impl Sender {
    /// Nothing is sent, or looked up, yet.
    ///
    /// # Errors
    /// When this machine trusts no certificate authority.
    pub(super) fn new(target: Target, deadline: Duration) -> Result<Self, String> {
        let address = target.as_str().to_owned();
        let mut config = ureq::Agent::config_builder()
            .user_agent(USER_AGENT)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(deadline));
        if address.starts_with("https:") {
            config = config.https_only(true).tls_config(tls()?);
        }
        let agent = ureq::Agent::with_parts(config.build(), DefaultConnector::new(), CheckedResolver { target });
        Ok(Self { agent, address })
    }

    /// Sends a message.
    pub(super) fn post(&self, message: &Message<'_>) -> Answered {
        let request = self
            .agent
            .post(&self.address)
            .header("content-type", "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.timestamp.to_string())
            .header("webhook-signature", message.signature);
        match request.send(message.body) {
            Ok(response) => read(response),
            Err(error) => Answered { error: Some(error.to_string()), ..Answered::default() },
        }
    }
}

fn read(response: Response<ureq::Body>) -> Answered {
    let status = response.status();
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let mut bytes = Vec::new();
    // The body is for people; it does not matter if it breaks off.
    let _ = response.into_body().into_reader().take(limits::WEBHOOK_ANSWER).read_to_end(&mut bytes);
    let text: String = String::from_utf8_lossy(&bytes).chars().filter(|c| !c.is_control() || *c == '\n').collect();
    let error = match status.as_u16() {
        200..=299 => None,
        300..=399 => Some("the answer is a redirect, which is not followed".to_owned()),
        other => Some(format!("the answer is {other}")),
    };
    Answered {
        status: Some(status.as_u16()),
        body: Some(text).filter(|text| !text.is_empty()),
        error,
        retry_after: retry_after.map(|seconds: u64| Duration::from_secs(seconds.min(LONGEST_RETRY_AFTER))),
    }
}

/// Looks a name up once, and gives what was found to the connection, if every address is a public one; or the one
/// literal that is allowed.
#[derive(Debug)]
struct CheckedResolver {
    target: Target,
}

impl Resolver for CheckedResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let refused =
            |why: String| Err(ureq::Error::Io(std::io::Error::new(std::io::ErrorKind::PermissionDenied, why)));
        if uri.host() != Some(&self.target.host) {
            return refused(format!("this is no request to {}", self.target.place()));
        }
        if let Some(literal) = self.target.literal {
            let mut found = self.empty();
            found.push(literal);
            return Ok(found);
        }
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        match found.iter().find(|address| !is_public(address.ip()) || address.port() != self.target.port) {
            Some(bad) => refused(format!(
                "{} leads to {}, which is no public address; --webhook-allow {bad} would allow it by its address",
                self.target.host,
                bad.ip()
            )),
            None => Ok(found),
        }
    }
}
