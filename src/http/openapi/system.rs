//! The operations beside the collections: problems, health, the document itself.

use serde_json::{Value, json};
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, RefOr, Required};

use super::described::Described;
use super::problems::problem;
use super::schemas::{Named, closed, page_of, reference};
use crate::http::response::problem::KINDS;
use crate::http::system::readiness::reasons;

fn schemas() -> Named {
    let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about)).build();
    let kind = closed("A kind of problem.")
        .property("type", text("The `type` of a problem."))
        .property("status", ObjectBuilder::new().schema_type(Type::Integer).description(Some("The HTTP status.")))
        .property("title", text("The kind in words."))
        .property("detail", text("When it happens, and what to do."));
    let kind = ["type", "status", "title", "detail"].into_iter().fold(kind, ObjectBuilder::required);
    let status = ["live", "ready", "degraded"];
    let status = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(status))
        .description(Some("`degraded`: it serves, but cannot do all that it is asked."));
    let reason = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(reasons()));
    let reasons =
        ArrayBuilder::new().items(reason).description(Some("The things that cannot be done, if it is `degraded`."));
    let health =
        closed("The state of the service.").property("status", status).property("reasons", reasons).required("status");
    let named: [(&str, RefOr<Schema>); 3] = [
        ("ProblemKind", kind.build().into()),
        ("ProblemKindPage", page_of("ProblemKind").into()),
        ("Health", health.build().into()),
    ];
    named.map(|(name, schema)| (name.to_owned(), schema)).into()
}

/// Returns the example of a kind of problem.
fn kind_example() -> Value {
    let first = KINDS.first().map(|kind| {
        json!({ "type": format!("/problems/{}", kind.slug), "status": kind.status, "title": kind.title, "detail": kind.about })
    });
    first.unwrap_or_default()
}

/// `GET /problems`
pub(in crate::http) fn list_problems() -> Described {
    let page = json!({ "items": [kind_example()], "total": 1, "next_cursor": null });
    let list = operation(
        "list_problems",
        "List the kinds of problem",
        "Every `type` that an error can have, with its status, its title and what to do about it.",
        "problems",
        "ProblemKindPage",
        page,
    );
    answered(list, &[]).with(schemas())
}

/// `GET /problems/{kind}`
pub(in crate::http) fn read_problem() -> Described {
    let slug = ParameterBuilder::new()
        .name("kind")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The last segment of `type`."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(slugs()))))
        .example(Some(json!("validation")))
        .build();
    let one = operation(
        "read_problem",
        "Read a kind of problem",
        "The meaning of an error `type`, its status, and what to do about it.",
        "problems",
        "ProblemKind",
        kind_example(),
    );
    answered(one.parameter(slug), &[404])
}

/// `GET /health/live`
pub(in crate::http) fn check_live() -> Described {
    let live = operation(
        "check_live",
        "Is the process alive",
        "Answers 200 as long as the process runs, and asks nothing else. `/health/ready` tells whether requests can be served.",
        "health",
        "Health",
        json!({ "status": "live" }),
    );
    answered(live, &[])
}

/// `GET /health/ready`
pub(in crate::http) fn check_ready() -> Described {
    let ready = operation(
        "check_ready",
        "Can the service serve",
        "The database answers and is migrated, and the service is not stopping. `degraded` is ready, too: with `storage-full` or \
         `commits-hang` (a standby of PostgreSQL does not answer) nothing can be written for now; with `no-primary` \
         nothing can be written either, and a read replica is read; with `temporary-folder` there are \
         no files and no past states.",
        "health",
        "Health",
        json!({ "status": "ready" }),
    );
    answered(ready, &[503])
}

fn slugs() -> Vec<&'static str> {
    let mut slugs: Vec<&str> = KINDS.iter().map(|kind| kind.slug).collect();
    slugs.dedup();
    let mut context = std::collections::BTreeSet::new();
    slugs.retain(|slug| context.insert(*slug));
    slugs
}

fn operation(id: &str, summary: &str, about: &str, tag: &str, schema: &str, example: Value) -> OperationBuilder {
    let content = ContentBuilder::new().schema(Some(reference(schema))).example(Some(example)).build();
    OperationBuilder::new()
        .operation_id(Some(id))
        .summary(Some(summary))
        .description(Some(about))
        .tag(tag)
        .securities(Some([]))
        .response("200", ResponseBuilder::new().description("As it says.").content("application/json", content).build())
}

fn answered(operation: OperationBuilder, more: &[u16]) -> Described {
    let statuses = [414, 415, 431, 500].iter().chain(more).copied();
    statuses.fold(operation, problem).build().into()
}
