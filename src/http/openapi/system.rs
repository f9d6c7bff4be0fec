//! The operations beside the collections: problems, health, the document itself.

use serde_json::{Value, json};
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ContentBuilder, HttpMethod, OpenApi, PathItem, RefOr, Required};

use super::problems::problem;
use super::schemas::{closed, page_of, reference};
use crate::http::response::problem::KINDS;
use crate::http::system::readiness::reasons;

/// Adds them.
pub(super) fn extend(api: &mut OpenApi) {
    schemas(api);
    let mut tags = api.tags.take().unwrap_or_default();
    tags.push(TagBuilder::new().name("problems").description(Some("The kinds of error, in words.")).build());
    tags.push(TagBuilder::new().name("health").description(Some("For an orchestrator.")).build());
    api.tags = Some(tags);
    problems(api);
    health(api);
}

fn schemas(api: &mut OpenApi) {
    let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about)).build();
    let kind = closed("A kind of problem.")
        .property("type", text("What `type` of a problem says."))
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
    let reasons = ArrayBuilder::new().items(reason).description(Some("What cannot be done, where it is `degraded`."));
    let health =
        closed("How the service is.").property("status", status).property("reasons", reasons).required("status");
    let named: [(&str, RefOr<Schema>); 3] = [
        ("ProblemKind", kind.build().into()),
        ("ProblemKindPage", page_of("ProblemKind").into()),
        ("Health", health.build().into()),
    ];
    if let Some(components) = &mut api.components {
        components.schemas.extend(named.map(|(name, schema)| (name.to_owned(), schema)));
    }
}

/// Adds the operations that explain problems.
fn problems(api: &mut OpenApi) {
    let first = KINDS.first().map(|kind| {
        json!({ "type": format!("/problems/{}", kind.slug), "status": kind.status, "title": kind.title, "detail": kind.about })
    });
    let page = json!({ "items": [first], "total": 1, "next_cursor": null });
    get(
        api,
        "/problems",
        operation(
            "list_problems",
            "List the kinds of problem",
            "Every `type` that an error can have, in words.",
            "problems",
            "ProblemKindPage",
            page,
        ),
        &[],
    );
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
        "One kind, in words.",
        "problems",
        "ProblemKind",
        first.unwrap_or_default(),
    );
    get(api, "/problems/{kind}", one.parameter(slug), &[404]);
}

/// Adds the operations of an orchestrator.
fn health(api: &mut OpenApi) {
    let live = operation(
        "check_live",
        "Is the process alive",
        "Answers as long as the process does.",
        "health",
        "Health",
        json!({ "status": "live" }),
    );
    get(api, "/health/live", live, &[]);
    let ready = operation(
        "check_ready",
        "Can the service serve",
        "The database answers and is migrated, and the service is not stopping. `degraded` is ready, too: with `storage-full` or \
         `commits-hang` (a standby of PostgreSQL does not answer) nothing can be written for now; with `no-primary` nothing can be written either, and a read replica is read; with `temporary-folder` there are \
         no files and no past states.",
        "health",
        "Health",
        json!({ "status": "ready" }),
    );
    get(api, "/health/ready", ready, &[503]);
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

fn get(api: &mut OpenApi, path: &str, operation: OperationBuilder, more: &[u16]) {
    let statuses = [414, 415, 431, 500].iter().chain(more).copied();
    let operation = statuses.fold(operation, problem).build();
    api.paths.paths.insert(path.to_owned(), PathItem::new(HttpMethod::Get, operation));
}
