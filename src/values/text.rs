//! Texts: trimmed, NFC, without characters that hide or reorder others.

use unicode_normalization::UnicodeNormalization as _;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::field::{Parsed, Reason};
use super::text_enum::text_newtype;

use crate::limits;

/// What every text obeys: trimmed, NFC, no control characters but newline and tab, no bidirectional controls, at most
/// `limit` characters.
fn clean(text: &str, limit: usize) -> Result<String, Reason> {
    if let Some(bad) = text.chars().find(|&c| is_refused(c)) {
        let kind = if bad.is_control() { "control" } else { "bidirectional control" };
        return Err(Reason::new("bad_character", format!("the {kind} character U+{:04X} is not allowed", bad as u32)));
    }
    let clean: String = text.trim().nfc().collect();
    let length = clean.chars().count();
    if length > limit {
        return Err(Reason::new("too_long", format!("at most {limit} characters are kept here, not {length}")));
    }
    Ok(clean)
}

fn is_refused(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || is_bidirectional_control(c)
}

/// Whether a character makes a text read as another (Unicode TR 36).
pub(crate) fn is_bidirectional_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// How much of a piece of input is told back.
const SHOWN: usize = 60;

/// A piece of input for a message: quoted, escaped and cut.
pub(crate) fn quote(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("‘{shown}’")
}

/// A piece of input as it is, but cut.
pub(crate) fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// The pattern (ECMA 262) of a text without characters that are refused.
pub fn plain_text_pattern() -> &'static str {
    r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*$"
}

text_newtype!(
    /// A name or title: not empty, at most 300 characters.
    Name
);
text_newtype!(
    /// Any other text: at most 4,000 characters.
    Text
);
text_newtype!(
    /// An `http` or `https` address. It is text: nothing here ever fetches it.
    Url
);

/// A text that must not be empty.
fn filled(text: &str, limit: usize) -> Result<String, Reason> {
    let clean = clean(text, limit)?;
    if clean.is_empty() {
        return Err(Reason::new("required", "this must not be empty"));
    }
    Ok(clean)
}

impl Parsed for Name {
    fn is_blank(text: &str) -> bool {
        text.trim().is_empty()
    }

    fn parse(text: &str) -> Result<Self, Reason> {
        filled(text, limits::NAME).map(Self)
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(limits::NAME))
            .pattern(Some(plain_text_pattern()))
    }
}

impl Parsed for Text {
    fn is_blank(text: &str) -> bool {
        text.trim().is_empty()
    }

    fn parse(text: &str) -> Result<Self, Reason> {
        filled(text, limits::TEXT).map(Self)
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(limits::TEXT))
            .pattern(Some(plain_text_pattern()))
    }
}

impl Parsed for Url {
    fn parse(text: &str) -> Result<Self, Reason> {
        let clean = filled(text, limits::TEXT)?;
        let sound = !clean.contains(char::is_whitespace)
            && url::Url::parse(&clean).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if sound { Ok(Self(clean)) } else { Err(Reason::new("bad_url", "an http or https address is wanted")) }
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some("^https?://")).max_length(Some(limits::TEXT))
    }
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
        for bad in ["a\u{0}b", "a\u{202E}b", "\u{2066}", "a\u{7f}", "\u{200F}"] {
            assert_eq!(Text::parse(bad).unwrap_err().code, "bad_character", "{bad:?}");
        }
        assert!(Text::parse("two\nlines\tand a tab").is_ok());
    }

    #[test]
    fn an_address_is_http() {
        assert!(Url::parse("https://cnes.fr").is_ok());
        for bad in ["javascript:alert(1)", "ftp://cnes.fr", "cnes.fr", "https://", "http://a b"] {
            assert!(Url::parse(bad).is_err(), "{bad}");
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
