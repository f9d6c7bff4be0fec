//! A record's fields, said once: the struct, how it is read with every defect, its CSV columns, its OpenAPI schema.

use serde::ser::SerializeMap;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::cell_format::CellFormat;
use super::field::Origin;
use crate::error::Defect;

/// The definition of a field, without a record.
#[derive(Debug)]
pub struct Field {
    /// Its name in JSON, in CSV and in `fields=`.
    pub name: &'static str,
    /// Its meaning.
    pub doc: &'static str,
    /// Its form in a CSV cell.
    pub shape: CellFormat,
    /// True if a record is complete without it.
    pub optional: bool,
    /// Its OpenAPI schema, given its description.
    pub schema: fn(&str) -> RefOr<Schema>,
    /// Named schemas that the schema refers to.
    pub components: fn(&mut Vec<(String, RefOr<Schema>)>),
}

/// The kind of difference between a field and its earlier value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It was empty.
    Set,
    /// It had another value.
    Changed,
    /// It is empty now.
    Emptied,
}

impl Difference {
    /// Returns the difference between two values, of which it is known whether they are empty and whether they are the
    /// same.
    pub fn between(was_empty: bool, is_empty: bool, same: bool) -> Option<Self> {
        match (was_empty, is_empty) {
            (true, true) => None,
            (true, false) => Some(Self::Set),
            (false, true) => Some(Self::Emptied),
            (false, false) => (!same).then_some(Self::Changed),
        }
    }
}

/// An object with a fixed set of fields. Made by `record!`, never by hand.
pub trait Record: Sized {
    /// The name of its schema: `Project`.
    const SCHEMA: &'static str;
    /// Its fields, in the order of the contract, which is that of the CSV columns.
    const FIELDS: &'static [Field];

    /// Reads a record from JSON. `ignored` names fields that are skipped; any other that is not in
    /// [`Record::FIELDS`] is a defect. Every defect is found, not the first alone.
    fn decode(value: Value, pointer: &str, ignored: &[&str], defects: &mut Vec<Defect>) -> Option<Self> {
        Self::decode_from(Origin::Input, value, pointer, ignored, defects)
    }

    /// [`Record::decode`] of a document that comes from somewhere else than a request.
    fn decode_from(
        origin: Origin,
        value: Value,
        pointer: &str,
        ignored: &[&str],
        defects: &mut Vec<Defect>,
    ) -> Option<Self>;

    /// Takes every field that is not `named` from another record.
    fn keep_unnamed(&mut self, other: &Self, named: &dyn Fn(&str) -> bool);

    /// Tells each field that is another than `before`, where there was a record before.
    fn compare(&self, before: Option<&Self>, found: &mut dyn FnMut(&'static str, Difference));

    /// Writes those fields that `wanted` accepts into a map.
    ///
    /// # Errors
    /// Errors of the serializer.
    fn serialize_fields<M: SerializeMap>(&self, map: &mut M, wanted: &dyn Fn(&str) -> bool) -> Result<(), M::Error>;
}

/// Declares a record: the struct as written, and everything that follows from its fields.
macro_rules! record {
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident {
            $( $(#[doc = $doc:literal])* pub $field:ident: $ty:ty, )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[doc = $doc])* pub $field: $ty, )*
        }

        impl $crate::values::record::Record for $name {
            const SCHEMA: &'static str = stringify!($name);
            const FIELDS: &'static [$crate::values::record::Field] = &[$(
                $crate::values::record::Field {
                    name: stringify!($field),
                    doc: concat!($($doc),*),
                    shape: <$ty as $crate::values::field::FieldValue>::SHAPE,
                    optional: <$ty as $crate::values::field::FieldValue>::OPTIONAL,
                    schema: <$ty as $crate::values::field::FieldValue>::schema,
                    components: <$ty as $crate::values::field::FieldValue>::components,
                },
            )*];

            fn decode_from(
                origin: $crate::values::field::Origin,
                value: serde_json::Value,
                pointer: &str,
                ignored: &[&str],
                defects: &mut Vec<$crate::error::Defect>,
            ) -> Option<Self> {
                let mut object = $crate::values::object_reader::ObjectReader::new(value, pointer, origin, defects)?;
                $( let $field = object.take::<$ty>(stringify!($field), defects); )*
                object.finish(&[$(stringify!($field)),*], ignored, defects);
                Some(Self { $( $field: $field?, )* })
            }

            fn keep_unnamed(&mut self, other: &Self, named: &dyn Fn(&str) -> bool) {
                $( if !named(stringify!($field)) {
                    self.$field.clone_from(&other.$field);
                } )*
            }

            fn compare(
                &self,
                before: Option<&Self>,
                found: &mut dyn FnMut(&'static str, $crate::values::record::Difference),
            ) {
                $( if let Some(difference) = $crate::values::record::Difference::between(
                    before.is_none_or(|record| $crate::values::field::FieldValue::is_empty(&record.$field)),
                    $crate::values::field::FieldValue::is_empty(&self.$field),
                    before.is_some_and(|record| record.$field == self.$field),
                ) {
                    found(stringify!($field), difference);
                } )*
            }

            fn serialize_fields<M: serde::ser::SerializeMap>(
                &self,
                map: &mut M,
                wanted: &dyn Fn(&str) -> bool,
            ) -> Result<(), M::Error> {
                $( if wanted(stringify!($field)) {
                    map.serialize_entry(stringify!($field), &self.$field)?;
                } )*
                Ok(())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                $crate::values::record::Record::serialize_fields(self, &mut map, &|_| true)?;
                map.end()
            }
        }
    };
}
pub(crate) use record;

/// Lets a record of a code and a role be an entry in the lists of another.
macro_rules! pair_field {
    ($name:ident, $key:ident, $role:ident) => {
        impl $crate::values::referring::ReferringField for $name {
            fn codes(&self) -> Vec<String> {
                $crate::values::referring::ReferringField::codes(&self.$key)
            }
        }

        impl $crate::values::field::FieldValue for $name {
            const SHAPE: $crate::values::cell_format::CellFormat =
                $crate::values::cell_format::CellFormat::Pair { key: stringify!($key), role: stringify!($role) };

            fn decode(
                value: Option<serde_json::Value>,
                pointer: &str,
                origin: $crate::values::field::Origin,
                defects: &mut Vec<$crate::error::Defect>,
            ) -> Option<Self> {
                let value = value.unwrap_or_default();
                <Self as $crate::values::record::Record>::decode_from(origin, value, pointer, &[], defects)
            }

            fn schema(_description: &str) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::RefOr::Ref(utoipa::openapi::Ref::from_schema_name(stringify!($name)))
            }

            fn components(found: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
                $crate::values::record::record_components::<Self>(found);
            }
        }
    };
}
pub(crate) use pair_field;

/// Adds the schema of a record on its own, and those it refers to.
pub fn record_components<R: Record>(found: &mut Vec<(String, RefOr<Schema>)>) {
    for field in R::FIELDS {
        (field.components)(found);
    }
    let mut object = utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::Object)
        .additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::<Schema>::FreeForm(false)));
    for field in R::FIELDS {
        object = object.property(field.name, (field.schema)(field.doc.trim()));
        if !field.optional {
            object = object.required(field.name);
        }
    }
    found.push((R::SCHEMA.to_owned(), object.build().into()));
}
