//! Answers that are problems.

use serde_json::{Value, json};
use utoipa::openapi::path::OperationBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr};

use super::headers::text_header;
use super::schemas::reference;
use crate::http::response::problem::{KINDS, PROBLEM_JSON};

/// Declares that an operation may answer with a problem.
pub(in crate::http) fn problem(operation: OperationBuilder, status: u16) -> OperationBuilder {
    operation.response(status.to_string(), Ref::from_response_name(problem_name(status)))
}

/// Returns the name of the response that a problem with this status is.
pub(in crate::http) fn problem_name(status: u16) -> String {
    format!("Problem{status}")
}

/// Returns the answers that are problems, one for each status.
pub(super) fn problems() -> Vec<(String, RefOr<Response>)> {
    let statuses: std::collections::BTreeSet<u16> = KINDS.iter().map(|kind| kind.status).collect();
    statuses.into_iter().map(|status| (problem_name(status), problem_response(status).into())).collect()
}

fn problem_response(status: u16) -> Response {
    let titles: Vec<&str> = KINDS.iter().filter(|kind| kind.status == status).map(|kind| kind.title).collect();
    let response = ResponseBuilder::new().description(format!("{}.", titles.join("; or: "))).content(
        PROBLEM_JSON,
        ContentBuilder::new().schema(Some(reference("Problem"))).example(example(status)).build(),
    );
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

/// Gives an example to each problem that an operation describes itself.
pub(super) fn extend(api: &mut OpenApi) {
    for item in api.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for (status, answer) in operations.into_iter().flatten().flat_map(|found| &mut found.responses.responses) {
            if let (Ok(status), RefOr::T(response)) = (status.parse(), answer)
                && let Some(RefOr::T(content)) = response.content.get_mut(PROBLEM_JSON)
                && content.example.is_none()
            {
                content.example = example(status);
            }
        }
    }
}

/// Returns a problem with this status. That of a wrong record, with its defects, is the example of the schema.
fn example(status: u16) -> Option<Value> {
    let kind = KINDS.iter().find(|kind| kind.status == status).filter(|kind| kind.slug != "validation")?;
    Some(json!({
        "type": format!("/problems/{}", kind.slug), "title": kind.title, "status": status, "detail": kind.about,
        "instance": "0190b0a5-7c1e-7d2e-8a53-0a4c1c1f2b3d",
    }))
}
