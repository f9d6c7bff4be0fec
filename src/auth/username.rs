//! The name that somebody signs in with.

use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::values::{Parsed, Reason, text_newtype};

/// How long a user name may be.
const LIMIT: usize = 64;

text_newtype!(
    /// A user name, `[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?`: what is safe in a path, a log line and a claim alike.
    Username
);

impl Parsed for Username {
    /// Strict on purpose: no trimming and no folding, so that a name has one spelling and one throttle.
    fn parse(text: &str) -> Result<Self, Reason> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = text.as_bytes();
        let sound = text.len() <= LIMIT
            && bytes.first().copied().is_some_and(plain)
            && bytes.last().copied().is_some_and(plain)
            && bytes.iter().all(|&byte| plain(byte) || matches!(byte, b'.' | b'_' | b'-'));
        if sound {
            return Ok(Self(text.to_owned()));
        }
        // It is not quoted, unlike other wrong values: it may be a password in the wrong field.
        let detail = format!(
            "this is not a user name: lower-case letters and digits, with . _ - between, at most {LIMIT} characters"
        );
        Err(Reason::new("bad_username", detail))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$"))
            .min_length(Some(1))
            .max_length(Some(LIMIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_is_safe_everywhere() {
        for good in ["a", "0", "ada", "ada.lovelace", "a-b_c.d", &"a".repeat(64)] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["", " ada", "Ada", "ada ", ".ada", "ada-", "a/b", "a\nb", "é", "a\u{0}", "-", "a b", &"a".repeat(65)]
        {
            assert!(Username::parse(bad).is_err(), "{bad:?}");
        }
    }
}
