//! The answers that many operations share, written once for the OpenAPI document.
//!
//! A problem refers to the schema `Problem` by its name, which `http::problem` defines.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};

/// What every operation can answer.
pub(super) struct Always;
/// The role is too low.
pub(super) struct NeedsRole;
/// There is no such thing.
pub(super) struct NeedsRecord;
/// The state of something else is in the way.
pub(super) struct Conflicts;
/// The body can be wrong.
pub(super) struct ReadsJson;
/// A password can be wrong too often.
pub(super) struct Throttled;

impl IntoResponses for Always {
    fn responses() -> Answers {
        let mut answers = answers(&[
            ("400", "A parameter is unknown or unreadable."),
            ("500", "A fault of the service; the log has it under the request id in `instance`."),
        ]);
        let challenge = "`Bearer`, with the error codes of RFC 6750 where there was a token";
        answers.extend(with_header(
            "401",
            "There is no token, or it is not valid here, or it has expired or was revoked.",
            "WWW-Authenticate",
            challenge,
        ));
        answers.extend(with_header(
            "503",
            "The service is overloaded, or its database does not answer.",
            "Retry-After",
            "seconds to wait",
        ));
        answers
    }
}

impl IntoResponses for NeedsRole {
    fn responses() -> Answers {
        answers(&[("403", "The caller's role is too low.")])
    }
}

impl IntoResponses for NeedsRecord {
    fn responses() -> Answers {
        answers(&[("404", "There is no such thing, or not for this caller.")])
    }
}

impl IntoResponses for Conflicts {
    fn responses() -> Answers {
        answers(&[("409", "It is there already, or it is the last admin, or there are too many.")])
    }
}

impl IntoResponses for ReadsJson {
    fn responses() -> Answers {
        answers(&[
            ("413", "The body is too large."),
            ("415", "The body is not JSON by its media type."),
            ("422", "The body is readable, but wrong: every defect is in `errors`."),
        ])
    }
}

impl IntoResponses for Throttled {
    fn responses() -> Answers {
        with_header(
            "429",
            "There were too many wrong passwords.",
            "Retry-After",
            "seconds until the next attempt can succeed",
        )
    }
}

type Answers = BTreeMap<String, RefOr<Response>>;

fn problem(description: &str) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content)
}

fn answers(list: &[(&str, &str)]) -> Answers {
    list.iter().map(|(status, description)| ((*status).to_owned(), problem(description).build().into())).collect()
}

fn with_header(status: &str, description: &str, header: &str, meaning: &str) -> Answers {
    let header_value = HeaderBuilder::new().description(Some(meaning)).build();
    let response = problem(description).header(header, header_value).build();
    BTreeMap::from([(status.to_owned(), response.into())])
}
