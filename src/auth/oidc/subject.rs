//! A person for whom an identity provider vouches.

use crate::limits::SUBJECT;

/// The prefix of the names of subjects. No user name has a colon, so that no subject can have the name of a user.
const PREFIX: &str = "oidc:";

/// A person for whom the organisation's identity provider vouches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    name: String,
    display_name: Option<String>,
    issuer: String,
}

impl Subject {
    /// Makes a subject as a token names it: 1 to 255 printable ASCII characters, so that it is safe in a log line and
    /// in a header.
    pub(super) fn new(sub: &str, display_name: Option<String>, issuer: &str) -> Option<Self> {
        let sound = !sub.is_empty()
            && sub.len() <= SUBJECT
            && sub.trim_matches(' ') == sub
            && sub.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        sound.then(|| Self { name: format!("{PREFIX}{sub}"), display_name, issuer: issuer.to_owned() })
    }

    /// Returns the name of the subject in the change log: `oidc:` and the provider's `sub`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the provider's `sub`.
    pub(super) fn sub(&self) -> &str {
        self.name.strip_prefix(PREFIX).unwrap_or(&self.name)
    }

    /// Returns the token's `name`, where it has one.
    pub(super) fn own_name(&self) -> Option<&str> {
        self.display_name.as_deref()
    }

    /// Returns the name to show: the token's `name`, else as in the change log.
    pub fn display_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.name)
    }

    /// Returns the issuer that vouches for them.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_safe_everywhere_and_no_user() {
        use crate::auth::Username;
        use crate::values::FromText as _;
        for good in
            ["ada", "auth0|5f7c", "CN=Ada Lovelace,O=CNES", "00000000-0000-0000-66f3-3332eca7ea81", &"a".repeat(255)]
        {
            let subject = Subject::new(good, None, "https://id.example.org").unwrap();
            assert_eq!(subject.name(), format!("oidc:{good}"));
            assert!(Username::parse(subject.name()).is_err());
        }
        for bad in ["", " ada", "ada ", "a\nb", "a\u{0}", "é", "a\u{7f}", &"a".repeat(256)] {
            assert!(Subject::new(bad, None, "https://id.example.org").is_none(), "{bad:?}");
        }
    }
}
