//! History and restore.

use partnership_registry::registry::Resource;
use serde_json::{Value, json};

use crate::support::records::{code_of, text_field};
use crate::support::{TestApp, sample, variant};

pub(super) fn check<R: Resource>(app: &TestApp) {
    a_record_remembers_what_was_done_to_it::<R>(app);
    a_version_can_be_restored::<R>(app);
    a_version_that_the_record_never_had_is_refused::<R>(app);
}

fn numbers(items: &[Value], field: &str) -> Vec<i64> {
    items.iter().map(|item| item[field].as_i64().unwrap()).collect()
}

fn a_record_remembers_what_was_done_to_it<R: Resource>(app: &TestApp) {
    let (admin, viewer) = (app.admin(), app.viewer());
    let document = variant::<R>(25);
    let at = format!("/{}/{}", R::COLLECTION, code_of(&document));
    let field = text_field::<R>();
    let history = format!("{at}/history");
    viewer.get(&history).problem(404, "not-found");
    let first = admin.put(&at, &document).expect(201).json();
    let second = admin.patch(&at, &json!({ field: "changed" })).expect(200).json();
    admin.delete(&at).expect(204);

    let answer = viewer.get(&history).expect(200);
    let page = answer.json();
    let items = page["items"].as_array().unwrap();
    assert_eq!(page["total"], 3);
    assert_eq!(page["next_cursor"], Value::Null);
    assert_eq!(answer.header("link"), None);
    assert_eq!(answer.column("action"), ["deleted", "updated", "created"]);
    let revisions = numbers(items, "revision");
    assert_eq!(revisions[1..], [second["version"].as_i64().unwrap(), first["version"].as_i64().unwrap()]);
    assert!(revisions[0] > revisions[1]);
    let mut changed = document.clone();
    changed[field] = json!("changed");
    for (item, content) in items.iter().zip([&changed, &changed, &document]) {
        assert_eq!(&item["document"], content);
        assert_eq!((&item["resource"], &item["key"]), (&json!(R::COLLECTION), &document["code"]));
        assert!(item["actor"].as_str().is_some_and(|actor| !actor.is_empty()));
        assert_eq!(item["hash"].as_str().unwrap().len(), 64);
    }
    let filled = |document: &Value| {
        let fields = document.as_object().unwrap().iter();
        fields.filter(|(_, value)| !value.is_null() && **value != json!([])).map(|(name, _)| name.clone()).collect()
    };
    let fields: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            item["changed"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap().to_owned()).collect()
        })
        .collect();
    assert_eq!(fields, [filled(&changed), vec![field.to_owned()], filled(&document)]);
    assert_eq!(items[1]["changed"], json!([{ "field": field, "before": document[field], "after": "changed" }]));
    for (item, gone, there) in [(&items[0], "after", "before"), (&items[2], "before", "after")] {
        for one in item["changed"].as_array().unwrap() {
            assert_eq!((&one[gone], &one[there]), (&Value::Null, &item["document"][one["field"].as_str().unwrap()]));
        }
    }
    assert_eq!(items[2]["at"], first["created_at"]);
    assert_eq!(items[1]["at"], second["updated_at"]);

    history_comes_in_pages::<R>(app, &history, &revisions, &answer.etag());
}

fn history_comes_in_pages<R: Resource>(app: &TestApp, history: &str, revisions: &[i64], tag: &str) {
    let viewer = app.viewer();
    let mut seen = Vec::new();
    let mut next = format!("{history}?limit=1");
    loop {
        let answer = viewer.get(&next).expect(200);
        let page = answer.json();
        assert_eq!(page["total"], 3);
        seen.extend(numbers(page["items"].as_array().unwrap(), "revision"));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        let link = answer.header("link").unwrap();
        next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned();
        assert!(next.contains(cursor), "{next}");
    }
    assert_eq!(seen, revisions);
    let head = viewer.head(history).expect(200);
    assert_eq!((&*head.etag(), head.body.len()), (tag, 0));
    viewer.get(&format!("{history}?limit=0")).assert_bad_parameter("limit", &["200"]);
    viewer.get(&format!("{history}?cursor=nonsense")).assert_bad_parameter("cursor", &[]);
    viewer.get(&format!("{history}?sort=at")).assert_bad_parameter("sort", &["limit", "cursor"]);
    let other = format!("/{}/{}/history", R::COLLECTION, code_of(&sample::<R>()));
    let cursor = viewer.get(&format!("{history}?limit=1")).json()["next_cursor"].as_str().unwrap().to_owned();
    viewer.get(&format!("{other}?cursor={cursor}")).assert_bad_parameter("cursor", &[]);
}

fn a_version_can_be_restored<R: Resource>(app: &TestApp) {
    let (admin, viewer) = (app.admin(), app.viewer());
    let document = variant::<R>(26);
    let at = format!("/{}/{}", R::COLLECTION, code_of(&document));
    let field = text_field::<R>();
    let first = admin.put(&at, &document).expect(201).json();
    let second = admin.patch(&at, &json!({ field: "changed" })).expect(200).json();
    let restore = |version: &Value| admin.post(&format!("{at}/restore"), &json!({ "version": version }));

    let third = restore(&first["version"]).expect(200);
    let record = third.json();
    assert_eq!(record[field], document[field]);
    assert_eq!(record["created_at"], first["created_at"]);
    assert!(record["version"].as_i64() > second["version"].as_i64(), "it is a new version");
    assert_eq!(viewer.get(&at).expect(200).etag(), third.etag());
    assert_eq!(restore(&first["version"]).expect(200).json(), record, "what is so already makes no version");
    let stale = admin.request("POST", &format!("{at}/restore")).header("If-Match", "\"v0\"");
    stale.json(&json!({ "version": second["version"] })).send().problem(412, "precondition-failed");

    admin.delete(&at).expect(204);
    let back = restore(&second["version"]).expect(200).json();
    assert_eq!(back[field], "changed");
    assert_eq!(viewer.get(&at).expect(200).json(), back);
    let history = viewer.get(&format!("{at}/history")).expect(200);
    assert_eq!(history.column("action"), ["created", "deleted", "updated", "updated", "created"]);
    let history = history.json();
    let told: Vec<_> = history["items"].as_array().unwrap().iter().map(|item| &item["restored_from"]).collect();
    let null = &Value::Null;
    assert_eq!(told, [&second["version"], null, &first["version"], null, null], "the log says what was restored");
}

fn a_version_that_the_record_never_had_is_refused<R: Resource>(app: &TestApp) {
    let (admin, viewer) = (app.admin(), app.viewer());
    let mine = format!("/{}/{}", R::COLLECTION, code_of(&sample::<R>()));
    let (document, stranger) = (variant::<R>(27), variant::<R>(28));
    let other = admin.put(&format!("/{}/{}", R::COLLECTION, code_of(&document)), &document).expect(201).json();
    let before = viewer.get(&mine).json();
    let restore = |body: &Value| admin.post(&format!("{mine}/restore"), body);
    restore(&json!({ "version": other["version"] })).assert_invalid(&[("/version", "unknown_version")]);
    restore(&json!({ "version": i64::MAX })).assert_invalid(&[("/version", "unknown_version")]);
    for wrong in [json!(0), json!(-1), json!("1"), json!(1.5), Value::Null, json!([1])] {
        restore(&json!({ "version": wrong })).assert_invalid(&[("/version", "required")]);
    }
    restore(&json!({})).assert_invalid(&[("/version", "required")]);
    restore(&json!({ "version": 1, "force": true })).assert_invalid(&[("/force", "unknown_field")]);
    restore(&json!([])).expect(422);
    assert_eq!(viewer.get(&mine).json(), before);
    let nowhere = format!("/{}/{}/restore", R::COLLECTION, code_of(&stranger));
    admin.post(&nowhere, &json!({ "version": 1 })).problem(404, "not-found");
}
