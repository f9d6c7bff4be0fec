//! The natural key of everything but nations: a lower-case slug.

use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::field::{Parsed, Reason};
use super::text_enum::text_newtype;

/// How long a code may be.
const LIMIT: usize = 64;

text_newtype!(
    /// A slug, `[a-z0-9]+(-[a-z0-9]+)*`, of at most 64 characters.
    Code
);

impl Parsed for Code {
    fn parse(text: &str) -> Result<Self, Reason> {
        let sound = !text.is_empty()
            && text.len() <= LIMIT
            && text.split('-').all(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
        if sound {
            return Ok(Self(text.to_owned()));
        }
        let shown = super::text::quote(text);
        Err(Reason::new(
            "bad_code",
            format!("{shown} is not a code: lower-case letters and digits with single hyphens between, at most 64"),
        ))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[a-z0-9]+(-[a-z0-9]+)*$"))
            .min_length(Some(1))
            .max_length(Some(LIMIT))
    }
}

/// The code that a name gives when none is sent: its slug, cut to the length of a code at a hyphen where there is one.
/// `None` for a name without a letter or digit.
pub fn slug_of(name: &str) -> Option<String> {
    let slug = slug::slugify(name);
    let mut short = slug.get(..slug.len().min(LIMIT)).unwrap_or_default();
    if short.len() < slug.len() && !slug.get(LIMIT..).is_some_and(|rest| rest.starts_with('-')) {
        short = short.rsplit_once('-').map_or(short, |(head, _)| head);
    }
    let short = short.trim_matches('-');
    (!short.is_empty()).then(|| short.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_give_codes() {
        assert_eq!(slug_of("VENµS & États-Unis").as_deref(), Some("venus-etats-unis"));
        assert_eq!(slug_of("…"), None);
        let long = slug_of(&"alpha ".repeat(20)).unwrap();
        assert!(long.len() <= LIMIT && long.ends_with("alpha"), "{long}");
    }

    proptest! {
        #[test]
        fn a_slug_is_a_code(name in "\\PC{0,200}") {
            if let Some(slug) = slug_of(&name) {
                prop_assert!(Code::parse(&slug).is_ok(), "{slug}");
            }
        }

        #[test]
        fn parse_and_print_are_inverse(text in "[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,5}") {
            let code = Code::parse(&text).unwrap();
            prop_assert_eq!(code.as_str(), text);
        }

        #[test]
        fn nothing_else_is_a_code(text in "[A-Za-z0-9_ .-]{0,70}") {
            if let Ok(code) = Code::parse(&text) {
                prop_assert!(code.as_str().len() <= LIMIT);
                prop_assert!(code.as_str().split('-').all(|part| !part.is_empty()));
                prop_assert!(!code.as_str().contains(|c: char| c.is_ascii_uppercase() || "_ .".contains(c)));
            }
        }
    }
}
