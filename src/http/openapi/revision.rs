//! `Registry-Revision` of every answer, and `Registry-Min-Revision` of a question: said here once for all operations.

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{OpenApi, Ref, RefOr, Required};

use super::idempotency::wants_caller;
use super::problems::problem_name;
use crate::http::ask::API;

/// Declares both headers.
pub(super) fn extend(api: &mut OpenApi) {
    for item in api.paths.paths.iter_mut().filter(|(path, _)| path.starts_with(API)).map(|(_, item)| item) {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten().filter(|operation| wants_caller(operation)) {
            answers(operation);
        }
        if let Some(operation) = item.get.as_mut().filter(|operation| wants_caller(operation)) {
            operation.parameters.get_or_insert_default().push(parameter().into());
            let problem = || Ref::from_response_name(problem_name(400)).into();
            operation.responses.responses.entry("400".to_owned()).or_insert_with(problem);
        }
    }
}

fn answers(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (status.starts_with('2') || status == "304", response) {
            response.headers.insert("Registry-Revision".to_owned(), header().into());
        }
    }
}

fn revision() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0))
}

fn header() -> Header {
    HeaderBuilder::new()
        .schema(Some(revision()))
        .description(Some(
            "The revision of the registry that this answer shows: every change up to it. Send it as `Registry-Min-Revision` \
             to see no earlier state, whichever instance you ask.",
        ))
        .build()
}

fn parameter() -> Parameter {
    ParameterBuilder::new()
        .name("Registry-Min-Revision")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The revision that the answer has to show at least: the `Registry-Revision` of an earlier one. One that does not \
             exist is a 400 that names the last one.",
        ))
        .schema(Some(revision()))
        .example(Some(0.into()))
        .build()
}
