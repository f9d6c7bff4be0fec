//! Values that are a text in the database and in JSON: the code they share.

/// Serialises a newtype over `String` (with `as_str`) and stores it as text on every database.
macro_rules! text_column {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.as_str().to_sql(out)
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                Self::from_column(<String as diesel::deserialize::FromSql<_, DB>>::from_sql(bytes)?)
            }
        }
    };
}
pub(crate) use text_column;

/// Declares a value that is a text obeying a rule: only `FromText::parse` and the database make one.
macro_rules! text_newtype {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub struct $name(String);

        impl $name {
            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            fn from_column(text: String) -> diesel::deserialize::Result<Self> {
                Ok(Self(text))
            }
        }

        $crate::values::text_enum::text_column!($name);
    };
}
pub(crate) use text_newtype;

/// Declares an enumeration whose values have a text form, in the contract's order.
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $( $(#[$vmeta:meta])* $variant:ident = $text:literal, )* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $( $(#[$vmeta])* $variant, )* }

        impl $name {
            /// Every value, in the contract's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// Their text forms.
            pub const TEXTS: &'static [&'static str] = &[$($text),*];

            /// Returns the text form.
            pub fn as_str(&self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            fn from_column(text: String) -> diesel::deserialize::Result<Self> {
                <Self as $crate::values::field::FromText>::parse(&text).map_err(|reason| reason.detail.into())
            }
        }

        impl $crate::values::field::FromText for $name {
            fn is_blank(_text: &str) -> bool {
                false
            }

            fn parse(text: &str) -> Result<Self, $crate::values::field::ParseError> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    other => Err($crate::values::field::ParseError::new(
                        "unknown_value",
                        format!("{} is none of {}", $crate::values::quote::quote(other), Self::TEXTS.join(", ")),
                    )),
                }
            }

            fn text_schema() -> utoipa::openapi::schema::ObjectBuilder {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::TEXTS.iter().copied()))
            }

            fn schema_name() -> Option<&'static str> {
                Some(stringify!($name))
            }
        }

        $crate::values::text_enum::text_column!($name);
    };
}
pub(crate) use text_enum;
