//! The schemas of a kind of record: as it is read, written, patched, shown in part, listed.

use serde_json::{Value, json};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, Object, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};

use crate::registry::{EXPANDED, Resource, Stored, View};
use crate::values::with_article;

/// Named schemas.
pub(super) type Named = Vec<(String, RefOr<Schema>)>;

/// Returns a reference to a named schema.
pub(super) fn reference(name: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(name))
}

/// Returns an array of a named schema.
pub(super) fn array_of(name: &str) -> ArrayBuilder {
    ArrayBuilder::new().items(reference(name))
}

/// Returns a text that is a timestamp.
pub(super) fn timestamp(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(utoipa::openapi::SchemaFormat::Custom("date-time".to_owned())))
        .description(Some(description))
}

/// Returns a whole number from 0.
pub(super) fn count(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0.0)).description(Some(description))
}

/// Returns an object that has the properties it names and no others.
pub(super) fn closed(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(description))
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
}

/// Returns an object of which every property is always there.
pub(super) fn complete(object: ObjectBuilder) -> Object {
    let mut object = object.build();
    object.required = object.properties.keys().cloned().collect();
    object
}

/// Returns a page of a named schema.
pub(super) fn page_of(item: &str) -> Object {
    closed("A page of a list.")
        .property("items", array_of(item).build())
        .property("total", count("The exact number of all of them.").build())
        .property(
            "next_cursor",
            ObjectBuilder::new()
                .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
                .description(Some("Send it as `cursor` for the next page; null on the last one.")),
        )
        .required("items")
        .required("total")
        .required("next_cursor")
        .build()
}

/// Returns the example of a record, as it is read.
pub(super) fn example<R: Resource>() -> Value {
    example_in::<R>(None)
}

/// Returns the example with these fields alone.
pub(super) fn example_in<R: Resource>(fields: Option<&[&'static str]>) -> Value {
    let at = "2026-11-24T09:00:00.000000Z".to_owned();
    let stored = Stored::new(R::example(), 42, at.clone(), at);
    let view = View { stored: &stored, day: example_day(), fields, expanded: None };
    serde_json::to_value(view).unwrap_or_default()
}

/// Returns the day of the examples: they must not change with the day on which the document is made.
fn example_day() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 11, 24).unwrap_or_default()
}

/// Returns the example of a record, as it is written: without what may be left out.
pub(super) fn input_example<R: Resource>() -> Value {
    let mut example = serde_json::to_value(R::example()).unwrap_or_default();
    if let Value::Object(fields) = &mut example {
        fields.retain(|_, value| !value.is_null());
    }
    example
}

/// Returns the example of a merge patch: one field.
pub(super) fn patch_example<R: Resource>() -> Value {
    let full = input_example::<R>();
    let field = R::FIELDS.iter().rev().find(|field| field.name != "code" && full.get(field.name).is_some());
    field.map_or_else(|| json!({}), |field| json!({ field.name: full.get(field.name) }))
}

/// Returns the schemas of a kind, those that its fields refer to included.
pub(super) fn schemas<R: Resource>() -> Named {
    let mut named = Named::new();
    for field in R::FIELDS {
        (field.components)(&mut named);
    }
    for field in R::DERIVED {
        (field.components)(&mut named);
    }
    let one = with_article(R::SINGULAR);

    let mut full = closed(&format!("The record of {one}, as it is read."));
    let mut partial = closed(&format!(
        "The record of {one}, as lists and reads show it: whole, or the fields that `fields` names, with what `expand` adds."
    ));
    for (name, schema) in read_properties::<R>() {
        full = full.property(name, schema.clone()).required(name);
        partial = partial.property(name, schema);
    }
    if R::expands() {
        partial = partial.property(EXPANDED, expanded::<R>());
    }
    named.push((R::SCHEMA.to_owned(), full.examples([example::<R>()]).build().into()));
    named.push((format!("{}View", R::SCHEMA), partial.build().into()));
    named.push((format!("{}Page", R::SCHEMA), page_of(&format!("{}View", R::SCHEMA)).into()));

    let mut input =
        closed(&format!("The record of {one}, as it is written. Read-only fields may be sent back; they are ignored."));
    let mut patch = closed(&format!(
        "Changes to {one} (RFC 7396): null empties a field, and a field that is left out stays as it is. A row of an import \
         has the same form."
    ));
    for field in R::FIELDS {
        let mut schema = (field.schema)(field.doc.trim());
        // null means a code that is left out, or an empty list.
        match &mut schema {
            RefOr::T(Schema::Object(object)) if field.name == "code" => {
                object.schema_type = SchemaType::from_iter([Type::String, Type::Null]);
            }
            RefOr::T(Schema::Array(list)) if field.optional => {
                list.schema_type = SchemaType::from_iter([Type::Array, Type::Null]);
            }
            _ => {}
        }
        input = input.property(field.name, schema.clone());
        // The code may be left out: it follows from the name, or is in the path.
        if !field.optional && field.name != "code" {
            input = input.required(field.name);
        }
        patch = patch.property(field.name, schema);
    }
    for name in crate::registry::ignored_fields::<R>() {
        let ignored = || anything("Read-only; ignored when it is sent.");
        input = input.property(name, ignored());
        patch = patch.property(name, ignored());
    }
    named.push((format!("{}Input", R::SCHEMA), input.examples([input_example::<R>()]).build().into()));
    named.push((format!("{}Patch", R::SCHEMA), patch.examples([patch_example::<R>()]).build().into()));
    named
}

/// Returns the fields of a record as it is read: its own, derived, read-only.
fn read_properties<R: Resource>() -> Vec<(&'static str, RefOr<Schema>)> {
    let mut properties: Vec<(&'static str, RefOr<Schema>)> =
        R::FIELDS.iter().map(|field| (field.name, (field.schema)(field.doc.trim()))).collect();
    properties.extend(R::DERIVED.iter().map(|field| (field.name, (field.schema)(field.doc))));
    let version = count("The revision of the record's last change.").read_only(true);
    let [name, created_at, updated_at] = crate::registry::READ_ONLY;
    properties.push((name, version.build().into()));
    properties.push((created_at, timestamp("When it was created.").read_only(true).build().into()));
    properties.push((updated_at, timestamp("When it was changed last.").read_only(true).build().into()));
    properties
}

/// `expanded`: for each expansion the full records, by code.
fn expanded<R: Resource>() -> Schema {
    let mut object = closed("Full records beside the codes: for each expansion, the records by their code.");
    for expansion in R::expansions() {
        let schema = crate::registry::ResourceInfo::find(expansion.from)
            .map_or_else(|| anything(""), |kind| reference(kind.schema));
        object = object.property(
            expansion.name,
            ObjectBuilder::new()
                .schema_type(Type::Object)
                .additional_properties(Some(schema))
                .description(Some(format!("Records of {}, by code.", expansion.from))),
        );
    }
    Schema::Object(object.build())
}

/// Any value.
pub(super) fn anything(description: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).description(Some(description)).build().into()
}

/// Returns the schema of any object.
pub(in crate::http) fn any_object(about: &str) -> Schema {
    ObjectBuilder::new().schema_type(Type::Object).description(Some(about)).build().into()
}

/// Returns the schema of a problem.
pub(in crate::http) fn problem_schema() -> RefOr<Schema> {
    reference("Problem")
}
