//! The questions about partnerships, described.

use serde_json::{Value, json};
use utoipa::openapi::path::{Parameter, ParameterBuilder};
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, RefOr, Required};

use super::described::Described;
use super::operation::{About, described, json_response, not_modified, operation_of, with_files};
use super::schemas::{Named, array_of, closed, count, page_of, reference};
use super::{formats, parameters};
use crate::analytics::network::NodeKind;
use crate::auth::Role;
use crate::http::analytics::{
    HOME, NETWORK_FORMATS, activity_columns, partnership_columns, partnership_filters, summary_columns,
};
use crate::http::request::format::Format;
use crate::limits::GROUPS;
use crate::registry::Resource;
use crate::registry::projects::Project;

pub(super) const TAG: &str = "analytics";

/// Returns a name in both languages.
pub(super) fn label() -> Named {
    let label = closed("A name in both languages; where only one is known it is used for both.")
        .property("en", text("In English."))
        .property("fr", text("In French."))
        .required("en")
        .required("fr")
        .examples([json!({ "en": "India", "fr": "Inde" })]);
    vec![("Label".to_owned(), label.build().into())]
}

fn text(about: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(about))
}

fn or_null(about: &str) -> ObjectBuilder {
    text(about).schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

fn all_required(object: ObjectBuilder, names: &[&str]) -> RefOr<Schema> {
    names.iter().copied().fold(object, ObjectBuilder::required).build().into()
}

/// Returns the parameter that lets the home nation in.
fn with_home() -> Parameter {
    let about = "Whether the home nation, the only one without a partner type, is among the nations. It takes part in \
        everything: where it is left out, `without_home` names it. Where several nations have no partner type, none is left out.";
    let mut schema = ObjectBuilder::new().schema_type(Type::Boolean).build();
    schema.default = Some(json!(false));
    parameters::query(HOME, about).schema(Some(Schema::Object(schema))).example(Some(json!(true))).build()
}

/// Returns the home nation, where it was left out.
fn without_home() -> ObjectBuilder {
    text("The code of the home nation, where it was left out.")
}

fn partnership_page() -> Object {
    let mut page = page_of("Partnership");
    page.properties.insert("without_home".to_owned(), without_home().build().into());
    page
}

/// Returns the schemas of [`partnerships`].
fn partnership_schemas(example: &Value) -> Named {
    let (projects, active, agreements) = (
        "Projects with it that match.",
        "Those of them that are in development or operational; with `active_on`, active on that day.",
        "Agreements with it that match and are in force today, or on the day of `active_on`.",
    );
    let ratings = ["on_track", "at_risk", "off_track"];
    let rating = ratings.iter().fold(closed("Its projects by their latest review."), |object, name| {
        object.property(*name, count("The number of projects."))
    });
    let area = closed("The cooperation with the nation in one area.")
        .property("area", text("The area's code."))
        .property("projects", count("Projects in it."))
        .property("active_projects", count("Active projects in it."))
        .property("agreements_in_force", count("Agreements in force in it."));
    let row = closed("The cooperation with a nation.")
        .property("nation", text("The nation's code."))
        .property("name_en", text("Its name in English."))
        .property("name_fr", or_null("Its name in French."))
        .property("partner_type", or_null("The kind of partner."))
        .property("cooperation_since", or_null("Since when there has been cooperation, as precise as it is known."))
        .property("projects", count(projects))
        .property("active_projects", count(active))
        .property("agreements_in_force", count(agreements))
        .property("next_expiry", or_null("When the first of those agreements expires, as precise as it is known."))
        .property("decide_by", or_null("The first day by which one of those needs a decision."))
        .property(
            "findings",
            count(
                "The number of findings that concern it, as `GET /findings` lists them for the nation and the areas.",
            ),
        )
        .property("ratings", reference("PartnershipRatings"))
        .property("areas", array_of("PartnershipArea").description(Some("Area by area, in the order of their codes.")))
        .examples([example.clone()]);
    let columns = [
        "nation",
        "name_en",
        "name_fr",
        "partner_type",
        "cooperation_since",
        "projects",
        "active_projects",
        "agreements_in_force",
        "next_expiry",
        "decide_by",
        "findings",
        "ratings",
        "areas",
    ];
    let area = all_required(area, &["area", "projects", "active_projects", "agreements_in_force"]);
    vec![
        ("PartnershipRatings".to_owned(), all_required(rating, &ratings)),
        ("PartnershipArea".to_owned(), area),
        ("Partnership".to_owned(), all_required(row, &columns)),
        ("PartnershipPage".to_owned(), partnership_page().into()),
    ]
}

/// `GET /partnerships`
pub(in crate::http) fn partnerships() -> Described {
    let example = json!({
        "nation": "IN", "name_en": "India", "name_fr": "Inde", "partner_type": "established", "cooperation_since": "1964",
        "projects": 12, "active_projects": 4, "agreements_in_force": 3, "next_expiry": "2027-03", "decide_by": "2026-09-30",
        "findings": 2,
        "ratings": { "on_track": 2, "at_risk": 1, "off_track": 0 },
        "areas": [{ "area": "climate", "projects": 7, "active_projects": 3, "agreements_in_force": 2 }],
    });
    let mut parameters = parameters::filters::<Project>(partnership_filters());
    parameters.extend([
        with_home(),
        parameters::format(&Format::tables()),
        parameters::dialect(),
        parameters::as_of(),
        parameters::if_none_match(),
    ]);
    let page = json!({ "items": [example], "total": 1, "next_cursor": null });
    let answer = json_response("One row a nation, or a file of them.", "PartnershipPage", page, &["ETag"]);
    let operation = operation_of(
        TAG,
        About {
            id: "list_partnerships".to_owned(),
            summary: "List partnerships".to_owned(),
            description: "One row a nation, all of them on one page: those with most projects first, then by English name. \
                `nation`, `partner_type` and `region` say which nations have a row; `area`, `status`, `organisation` and \
                `active_on` which projects count; `area` and `organisation` which agreements, too. An agreement has no \
                project's status: with `status` it is counted for nations that have a project that matches. Only what matches \
                is counted, only areas that are asked for are shown, and a nation with neither a project nor an agreement in \
                force left is left out.\n\nIn CSV and XLSX the areas of a nation are in one cell, each with its number of \
                projects (`climate:12;exploration:3`); `active_areas` and `agreement_areas` hold the two other numbers.",
        },
        parameters,
        None,
        Role::Viewer,
    )
    .response("200", with_files(answer, formats::tables(&partnership_columns(), &example)))
    .response("304", not_modified());
    described(operation, &[406]).with(partnership_schemas(&example))
}

/// Returns the schemas of [`summary`], and the name of the whole answer's.
fn summary_schemas<R: Resource>(names: &[String], example: &Value) -> (String, Named) {
    let (group, whole) = (format!("{}Group", R::SCHEMA), format!("{}Summary", R::SCHEMA));
    let (key, label) = (format!("{group}Key"), format!("{group}Label"));
    let keys = names
        .iter()
        .fold(closed("The value of each dimension of `group_by`, as its filter takes it."), |object, name| {
            object.property(name.as_str(), or_null("Null: the records without one."))
        });
    let labels = names
        .iter()
        .fold(closed("The names of those values."), |object, name| object.property(name.as_str(), reference("Label")));
    let one = closed("Records that have the same values.")
        .property("key", reference(&key))
        .property("label", reference(&label))
        .property("count", count("The number of records."))
        .property("href", text("The list of exactly these records."))
        .examples([example.clone()]);
    let all = closed("Counts by one or two dimensions.")
        .property("groups", array_of(&group).description(Some("The greatest first, then by their keys, null last.")))
        .property("total", count("The number of records that match, each counted once."))
        .property("without_home", without_home());
    let named = vec![
        (key, keys.examples([json!({ "nation": "IN", "area": "climate" })]).build().into()),
        (label, labels.build().into()),
        (group, all_required(one, &["key", "label", "count", "href"])),
        (whole.clone(), all_required(all, &["groups", "total"])),
    ];
    (whole, named)
}

/// `GET /summaries/x`
pub(in crate::http) fn summary<R: Resource>() -> Described {
    let dimensions = R::dimensions();
    let names: Vec<String> = dimensions.iter().map(|dimension| dimension.name.to_owned()).collect();
    let collection = R::COLLECTION;
    let example = json!({
        "key": { "nation": "IN", "area": "climate" },
        "label": { "nation": { "en": "India", "fr": "Inde" }, "area": { "en": "Climate", "fr": "Climat" } },
        "count": 12,
        "href": format!("/api/v1/{collection}?nation=IN&area=climate"),
    });
    let (whole, schemas) = summary_schemas::<R>(&names, &example);
    let by = parameters::commas(ParameterBuilder::from(
        parameters::query(
            "group_by",
            "The dimensions to count by: one or two. A record with several values counts in the group of each.",
        )
        .build(),
    ))
    .required(Required::True)
    .schema(Some(parameters::list_of(parameters::choice(names), GROUPS, true)))
    .example(Some(json!(["nation", "area"])));
    let mut all: Vec<Parameter> = vec![by.build()];
    all.extend(parameters::filters::<R>(R::filters()));
    all.extend([
        with_home(),
        parameters::format(&Format::tables()),
        parameters::dialect(),
        parameters::as_of(),
        parameters::if_none_match(),
    ]);
    let answer =
        json_response("The groups, or a file of them.", &whole, json!({ "groups": [example], "total": 98 }), &["ETag"]);
    let operation = operation_of(
        TAG,
        About {
            id: format!("summarise_{collection}"),
            summary: format!("Count {collection}"),
            description: "Counts by one or two dimensions. Dimensions and filters are independent: grouped by nation, the \
                projects with the United States show their other partners, too; grouped by nation and area, a project is in the \
                group of each of its nations with each of its areas. `href` is the list of exactly the records of a group; the \
                group with a null key are the records without a value. Years are texts, as dates are.\n\nIn CSV and XLSX each \
                dimension has three columns (`nation`, `nation_en`, `nation_fr`), then come `count` and `href`.",
        },
        all,
        None,
        Role::Viewer,
    )
    .response("200", with_files(answer, formats::tables(&summary_columns(&["nation", "area"]), &example)))
    .response("304", not_modified());
    described(operation, &[406]).with(schemas)
}

/// `GET /activity`
pub(in crate::http) fn activity() -> Described {
    let example = json!({
        "year": "2025", "projects": 57, "areas": [{ "area": "climate", "projects": 27 }],
        "href": "/api/v1/projects?active_on=2025",
    });
    let area = closed("The active projects of a year in one area.")
        .property("area", text("The area's code."))
        .property("projects", count("Projects in it."));
    let year = closed("The active projects of a year.")
        .property("year", text("The year, four digits."))
        .property("projects", count("Projects that have begun by the end of it and have not ended before it."))
        .property("areas", array_of("ActivityArea").description(Some("Area by area, in the order of their codes.")))
        .property("href", text("The list of exactly these projects."))
        .examples([example.clone()]);
    let page = page_of("ActivityYear");
    let schemas: Named = vec![
        ("ActivityArea".to_owned(), all_required(area, &["area", "projects"])),
        ("ActivityYear".to_owned(), all_required(year, &["year", "projects", "areas", "href"])),
        ("ActivityPage".to_owned(), page.into()),
    ];
    let filters = Project::filters().iter().filter(|filter| filter.name != "active_on");
    let mut all = parameters::filters::<Project>(filters);
    all.extend([
        parameters::format(&Format::tables()),
        parameters::dialect(),
        parameters::as_of(),
        parameters::if_none_match(),
    ]);
    let answer = json_response(
        "One row a year, or a file of them.",
        "ActivityPage",
        json!({ "items": [example], "total": 98, "next_cursor": null }),
        &["ETag"],
    );
    let operation = operation_of(
        TAG,
        About {
            id: "read_activity".to_owned(),
            summary: "Count active projects by year".to_owned(),
            description: "One row a year, from the first beginning to the year of the day that is asked about: how many of the \
                projects that match were active in it, in all and by area, as `active_on` with that year keeps them. A project of \
                two areas counts in both; one without a beginning is active in no year. `total` counts the projects that were \
                active in any of the years, each once.",
        },
        all,
        None,
        Role::Viewer,
    )
    .response("200", with_files(answer, formats::tables(&activity_columns(), &example)))
    .response("304", not_modified());
    described(operation, &[406]).with(schemas)
}

/// `GET /network`
pub(in crate::http) fn network() -> Described {
    let (node, edge) =
        (json!({ "code": "IN", "label": "India", "projects": 12 }), json!({ "a": "FR", "b": "IN", "projects": 12 }));
    let nodes = closed("One that takes part in projects.")
        .property("code", text("Its code."))
        .property("label", text("Its name, a nation's in English."))
        .property("projects", count("In how many of the projects it takes part."))
        .examples([node.clone()]);
    let edges = closed("Two that take part in the same projects, `a` before `b`.")
        .property("a", text("The code of the one."))
        .property("b", text("The code of the other."))
        .property("projects", count("In how many of the projects both take part."))
        .examples([edge.clone()]);
    let whole = closed("An undirected graph.")
        .property("nodes", array_of("NetworkNode").description(Some("In the order of their codes.")))
        .property("edges", array_of("NetworkEdge").description(Some("In the order of `a` and `b`.")))
        .property("without_home", without_home());
    let schemas: Named = vec![
        ("NetworkNode".to_owned(), all_required(nodes, &["code", "label", "projects"])),
        ("NetworkEdge".to_owned(), all_required(edges, &["a", "b", "projects"])),
        ("Network".to_owned(), all_required(whole, &["nodes", "edges"])),
    ];
    let of = parameters::query("of", "The kind of the nodes; nations by default.")
        .schema(Some(parameters::choice(NodeKind::TEXTS.iter().map(|text| (*text).to_owned()).collect())))
        .example(Some(json!("nations")));
    let mut all: Vec<Parameter> = vec![of.build()];
    all.extend(parameters::filters::<Project>(Project::filters()));
    all.extend([with_home(), parameters::format(&NETWORK_FORMATS), parameters::as_of(), parameters::if_none_match()]);
    let example: Value = json!({ "nodes": [node], "edges": [edge] });
    let graph = ObjectBuilder::new().schema_type(Type::String).description(Some(
        "GraphML, for Gephi, NetworkX and others: the nodes have the attributes `label` (string) and `projects` (int), the edges \
         `projects`.",
    ));
    let mut answer = json_response("The network.", "Network", example, &["ETag"]);
    let content = ContentBuilder::new().schema(Some(graph)).build();
    answer.content.insert(Format::Graphml.media_type().to_owned(), content.into());
    let operation = operation_of(
        TAG,
        About {
            id: "read_network".to_owned(),
            summary: "List who works with whom".to_owned(),
            description: "Nations or organisations, joined where they take part in the same projects, with the filters of projects.",
        },
        all,
        None,
        Role::Viewer,
    )
    .response("200", with_files(answer, Vec::new()))
    .response("304", not_modified());
    described(operation, &[406]).with(schemas)
}
