//! The names that people use for something, beside the one that it goes by: a list of texts in one column.

use diesel::sql_types::Text;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::cell_format::CellFormat;
use super::clean::plain_text_pattern;
use super::field::{FieldValue, FromText, Origin, ParseError};
use super::quote::quote;
use super::text::Name;
use super::text_enum::text_newtype;
use crate::error::Defect;
use crate::limits;

/// Separates the names in a cell and in the column.
const SEPARATOR: char = ';';

text_newtype!(
    /// A name in a list: a [`Name`] without a semicolon, which separates the entries of a list in a cell.
    OtherName
);

impl FromText for OtherName {
    fn parse(text: &str) -> Result<Self, ParseError> {
        let name = Name::parse(text)?;
        if name.as_str().contains(SEPARATOR) {
            let shown = quote(name.as_str());
            let detail =
                format!("a semicolon separates the names of a list: write two, or one without it, not {shown}");
            return Err(ParseError::new("bad_character", detail));
        }
        Ok(Self(name.as_str().to_owned()))
    }

    fn recall(text: &str) -> Result<Self, ParseError> {
        Ok(Self(text.to_owned()))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(limits::NAME))
            .pattern(Some(plain_text_pattern().replacen("[^", "[^;", 1)))
    }
}

/// Names in their order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct OtherNames(String);

impl OtherNames {
    fn of(names: &[OtherName]) -> Self {
        let texts: Vec<&str> = names.iter().map(OtherName::as_str).collect();
        Self(texts.join(&SEPARATOR.to_string()))
    }

    /// Returns the names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(SEPARATOR).filter(|name| !name.is_empty())
    }
}

impl serde::Serialize for OtherNames {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl FieldValue for OtherNames {
    const SHAPE: CellFormat = CellFormat::List;
    const OPTIONAL: bool = true;

    fn decode(
        value: Option<serde_json::Value>,
        pointer: &str,
        origin: Origin,
        defects: &mut Vec<Defect>,
    ) -> Option<Self> {
        Vec::<OtherName>::decode(value, pointer, origin, defects).map(|names| Self::of(&names))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn schema(description: &str) -> RefOr<Schema> {
        Vec::<OtherName>::schema(description)
    }
}

impl<DB> diesel::serialize::ToSql<Text, DB> for OtherNames
where
    DB: diesel::backend::Backend,
    str: diesel::serialize::ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
        self.0.as_str().to_sql(out)
    }
}

impl<DB> diesel::deserialize::FromSql<Text, DB> for OtherNames
where
    DB: diesel::backend::Backend,
    String: diesel::deserialize::FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        String::from_sql(bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> Result<OtherNames, Vec<Defect>> {
        let mut defects = Vec::new();
        OtherNames::decode(Some(value), "/other_names", Origin::Input, &mut defects).ok_or(defects)
    }

    #[test]
    fn names_keep_their_order_and_are_shown_as_a_list() {
        for names in [json!([]), json!(["Turkey"]), json!(["Turquie", "Turkey", "Korea, Republic of"])] {
            assert_eq!(serde_json::to_value(read(names.clone()).unwrap()).unwrap(), names);
        }
    }

    #[test]
    fn a_name_that_a_cell_could_not_hold_is_refused() {
        for (names, at, code) in [
            (json!(["a;b"]), "/other_names/0", "bad_character"),
            (json!(["Greek \u{37e} question mark"]), "/other_names/0", "bad_character"),
            (json!(["a", " a "]), "/other_names/1", "duplicate"),
            (json!(["a", ""]), "/other_names/1", "required"),
        ] {
            let defects = read(names).unwrap_err();
            assert_eq!(defects.len(), 1);
            assert_eq!((&defects[0].at, defects[0].code), (&crate::error::At::Pointer(at.to_owned()), code));
        }
    }
}
