//! The log over HTTP: what a change looks like, the feed, its head.

use serde_json::{Value, json};
use utoipa::openapi::ContentBuilder;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};

use super::described::Described;
use super::operation::{About, described, json_response, not_modified, operation_of};
use super::parameters::{self, choice, query};
use super::schemas::{Named, anything, array_of, closed, complete, count, page_of, reference, timestamp};
use crate::auth::Role;
use crate::changes::Action;
use crate::registry::projects::Project;
use crate::registry::{Resource, ResourceInfo};

pub(super) const TAG: &str = "changes";
const FOLLOW: &str = "The changes after `since`, in commit order, deletions included. Ask again with `since` set to `last`: \
    you miss nothing and get nothing twice, with filters, too, and whenever you were stopped. Fewer items than `limit` \
    mean that you have seen everything up to `last`; a `since` beyond the head of the log is a 400 that names the head: \
    the registry was restored from an older state, and a copy of it has to be made afresh.";
const STREAM: &str = "The same as `GET /changes`, as server-sent events. The first block has no data: it says where the \
    stream begins, and after how many milliseconds to come back when it ends. It ends when the access token does, when the \
    user is disabled or demoted, when nothing has been read for 30 s, and when the service stops: come back with \
    `Last-Event-ID`, and you miss nothing; one beyond the head of the log is a 400, as for `GET /changes`. A comment every \
    15 s without a change keeps it alive.";

/// `GET /changes`
pub(in crate::http) fn list() -> Described {
    let about = About { id: "list_changes".to_owned(), summary: "Follow the changes".to_owned(), description: FOLLOW };
    let since = since("The last revision that you have seen; 0, the default, is before the first.");
    let [limit, _] = parameters::page();
    let parameters = [since].into_iter().chain(filters()).chain([limit, parameters::if_none_match()]).collect();
    let example = json!({ "items": [change_example::<Project>()], "last": 42 });
    let list = operation_of(TAG, about, parameters, None, Role::Viewer)
        .response("200", json_response("Some changes.", "ChangeFeed", example, &["ETag"]))
        .response("304", not_modified());
    described(list, &[]).with(schemas())
}

/// `GET /changes/head`
pub(in crate::http) fn head() -> Described {
    let about = About {
        id: "read_changes_head".to_owned(),
        summary: "Read the end of the log".to_owned(),
        description: "The last revision and its hash, to note down elsewhere: a log that leads to this hash is this log. An \
                      empty log has revision 0 and a hash of 64 zeros, which the first change is sealed to.",
    };
    let example = json!({ "revision": 42, "hash": "0".repeat(64), "at": "2026-11-24T09:00:00.000000Z" });
    let head = operation_of(TAG, about, vec![parameters::if_none_match()], None, Role::Viewer)
        .response("200", json_response("The end of the log.", "ChangeHead", example, &["ETag"]))
        .response("304", not_modified());
    described(head, &[])
}

/// `GET /changes/stream`
pub(in crate::http) fn stream() -> Described {
    let about = About {
        id: "stream_changes".to_owned(),
        summary: "Follow the changes as they are made".to_owned(),
        description: STREAM,
    };
    let since = since("The last revision that you have seen; without it the stream begins with the next change.");
    let id = "The id of the last event that you have seen, which a browser sends by itself; it comes before `since`.";
    let id = parameters::header("Last-Event-ID", id, "42", "^[0-9]{1,18}$");
    let event = format!("id: 42\nevent: change\ndata: {}\n\n", change_example::<Project>());
    let events = "Server-sent events: `id` is the revision, `data` the change as `GET /changes` shows it, on one line.";
    let content = ContentBuilder::new().schema(Some(text(events))).example(Some(event.into())).build();
    let events = ResponseBuilder::new().description("The stream.").content("text/event-stream", content);
    let parameters = [since].into_iter().chain(filters()).chain([id]).collect();
    described(operation_of(TAG, about, parameters, None, Role::Viewer).response("200", events), &[])
}

fn since(description: &str) -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0.0));
    query("since", description).schema(Some(schema)).example(Some(json!(0))).build()
}

/// Returns the parameters that choose changes.
fn filters() -> [Parameter; 5] {
    let text = |name: &str, about: &str, example: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String);
        query(name, about).schema(Some(schema)).example(Some(json!(example))).build()
    };
    let one_of = |name: &str, about: &str, values: Vec<String>| {
        let first = values.first().cloned();
        query(name, about).schema(Some(choice(values))).example(first.map(Value::from)).build()
    };
    let collections = ResourceInfo::collections().map(str::to_owned).collect();
    let actions = Action::TEXTS.iter().map(|text| (*text).to_owned()).collect();
    [
        one_of("resource", "Changes of this collection.", collections),
        text("key", "Changes of the record with this code.", "trishna"),
        text("actor", "Changes that this user made; `(command line)` is the user of imports from there.", "ada"),
        text(
            "batch",
            "Changes that were made together, by an import; empty: those that were made alone.",
            "0190b0a5-7c1e-7d2e-8a53-0a4c1c1f2b3d",
        ),
        one_of("action", "Changes of this kind.", actions),
    ]
}

/// Returns the example of a change.
pub(super) fn change_example<R: Resource>() -> Value {
    json!({
        "revision": 42, "at": "2026-11-24T09:00:00.000000Z", "actor": "ada", "action": "updated",
        "resource": R::COLLECTION, "key": R::example().code(), "batch": null,
        "document": serde_json::to_value(R::example()).unwrap_or_default(),
        "changed": [{ "field": R::SLUG_FIELD, "before": "As it was called", "after": "As it is called" }],
        "restored_from": null,
        "hash": "0".repeat(64),
    })
}

fn schemas() -> Named {
    let named: [(&str, Object); 5] = [
        ("Change", change()),
        ("FieldChange", field_change()),
        ("ChangePage", page_of("Change")),
        ("ChangeFeed", feed_schema()),
        ("ChangeHead", head_schema()),
    ];
    named.into_iter().map(|(name, schema)| (name.to_owned(), schema.into())).collect()
}

fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

fn hash(description: &str) -> Object {
    text(description).pattern(Some("^[0-9a-f]{64}$")).build()
}

fn change() -> Object {
    let maybe = |kind: Type| SchemaType::from_iter([kind, Type::Null]);
    let changed = ArrayBuilder::new().items(reference("FieldChange")).description(Some(
        "What it did, field by field. A creation comes from a record of which every field is null, a deletion leads to one; \
         fields that were and are null or an empty list are not named.",
    ));
    let restored = "The version that a restore wrote again; null for every other change.";
    complete(
        closed("One change of a record, as the log has it.")
            .property("revision", count("Its place in the log: 1, 2, 3 … in commit order.").build())
            .property("at", timestamp("When.").build())
            .property("actor", text("Who: a user name, or the command line.").build())
            .property("action", text("The kind of change.").enum_values(Some(Action::TEXTS.iter().copied())).build())
            .property("resource", text("The collection.").build())
            .property("key", text("The record's code.").build())
            .property(
                "batch",
                text("The id that changes made together share: those of an import.").schema_type(maybe(Type::String)),
            )
            .property(
                "document",
                ObjectBuilder::new()
                    .schema_type(Type::Object)
                    .description(Some("The full record after the change; before it, for a deletion.")),
            )
            .property("changed", changed)
            .property("restored_from", count(restored).schema_type(maybe(Type::Integer)))
            .property("hash", hash("SHA-256 over the hash of the row before and this row.")),
    )
}

fn field_change() -> Object {
    complete(
        closed("The effect of a change on a field.")
            .property("field", text("Its name."))
            .property("before", anything("The value before."))
            .property("after", anything("The value after.")),
    )
}

fn feed_schema() -> Object {
    complete(
        closed("Some changes in commit order.")
            .property("items", array_of("Change"))
            .property("last", count("The highest revision that was looked at: ask again with `since` set to it.")),
    )
}

fn head_schema() -> Object {
    let at = timestamp("When the last change was made; null in an empty log.");
    complete(
        closed("The end of the log.")
            .property("revision", count("The last revision."))
            .property("hash", hash("Its hash."))
            .property("at", at.schema_type(SchemaType::from_iter([Type::String, Type::Null]))),
    )
}
