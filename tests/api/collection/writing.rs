//! Creating, reading, replacing, patching, deleting.

use partnership_registry::registry::{READ_ONLY, Resource};
use serde_json::{Value, json};

use crate::support::records::{code_of, text_field};
use crate::support::{Answer, TestApp, minimal, sample, variant};

pub(super) fn check<R: Resource>(app: &TestApp) {
    // First: only the first few of those that refer are named, and now there are few.
    a_record_with_references_to_it_is_not_deleted::<R>(app);
    a_created_record_can_be_read::<R>(app);
    a_code_may_be_left_out::<R>(app);
    read_only_fields_are_ignored::<R>(app);
    put_replaces_the_whole_record::<R>(app);
    put_creates_what_is_not_there::<R>(app);
    a_patch_merges::<R>(app);
    the_code_is_immutable::<R>(app);
    a_write_that_changes_nothing_makes_no_version::<R>(app);
    a_deleted_record_is_gone::<R>(app);
}

fn path<R: Resource>(document: &Value) -> String {
    format!("/{}/{}", R::COLLECTION, code_of(document))
}

/// Asserts that the answer has what was sent, with the read-only fields beside it, and nothing else.
#[track_caller]
fn shows<R: Resource>(answer: &Answer, sent: &Value) {
    let shown = answer.json();
    let mut expected: Vec<&str> = R::FIELDS.iter().map(|field| field.name).collect();
    expected.extend(R::DERIVED.iter().map(|field| field.name));
    expected.extend(READ_ONLY);
    let names: Vec<_> = shown.as_object().unwrap().keys().collect();
    assert_eq!(names, expected, "{answer}");
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name} in {answer}");
    }
    let version = shown["version"].as_i64().unwrap();
    let mut tag = format!("\"v{version}");
    for derived in R::DERIVED {
        if let Some(value) = shown[derived.name].as_str() {
            tag += &format!("-{value}");
        }
    }
    assert_eq!(answer.etag(), tag + "\"", "{answer}");
    for name in ["created_at", "updated_at"] {
        let stamp = shown[name].as_str().unwrap();
        assert!(
            stamp.len() == 27 && stamp.ends_with('Z') && &stamp[10..11] == "T" && &stamp[19..20] == ".",
            "{answer}"
        );
    }
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

fn a_created_record_can_be_read<R: Resource>(app: &TestApp) {
    let (admin, viewer) = (app.admin(), app.viewer());
    let collection = format!("/{}", R::COLLECTION);
    for document in [variant::<R>(0), minimal::<R>(1), variant::<R>(3)] {
        viewer.get(&path::<R>(&document)).problem(404, "not-found");
        let created = admin.post(&collection, &document).expect(201);
        shows::<R>(&created, &document);
        let record = created.json();
        assert_eq!(record["created_at"], record["updated_at"]);
        let location = created.header("location").unwrap();
        assert_eq!(location, format!("/api/v1{}", path::<R>(&document)));
        let read = viewer.get(location).expect(200);
        assert_eq!((read.json(), read.etag()), (record.clone(), created.etag()));
        for field in R::FIELDS.iter().filter(|field| document.get(field.name).is_none()) {
            assert!(record[field.name].is_null() || record[field.name] == json!([]), "{} is empty", field.name);
        }
        let head = viewer.head(location).expect(200);
        assert_eq!((head.etag(), head.body.len()), (read.etag(), 0));
        assert_eq!(head.header("content-type"), read.header("content-type"));
        let again = admin.post(&collection, &document);
        let problem = again.problem(409, "conflict");
        assert!(problem["detail"].as_str().unwrap().contains(&code_of(&document)));
    }
    for nowhere in ["check-nowhere", "ZZ", "Not a code", "a_b", "%C3%A9"] {
        let at = format!("{collection}/{}", nowhere.replace(' ', "%20"));
        viewer.get(&at).problem(404, "not-found");
        admin.patch(&at, &json!({})).problem(404, "not-found");
        admin.delete(&at).problem(404, "not-found");
    }
}

fn a_code_may_be_left_out<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let collection = format!("/{}", R::COLLECTION);
    let mut document = minimal::<R>(44);
    let expected = if R::is_valid_code("check-1") {
        document.as_object_mut().unwrap().remove("code");
        R::default_code(document.as_object().unwrap()).unwrap()
    } else {
        document.as_object_mut().unwrap().remove("code").unwrap().as_str().unwrap().to_owned()
    };
    let created = admin.post(&collection, &document).expect(201);
    assert_eq!(created.json()["code"], expected.as_str());
    assert_eq!(created.header("location"), Some(format!("/api/v1{collection}/{expected}").as_str()));
    document["code"] = Value::Null;
    admin.post(&collection, &document).problem(409, "conflict");
    admin.delete(&format!("{collection}/{expected}")).expect(204);
}

fn read_only_fields_are_ignored<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let mut document = variant::<R>(4);
    for name in READ_ONLY.into_iter().chain(R::DERIVED.iter().map(|field| field.name)) {
        document[name] = json!("nonsense");
    }
    let sent = variant::<R>(4);
    let created = admin.post(&format!("/{}", R::COLLECTION), &document).expect(201);
    shows::<R>(&created, &sent);
    let at = path::<R>(&sent);
    let record = app.viewer().get(&at).json();
    shows::<R>(&admin.put(&at, &record).expect(200), &sent);
    let patched = admin.patch(&at, &json!({ "version": 1, "updated_at": null })).expect(200);
    assert_eq!(patched.json(), record, "a record that is sent back as it was read changes nothing");
}

fn put_replaces_the_whole_record<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let (full, bare) = (variant::<R>(5), minimal::<R>(5));
    let created = admin.post(&format!("/{}", R::COLLECTION), &full).expect(201);
    let replaced = admin.put(&path::<R>(&full), &bare).expect(200);
    shows::<R>(&replaced, &bare);
    let (before, after) = (created.json(), replaced.json());
    for field in R::FIELDS.iter().filter(|field| field.optional && bare.get(field.name).is_none()) {
        assert!(after[field.name].is_null() || after[field.name] == json!([]), "{}: {replaced}", field.name);
    }
    // A kind without optional fields has nothing that could be left out.
    assert_eq!(before["version"].as_i64() < after["version"].as_i64(), full != bare);
    assert_eq!(before["created_at"], after["created_at"]);
    assert!(before["updated_at"].as_str() <= after["updated_at"].as_str());
    assert_eq!(created.etag() != replaced.etag(), full != bare);
    assert_eq!(app.viewer().get(&path::<R>(&full)).json(), after);
}

fn put_creates_what_is_not_there<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let mut document = variant::<R>(6);
    let at = path::<R>(&document);
    let put = |document: &Value, header: &str, value: &str| {
        admin.request("PUT", &at).header(header, value).json(document).send()
    };
    put(&document, "If-Match", "*").problem(412, "precondition-failed");
    put(&document, "If-Match", "\"v1\"").problem(412, "precondition-failed");
    document.as_object_mut().unwrap().remove("code");
    let created = put(&document, "If-None-Match", "*").expect(201);
    shows::<R>(&created, &variant::<R>(6));
    assert_eq!(created.header("location"), Some(format!("/api/v1{at}").as_str()));
    put(&document, "If-None-Match", "*").problem(412, "precondition-failed");
    admin.put(&at, &document).expect(200);
    let other = variant::<R>(7);
    admin.put(&path::<R>(&other), &other).expect(201);
}

fn a_patch_merges<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let document = variant::<R>(8);
    let at = path::<R>(&document);
    let field = text_field::<R>();
    let mut expected = admin.post(&format!("/{}", R::COLLECTION), &document).expect(201).json();
    let optional = R::FIELDS.iter().any(|one| one.name == field && one.optional);
    let other = if optional { Value::Null } else { json!("changed again") };
    for (value, kind) in
        [(json!("changed"), "application/json"), (other, "application/merge-patch+json; charset=utf-8")]
    {
        let answer = admin.request("PATCH", &at).body(kind, json!({ field: value }).to_string()).send().expect(200);
        let patched = answer.json();
        assert!(expected["version"].as_i64() < patched["version"].as_i64());
        expected[field] = value;
        for name in ["version", "updated_at"] {
            expected[name] = patched[name].clone();
        }
        shows::<R>(&answer, &expected);
        assert_eq!(app.viewer().get(&at).json(), patched);
    }
    admin.patch(&at, &json!({ R::SLUG_FIELD: null })).assert_invalid(&[(&format!("/{}", R::SLUG_FIELD), "required")]);
    assert_eq!(app.viewer().get(&at).json(), expected, "a refused patch changes nothing");
}

fn the_code_is_immutable<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let (mine, other) = (sample::<R>(), variant::<R>(9));
    let at = path::<R>(&mine);
    let mut document = mine.clone();
    document["code"] = other["code"].clone();
    admin.put(&at, &document).assert_invalid(&[("/code", "immutable")]);
    admin.patch(&at, &json!({ "code": other["code"] })).assert_invalid(&[("/code", "immutable")]);
    admin.patch(&at, &json!({ "code": mine["code"] })).expect(200);
    app.viewer().get(&path::<R>(&other)).problem(404, "not-found");
}

fn a_write_that_changes_nothing_makes_no_version<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let document = sample::<R>();
    let at = path::<R>(&document);
    let before = app.viewer().get(&at).expect(200);
    let total = app.viewer().get(&format!("{at}/history")).json()["total"].clone();
    let field = text_field::<R>();
    let answers = [
        admin.put(&at, &document),
        admin.put(&at, &before.json()),
        admin.patch(&at, &json!({})),
        admin.patch(&at, &json!({ field: before.json()[field] })),
    ];
    for answer in answers {
        assert_eq!((answer.status, answer.json(), answer.etag()), (200, before.json(), before.etag()));
    }
    assert_eq!(app.viewer().get(&format!("{at}/history")).json()["total"], total);
}

fn a_deleted_record_is_gone<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let document = variant::<R>(10);
    let at = path::<R>(&document);
    let first = admin.post(&format!("/{}", R::COLLECTION), &document).expect(201).json();
    let deleted = admin.delete(&at).expect(204);
    assert!(deleted.body.is_empty());
    app.viewer().get(&at).problem(404, "not-found");
    admin.delete(&at).problem(404, "not-found");
    admin.patch(&at, &json!({})).problem(404, "not-found");
    let again = admin.post(&format!("/{}", R::COLLECTION), &document).expect(201).json();
    assert!(first["version"].as_i64() < again["version"].as_i64(), "a version is never used twice");
}

fn a_record_with_references_to_it_is_not_deleted<R: Resource>(app: &TestApp) {
    let record = R::example();
    for reference in record.references() {
        let at = format!("/{}/{}", reference.to, reference.code);
        let problem = app.admin().delete(&at).problem(409, "in-use");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("{}/{}", R::COLLECTION, record.code())), "{detail}");
        app.viewer().get(&at).expect(200);
    }
}
