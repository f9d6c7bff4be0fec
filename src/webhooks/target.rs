//! The receivers of changes: the addresses that the operator allows, and the check of an address against them.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use url::Host;

use crate::limits;
use crate::values::{FromText as _, ParseError, Url, quote};

/// The default port.
const HTTPS: u16 = 443;

/// A receiver that the operator allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// A name, over HTTPS. It may lead to public addresses alone.
    Name {
        /// The name, in lower case, as DNS has it.
        name: String,
        /// The port.
        port: u16,
    },
    /// An address and port of the operator's own network, exactly, over HTTP as well. No name leads there.
    Literal(SocketAddr),
}

impl FromStr for Allowed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(literal) = text.parse::<SocketAddr>() {
            return if is_a_host(literal.ip()) && literal.port() != 0 {
                Ok(Self::Literal(literal))
            } else {
                Err(format!(
                    "{literal} is not the address of one host: it is unspecified, for many hosts, or local to a link"
                ))
            };
        }
        let wanted = || {
            "a host name is wanted, such as hooks.example.org or hooks.example.org:8443, or an address of your own network \
             with its port, such as 10.0.0.5:8080"
                .to_owned()
        };
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, port.parse().ok().filter(|port| *port != 0).ok_or_else(wanted)?),
            None => (text, HTTPS),
        };
        let name = name.to_ascii_lowercase();
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
        match Host::parse(&name) {
            Ok(Host::Domain(parsed)) if plain && parsed == name && !name.ends_with('.') => {
                Ok(Self::Name { name, port })
            }
            _ => Err(wanted()),
        }
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { name, port: HTTPS } => f.write_str(name),
            Self::Name { name, port } => write!(f, "{name}:{port}"),
            Self::Literal(literal) => literal.fmt(f),
        }
    }
}

/// Tells whether an address is that of one host. A mapped IPv6 address counts as an IPv4 address.
fn is_a_host(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, ..] = v4.octets();
            first != 0 && first < 224 && !v4.is_link_local()
        }
        IpAddr::V6(v6) => {
            let [first, ..] = v6.segments();
            let link_local = first & 0xffc0 == 0xfe80;
            // Of the addresses that begin with these zeros, only ::1 is allowed.
            let no_host = v6.is_unspecified() || v6.is_multicast() || link_local;
            !no_host && (v6.is_loopback() || first & 0xe000 == 0x2000 || first & 0xfe00 == 0xfc00)
        }
    }
}

/// An address that is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The whole of it. The part after the host may be a secret: it is in no log.
    address: String,
    pub(super) host: String,
    pub(super) port: u16,
    /// The address of the connection, if no name is looked up.
    pub(super) literal: Option<SocketAddr>,
}

impl Target {
    /// Holds an address against what is allowed. Only the one way to write it is taken: what several programs could
    /// read in different ways is refused.
    ///
    /// # Errors
    /// A [`ParseError`] that says what would be right.
    pub fn parse(text: &str, allowed: &[Allowed]) -> Result<Self, ParseError> {
        let refused = |code, detail: String| Err(ParseError::new(code, detail));
        if allowed.is_empty() {
            let detail =
                "webhooks are off: the service runs without --webhook-allow, which names the hosts they may go to";
            return refused("not_allowed", detail.to_owned());
        }
        if text.len() > limits::WEBHOOK_ADDRESS {
            let detail = format!("an address has at most {} bytes", limits::WEBHOOK_ADDRESS);
            return refused("too_long", detail);
        }
        Url::parse(text)?;
        let bad = |why: &str| ParseError::new("bad_url", format!("{why}: {}", quote(text)));
        let url = url::Url::parse(text).map_err(|_| bad("this is no address"))?;
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(bad("an address with a host is wanted"));
        };
        if url.fragment().is_some() {
            return Err(bad("an address without a fragment is wanted"));
        }
        let canonical = match url.port() {
            Some(port) => format!("{}://{host}:{port}", url.scheme()),
            None => format!("{}://{host}", url.scheme()),
        };
        // Paths may be written in more than one way; scheme, host and port may not.
        let rest = text.strip_prefix(&canonical).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        if rest.is_none_or(|rest| rest.contains('\\')) {
            return Err(bad(&format!("this is another way to write {canonical}; write that")));
        }
        let named = |name: &str| {
            let wanted = Allowed::Name { name: name.to_owned(), port };
            url.scheme() == "https" && allowed.contains(&wanted)
        };
        let literal = match host {
            Host::Domain(name) if named(name) => None,
            Host::Domain(_) => return refused("not_allowed", not_allowed(allowed)),
            Host::Ipv4(address) => Some(SocketAddr::from((address, port))),
            Host::Ipv6(address) => Some(SocketAddr::from((address, port))),
        };
        if literal.is_some_and(|literal| !allowed.contains(&Allowed::Literal(literal))) {
            return refused("not_allowed", not_allowed(allowed));
        }
        Ok(Self { address: url.as_str().to_owned(), host: host.to_string(), port, literal })
    }

    /// Returns the whole of it.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// Host and port, which are no secret.
    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

fn not_allowed(allowed: &[Allowed]) -> String {
    let list: Vec<_> = allowed.iter().map(ToString::to_string).collect();
    format!("the operator allows {} (names over https), and nothing else: --webhook-allow names them", list.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_allows_names_and_addresses_of_one_host() {
        for (text, shown) in [
            ("hooks.example.org", "hooks.example.org"),
            ("Hooks.Example.org:443", "hooks.example.org"),
            ("hooks.example.org:8443", "hooks.example.org:8443"),
            ("xn--espace-9ua.fr", "xn--espace-9ua.fr"),
            ("127.0.0.1:9000", "127.0.0.1:9000"),
            ("[::1]:9000", "[::1]:9000"),
            ("[fd00::5]:80", "[fd00::5]:80"),
        ] {
            assert_eq!(text.parse::<Allowed>().unwrap().to_string(), shown);
        }
        for bad in [
            "",
            "127.0.0.1",
            "[::1]",
            "::1",
            "*",
            "*.example.org",
            "https://hooks.example.org",
            "hooks.example.org/",
            "hooks.example.org.",
            "hooks.example.org:0",
            "hooks.example.org:x",
            "ada@hooks.example.org",
            "éspace.fr",
            "0x7f.1",
            "0x7f000001:80",
            "2130706433:80",
            "0.0.0.0:80",
            "255.255.255.255:80",
            "224.0.0.1:80",
            "169.254.169.254:80",
            "[::]:80",
            "[fe80::1]:80",
            "[ff02::1]:80",
            "[::ffff:127.0.0.1]:80",
            "[64:ff9b::1]:80",
            "127.0.0.1:0",
        ] {
            assert!(bad.parse::<Allowed>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_is_taken_as_it_is_allowed() {
        let allowed = ["hooks.example.org", "hooks.example.org:8443", "127.0.0.1:9000", "[::1]:9000"];
        let allowed = allowed.map(|text| text.parse().unwrap());
        for good in [
            "https://hooks.example.org/in?a=b@c",
            "https://hooks.example.org",
            "https://hooks.example.org:8443/%2e%2e/x",
            "http://127.0.0.1:9000/in",
            "https://127.0.0.1:9000/in",
            "http://[::1]:9000/in",
        ] {
            let target = Target::parse(good, &allowed).unwrap_or_else(|error| panic!("{good}: {}", error.detail));
            assert_eq!(target.literal.is_some(), !good.contains("example"));
        }
        assert_eq!(Target::parse("https://hooks.example.org", &[]).unwrap_err().code, "not_allowed");
    }
}
