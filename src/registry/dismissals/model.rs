//! The record of a dismissal.

use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::limits::CODE;
use crate::registry::collection::Collection;
use crate::registry::findings::rule_name::RuleName;
use crate::registry::table_record::table_record;
use crate::values::{Code, FromText, NationCode, ParseError, Text, quote, text_newtype};

text_newtype!(
    /// The code of a record of any kind: a slug, or that of a nation.
    RecordKey
);

impl FromText for RecordKey {
    fn parse(text: &str) -> Result<Self, ParseError> {
        if Code::parse(text).is_ok() || NationCode::parse(text).is_ok() {
            return Ok(Self(text.to_owned()));
        }
        let detail = format!("{} is not the code of a record: a slug, or a nation's two capital letters", quote(text));
        Err(ParseError::new("bad_code", detail))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^([a-z0-9]+(-[a-z0-9]+)*|[A-Z]{2})$"))
            .min_length(Some(1))
            .max_length(Some(CODE))
    }
}

table_record! {
    /// A finding that is meant to be so, and why. It leaves the list of findings, and is counted apart.
    pub struct Dismissal in dismissals {
        /// Its key, a slug; by default the rule and the record's code.
        pub code: Code,
        /// The rule that finds it.
        pub rule: RuleName,
        /// The collection of the record that is found.
        pub resource: Collection,
        /// The code of that record.
        pub key: RecordKey,
        /// The reason why it is meant to be so.
        pub reason: Text,
    }
}
