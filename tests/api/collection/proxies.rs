//! Conditional requests behind a proxy that compresses: our own tags come back marked (RFC 9110 §8.8.3), and mean the
//! same.

use partnership_registry::registry::Resource;
use serde_json::{Value, json};

use crate::support::records::{code_of, text_field};
use crate::support::{Answer, TestApp, sample, variant};

pub(super) fn check<R: Resource>(app: &TestApp) {
    a_tag_marked_on_the_way_is_the_records_own::<R>(app);
    the_version_alone_is_judged::<R>(app);
    every_412_says_what_is_true::<R>(app);
}

/// The forms that proxies give a tag: nginx, HAProxy; Apache, Caddy; Jetty; others.
fn marked(tag: &str) -> Vec<String> {
    let bare = tag.trim_matches('"');
    let mut all = vec![format!("W/{tag}")];
    all.extend(
        ["-gzip", "-br", "-zstd", "-deflate", "--gzip", ";gzip", ";br", ":gzip"]
            .map(|mark| format!("\"{bare}{mark}\"")),
    );
    all.push(format!("W/\"{bare}-gzip\""));
    all
}

fn a_tag_marked_on_the_way_is_the_records_own<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let mut document = variant::<R>(23);
    document[text_field::<R>()] = json!("as it was");
    let at = format!("/{}/{}", R::COLLECTION, code_of(&document));
    let mut tag = admin.put(&at, &document).expect(201).etag();
    let first = admin.get(&at).json()["version"].clone();
    for number in 0..marked(&tag).len() {
        let mark = marked(&tag)[number].clone();
        for method in ["GET", "HEAD"] {
            let answer = admin.request(method, &at).header("If-None-Match", &mark).send().expect(304);
            assert_eq!(answer.etag(), tag, "{mark}");
        }
        let body = json!({ text_field::<R>(): format!("patch {number}") });
        let patched = admin.request("PATCH", &at).header("If-Match", &mark).json(&body).send().expect(200);
        // A mark makes no other version of an old one.
        admin.request("PATCH", &at).header("If-Match", &mark).json(&body).send().problem(412, "precondition-failed");
        let mark = marked(&patched.etag())[number].clone();
        let put = admin.request("PUT", &at).header("If-Match", &mark).json(&document).send().expect(200);
        let mark = marked(&put.etag())[number].clone();
        let back = admin.request("POST", &format!("{at}/restore")).header("If-Match", &mark);
        tag = back.json(&json!({ "version": patched.json()["version"] })).send().expect(200).etag();
        let mark = marked(&tag)[number].clone();
        admin.request("DELETE", &at).header("If-Match", &mark).send().expect(204);
        tag = admin.post(&format!("{at}/restore"), &json!({ "version": first })).expect(200).etag();
    }
    admin.delete(&at).expect(204);
}

/// Some kinds have in their tag what is derived for the day, which changes without a change.
fn the_version_alone_is_judged<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let at = format!("/{}/{}", R::COLLECTION, code_of(&sample::<R>()));
    let version = admin.get(&at).json()["version"].as_i64().unwrap();
    let patch = |tag: &str| admin.request("PATCH", &at).header("If-Match", tag).json(&json!({})).send();
    let of_another_day =
        [format!("\"v{version}-signed\""), format!("W/\"v{version}-expired-2031-12-31-2031-06-30-gzip\"")];
    for tag in &of_another_day {
        patch(tag).expect(if R::DERIVED.is_empty() { 412 } else { 200 });
    }
    patch(&format!("\"v{version}\"")).expect(200);
    for old in [version - 1, version + 1] {
        patch(&format!("\"v{old}-signed\"")).problem(412, "precondition-failed");
    }
}

/// Of each title its own; fails where one is used for all.
fn every_412_says_what_is_true<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let collection = format!("/{}", R::COLLECTION);
    let document = variant::<R>(24);
    let at = format!("{collection}/{}", code_of(&document));
    let ask = |method: &str, path: &str, header: (&str, &str), body: &Value| -> Answer {
        let call = admin.request(method, path).header(header.0, header.1);
        if method == "DELETE" { call.send() } else { call.json(body).send() }
    };
    let title = |answer: Answer| answer.problem(412, "precondition-failed")["title"].as_str().unwrap().to_owned();
    for tag in ["*", "\"v1\"", "\"foreign\""] {
        assert_eq!(title(ask("PUT", &at, ("If-Match", tag), &document)), "The record does not exist", "{tag}");
    }
    let stale = admin.put(&at, &document).expect(201).etag();
    let current = admin.patch(&at, &json!({ text_field::<R>(): "second" })).expect(200);
    let tag = current.etag();
    let version = json!({ "version": current.json()["version"] });
    let of_list = admin.get(&collection).etag();
    let restore = format!("{at}/restore");
    let writes = [
        ("PUT", &at, &document),
        ("PATCH", &at, &json!({})),
        ("DELETE", &at, &Value::Null),
        ("POST", &restore, &version),
    ];
    for (method, path, body) in writes {
        let answer = ask(method, path, ("If-Match", &stale), body);
        assert!(answer.text().contains(tag.trim_matches('"')), "{answer}");
        assert_eq!(title(answer), "The record has changed", "{method}");
        for foreign in [&of_list, "\"\"", "\"abc\"", "W/\"1-2-3-gzip\"", "\"v\"", "\"v99999999999999999999\""] {
            let answer = ask(method, path, ("If-Match", foreign), body);
            assert_eq!(title(answer), "The entity tag is none of the record's", "{method} {foreign}");
        }
        assert_eq!(title(ask(method, path, ("If-None-Match", "*"), body)), "The record exists already", "{method}");
        for mark in [tag.clone(), format!("W/{tag}"), format!("\"{}-gzip\"", tag.trim_matches('"'))] {
            let answer = ask(method, path, ("If-None-Match", &mark), body);
            assert_eq!(title(answer), "The record has not changed", "{method} {mark}");
        }
    }
    assert_eq!(admin.get(&at).json(), current.json(), "refused writes change nothing");
    admin.delete(&at).expect(204);
    let answer = ask("POST", &restore, ("If-Match", &tag), &version);
    assert_eq!(title(answer), "The record does not exist");
}
