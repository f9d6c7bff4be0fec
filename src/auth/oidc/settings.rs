//! The settings of an identity provider: its address, the audience of its tokens, and the claims that give roles.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde_json::{Map, Value};
use url::{Host, Url};

use super::refresh_policy::RefreshPolicy;
use crate::auth::role::Role;
use crate::auth::secret::Secret;
use crate::values::FromText as _;

/// The identity provider of an organisation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name, which is its address as well.
    pub issuer: IssuerUrl,
    /// Whom its tokens must be for: the name that it knows this service by.
    pub audience: String,
    /// The place of the roles in a token.
    pub claim: ClaimName,
    /// The values there, each with its role. The highest role counts.
    pub roles: Vec<RoleRule>,
    /// The times between two readings of its keys.
    pub refresh_policy: RefreshPolicy,
    /// The client that browsers sign in with, where they may.
    pub client: Option<Client>,
}

/// This service as a client of the provider: people sign in to its pages there.
#[derive(Clone, Debug)]
pub struct Client {
    /// The name that the provider knows it by.
    pub id: String,
    /// The secret that proves the client, where it is no public client.
    pub secret: Option<Secret>,
}

/// Returns the secret in a file: its first line.
///
/// # Errors
/// Why there is none.
pub fn secret_from(path: &str) -> Result<Secret, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("the secret cannot be read: {error}"))?;
    let secret = text.lines().next().unwrap_or_default().trim();
    if secret.is_empty() {
        return Err("there is no secret in this file".to_owned());
    }
    Ok(Secret::new(secret.to_owned()))
}

impl Settings {
    /// Returns the highest role that these values of the claim give, if they give any.
    pub(super) fn role(&self, values: &[String]) -> Option<Role> {
        self.roles.iter().filter(|rule| values.contains(&rule.value)).map(|rule| rule.role).max()
    }

    /// Returns the rules where none are given: roles that are named as ours are.
    pub fn identity_mapping() -> Vec<RoleRule> {
        Role::ALL.iter().map(|&role| RoleRule { value: role.as_str().to_owned(), role }).collect()
    }
}

/// The issuer of tokens, exactly as they name it (OpenID Connect Discovery 1.0 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerUrl(String);

impl IssuerUrl {
    /// Returns the issuer, as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IssuerUrl {
    type Err = String;

    /// Only HTTPS keeps others from answering in the provider's place; on this very machine there are no others.
    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || {
            "an https address is wanted, such as https://id.example.org/realms/agency, with no query; http only on this machine"
                .to_owned()
        };
        let url = Url::parse(text).map_err(|_| wanted())?;
        let plain =
            url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
        if plain && (url.scheme() == "https" || is_loopback_http(&url)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(wanted())
        }
    }
}

/// Tells whether an address is plain HTTP on this machine.
pub(super) fn is_loopback_http(url: &Url) -> bool {
    url.scheme() == "http" && is_loopback(url)
}

/// Tells whether a host is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// The place of the roles in a token: a claim, or a place within one as a JSON Pointer (RFC 6901).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimName(String);

impl FromStr for ClaimName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sound = !text.is_empty() && !text.chars().any(char::is_control);
        let wanted = "a claim's name is wanted, such as roles, or a JSON Pointer such as /realm_access/roles";
        sound.then(|| Self(text.to_owned())).ok_or_else(|| wanted.to_owned())
    }
}

impl ClaimName {
    /// Returns the texts there: those of a list, or the one text; the words of `scope`, which RFC 8693 §4.2 separates
    /// with spaces.
    pub(super) fn values<'a>(&self, claims: &'a Map<String, Value>) -> Vec<&'a str> {
        let place = match self.0.strip_prefix('/').map(|rest| rest.split_once('/').unwrap_or((rest, ""))) {
            Some((first, "")) => claims.get(&unescape(first)),
            Some((first, rest)) => claims.get(&unescape(first)).and_then(|claim| claim.pointer(&format!("/{rest}"))),
            None => claims.get(&self.0),
        };
        match place {
            Some(Value::String(words)) if self.0 == "scope" => words.split(' ').collect(),
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

/// One value of the claim, and the role that it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRule {
    value: String,
    role: Role,
}

impl FromStr for RoleRule {
    type Err = String;

    /// `VALUE=ROLE`; the last `=` counts, since names of groups may have some themselves.
    fn from_str(text: &str) -> Result<Self, String> {
        let rule = text.rsplit_once('=').filter(|(value, _)| !value.is_empty());
        let rule = rule.and_then(|(value, role)| Some(Self { value: value.to_owned(), role: Role::parse(role).ok()? }));
        rule.ok_or_else(|| {
            let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
            format!(
                "a value and a role are wanted, such as registry-editors=editor; the roles are {}",
                roles.join(", ")
            )
        })
    }
}

impl fmt::Display for RoleRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.value, self.role)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_issuer_is_https_or_here() {
        for good in [
            "https://id.example.org",
            "https://id.example.org/realms/agency/",
            "https://id.example.org:8443/x",
            "http://localhost:9000",
            "http://127.0.0.1:9000/op",
            "http://[::1]:9000",
        ] {
            assert_eq!(good.parse::<IssuerUrl>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "id.example.org",
            "http://id.example.org",
            "http://localhost.example.org",
            "http://127.0.0.1.example.org",
            "ftp://localhost",
            "file:///etc/passwd",
            "https://id.example.org?x=1",
            "https://id.example.org#x",
            "https://ada@id.example.org",
            "https://ada:pw@id.example.org",
        ] {
            assert!(bad.parse::<IssuerUrl>().is_err(), "{bad}");
        }
    }

    fn settings(claim: &str, rules: &[&str]) -> Settings {
        Settings {
            issuer: "https://id.example.org".parse().unwrap(),
            audience: "registry".to_owned(),
            claim: claim.parse().unwrap(),
            roles: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
            refresh_policy: RefreshPolicy::default(),
            client: None,
        }
    }

    #[test]
    fn the_highest_role_counts_wherever_it_is() {
        let rules = ["staff=viewer", "cn=editors,ou=agency=editor", "wheel=admin"];
        let role = |claim: &str, claims: Value| {
            let settings = settings(claim, &rules);
            let values = settings.claim.values(claims.as_object().unwrap());
            settings.role(&values.into_iter().map(str::to_owned).collect::<Vec<_>>())
        };
        assert_eq!(role("roles", json!({"roles": ["staff", "wheel"]})), Some(Role::Admin));
        assert_eq!(role("roles", json!({"roles": ["cn=editors,ou=agency", "staff"]})), Some(Role::Editor));
        assert_eq!(role("roles", json!({"roles": "staff"})), Some(Role::Viewer));
        assert_eq!(role("roles", json!({"roles": "staff wheel"})), None, "a text is one value");
        assert_eq!(role("scope", json!({"scope": "openid staff wheel"})), Some(Role::Admin), "but a scope has words");
        assert_eq!(role("/realm_access/roles", json!({"realm_access": {"roles": ["staff"]}})), Some(Role::Viewer));
        assert_eq!(role("/roles", json!({"roles": ["staff"]})), Some(Role::Viewer));
        assert_eq!(role("/a~1b/c", json!({"a/b": {"c": ["staff"]}})), Some(Role::Viewer));
        assert_eq!(
            role("https://agency.example/roles", json!({"https://agency.example/roles": ["staff"]})),
            Some(Role::Viewer)
        );
        for none in [json!({}), json!({"roles": []}), json!({"roles": null}), json!({"roles": ["Staff", 7, ["staff"]]})]
        {
            assert_eq!(role("roles", none.clone()), None, "{none}");
        }
        assert_eq!(role("roles", json!({"roles": {"staff": true}})), None);
        assert_eq!(role("roles", json!({"roles": "admin"})), None, "no namesakes where rules are given");
    }

    #[test]
    fn a_rule_is_a_value_and_a_role() {
        assert_eq!("a=b=editor".parse::<RoleRule>().unwrap().to_string(), "a=b=editor");
        for bad in ["", "editor", "=editor", "a=", "a=Editor", "a=root", "a = editor"] {
            assert!(bad.parse::<RoleRule>().is_err(), "{bad}");
        }
    }
}
