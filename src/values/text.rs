//! Texts: trimmed, NFC, without characters that hide or reorder others.

use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::clean::{self, plain_text_pattern};
use super::field::{FromText, ParseError};
use super::quote::quote;
use super::text_enum::text_newtype;
use crate::limits;

/// Returns the text as it is kept, at most `limit` characters and not empty.
fn filled(text: &str, limit: usize) -> Result<String, ParseError> {
    let clean = clean::clean(text).map_err(|bad| {
        let kind = if bad.is_control() { "control" } else { "bidirectional control" };
        let detail = format!("the {kind} character U+{:04X} is not allowed in {}", u32::from(bad), quote(text));
        ParseError::new("bad_character", detail)
    })?;
    if clean.is_empty() {
        let shown = if text.is_empty() { String::new() } else { format!("; nothing can be seen of {}", quote(text)) };
        return Err(ParseError::new("required", format!("this must not be empty{shown}")));
    }
    let length = clean.chars().count();
    if length > limit {
        let detail = format!("at most {limit} characters are kept here, not {length}: {}", quote(&clean));
        return Err(ParseError::new("too_long", detail));
    }
    Ok(clean)
}

text_newtype!(
    /// A name: not empty, at most 300 characters.
    Name
);
text_newtype!(
    /// A title: not empty, at most 1,000 characters. The titles of treaties need more than 690.
    Title
);
text_newtype!(
    /// Any other text: at most 4,000 characters.
    Text
);
text_newtype!(
    /// An `http` or `https` address with a host and without a user name or password (RFC 3986, section 7.5). It is
    /// text: nothing here ever fetches it.
    Url
);

/// Returns the schema of a text of at most `limit` characters.
fn schema(limit: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(limit))
        .pattern(Some(plain_text_pattern()))
}

/// Reads a text type that is [`filled`]; what the log holds was accepted by the rules of its day.
macro_rules! parsed_text {
    ($name:ident, $limit:expr) => {
        impl FromText for $name {
            fn is_blank(text: &str) -> bool {
                clean::is_blank(text)
            }

            fn parse(text: &str) -> Result<Self, ParseError> {
                filled(text, $limit).map(Self)
            }

            fn recall(text: &str) -> Result<Self, ParseError> {
                Ok(Self(text.to_owned()))
            }

            fn text_schema() -> ObjectBuilder {
                schema($limit)
            }
        }
    };
}

parsed_text!(Name, limits::NAME);
parsed_text!(Title, limits::TITLE);
parsed_text!(Text, limits::TEXT);

impl FromText for Url {
    fn is_blank(text: &str) -> bool {
        clean::is_blank(text)
    }

    fn parse(text: &str) -> Result<Self, ParseError> {
        let clean = filled(text, limits::TEXT)?;
        let wrong = |detail: &str| Err(ParseError::new("bad_url", format!("{detail}, not {}", quote(&clean))));
        let Some(authority) = authority(&clean).filter(|_| !clean.contains(char::is_whitespace)) else {
            return wrong("an http or https address with a host is wanted");
        };
        if authority.contains('@') {
            return wrong("an address without a user name and a password is wanted");
        }
        if !url::Url::parse(&clean).is_ok_and(|url| url.has_host()) {
            return wrong("an http or https address with a host is wanted");
        }
        Ok(Self(clean))
    }

    fn recall(text: &str) -> Result<Self, ParseError> {
        Ok(Self(text.to_owned()))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^[Hh][Tt][Tt][Pp][Ss]?://[^/?#\\@\s]+([/?#\\]\S*)?$"))
            .max_length(Some(limits::TEXT))
    }
}

/// Finds the part between the two slashes of an `http` or `https` address and its path.
fn authority(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    let http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    // Browsers take a backslash for a slash (WHATWG URL).
    rest.split(['/', '?', '#', '\\']).next().filter(|authority| http && !authority.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_are_trimmed_and_composed() {
        assert_eq!(Name::parse("  E\u{301}tats-Unis ").unwrap().as_str(), "États-Unis");
    }

    #[test]
    fn what_hides_or_reorders_is_refused() {
        for bad in ["a\u{0}b", "a\u{202E}b", "\u{2066}", "a\u{7f}", "\u{61C}"] {
            assert_eq!(Text::parse(bad).unwrap_err().code, "bad_character", "{bad:?}");
        }
        assert!(Text::parse("two\nlines\tand a tab").is_ok());
    }

    #[test]
    fn an_address_is_http() {
        for good in ["https://cnes.fr", "HTTP://cnes.fr:8080?a@b", "http://[::1]/a@b:c", "https://éspace.fr/é#x"] {
            assert!(Url::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "ftp://cnes.fr",
            "cnes.fr",
            "https://",
            "http://a b",
            "http:cnes.fr",
            "https:///cnes.fr",
            "http://:80",
            "https://?a",
            "https://ada@cnes.fr",
            "https://ada:secret@cnes.fr/",
            "https://@cnes.fr",
            "https://\\a",
        ] {
            let reason = Url::parse(bad).unwrap_err();
            assert_eq!(reason.code, "bad_url", "{bad}");
            assert!(reason.detail.contains(&quote(bad)), "{}", reason.detail);
        }
    }

    #[test]
    fn a_defect_quotes_what_was_there() {
        for text in ["a\u{0}b", " \u{FEFF}", &"x".repeat(4_001)] {
            let reason = Text::parse(text).unwrap_err();
            assert!(reason.detail.contains(&quote(text)), "{}", reason.detail);
        }
    }

    proptest! {
        #[test]
        fn parsing_twice_changes_nothing(text in "\\PC{0,80}") {
            if let Ok(once) = Text::parse(&text) {
                prop_assert_eq!(Text::parse(once.as_str()).unwrap(), once);
            }
        }
    }
}
