//! The parts of operations that all of them have in common.

use serde_json::Value;
use utoipa::openapi::path::{OperationBuilder, Parameter};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, Ref, RefOr};

use super::described::Described;
use super::headers::{header_about, text_header};
use super::problems::problem;
use super::schemas::reference;
use crate::auth::Role;
use crate::http::openapi::groups::ALWAYS;
use crate::http::request::format::Format;
use crate::registry::Resource;

/// The further problems of any operation that writes.
const WRITES: [u16; 2] = [413, 507];

/// The description of an operation.
pub(in crate::http) struct About<'a> {
    pub(in crate::http) id: String,
    pub(in crate::http) summary: String,
    pub(in crate::http) description: &'a str,
}

/// Returns an operation with what all have in common.
pub(super) fn operation<R: Resource>(
    about: About<'_>,
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
    role: Role,
) -> OperationBuilder {
    operation_of(R::COLLECTION, about, parameters, body, role)
}

/// Returns an operation that needs a role, with what any such operation may answer.
pub(in crate::http) fn operation_of(
    tag: &str,
    about: About<'_>,
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
    role: Role,
) -> OperationBuilder {
    let description = format!("{}\n\nNeeds the role `{role}`.", about.description);
    let about = About { description: &description, ..about };
    let operation = authorized(tag, about, role).parameters(Some(parameters)).request_body(body);
    let more = if role > Role::Viewer { &WRITES[..] } else { &[] };
    more.iter().copied().fold(operation, problem)
}

/// Returns an operation that needs a role, with the problems that any such operation may answer.
pub(super) fn authorized(tag: &str, about: About<'_>, role: Role) -> OperationBuilder {
    let operation = OperationBuilder::new()
        .operation_id(Some(about.id))
        .summary(Some(about.summary))
        .description(Some(about.description))
        .tag(tag)
        .security(SecurityRequirement::new("oauth2", [role.as_str()]))
        .security(SecurityRequirement::new("bearer", Vec::<String>::new()));
    ALWAYS.into_iter().fold(operation, problem)
}

/// Makes the documentation of an operation; `more` are problems that it may answer beside the usual ones.
pub(in crate::http) fn described(operation: OperationBuilder, more: &[u16]) -> Described {
    more.iter().copied().fold(operation, problem).build().into()
}

/// Returns an answer in JSON.
pub(super) fn json_response(description: &str, schema: &str, example: Value, headers: &[&str]) -> Response {
    let content = ContentBuilder::new().schema(Some(reference(schema))).example(Some(example)).build();
    let response = ResponseBuilder::new().description(description).content("application/json", content);
    headers.iter().fold(response, |response, name| response.header(*name, text_header(header_about(name)))).build()
}

/// Adds the same answer as a file.
pub(super) fn with_files(mut response: Response, files: Vec<(Format, RefOr<Schema>, Option<Value>)>) -> Response {
    for (format, schema, example) in files {
        let content = ContentBuilder::new().schema(Some(schema)).example(example).build();
        response.content.insert(format.media_type().to_owned(), content.into());
    }
    response.headers.insert("Content-Disposition".to_owned(), text_header(header_about("Content-Disposition")).into());
    response
}

/// The name of the answer to a client that has the representation already.
pub(super) const NOT_MODIFIED: &str = "NotModified";

/// Returns a reference to that answer.
pub(super) fn not_modified() -> Ref {
    Ref::from_response_name(NOT_MODIFIED)
}

/// Describes that answer.
pub(super) fn not_modified_response() -> Response {
    ResponseBuilder::new().description("You have it already.").header("ETag", text_header(header_about("ETag"))).build()
}
