//! The natural key of everything but nations: a lower-case slug.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::clean::clean;
use super::field::{FromText, ParseError};
use super::hex::hex;
use super::text_enum::text_newtype;
use crate::limits::CODE;

/// How many hexadecimal digits of a hash end a code that was cut.
const HASH: usize = 8;

text_newtype!(
    /// A slug, `[a-z0-9]+(-[a-z0-9]+)*`, of at most 64 characters.
    Code
);

impl FromText for Code {
    fn parse(text: &str) -> Result<Self, ParseError> {
        let sound = !text.is_empty()
            && text.len() <= CODE
            && text.split('-').all(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
        if sound {
            return Ok(Self(text.to_owned()));
        }
        let shown = super::quote::quote(text);
        Err(ParseError::new(
            "bad_code",
            format!("{shown} is not a code: lower-case letters and digits with single hyphens between, at most {CODE}"),
        ))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[a-z0-9]+(-[a-z0-9]+)*$"))
            .min_length(Some(1))
            .max_length(Some(CODE))
    }
}

/// Returns the code that a name gives when none is sent: its slug. One that is longer than a code is cut at a hyphen,
/// where there is one, and ends in a hyphen and eight hexadecimal digits of the SHA-256 of the whole name, so that long
/// names that begin alike have codes of their own. `None` for a name without a letter or digit.
pub fn slug_of(name: &str) -> Option<String> {
    let name = readable(name);
    let slug = slug::slugify(&name);
    match slug.len() {
        0 => None,
        1..=CODE => Some(slug),
        _ => Some(shorten(&slug, &name, CODE)),
    }
}

/// Returns the code that two parts give together: `<first>-<second>`. Where that is longer than a code, the first part
/// is shortened as [`slug_of`] shortens a name and the second stays whole; only a second part that leaves no room for a
/// hash is shortened with the first.
pub fn joined_code(first: &str, second: &str) -> Option<String> {
    let whole = format!("{first}-{second}");
    if slug::slugify(&whole).len() <= CODE {
        return slug_of(&whole);
    }
    let (first, second) = (readable(first), readable(second));
    let (head, tail) = (slug::slugify(&first), slug::slugify(&second));
    match CODE.checked_sub(tail.len() + 1) {
        Some(room) if room >= HASH && !tail.is_empty() => Some(format!("{}-{tail}", shorten(&head, &first, room))),
        _ => slug_of(&whole),
    }
}

/// Returns a name as it is kept, so that what cannot be seen changes no code. One that is refused gives a code that is
/// not used.
fn readable(name: &str) -> Cow<'_, str> {
    clean(name).map_or(Cow::Borrowed(name), Cow::Owned)
}

/// Cuts a slug to `limit` characters; it then ends in a hash of the text that it was made of.
fn shorten(slug: &str, text: &str, limit: usize) -> String {
    let hash = hex(digest(&SHA256, text.as_bytes()).as_ref());
    let hash = hash.get(..HASH).unwrap_or_default();
    let room = limit.saturating_sub(HASH + 1);
    let mut head = slug.get(..room.min(slug.len())).unwrap_or_default();
    if !slug.get(head.len()..).is_some_and(|rest| rest.starts_with('-')) {
        head = head.rsplit_once('-').map_or(head, |(words, _)| words);
    }
    match head.trim_matches('-') {
        "" => hash.to_owned(),
        head => format!("{head}-{hash}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_give_codes() {
        assert_eq!(slug_of("VENµS & États-Unis").as_deref(), Some("venus-etats-unis"));
        assert_eq!(slug_of("…"), None);
        // A slug that a code can hold is not touched.
        let (longest, longer) = ("a".repeat(CODE), "a".repeat(CODE + 1));
        assert_eq!(slug_of(&longest), Some(longest.clone()));
        assert_eq!(slug_of(&longer), Some(format!("{}-635361c4", "a".repeat(55))));
    }

    #[test]
    fn a_long_name_is_cut_at_a_word_and_ends_in_its_hash() {
        let name = "Agreement between the Government of India and the Government of France on space, phase one";
        let code = slug_of(name).unwrap();
        assert_eq!(code, "agreement-between-the-government-of-india-and-the-57e6c082");
        assert_eq!(slug_of(&format!("  {name}\n")), Some(code), "space around a name is no part of it");
    }

    #[test]
    fn of_two_parts_the_first_is_shortened() {
        assert_eq!(joined_code("swot", "2026-06").as_deref(), Some("swot-2026-06"));
        let project = "p".repeat(64);
        let code = joined_code(&project, "2026-06-01").unwrap();
        assert!(code.len() <= CODE && code.starts_with("ppp") && code.ends_with("-2026-06-01"), "{code}");
        assert_ne!(joined_code(&project, "2026-01-01"), Some(code));
        assert_ne!(joined_code("rule", &"k".repeat(64)), joined_code("other", &"k".repeat(64)));
        let tight = joined_code("a-long-rule", &"k".repeat(55)).unwrap();
        assert!(tight.len() == CODE && tight.ends_with(&"k".repeat(55)), "{tight}");
        assert_eq!(joined_code("…", "…"), None);
    }

    proptest! {
        #[test]
        fn a_slug_is_a_code(name in "\\PC{0,200}") {
            if let Some(slug) = slug_of(&name) {
                prop_assert!(Code::parse(&slug).is_ok(), "{slug}");
            }
        }

        #[test]
        fn two_parts_give_a_code(first in "\\PC{0,90}", second in "\\PC{0,90}") {
            if let Some(code) = joined_code(&first, &second) {
                prop_assert!(Code::parse(&code).is_ok(), "{code}");
            }
        }

        #[test]
        fn names_that_begin_alike_have_codes_of_their_own(head in "[a-z]{1,9}( [a-z]{1,9}){20}", a in 0u32..1000, b in 0u32..1000) {
            prop_assume!(a != b);
            prop_assert_ne!(slug_of(&format!("{head} {a}")), slug_of(&format!("{head} {b}")));
            prop_assert_ne!(joined_code("p", &format!("{head} {a}")), joined_code("p", &format!("{head} {b}")));
            prop_assert_ne!(joined_code(&head, &a.to_string()), joined_code(&head, &b.to_string()));
        }

        #[test]
        fn parse_and_print_are_inverse(text in "[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,5}") {
            let code = Code::parse(&text).unwrap();
            prop_assert_eq!(code.as_str(), text);
        }

        #[test]
        fn nothing_else_is_a_code(text in "[A-Za-z0-9_ .-]{0,70}") {
            if let Ok(code) = Code::parse(&text) {
                prop_assert!(code.as_str().len() <= CODE);
                prop_assert!(code.as_str().split('-').all(|part| !part.is_empty()));
                prop_assert!(!code.as_str().contains(|c: char| c.is_ascii_uppercase() || "_ .".contains(c)));
            }
        }
    }
}
