//! The operations of a collection, written once for every kind of record.

use serde_json::{Value, json};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, Required};

use super::described::Described;
use super::operation::{About, described, json_response, not_modified, operation, with_files};
use super::schemas::{example, input_example, patch_example, reference};
use super::{feed, formats, parameters};
use crate::auth::Role;
use crate::limits::CODE;
use crate::registry::Resource;
use crate::values::with_article;

/// `GET /x`
pub(in crate::http) fn list<R: Resource>() -> Described {
    let plural = R::COLLECTION.replace('-', "_");
    let many_words = R::COLLECTION.replace('-', " ");
    let page = format!("{}Page", R::SCHEMA);
    let operation = operation::<R>(
        About {
            id: format!("list_{plural}"),
            summary: format!("List {many_words}"),
            description: "Filters are ANDed; a filter takes several values, separated by commas, and keeps records that have any of them; \
                an empty value keeps records without a value, where the filter says so; a comma within a value is written `\\,`. \
                `Accept` or `format` chooses the format: a page in JSON, or a file with every record that matches (unless \
                `limit` is given), its fields in a fixed order, `version` and timestamps only when `fields` asks for them.",
        },
        parameters::list::<R>().into_iter().chain([parameters::if_none_match()]).collect(),
        None,
        Role::Viewer,
    )
    .response("200", list_response::<R>(&page))
    .response("304", not_modified());
    described(operation, &[406])
}

/// `POST /x`
pub(in crate::http) fn create<R: Resource>() -> Described {
    let one = R::SINGULAR;
    let one_words = with_article(R::SINGULAR);
    let operation = operation::<R>(
        About {
            id: format!("create_{one}"),
            summary: format!("Create {one_words}"),
            description: &format!(
                "The code may be left out: it is then the slug of the name (a nation's follows from its \
                alpha-3 code). One that would be longer than {CODE} characters is cut and ends in a hyphen and 8 \
                hexadecimal digits of the SHA-256 of the name; of a code that is made of two fields, the first part \
                is cut."
            ),
        },
        Vec::new(),
        Some(body(&format!("{}Input", R::SCHEMA), &["application/json"], input_example::<R>())),
        R::WRITTEN_BY,
    )
    .response("201", record_response::<R>("It is created.", &["ETag", "Location"]));
    described(operation, &[409, 422])
}

/// `GET /x/{code}`
pub(in crate::http) fn read<R: Resource>() -> Described {
    let view = format!("{}View", R::SCHEMA);
    let one = R::SINGULAR;
    let one_words = with_article(R::SINGULAR);
    let operation = operation::<R>(
        About {
            id: format!("read_{one}"),
            summary: format!("Read {one_words}"),
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
    described(operation, &[404])
}

/// `PUT /x/{code}`
pub(in crate::http) fn replace<R: Resource>() -> Described {
    let one = R::SINGULAR;
    let one_words = with_article(R::SINGULAR);
    let operation = operation::<R>(
        About {
            id: format!("replace_{one}"),
            summary: format!("Replace or create {one_words}"),
            description: "A field that is left out becomes empty. A write that changes nothing makes no new version.",
        },
        vec![parameters::code::<R>(), parameters::if_match(), parameters::only_create()],
        Some(body(&format!("{}Input", R::SCHEMA), &["application/json"], input_example::<R>())),
        R::WRITTEN_BY,
    )
    .response("200", record_response::<R>("It is replaced.", &["ETag"]))
    .response("201", record_response::<R>("It is created.", &["ETag", "Location"]));
    described(operation, &[404, 412, 422, 428])
}

/// `PATCH /x/{code}`
pub(in crate::http) fn patch<R: Resource>() -> Described {
    let one = R::SINGULAR;
    let one_words = with_article(R::SINGULAR);
    let operation = operation::<R>(
        About {
            id: format!("patch_{one}"),
            summary: format!("Change {one_words}"),
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
    described(operation, &[404, 412, 422, 428])
}

/// `DELETE /x/{code}`
pub(in crate::http) fn delete<R: Resource>() -> Described {
    let one = R::SINGULAR;
    let one_words = with_article(R::SINGULAR);
    let operation = operation::<R>(
        About {
            id: format!("delete_{one}"),
            summary: format!("Delete {one_words}"),
            description: "A record that others refer to cannot be deleted. History keeps it, and restore brings it back.",
        },
        vec![parameters::code::<R>(), parameters::if_match()],
        None,
        R::WRITTEN_BY,
    )
    .response("204", ResponseBuilder::new().description("It is deleted.").build());
    described(operation, &[404, 409, 412, 428])
}

/// `GET /x/{code}/history`
pub(in crate::http) fn history<R: Resource>() -> Described {
    let one = R::SINGULAR;
    let one_words = with_article(R::SINGULAR);
    let operation = operation::<R>(
        About {
            id: format!("list_{one}_history"),
            summary: format!("List the changes of {one_words}"),
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
    described(operation, &[404])
}

/// `POST /x/{code}/restore`
pub(in crate::http) fn restore<R: Resource>() -> Described {
    let one = R::SINGULAR;
    let one_words = with_article(R::SINGULAR);
    let operation = operation::<R>(
        About {
            id: format!("restore_{one}"),
            summary: format!("Restore a version of {one_words}"),
            description: "Writes the content of that version again, as a new version; deleted records come back.",
        },
        vec![parameters::code::<R>(), parameters::if_match()],
        Some(body("Restore", &["application/json"], json!({ "version": 42 }))),
        R::WRITTEN_BY,
    )
    .response("200", record_response::<R>("It is restored.", &["ETag"]));
    described(operation, &[404, 412, 422])
}

/// Returns a list, in each of its formats.
fn list_response<R: Resource>(page: &str) -> Response {
    let response = json_response("A page, or a file.", page, page_example::<R>(), &["ETag", "Link"]);
    with_files(response, formats::files::<R>())
}

fn record_response<R: Resource>(description: &str, headers: &[&str]) -> Response {
    json_response(description, R::SCHEMA, example::<R>(), headers)
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
