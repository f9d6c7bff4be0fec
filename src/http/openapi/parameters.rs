//! The parameters of the collections' operations.

use serde_json::{Value, json};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Type};

use crate::http::collections::list::formats;
use crate::http::request::format::{DIALECTS, Format};
use crate::limits;
use crate::registry::query::Filter;
use crate::registry::{Resource, field_names};
use crate::snapshots::AsOf;
use crate::values::{FromText, plain_text_pattern};

/// Returns a parameter in the query string.
pub(super) fn query(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
}

/// Several values, separated by commas.
pub(super) fn list_of(item: Object, most: usize, unique: bool) -> ArrayBuilder {
    ArrayBuilder::new().items(item).min_items(Some(1)).max_items(Some(most)).unique_items(unique)
}

/// Returns one of these texts.
pub(super) fn choice(values: Vec<String>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values)).build()
}

pub(super) fn commas(parameter: ParameterBuilder) -> ParameterBuilder {
    parameter.style(Some(ParameterStyle::Form)).explode(Some(false))
}

/// Returns the record's code in the path.
pub(super) fn code<R: Resource>() -> Parameter {
    let schema = R::FIELDS.iter().find(|field| field.name == "code").map(|field| (field.schema)(""));
    ParameterBuilder::new()
        .name("code")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The record's code."))
        .schema(schema)
        .example(Some(R::example().code().into()))
        .build()
}

/// Returns the parameters of filters.
pub(super) fn filters<R: Resource>(filters: impl IntoIterator<Item = &'static Filter<R::Table>>) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for filter in filters {
        let mut schema = (filter.schema)();
        if schema.pattern.as_deref() == Some(plain_text_pattern()) {
            // A comma separates values, and a value of blanks is none.
            schema.pattern = Some(r"^[A-Za-zÀ-ÿ0-9]([A-Za-zÀ-ÿ0-9 ()&'.-]*[A-Za-zÀ-ÿ0-9)])?$".to_owned());
        }
        let (parameter, most) = (query(filter.name, filter.doc), filter.most_values());
        let example = example_of::<R>(filter.name.trim_end_matches("__all"), &schema);
        if filter.empty {
            schema = or_empty(schema);
        }
        parameters.push(if filter.many {
            commas(parameter)
                .schema(Some(list_of(schema, most, false)))
                .example(example.map(|example| json!([example])))
                .build()
        } else {
            parameter.schema(Some(schema)).example(example).build()
        });
    }
    parameters
}

/// Returns the schema of a value that may be empty.
fn or_empty(mut schema: Object) -> Object {
    schema.min_length = None;
    schema.pattern = schema.pattern.map(|pattern| format!("^$|{pattern}"));
    if let Some(values) = &mut schema.enum_values {
        values.push("".into());
    }
    schema
}

/// Returns the filters, sorts, page and shape of a list.
pub(super) fn list<R: Resource>() -> Vec<Parameter> {
    let mut parameters = filters::<R>(R::filters());
    let sorts: Vec<String> =
        R::sorts().iter().flat_map(|sort| [sort.name.to_owned(), format!("-{}", sort.name)]).collect();
    let first = sorts.first().cloned().unwrap_or_default();
    let most = limits::SORT_KEYS.min(R::sorts().len());
    parameters.push(
        commas(query(
            "sort",
            "The order: fields, each once, `-` before one to descend. Empty values come last both ways; the code breaks \
             ties and is the order by default.",
        ))
        .schema(Some(list_of(choice(sorts), most, true)))
        .example(Some(json!([first])))
        .build(),
    );
    parameters.extend(page());
    parameters.extend([format(&formats::<R>()), dialect()]);
    parameters.extend(shape::<R>());
    parameters.push(as_of());
    parameters
}

/// `format`.
pub(super) fn format(offered: &[Format]) -> Parameter {
    let names: Vec<String> = offered.iter().map(|format| format.name().to_owned()).collect();
    let about = "The format of the answer; it wins over `Accept`. All but `json` come as a file with every record that \
        matches, unless `limit` is given.";
    let first = names.first().cloned();
    query("format", about).schema(Some(choice(names))).example(first.map(Value::from)).build()
}

/// `dialect`.
pub(super) fn dialect() -> Parameter {
    let about = "With `format=csv` alone: `excel` writes a byte order mark and separates the columns by `;`, as spreadsheets in \
        much of Europe want it. An import reads it like the other.";
    // In the schema: an example of the parameter would be sent with the example of `format`, which has no dialects.
    let mut schema = choice(DIALECTS.map(str::to_owned).to_vec());
    schema.examples = DIALECTS.map(Value::from).to_vec();
    query("dialect", about).schema(Some(schema)).build()
}

/// `limit` and `cursor`.
pub(super) fn page() -> [Parameter; 2] {
    let most = limits::PAGE as f64;
    [
        query("limit", "The number of records at most; by default a page has 50, a file all of them.")
            .schema(Some(
                ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .minimum(Some(1.0))
                    .maximum(Some(most))
                    .default(Some(json!(limits::PAGE_DEFAULT))),
            ))
            .example(Some(json!(20)))
            .build(),
        query("cursor", "`next_cursor` of the page before. It belongs to one sort and one set of filters.")
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(limits::CURSOR))))
            .build(),
    ]
}

/// `fields` and `expand`.
pub(super) fn shape<R: Resource>() -> Vec<Parameter> {
    let fields: Vec<String> = field_names::<R>().into_iter().map(str::to_owned).collect();
    let count = fields.len();
    let mut parameters = vec![
        commas(query("fields", "The fields to show; all of them by default."))
            .schema(Some(list_of(choice(fields), count, true)))
            .example(Some(json!(["code"])))
            .build(),
    ];
    if R::expands() {
        let names: Vec<String> = R::expansions().map(|expansion| expansion.name.to_owned()).collect();
        let (count, first) = (names.len(), names.first().cloned());
        parameters.push(
            commas(query("expand", "Full records beside the codes, under `expanded`."))
                .schema(Some(list_of(choice(names), count, true)))
                .example(Some(json!([first])))
                .build(),
        );
    }
    parameters
}

/// `as_of` on a read.
pub(in crate::http) fn as_of() -> Parameter {
    query(
        "as_of",
        "The registry as it was known then: at the end of a date in UTC (a date that has not ended is now), at a time with \
         its offset, or right after a revision or the one that a release names. What is derived for a day is derived \
         for that day, for a revision the day \
         on which it was made. Before the first change the registry is empty; a moment that is still to come is refused.",
    )
    .schema(Some(<AsOf as FromText>::text_schema()))
    .example(Some(json!("2026-11-24")))
    .build()
}

/// `If-None-Match` on a read.
pub(super) fn if_none_match() -> Parameter {
    let about = "The entity tag that you have, as a proxy may have left it, too (`\"v42-gzip\"`): the answer is 304 while it \
        holds.";
    header("If-None-Match", about, "\"v42\"", TAGS)
}

/// `If-Match` on a change.
pub(super) fn if_match() -> Parameter {
    header(
        "If-Match",
        "The entity tag of the version that you change: the answer is 412 when it is no more. The version in it is what \
         counts. As a proxy that compresses leaves it, weakened or with a coding at its end (`W/\"v42\"`, `\"v42-gzip\"`, \
         `\"v42--gzip\"`, `\"v42;br\"`), it is taken as well.",
        "\"v42\"",
        TAGS,
    )
}

/// `If-None-Match` on a `PUT`.
pub(super) fn only_create() -> Parameter {
    header("If-None-Match", "`*` creates only: the answer is 412 when the record exists.", "*", TAGS)
}

/// `*`, or entity tags.
const TAGS: &str = r#"^(\*|(W/)?"[!#-~]*"( ?, ?(W/)?"[!#-~]*")*)$"#;

/// Returns a header that may be sent.
pub(super) fn header(name: &str, description: &str, example: &str, pattern: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).examples([json!(example)])))
        .build()
}

/// Returns a value of a filter that finds something in the sample registry.
fn example_of<R: Resource>(name: &str, schema: &Object) -> Option<Value> {
    let known = match name {
        "nation" => Some("IN"),
        "area" => Some("climate"),
        "organisation" => Some("isro"),
        "responsible" => Some("cnes"),
        "project" => Some("trishna"),
        "region" => Some("Asia"),
        "subregion" => Some("Southern Asia"),
        "partner_type" => Some("emerging"),
        "q" => Some("space"),
        "active_on" | "in_force_on" => Some("2026-11-24"),
        _ if name.ends_with("__gte") => Some("2010"),
        _ if name.ends_with("__lte") => Some("2026-12"),
        _ => None,
    };
    known
        .map(Value::from)
        .or_else(|| (name == "code").then(|| R::example().code().into()))
        .or_else(|| schema.enum_values.as_ref().and_then(|values| values.first().cloned()))
        .or_else(|| serde_json::to_value(R::example()).ok()?.get(name).filter(|value| value.is_string()).cloned())
}
