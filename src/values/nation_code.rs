//! ISO 3166-1 codes of nations.

use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::field::{Parsed, Reason};
use super::text::quote;
use super::text_enum::text_newtype;

macro_rules! iso_code {
    ($(#[$meta:meta])* $name:ident, $lookup:path, $what:literal, $pattern:literal) => {
        text_newtype!($(#[$meta])* $name);

        impl Parsed for $name {
            fn parse(text: &str) -> Result<Self, Reason> {
                if text.bytes().all(|byte| byte.is_ascii_uppercase()) && $lookup(text).is_some() {
                    return Ok(Self(text.to_owned()));
                }
                Err(Reason::new("bad_code", format!("{} is not an {} code of a nation", quote(text), $what)))
            }

            fn text_schema() -> ObjectBuilder {
                ObjectBuilder::new().schema_type(Type::String).pattern(Some($pattern))
            }
        }
    };
}

iso_code!(
    /// An ISO 3166-1 alpha-2 code, `IN`.
    NationCode, rust_iso3166::from_alpha2, "ISO 3166-1 alpha-2", "^[A-Z]{2}$"
);
iso_code!(
    /// An ISO 3166-1 alpha-3 code, `IND`.
    Alpha3, rust_iso3166::from_alpha3, "ISO 3166-1 alpha-3", "^[A-Z]{3}$"
);

/// The alpha-2 code that belongs to an alpha-3 code.
pub fn alpha2_of(alpha3: &str) -> Option<&'static str> {
    rust_iso3166::from_alpha3(alpha3).map(|nation| nation.alpha2)
}
