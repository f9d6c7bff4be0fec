//! The description of reconciliation in the OpenAPI document.

use serde_json::{Value, json};
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ContentBuilder, HttpMethod, OpenApi, Required};

use super::about::{COLLECTIONS, PATH};
use crate::auth::Role;
use crate::http::openapi::operation::{About, add, operation_of};
use crate::http::openapi::problems::problem;
use crate::http::openapi::schemas::any_object;

/// The two places where a service is.
struct Place {
    base: String,
    /// The end of the ids of operations.
    suffix: &'static str,
    open: bool,
}

/// Adds it to the document.
pub(in crate::http) fn extend(api: &mut OpenApi) {
    let about = "Names matched to records, for OpenRefine and its like (Reconciliation Service API 0.2).";
    api.tags.get_or_insert_default().push(TagBuilder::new().name("reconcile").description(Some(about)).build());
    let places = [
        Place { base: format!("{PATH}/{{collection}}"), suffix: "", open: false },
        Place { base: "/subscriptions/{id}/{secret}/{collection}".to_owned(), suffix: "_by_address", open: true },
    ];
    for place in places {
        whole(api, &place);
        parts(api, &place);
    }
}

fn whole(api: &mut OpenApi, place: &Place) {
    let queries = json!({ "q0": { "query": "Corée du Sud", "limit": 3 } }).to_string();
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
    let get = operation(
        place,
        "read_reconciliation",
        "The manifest of a service, or candidates",
        "Without parameters the manifest; with `queries` the candidates for each name, with a score, the reason for it, and \
         `match` where it is sure; with `extend` the data of records. The Reconciliation Service API 0.2 has the details.",
        parameters,
        None,
    )
    .response("200", json_answer("The manifest, the candidates, or the data.", manifest));
    add(&mut api.paths, &place.base, HttpMethod::Get, get, &[404]);
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
    let post = operation(
        place,
        "match_names",
        "Match names",
        "The same with the parameters in a form, for batches.",
        Vec::new(),
        Some(body),
    )
    .response("200", json_answer("The manifest, the candidates, or the data.", result));
    add(&mut api.paths, &place.base, HttpMethod::Post, post, &[404, 413]);
}

fn parts(api: &mut OpenApi, place: &Place) {
    let what = path("what", "What is suggested.", Some(&["entity", "property", "type"]), "entity");
    let prefix = query("prefix", "What it begins with.", "ind");
    let found =
        json!({ "result": [{ "id": "IN", "name": "India", "description": "IN", "notable": [{ "id": "nations" }] }] });
    let suggest = operation(
        place,
        "suggest_for_reconciliation",
        "Suggest entities, properties or types",
        "Those whose names begin with a text.",
        vec![what, prefix],
        None,
    )
    .response("200", json_answer("What was found.", found));
    add(&mut api.paths, &format!("{}/suggest/{{what}}", place.base), HttpMethod::Get, suggest, &[404]);

    let page = ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).build();
    let id = query("id", "The code of a record.", "IN");
    let preview = operation(
        place,
        "preview_for_reconciliation",
        "A small page about a record",
        "To be shown within a page of the client.",
        vec![id],
        None,
    )
    .response("200", ResponseBuilder::new().description("The page.").content("text/html", page).build());
    add(&mut api.paths, &format!("{}/preview", place.base), HttpMethod::Get, preview, &[404]);

    let all = json!({ "type": "nations", "properties": [{ "id": "name_fr", "name": "name fr" }] });
    let properties = operation(
        place,
        "list_reconciliation_properties",
        "The properties that can be asked for",
        "Those of `extend`, and of the queries' `properties`.",
        Vec::new(),
        None,
    )
    .response("200", json_answer("The properties.", all));
    add(&mut api.paths, &format!("{}/properties", place.base), HttpMethod::Get, properties, &[404]);
}

fn operation(
    place: &Place,
    id: &str,
    summary: &str,
    description: &str,
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
) -> OperationBuilder {
    let mut all = vec![path("collection", "What is reconciled with.", Some(&COLLECTIONS), "nations")];
    if place.open {
        let example = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
        all.push(path("id", "The subscription's id.", None, "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11"));
        all.push(path("secret", "Its secret.", None, example));
    }
    all.extend(parameters);
    let about = About { id: format!("{id}{}", place.suffix), summary: summary.to_owned(), description };
    let operation = operation_of("reconcile", about, all, body, Role::Viewer);
    if !place.open {
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
