//! The schemas of bodies that are not records: what a client sends, and pages of what it reads.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::RangeInclusive;

use serde_json::{Value, json};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{KnownFormat, Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::schemas::{Named, page_of};
use crate::values::FromText;

/// Declares the body of a request: a line a field, with its description and its schema. The document describes these
/// fields, and [`Fields`](crate::http::request::body_fields::Fields) reads them, for all defects at once.
macro_rules! body {
    (
        $(#[doc = $about:literal])*
        $name:ident
        required { $($(#[doc = $doc:literal])* $field:ident: $schema:expr,)* }
        optional { $($(#[doc = $more_doc:literal])* $more:ident: $more_schema:expr,)* }
        example $example:expr
    ) => {
        $(#[doc = $about])*
        pub(in crate::http) struct $name;

        impl $crate::http::request::body_fields::Body for $name {
            const FIELDS: &'static [&'static str] = &[$(stringify!($field),)* $(stringify!($more),)*];
            const REQUIRED: &'static [&'static str] = &[$(stringify!($field),)*];
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use $crate::http::openapi::bodies::described;

                let object = utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::Object)
                    .description(Some(concat!($($about),*).trim()))
                    .examples([$example]);
                $(let object = object
                    .property(stringify!($field), described($schema, concat!($($doc),*)))
                    .required(stringify!($field));)*
                $(let object = object.property(stringify!($more), described($more_schema, concat!($($more_doc),*)));)*
                object.build().into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}
pub(in crate::http) use body;

/// Returns a schema with the description of its field.
pub(in crate::http) fn described(schema: impl Into<RefOr<Schema>>, about: &str) -> RefOr<Schema> {
    let about = about.trim().to_owned();
    match schema.into() {
        RefOr::Ref(mut named) => {
            named.description = about;
            RefOr::Ref(named)
        }
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(about);
            object.into()
        }
        other => other,
    }
}

/// Returns a text whose number of characters is in a range.
pub(in crate::http) fn text(length: RangeInclusive<usize>) -> ObjectBuilder {
    let (least, most) = length.into_inner();
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(least)).max_length(Some(most))
}

/// Returns the text of a value.
pub(in crate::http) fn value<T: FromText>() -> ObjectBuilder {
    T::text_schema()
}

/// Returns a password, hidden while it is typed. Its example is refused as a password.
pub(in crate::http) fn secret(schema: ObjectBuilder, example: &str) -> ObjectBuilder {
    schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Password))).examples([example])
}

/// Returns a whole number in a range.
pub(in crate::http) fn whole(range: RangeInclusive<u64>) -> ObjectBuilder {
    whole_from(*range.start()).maximum(Some(*range.end() as f64))
}

/// Returns a whole number that is at least `least`.
pub(in crate::http) fn whole_from(least: u64) -> ObjectBuilder {
    let long = SchemaFormat::KnownFormat(KnownFormat::Int64);
    ObjectBuilder::new().schema_type(Type::Integer).format(Some(long)).minimum(Some(least as f64))
}

/// True or false.
pub(in crate::http) fn flag() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

/// Returns a moment.
pub(in crate::http) fn timestamp() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}

/// Returns the schema that also accepts null.
pub(in crate::http) fn or_null(schema: ObjectBuilder, kind: Type) -> ObjectBuilder {
    schema.schema_type(SchemaType::from_iter([kind, Type::Null]))
}

/// Returns a reference to a schema with a name.
pub(in crate::http) fn named<T: ToSchema>() -> Ref {
    Ref::from_schema_name(T::name())
}

/// A page of what a list shows: the page of `XView` is `XPage`, as for collections.
pub(in crate::http) struct Page<T>(PhantomData<T>);

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let mut page = page_of(&T::name());
        for (field, example) in [("total", json!(1)), ("next_cursor", Value::Null)] {
            if let Some(RefOr::T(Schema::Object(object))) = page.properties.get_mut(field) {
                object.examples = vec![example];
            }
        }
        page.into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        let item = T::name();
        format!("{}Page", item.strip_suffix("View").unwrap_or(&item)).into()
    }

    fn schemas(schemas: &mut Named) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
