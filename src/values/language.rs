//! Language tags (BCP 47, which is RFC 5646).

use oxilangtag::LanguageTag;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::field::{FromText, ParseError};
use super::quote::quote;
use super::text_enum::text_newtype;
use crate::limits;

text_newtype!(
    /// A BCP 47 language tag in its usual case, `en`, `fr-CA`, `sr-Latn`.
    Language
);

impl FromText for Language {
    fn parse(text: &str) -> Result<Self, ParseError> {
        let text = text.trim();
        let tag = Some(text).filter(|text| text.len() <= limits::LANGUAGE);
        match tag.and_then(|text| LanguageTag::parse_and_normalize(text).ok()) {
            Some(tag) => Ok(Self(tag.into_inner())),
            None => {
                let detail =
                    format!("{} is not a language tag (BCP 47): en, fr, pt-BR or sr-Latn is wanted", quote(text));
                Err(ParseError::new("bad_language", detail))
            }
        }
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"))
            .min_length(Some(2))
            .max_length(Some(limits::LANGUAGE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_take_their_usual_case() {
        for (text, tag) in [("EN", "en"), ("fr-ca", "fr-CA"), ("SR-latn-rs", "sr-Latn-RS"), (" de ", "de")] {
            assert_eq!(Language::parse(text).unwrap().as_str(), tag);
        }
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for bad in ["", "e", "english language", "fr_FR", "fr-", "-fr", "français", "en-", "en-a"] {
            assert_eq!(Language::parse(bad).unwrap_err().code, "bad_language", "{bad}");
        }
    }

    proptest! {
        #[test]
        fn parse_and_print_are_inverse(text in "[A-Za-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Za-z]{2})?|\\PC{0,12}") {
            if let Ok(tag) = Language::parse(&text) {
                let again = Language::parse(tag.as_str()).unwrap();
                prop_assert_eq!(tag, again);
            }
        }
    }
}
