//! `Idempotency-Key`, for every `POST` that wants a caller: said here once, so that none is left out.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{OpenApi, Ref, RefOr, Required};

use super::problems::problem_name;
use crate::http::ask::API;
use crate::limits::{IDEMPOTENCY_HOURS, IDEMPOTENCY_KEY};

/// The problems of a request with a key, beside those of its operation.
const PROBLEMS: [u16; 3] = [409, 422, 429];

/// Declares the header, and what it can lead to.
pub(super) fn extend(api: &mut OpenApi) {
    for item in api.paths.paths.iter_mut().filter(|(path, _)| path.starts_with(API)).map(|(_, item)| item) {
        if let Some(operation) = item.post.as_mut().filter(|operation| wants_caller(operation)) {
            declare(operation);
        }
    }
}

/// Returns whether an operation is for proved callers alone.
pub(super) fn wants_caller(operation: &Operation) -> bool {
    operation.security.as_ref().is_some_and(|all| !all.is_empty() && !all.contains(&SecurityRequirement::default()))
}

fn declare(operation: &mut Operation) {
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(format!(
            "A text that no other request of yours has, such as a UUID, in quotes or without. A request that comes again with \
             its key within {IDEMPOTENCY_HOURS} hours is done once, and answered as the first time.",
        )))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(IDEMPOTENCY_KEY))
                .pattern(Some(r"^[!#-+\--\[\]-~]+$")),
        ))
        .example(Some("8e03978e-40d5-43dd-bc93-6894a57f9324".into()))
        .build();
    operation.parameters.get_or_insert_default().push(key.into());
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
            replayed(response);
        }
    }
    for status in PROBLEMS {
        let problem = || Ref::from_response_name(problem_name(status)).into();
        operation.responses.responses.entry(status.to_string()).or_insert_with(problem);
    }
}

fn replayed(response: &mut Response) {
    let header = HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"]))))
        .description(Some("This was answered before, to the first request with this `Idempotency-Key`."));
    response.headers.insert("Idempotent-Replayed".to_owned(), header.build().into());
}
