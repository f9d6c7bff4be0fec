//! Whole numbers in a range.

use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

use super::cell_format::CellFormat;
use super::field::{FieldValue, Origin, described};
use super::quote::quote;
use crate::error::Defect;

/// Reads a whole number from a JSON value; what is none, or out of the range, is a defect.
pub(super) fn decode(value: &Value, least: i64, most: i64, pointer: &str, defects: &mut Vec<Defect>) -> Option<i64> {
    let Value::Number(number) = value else {
        let detail = format!("a whole number is wanted, not {}", described(value));
        defects.push(Defect::pointer(pointer, "type", detail));
        return None;
    };
    let whole = number.as_i64().or_else(|| number.as_f64().and_then(whole)).filter(|n| (least..=most).contains(n));
    if whole.is_none() {
        let shown = quote(&number.to_string());
        let detail = format!("a whole number from {least} to {most} is wanted, not {shown}");
        defects.push(Defect::pointer(pointer, "type", detail));
    }
    whole
}

/// Returns the whole number that a JSON number such as `1.0` or `1e2` is (JSON Schema counts those as integers).
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

/// Returns the schema of a whole number in a range, or null.
pub(super) fn schema(least: i64, most: i64, description: &str) -> RefOr<Schema> {
    let (least, most) = (least as f64, most as f64);
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Integer, Type::Null]))
        .minimum(Some(least))
        .maximum(Some(most))
        .description(Some(description))
        .build()
        .into()
}

impl FieldValue for Option<i64> {
    const SHAPE: CellFormat = CellFormat::Integer;
    const OPTIONAL: bool = true;

    fn decode(value: Option<Value>, pointer: &str, _origin: Origin, defects: &mut Vec<Defect>) -> Option<Self> {
        match value {
            None | Some(Value::Null) => Some(None),
            Some(value) => decode(&value, i32::MIN.into(), i32::MAX.into(), pointer, defects).map(Some),
        }
    }

    fn is_empty(&self) -> bool {
        self.is_none()
    }

    fn schema(description: &str) -> RefOr<Schema> {
        schema(i32::MIN.into(), i32::MAX.into(), description)
    }
}

/// Declares a whole number in a range, which may be null in a record: only its field and the database make one.
macro_rules! whole_number {
    ($(#[$meta:meta])* $name:ident, $least:expr, $most:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, diesel::expression::AsExpression,
            diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        pub struct $name(i64);

        impl $name {
            /// Returns the number.
            pub fn get(self) -> i64 {
                self.0
            }
        }

        impl FieldValue for Option<$name> {
            const SHAPE: CellFormat = CellFormat::Integer;
            const OPTIONAL: bool = true;

            fn decode(
                value: Option<serde_json::Value>,
                pointer: &str,
                _origin: Origin,
                defects: &mut Vec<$crate::error::Defect>,
            ) -> Option<Self> {
                match value {
                    None | Some(serde_json::Value::Null) => Some(None),
                    Some(value) => {
                        decode(&value, $least, $most, pointer, defects).map(|number| Some($name(number)))
                    }
                }
            }

            fn is_empty(&self) -> bool {
                self.is_none()
            }

            fn schema(description: &str) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                schema($least, $most, description)
            }
        }

        impl<DB> diesel::serialize::ToSql<diesel::sql_types::BigInt, DB> for $name
        where
            DB: diesel::backend::Backend,
            i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB> for $name
        where
            DB: diesel::backend::Backend,
            i64: diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                <i64 as diesel::deserialize::FromSql<_, DB>>::from_sql(bytes).map(Self)
            }
        }
    };
}

whole_number!(
    /// The number of months that a tacit renewal adds: from 1 on.
    RenewalMonths,
    1,
    crate::limits::RENEWAL_MONTHS
);
whole_number!(
    /// The number of months before an end by which a party must speak.
    NoticeMonths,
    0,
    crate::limits::NOTICE_MONTHS
);
