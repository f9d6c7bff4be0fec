//! The findings, described.

use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::analytics::TAG as ANALYTICS;
use super::described::Described;
use super::operation::{About, described, json_response, not_modified, operation_of, with_files};
use super::schemas::{Named, array_of, closed, count, page_of};
use super::{formats, parameters};
use crate::auth::Role;
use crate::http::analytics::{finding_columns, finding_filters};
use crate::http::request::format::Format;
use crate::limits::MONTHS;
use crate::registry::ResourceInfo;
use crate::registry::findings::{RULES, WITHIN};
use crate::registry::projects::Project;

/// `GET /findings`
pub(in crate::http) fn findings() -> Described {
    let example = json!({
        "rule": "end-unknown", "resource": "agreements", "code": "in-2018-vision",
        "title": "India-France Joint Vision for Space Cooperation",
        "detail": "signed on 2018-03-10, and neither its expiry nor its term is known",
        "href": "/api/v1/agreements/in-2018-vision",
    });
    let counts = json!([{
        "rule": "end-unknown", "title": "Agreement without a known end", "title_fr": "Accord sans fin connue", "count": 1,
        "dismissed": 0,
    }]);
    let page = json!({ "items": [example], "total": 1, "next_cursor": null, "counts": counts });
    let within = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0.0))
        .maximum(Some(f64::from(MONTHS)))
        .default(Some(json!(WITHIN)));
    let about = "Within how many months a decision is due: for the rule `decision-due`.";
    let mut all = parameters::filters::<Project>(finding_filters());
    all.push(parameters::query("within", about).schema(Some(within)).example(Some(json!(6))).build());
    all.extend(parameters::page());
    all.extend([parameters::format(&Format::tables()), parameters::as_of(), parameters::if_none_match()]);
    let rules: Vec<String> = RULES.iter().map(|rule| format!("- `{}`: {}", rule.name, rule.about)).collect();
    let description = format!(
        "What does not fit together, is missing, or is due, for the day asked about: today, or the day of `as_of`. In the order \
         of the rules, then of collections and codes. `nation`, `area` and `responsible` keep what the filter of the same name \
         keeps in the record's own collection; a collection without that filter has nothing then. `counts` names every rule, \
         also those that find nothing or are not asked for.\n\nA finding that is meant to be so is dismissed: a record of \
         `/dismissals` with its rule, resource and code, and the reason. It is then in `dismissed`, and neither in the list nor \
         in `count`.\n\nThe rules:\n{}",
        rules.join("\n")
    );
    let answer = json_response("Some findings, or a file of all of them.", "FindingPage", page, &["ETag", "Link"]);
    let operation = operation_of(
        ANALYTICS,
        About {
            id: "list_findings".to_owned(),
            summary: "List what needs attention".to_owned(),
            description: &description,
        },
        all,
        None,
        Role::Viewer,
    )
    .response("200", with_files(answer, formats::tables(&finding_columns(), &example)))
    .response("304", not_modified());
    described(operation, &[406]).with(schemas())
}

fn schemas() -> Named {
    let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about));
    let rules = || RULES.iter().map(|rule| rule.name);
    let collections: Vec<&str> = ResourceInfo::collections().collect();
    let finding = closed("A record that a rule finds.")
        .property("rule", text("The rule.").enum_values(Some(rules())))
        .property("resource", text("The record's collection.").enum_values(Some(collections)))
        .property("code", text("The record's code."))
        .property("title", text("The name or title of the record."))
        .property("detail", text("The problem, in English."))
        .property("href", text("The record's path."));
    let finding =
        ["rule", "resource", "code", "title", "detail", "href"].into_iter().fold(finding, ObjectBuilder::required);
    let counted = closed("The number of records that a rule finds.")
        .property("rule", text("The rule.").enum_values(Some(rules())))
        .property("title", text("The title of its findings in English."))
        .property("title_fr", text("Their title in French."))
        .property("count", count("The number of findings in the list of the rule."))
        .property("dismissed", count("The number of findings that are left out, because they are meant to be so."));
    let names = ["rule", "title", "title_fr", "count", "dismissed"];
    let counted = names.into_iter().fold(counted, ObjectBuilder::required);
    let mut page = page_of("Finding");
    let counts = array_of("FindingCount").description(Some("Every rule, zeros included.")).build();
    page.properties.insert("counts".to_owned(), RefOr::T(counts.into()));
    page.required.push("counts".to_owned());
    let named = [("Finding", finding.build()), ("FindingCount", counted.build()), ("FindingPage", page)];
    named.map(|(name, schema)| (name.to_owned(), schema.into())).into()
}
