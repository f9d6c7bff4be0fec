//! The name that a user signs in with.

use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::limits::{USERNAME, USERNAME_LOCAL};
use crate::values::{FromText, ParseError, text_newtype};

/// The longest part of a domain (RFC 1035 §2.3.4).
const LABEL_LIMIT: usize = 63;
/// A name, or an address; [`USERNAME`] and [`USERNAME_LOCAL`] beside.
const PATTERN: &str = "^([a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?\
    |[a-z0-9_][a-z0-9_+'-]*(\\.[a-z0-9_+'-]+)*\
    @[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*)$";

text_newtype!(
    /// A user name: letters, digits and `. _ -` between them, or an e-mail address. In lower case, and no more of what
    /// an address can be than is safe in a path, a log line and a claim alike: no quotes, no Unicode.
    Username
);

impl Username {
    /// Returns the part that names the person: of an address the part before the `@`.
    pub(super) fn own_part(&self) -> &str {
        self.as_str().split_once('@').map_or(self.as_str(), |(local, _)| local)
    }
}

impl FromText for Username {
    /// Strict on purpose: no trimming and no folding, so that a name has one spelling and one throttle.
    fn parse(text: &str) -> Result<Self, ParseError> {
        let sound = match text.split_once('@') {
            None => is_name(text),
            Some((local, domain)) => text.len() <= USERNAME && is_local(local) && domain.split('.').all(is_label),
        };
        if sound {
            return Ok(Self(text.to_owned()));
        }
        // It is not quoted, unlike other wrong values: it may be a password in the wrong field.
        let detail = format!(
            "this is not a user name: lower-case letters and digits, with . _ - between, at most {USERNAME_LOCAL} characters; \
             or an e-mail address in lower case, at most {USERNAME} characters, {USERNAME_LOCAL} of them before the @"
        );
        Err(ParseError::new("bad_username", detail))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(PATTERN))
            .min_length(Some(1))
            .max_length(Some(USERNAME))
    }
}

fn plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Tells whether a text is not empty and no longer than `limit`, its first byte satisfies `first`, its last one
/// `last`, and all of them `every`.
fn is_made_of(text: &str, limit: usize, first: fn(u8) -> bool, last: fn(u8) -> bool, every: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= limit
        && bytes.first().copied().is_some_and(first)
        && bytes.last().copied().is_some_and(last)
        && bytes.iter().copied().all(every)
}

fn is_name(text: &str) -> bool {
    is_made_of(text, USERNAME_LOCAL, plain, plain, |byte| plain(byte) || matches!(byte, b'.' | b'_' | b'-'))
}

/// Tells whether a text may be the part before the `@`. Real addresses have a plus, an apostrophe, a hyphen at the end.
fn is_local(text: &str) -> bool {
    let word = |byte: u8| plain(byte) || matches!(byte, b'_' | b'+' | b'\'' | b'-');
    is_made_of(text, USERNAME_LOCAL, |byte| plain(byte) || byte == b'_', |byte| byte != b'.', |_| true)
        && text.split('.').all(|part| !part.is_empty() && part.bytes().all(word))
}

fn is_label(text: &str) -> bool {
    is_made_of(text, LABEL_LIMIT, plain, plain, |byte| plain(byte) || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(local: usize, domain: usize) -> String {
        let labels = vec!["d".repeat(LABEL_LIMIT); 4].join(".");
        format!("{}@{}", "l".repeat(local), &labels[..domain])
    }

    #[test]
    fn a_user_name_is_safe_everywhere() {
        for good in ["a", "0", "ada", "ada.lovelace", "a-b_c.d", &"a".repeat(64)] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            " ada",
            "Ada",
            "ada ",
            ".ada",
            "ada-",
            "a/b",
            "a\nb",
            "é",
            "a\u{0}",
            "-",
            "a b",
            "a+b",
            &"a".repeat(65),
        ] {
            assert!(Username::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_is_a_user_name() {
        for good in [
            "ada.lovelace@agency.example",
            "ada@agency",
            "o'brien+registry@agency.example",
            "_service-@a-b.example",
            "a_b.c-d@x1.2y",
            &address(64, 189),
            &address(1, 252),
        ] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "@agency.example",
            "ada@",
            "ada@@agency.example",
            "ada@agency@example",
            "Ada@agency.example",
            "ada@Agency.example",
            "ada..l@agency.example",
            ".ada@agency.example",
            "ada.@agency.example",
            "-ada@agency.example",
            "ada@-agency.example",
            "ada@agency-.example",
            "ada@agency..example",
            "ada@agency.example.",
            "\"ada\"@agency.example",
            "ada lovelace@agency.example",
            "ada@[192.0.2.1]",
            "ada@agéncy.example",
            "adä@agency.example",
            "ada/x@agency.example",
            "ada%x@agency.example",
            "ada\n@agency.example",
            "oidc:ada@agency.example",
            &address(65, 100),
            &address(64, 190),
            &format!("a@{}", "d".repeat(64)),
        ] {
            assert!(Username::parse(bad).is_err(), "{bad:?}");
        }
    }
}
