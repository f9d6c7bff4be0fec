//! The operations of a collection, written once for every kind of record.

use serde_json::{Value, json};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, ContentBuilder, HttpMethod, PathItem, Paths, Ref, RefOr, Required};

use super::schemas::{example, input_example, patch_example, reference};
use super::{feed, formats, parameters};
use crate::auth::Role;
use crate::http::docs::ALWAYS;
use crate::http::format::Format;
use crate::http::problem::{KINDS, PROBLEM_JSON};
use crate::registry::Resource;

/// What any operation that writes may answer beside.
const WRITES: [u16; 2] = [413, 507];

/// What an operation does, in words.
pub(super) struct About<'a> {
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) description: &'a str,
}

/// Adds the operations of a kind.
pub(super) fn operations<R: Resource>(paths: &mut Paths) {
    let collection = format!("/api/v1/{}", R::COLLECTION);
    let record = format!("{collection}/{{code}}");
    let plural = R::COLLECTION.replace('-', "_");
    let one = R::SINGULAR;
    let (many_words, one_words) = (R::COLLECTION.replace('-', " "), one.replace('_', " "));
    let page = format!("{}Page", R::SCHEMA);
    let view = format!("{}View", R::SCHEMA);

    let list = operation::<R>(
        About {
            id: format!("list_{plural}"),
            summary: format!("List {many_words}"),
            description: "Filters are ANDed; a filter takes several values, separated by commas, and keeps what has any of them; \
                an empty value keeps what has none, where the filter says so; a comma within a value is written `\\,`. \
                `Accept` or `format` chooses the format: a page in JSON, or a file with every record that matches (unless \
                `limit` is given), its fields in a fixed order, `version` and timestamps only when `fields` asks for them.",
        },
        parameters::list::<R>().into_iter().chain([parameters::if_none_match()]).collect(),
        None,
        Role::Viewer,
    )
    .response("200", list_response::<R>(&page))
    .response("304", not_modified());
    add(paths, &collection, HttpMethod::Get, list, &[406]);

    let create = operation::<R>(
        About {
            id: format!("create_{one}"),
            summary: format!("Create a {one_words}"),
            description: "The code may be left out: it is then the slug of the name (a nation's follows from its alpha-3 code). One that would be longer than 64 characters is cut and ends in a hyphen and 8 hexadecimal digits of the SHA-256 of the name; of a code that is made of two fields, the first part is cut.",
        },
        Vec::new(),
        Some(body(&format!("{}Input", R::SCHEMA), &["application/json"], input_example::<R>())),
        R::WRITTEN_BY,
    )
    .response("201", record_response::<R>("It is created.", &["ETag", "Location"]));
    add(paths, &collection, HttpMethod::Post, create, &[409, 422]);

    let read = operation::<R>(
        About {
            id: format!("read_{one}"),
            summary: format!("Read a {one_words}"),
            description: "The entity tag of the whole record is strong; with `fields` or `expand` it is a weak one.",
        },
        [parameters::code::<R>()]
            .into_iter()
            .chain(parameters::shape::<R>())
            .chain([parameters::as_of(), parameters::if_none_match()])
            .collect(),
        None,
        Role::Viewer,
    )
    .response("200", json_response("The record.", &view, example::<R>(), &["ETag"]))
    .response("304", not_modified());
    add(paths, &record, HttpMethod::Get, read, &[404]);

    let replace = operation::<R>(
        About {
            id: format!("replace_{one}"),
            summary: format!("Replace or create a {one_words}"),
            description: "What is left out becomes empty. A write that changes nothing makes no new version.",
        },
        vec![parameters::code::<R>(), parameters::if_match(), parameters::only_create()],
        Some(body(&format!("{}Input", R::SCHEMA), &["application/json"], input_example::<R>())),
        R::WRITTEN_BY,
    )
    .response("200", record_response::<R>("It is replaced.", &["ETag"]))
    .response("201", record_response::<R>("It is created.", &["ETag", "Location"]));
    add(paths, &record, HttpMethod::Put, replace, &[404, 412, 422, 428]);

    let patch = operation::<R>(
        About {
            id: format!("patch_{one}"),
            summary: format!("Change a {one_words}"),
            description: "JSON Merge Patch (RFC 7396): null empties a field, a list replaces the list.",
        },
        vec![parameters::code::<R>(), parameters::if_match()],
        Some(body(
            &format!("{}Patch", R::SCHEMA),
            &["application/merge-patch+json", "application/json"],
            patch_example::<R>(),
        )),
        R::WRITTEN_BY,
    )
    .response("200", record_response::<R>("It is changed.", &["ETag"]));
    add(paths, &record, HttpMethod::Patch, patch, &[404, 412, 422, 428]);

    let delete = operation::<R>(
        About {
            id: format!("delete_{one}"),
            summary: format!("Delete a {one_words}"),
            description: "A record that others refer to cannot be deleted. History keeps it, and restore brings it back.",
        },
        vec![parameters::code::<R>(), parameters::if_match()],
        None,
        R::WRITTEN_BY,
    )
    .response("204", ResponseBuilder::new().description("It is deleted.").build());
    add(paths, &record, HttpMethod::Delete, delete, &[404, 409, 412, 428]);

    let history = operation::<R>(
        About {
            id: format!("list_{one}_history"),
            summary: format!("List the changes of a {one_words}"),
            description: "Newest first; deleted records have a history, too. With `as_of` it ends there.",
        },
        [parameters::code::<R>()]
            .into_iter()
            .chain(parameters::page())
            .chain([parameters::as_of(), parameters::if_none_match()])
            .collect(),
        None,
        Role::Viewer,
    )
    .response(
        "200",
        json_response(
            "A page of changes.",
            "ChangePage",
            json!({ "items": [feed::change_example::<R>()], "total": 1, "next_cursor": null }),
            &["ETag", "Link"],
        ),
    )
    .response("304", not_modified());
    add(paths, &format!("{record}/history"), HttpMethod::Get, history, &[404]);

    let restore = operation::<R>(
        About {
            id: format!("restore_{one}"),
            summary: format!("Restore a version of a {one_words}"),
            description: "Writes the content of that version again, as a new version; deleted records come back.",
        },
        vec![parameters::code::<R>(), parameters::if_match()],
        Some(body("Restore", &["application/json"], json!({ "version": 42 }))),
        R::WRITTEN_BY,
    )
    .response("200", record_response::<R>("It is restored.", &["ETag"]));
    add(paths, &format!("{record}/restore"), HttpMethod::Post, restore, &[404, 412, 422]);
}

/// An operation with what all have in common.
pub(super) fn operation<R: Resource>(
    about: About<'_>,
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
    role: Role,
) -> OperationBuilder {
    operation_of(R::COLLECTION, about, parameters, body, role)
}

/// An operation that needs a role, with what any such operation may answer.
pub(super) fn operation_of(
    tag: &str,
    about: About<'_>,
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
    role: Role,
) -> OperationBuilder {
    let mut statuses = ALWAYS.to_vec();
    if role > Role::Viewer {
        statuses.extend(WRITES);
    }
    let operation = OperationBuilder::new()
        .operation_id(Some(about.id))
        .summary(Some(about.summary))
        .description(Some(format!("{}\n\nNeeds the role `{role}`.", about.description)))
        .tag(tag)
        .parameters(Some(parameters))
        .request_body(body)
        .security(SecurityRequirement::new("oauth2", [role.as_str()]))
        .security(SecurityRequirement::new("bearer", Vec::<String>::new()));
    statuses.into_iter().fold(operation, problem)
}

/// Puts an operation at its path; `more` are problems that it may answer beside the usual ones.
pub(super) fn add(paths: &mut Paths, path: &str, method: HttpMethod, operation: OperationBuilder, more: &[u16]) {
    let operation: Operation = more.iter().copied().fold(operation, problem).build();
    let item = PathItem::new(method, operation);
    match paths.paths.get_mut(path) {
        Some(present) => present.merge_operations(item),
        None => {
            paths.paths.insert(path.to_owned(), item);
        }
    }
}

/// Declares that an operation may answer with a problem.
pub(super) fn problem(operation: OperationBuilder, status: u16) -> OperationBuilder {
    operation.response(status.to_string(), Ref::from_response_name(problem_name(status)))
}

/// The name of the response that a problem with this status is.
pub(in crate::http) fn problem_name(status: u16) -> String {
    format!("Problem{status}")
}

/// The answers that are problems, one for each status.
pub(super) fn problems() -> Vec<(String, RefOr<Response>)> {
    let statuses: std::collections::BTreeSet<u16> = KINDS.iter().map(|kind| kind.status).collect();
    statuses.into_iter().map(|status| (problem_name(status), problem_response(status).into())).collect()
}

fn problem_response(status: u16) -> Response {
    let titles: Vec<&str> = KINDS.iter().filter(|kind| kind.status == status).map(|kind| kind.title).collect();
    let response = ResponseBuilder::new()
        .description(format!("{}.", titles.join("; or: ")))
        .content(PROBLEM_JSON, Content::new(Some(reference("Problem"))));
    let header = match status {
        401 => Some(("WWW-Authenticate", "`Bearer`")),
        429 | 503 | 507 => Some(("Retry-After", "Seconds until a new attempt makes sense.")),
        _ => None,
    };
    match header {
        Some((name, description)) => response.header(name, text_header(description)).build(),
        None => response.build(),
    }
}

pub(super) fn text_header(description: &str) -> utoipa::openapi::Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(description))
        .build()
}

/// An answer in JSON.
pub(super) fn json_response(description: &str, schema: &str, example: Value, headers: &[&str]) -> Response {
    let content = ContentBuilder::new().schema(Some(reference(schema))).example(Some(example)).build();
    let response = ResponseBuilder::new().description(description).content("application/json", content);
    headers.iter().fold(response, |response, name| response.header(*name, text_header(header_about(name)))).build()
}

/// A list, in each of its formats.
fn list_response<R: Resource>(page: &str) -> Response {
    let response = json_response("A page, or a file.", page, page_example::<R>(), &["ETag", "Link"]);
    with_files(response, formats::files::<R>())
}

/// The same answer as a file, too.
pub(super) fn with_files(mut response: Response, files: Vec<(Format, RefOr<Schema>, Option<Value>)>) -> Response {
    for (format, schema, example) in files {
        let content = ContentBuilder::new().schema(Some(schema)).example(example).build();
        response.content.insert(format.media_type().to_owned(), content.into());
    }
    response.headers.insert("Content-Disposition".to_owned(), text_header(header_about("Content-Disposition")).into());
    response
}

pub(super) fn header_about(name: &str) -> &'static str {
    match name {
        "ETag" => "The entity tag, for `If-Match` and `If-None-Match`.",
        "Location" => "The path of the new record.",
        "Content-Disposition" => "The name of the file, where it is one.",
        _ => "The next page, as `<…>; rel=\"next\"`, where there is one.",
    }
}

fn record_response<R: Resource>(description: &str, headers: &[&str]) -> Response {
    json_response(description, R::SCHEMA, example::<R>(), headers)
}

pub(super) fn not_modified() -> Response {
    ResponseBuilder::new().description("You have it already.").header("ETag", text_header(header_about("ETag"))).build()
}

fn body(schema: &str, media_types: &[&str], example: Value) -> RequestBody {
    let content = || ContentBuilder::new().schema(Some(reference(schema))).example(Some(example.clone())).build();
    media_types
        .iter()
        .fold(RequestBodyBuilder::new().required(Some(Required::True)), |body, media| body.content(*media, content()))
        .build()
}

fn page_example<R: Resource>() -> Value {
    json!({ "items": [example::<R>()], "total": 1, "next_cursor": null })
}
