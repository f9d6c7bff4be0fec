//! `GET /changes/summary`, described.

use serde_json::json;
use utoipa::openapi::Required;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};

use super::described::Described;
use super::feed::TAG as CHANGES;
use super::formats;
use super::operation::{About, described, json_response, not_modified, operation_of, with_files};
use super::parameters::{self, choice, query};
use super::schemas::{Named, array_of, closed, complete, count, reference, timestamp};
use crate::auth::Role;
use crate::changes::Action;
use crate::http::feed::differences::columns;
use crate::http::request::format::Format;
use crate::registry::ResourceInfo;
use crate::registry::agreements::AgreementStatus;
use crate::snapshots::AsOf;
use crate::values::{Code, FromText, NationCode};

const ABOUT: &str = "The differences between two moments, from the log alone: every record that was created, changed or \
    deleted, field by field, and in `by_calendar` the agreements whose status is another one because the day is another one, \
    without a write. A change that was taken back is no difference.\n\nApplying the answer to the records at `from` gives those at `to`; \
    the differences from a to b and then those from b to c are those from a to c.\n\n`nation` and `area` keep records that name \
    it, before or after, or are it; a record that can name none itself (a review, a document, a dismissal) counts with the \
    records that it belongs to. In a file there is a row for each field, and for each agreement in `by_calendar` a row with \
    the action `by_calendar`.";

/// `GET /changes/summary`
pub(in crate::http) fn summary() -> Described {
    let text = |name: &str, about: &str, schema: ObjectBuilder, example: &str| {
        query(name, about).schema(Some(schema)).example(Some(json!(example)))
    };
    let moment = || <AsOf as FromText>::text_schema();
    let moments = "a date (its end, in UTC), a time with its offset, a revision, or a release";
    let collections = ResourceInfo::collections().map(str::to_owned).collect();
    let all = vec![
        text("from", &format!("The earlier moment, as `as_of` takes it: {moments}."), moment(), "r1")
            .required(Required::True)
            .build(),
        text("to", &format!("The later moment: {moments}; now by default."), moment(), "r2").build(),
        query("resource", "Records of this collection.")
            .schema(Some(choice(collections)))
            .example(Some(json!("projects")))
            .build(),
        text("nation", "Records that concern this nation.", NationCode::text_schema(), "IN").build(),
        text("area", "Records in this area.", Code::text_schema(), "climate").build(),
        parameters::format(&Format::tables()),
        parameters::if_none_match(),
    ];
    let changed = json!([{ "field": "status", "before": "in_development", "after": "operational" }]);
    let item = json!({
        "resource": "projects", "code": "trishna", "title": "TRISHNA", "action": "updated", "changed": changed,
        "actors": ["ada"], "last_revision": 42,
    });
    let example = json!({
        "from": { "revision": 40, "at": "2026-06-30T09:00:00.000000Z", "day": "2026-06-30" },
        "to": { "revision": 42, "at": "2026-11-24T09:00:00.000000Z", "day": "2026-11-24" },
        "counts": [{ "resource": "projects", "created": 0, "changed": 1, "deleted": 0 }],
        "by_nation": [{ "nation": "IN", "created": 0, "changed": 1, "deleted": 0 }],
        "by_area": [{ "area": "climate", "created": 0, "changed": 1, "deleted": 0 }],
        "items": [item],
        "by_calendar": [{ "code": "ca-2011-framework", "title": "Framework", "before": "in_force", "after": "expired" }],
    });
    let row = json!({
        "resource": "projects", "code": "trishna", "title": "TRISHNA", "action": "updated", "field": "status",
        "before": "in_development", "after": "operational", "actors": ["ada"], "last_revision": 42,
    });
    let answer = json_response("The differences, or a file of them.", "Differences", example, &["ETag"]);
    let about = About {
        id: "summarise_changes".to_owned(),
        summary: "Summarise the changes between two moments".to_owned(),
        description: ABOUT,
    };
    let operation = operation_of(CHANGES, about, all, None, Role::Viewer)
        .response("200", with_files(answer, formats::tables(&columns(), &row)))
        .response("304", not_modified());
    described(operation, &[406]).with(schemas())
}

/// Returns a number of records with differences, under a name.
fn counted(name: &str, described: &str, about: &str) -> ObjectBuilder {
    closed(about)
        .property(name, ObjectBuilder::new().schema_type(Type::String).description(Some(described)))
        .property("created", count("The number of new records."))
        .property("changed", count("The number of changed records."))
        .property("deleted", count("The number of deleted records."))
}

fn schemas() -> Named {
    let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about));
    let statuses = |about: &str| text(about).enum_values(Some(AgreementStatus::TEXTS.iter().copied()));
    let actors = ArrayBuilder::new()
        .items(text("A user name, or the command line."))
        .description(Some("The users who wrote it in between, each once, in the order of their first writes."));
    let at = timestamp("When that revision was made; null before the first.");
    let moment = closed("A moment in the log.")
        .property("revision", count("The last revision then; 0 before the first."))
        .property("at", at.schema_type(SchemaType::from_iter([Type::String, Type::Null])))
        .property("day", text("The day that statuses are about."));
    let item = closed("The differences of a record.")
        .property("resource", text("Its collection."))
        .property("code", text("Its code."))
        .property("title", text("Its name or title now, or the last one before it was deleted."))
        .property("action", text("The change, all in all.").enum_values(Some(Action::TEXTS.iter().copied())))
        .property("changed", array_of("FieldChange").description(Some("Each field that is different.")))
        .property("actors", actors)
        .property("last_revision", count("The last of those writes."));
    let moved = closed("An agreement whose status another day has moved.")
        .property("code", text("Its code."))
        .property("title", text("Its title."))
        .property("before", statuses("Its status at the earlier moment."))
        .property("after", statuses("Its status at the later one."));
    let whole = closed("The differences between two moments.")
        .property("from", reference("ChangeMoment"))
        .property("to", reference("ChangeMoment"))
        .property(
            "counts",
            array_of("DifferenceCount").description(Some("Every collection asked about, zeros included.")),
        )
        .property(
            "by_nation",
            array_of("NationDifferenceCount").description(Some("Every nation that a difference concerns.")),
        )
        .property(
            "by_area",
            array_of("AreaDifferenceCount").description(Some("Every area that a difference concerns.")),
        )
        .property("items", array_of("Difference").description(Some("Collection by collection, in the order of codes.")))
        .property("by_calendar", array_of("StatusMoved").description(Some("In the order of codes.")));
    let named = [
        ("ChangeMoment", moment),
        (
            "DifferenceCount",
            counted("resource", "The collection.", "The number of records of a collection that are different."),
        ),
        (
            "NationDifferenceCount",
            counted("nation", "Its code.", "The number of different records that concern a nation."),
        ),
        ("AreaDifferenceCount", counted("area", "Its code.", "The number of different records that concern an area.")),
        ("Difference", item),
        ("StatusMoved", moved),
        ("Differences", whole),
    ];
    named.map(|(name, schema)| (name.to_owned(), complete(schema).into())).into()
}
