//! The name of a collection, as a value of a field.

use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::kind::Kind;
use crate::values::{Parsed, Reason, quote, text_newtype};

text_newtype!(
    /// The name of a collection, `projects`.
    Collection
);

impl Parsed for Collection {
    fn parse(text: &str) -> Result<Self, Reason> {
        let names: Vec<&str> = Kind::all().iter().map(|kind| kind.collection).collect();
        if names.contains(&text) {
            return Ok(Self(text.to_owned()));
        }
        Err(Reason::new("unknown_value", format!("{} is none of {}", quote(text), names.join(", "))))
    }

    fn text_schema() -> ObjectBuilder {
        let names: Vec<&str> = Kind::all().iter().map(|kind| kind.collection).collect();
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names))
    }

    fn schema_name() -> Option<&'static str> {
        Some("Collection")
    }
}
