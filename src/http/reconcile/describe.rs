//! The description of reconciliation in the OpenAPI document.

use serde_json::{Value, json};
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, Required};

use super::about::COLLECTIONS;
use crate::auth::Role;
use crate::http::openapi::described::Described;
use crate::http::openapi::operation::{About, described, operation_of};
use crate::http::openapi::problems::problem;
use crate::http::openapi::schemas::any_object;

/// One of the two places where a service is.
pub(super) trait Place {
    /// The end of the ids of operations.
    const SUFFIX: &'static str;
    /// True if the secret in the path is all that is asked for.
    const OPEN: bool;
}

/// Below `/reconcile`, for clients that send a token.
pub(super) struct WithToken;

impl Place for WithToken {
    const SUFFIX: &'static str = "";
    const OPEN: bool = false;
}

/// Below the address of a subscription.
pub(super) struct ByAddress;

impl Place for ByAddress {
    const SUFFIX: &'static str = "_by_address";
    const OPEN: bool = true;
}

/// `GET /{collection}`
pub(super) fn read<P: Place>() -> Described {
    let queries = example_queries();
    let manifest = json!({
        "versions": ["0.1", "0.2"], "name": "Partnership registry: nations",
        "identifierSpace": "https://registry.example.org/api/v1/nations/", "schemaSpace": "https://registry.example.org/api/v1/",
    });
    let text = |name: &str, about: &str, example: &str| query(name, about, example);
    let parameters = vec![
        text("queries", "A batch of names to match, as JSON.", &queries),
        text(
            "extend",
            "Records and properties whose data is wanted, as JSON.",
            r#"{"ids":["IN"],"properties":[{"id":"name_fr"}]}"#,
        ),
    ];
    let get = operation::<P>(
        "read_reconciliation",
        "The manifest of a service, or candidates",
        "Without parameters the manifest; with `queries` the candidates for each name, with a score, the reason for it, and \
         `match` where it is sure; with `extend` the data of records. The Reconciliation Service API 0.2 has the details.",
        parameters,
        None,
    )
    .response("200", json_answer("The manifest, the candidates, or the data.", manifest));
    described(get, &[404])
}

/// `POST /{collection}`
pub(super) fn match_names<P: Place>() -> Described {
    let queries = example_queries();
    let form = ContentBuilder::new()
        .schema(Some(any_object("`queries` or `extend`, as for `GET`.")))
        .example(Some(json!({ "queries": queries })))
        .build();
    let body = RequestBodyBuilder::new().content("application/x-www-form-urlencoded", form).build();
    let result = json!({ "q0": { "result": [{
        "id": "KR", "name": "South Korea", "type": [{ "id": "nations", "name": "nations" }], "score": 100, "match": true,
        "description": "it is a name: coree du sud",
        "features": [{ "id": "name_score", "value": 100 }, { "id": "properties_agreed", "value": 0 }],
    }] } });
    let post = operation::<P>(
        "match_names",
        "Match names",
        "The same with the parameters in a form, for batches.",
        Vec::new(),
        Some(body),
    )
    .response("200", json_answer("The manifest, the candidates, or the data.", result));
    described(post, &[404, 413])
}

fn example_queries() -> String {
    json!({ "q0": { "query": "Corée du Sud", "limit": 3 } }).to_string()
}

/// `GET /{collection}/suggest/{what}`
pub(super) fn suggest<P: Place>() -> Described {
    let what = path("what", "The kind of suggestion.", Some(&["entity", "property", "type"]), "entity");
    let prefix = query("prefix", "The beginning of the text.", "ind");
    let found =
        json!({ "result": [{ "id": "IN", "name": "India", "description": "IN", "notable": [{ "id": "nations" }] }] });
    let suggest = operation::<P>(
        "suggest_for_reconciliation",
        "Suggest entities, properties or types",
        "Those whose names begin with a text.",
        vec![what, prefix],
        None,
    )
    .response("200", json_answer("The suggestions.", found));
    described(suggest, &[404])
}

/// `GET /{collection}/preview`
pub(super) fn preview<P: Place>() -> Described {
    let page = ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).build();
    let id = query("id", "The code of a record.", "IN");
    let preview = operation::<P>(
        "preview_for_reconciliation",
        "A small page about a record",
        "To be shown within a page of the client.",
        vec![id],
        None,
    )
    .response("200", ResponseBuilder::new().description("The page.").content("text/html", page).build());
    described(preview, &[404])
}

/// `GET /{collection}/properties`
pub(super) fn properties<P: Place>() -> Described {
    let all = json!({ "type": "nations", "properties": [{ "id": "name_fr", "name": "name fr" }] });
    let properties = operation::<P>(
        "list_reconciliation_properties",
        "The properties that can be asked for",
        "Those of `extend`, and of the queries' `properties`.",
        Vec::new(),
        None,
    )
    .response("200", json_answer("The properties.", all));
    described(properties, &[404])
}

fn operation<P: Place>(
    id: &str,
    summary: &str,
    description: &str,
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
) -> OperationBuilder {
    let mut all = vec![path("collection", "The collection to reconcile with.", Some(&COLLECTIONS), "nations")];
    if P::OPEN {
        let example = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
        all.push(path("id", "The subscription's id.", None, "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11"));
        all.push(path("secret", "Its secret.", None, example));
    }
    all.extend(parameters);
    let about = About { id: format!("{id}{}", P::SUFFIX), summary: summary.to_owned(), description };
    let operation = operation_of("reconcile", about, all, body, Role::Viewer);
    if !P::OPEN {
        return operation;
    }
    // The secret in the path is all that is asked for.
    let description =
        format!("{description}\n\nNeeds no token: the address has a secret. It is that of a subscription.");
    problem(operation, 429).description(Some(description)).securities(Some(Vec::<SecurityRequirement>::new()))
}

fn json_answer(about: &str, example: Value) -> utoipa::openapi::response::Response {
    let content = ContentBuilder::new().schema(Some(any_object(about))).example(Some(example)).build();
    ResponseBuilder::new().description(about).content("application/json", content).build()
}

fn query(name: &str, about: &str, example: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .example(Some(example.into()))
        .build()
}

fn path(name: &str, about: &str, values: Option<&[&str]>, example: &str) -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(values.map(<[&str]>::to_vec));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(about))
        .schema(Some(schema))
        .example(Some(example.into()))
        .build()
}
