//! Headers of answers.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};

pub(super) fn text_header(description: &str) -> utoipa::openapi::Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(description))
        .build()
}

pub(super) fn header_about(name: &str) -> &'static str {
    match name {
        "ETag" => "The entity tag, for `If-Match` and `If-None-Match`.",
        "Location" => "The path of the new record.",
        "Content-Disposition" => "The name of the file, where it is one.",
        _ => "The next page, as `<…>; rel=\"next\"`, where there is one.",
    }
}
