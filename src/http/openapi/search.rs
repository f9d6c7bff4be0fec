//! Full text search, in words.

use serde_json::json;
use utoipa::openapi::Required;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::described::Described;
use super::operation::{About, described, json_response, not_modified, operation_of};
use super::parameters::{as_of, choice, commas, if_none_match, list_of, page, query};
use super::schemas::{closed, page_of};
use crate::auth::Role;
use crate::limits::{QUESTION, QUESTION_WORDS};
use crate::registry::ResourceInfo;
use crate::registry::search::SearchQuery;
use crate::values::FromText as _;

const TAG: &str = "search";

/// `GET /search`
pub(in crate::http) fn search() -> Described {
    let collections: Vec<String> = ResourceInfo::collections().map(str::to_owned).collect();
    let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about));
    let result = closed("A record that was found.")
        .property("resource", text("Its collection.").enum_values(Some(collections.clone())))
        .property("code", text("Its code."))
        .property("title", text("Its name or title."))
        .property(
            "snippet",
            text("The text around the first match, as it was written: plain text on one line, without marks, `…` where it is \
                  cut, and to be escaped as any text where it is shown. Empty where there is no more than the title."),
        )
        .property("href", text("Its path."));
    let result = ["resource", "code", "title", "snippet", "href"].into_iter().fold(result, ObjectBuilder::required);
    let schemas = [
        ("SearchResult".to_owned(), result.build().into()),
        ("SearchResultPage".to_owned(), page_of("SearchResult").into()),
    ];
    let count = collections.len();
    let parameters = vec![
        query("q", "The words to search for.")
            .required(Required::True)
            .schema(Some(SearchQuery::text_schema()))
            .example(Some(json!("venus")))
            .build(),
        commas(query("in", "The collections to search; all of them by default."))
            .schema(Some(list_of(choice(collections), count, false)))
            .example(Some(json!(["projects", "nations"])))
            .build(),
    ];
    let description = format!(
        "Looks into codes, names, titles and acronyms, and into summaries, descriptions, notes, agencies and reviewers, in both \
         languages. Case, accents, ligatures and apostrophes do not matter: `venus` finds VENµS, `etats` finds États-Unis, \
         `espace` finds l’espace.\n\n\
         Every word must be there, anywhere in the record; words in double quotes or joined by hyphens side by side in one \
         field. The last word may be the beginning of one, unless it is in quotes. `-word` and `-\"some words\"` must not be \
         there. Nothing that is typed is an error but an empty text, more than {QUESTION} characters, or more than \
         {QUESTION_WORDS} words; a text without a letter or digit finds nothing.\n\n\
         The best come first: those with a name that is what was asked for; that begins with it; that have all of it in their \
         names; some of it; none, but in the texts. Among equals the collections come in the order of `in`'s values here, and \
         then the codes."
    );
    let search = operation_of(
        TAG,
        About { id: "search_records".to_owned(), summary: "Search the registry".to_owned(), description: &description },
        parameters.into_iter().chain(page()).chain([as_of(), if_none_match()]).collect(),
        None,
        Role::Viewer,
    )
    .response("200", json_response("A page of results.", "SearchResultPage", example(), &["ETag", "Link"]))
    .response("304", not_modified());
    described(search, &[]).with(schemas)
}

fn example() -> serde_json::Value {
    json!({
        "items": [{
            "resource": "projects",
            "code": "trishna",
            "title": "TRISHNA",
            "snippet": "Thermal infrared satellite for water stress of plants and urban heat.",
            "href": "/api/v1/projects/trishna",
        }],
        "total": 1,
        "next_cursor": null,
    })
}
