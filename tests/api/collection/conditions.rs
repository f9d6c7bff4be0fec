//! Conditional requests (RFC 9110 §13): `ETag`, `If-Match` and `If-None-Match` of every record.

use partnership_registry::registry::Resource;
use serde_json::{Value, json};

use crate::support::records::{code_of, text_field};
use crate::support::{Answer, Options, TestApp, minimal, records, sample, variant};

pub(super) fn check<R: Resource>(app: &TestApp) {
    a_known_representation_is_not_sent_again::<R>(app);
    every_representation_has_a_tag_of_its_own::<R>(app);
    a_stale_tag_stops_a_write::<R>(app);
    if_match_can_be_required::<R>();
}

fn a_known_representation_is_not_sent_again<R: Resource>(app: &TestApp) {
    let record = format!("/{}/{}", R::COLLECTION, code_of(&sample::<R>()));
    let tag = app.viewer().get(&record).etag();
    let ask = |method: &str, value: &str| app.viewer().request(method, &record).header("If-None-Match", value).send();
    for value in
        [tag.clone(), format!("W/{tag}"), "*".to_owned(), format!("\"v0\", {tag}"), format!("\"a,b\" ,W/{tag}")]
    {
        for method in ["GET", "HEAD"] {
            let answer = ask(method, &value).expect(304);
            assert_eq!((answer.etag(), answer.body.len()), (tag.clone(), 0));
        }
    }
    for value in ["\"v0\"", "\"\"", "W/\"v0\", \"v\""] {
        ask("GET", value).expect(200);
    }
    for value in ["v1", "\"v1", "\"v1\" \"v2\"", "*, \"v1\"", "w/\"v1\""] {
        ask("GET", value).problem(400, "bad-request");
    }
}

fn every_representation_has_a_tag_of_its_own<R: Resource>(app: &TestApp) {
    let (admin, viewer) = (app.admin(), app.viewer());
    let document = minimal::<R>(20);
    let at = format!("/{}/{}", R::COLLECTION, code_of(&document));
    admin.put(&at, &document).expect(201);
    let mut paths = vec![format!("/{}", R::COLLECTION), format!("{at}?fields=code"), format!("{at}/history")];
    paths.extend(R::expansions().map(|expansion| format!("{at}?expand={}", expansion.name)));
    let strong = viewer.get(&at).etag();
    let tags: Vec<String> = paths.iter().map(|path| viewer.get(path).expect(200).etag()).collect();
    let again = |path: &str, tag: &str| viewer.request("GET", path).header("If-None-Match", tag).send().status;
    for (path, tag) in paths.iter().zip(&tags) {
        assert_ne!(tag, &strong, "{path}");
        assert_eq!(again(path, tag), 304, "{path}");
        let stolen = admin.request("PATCH", &at).header("If-Match", tag).json(&json!({})).send();
        stolen.problem(412, "precondition-failed");
    }
    admin.patch(&at, &json!({ text_field::<R>(): "a new text" })).expect(200);
    assert_eq!(again(&at, &strong), 200);
    for (path, tag) in paths.iter().zip(&tags) {
        assert_eq!(again(path, tag), 200, "{path} may have changed");
    }
}

fn a_stale_tag_stops_a_write<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let document = variant::<R>(21);
    let at = format!("/{}/{}", R::COLLECTION, code_of(&document));
    let stale = admin.post(&format!("/{}", R::COLLECTION), &document).expect(201).etag();
    let current = admin.patch(&at, &json!({ text_field::<R>(): "second" })).expect(200);
    let tag = current.etag();
    let send = |method: &str, name: &str, value: &str| -> Answer {
        let call = admin.request(method, &at).header(name, value);
        match method {
            "DELETE" => call.send(),
            "PATCH" => call.json(&json!({ text_field::<R>(): "third" })).send(),
            _ => call.json(&document).send(),
        }
    };
    for method in ["PUT", "PATCH", "DELETE"] {
        for value in [&stale, &format!("W/{stale}"), "\"\"", &format!("{stale}, \"v0\"")] {
            send(method, "If-Match", value).problem(412, "precondition-failed");
        }
        for value in ["*", &tag, &format!("\"v0\", W/{tag}")] {
            send(method, "If-None-Match", value).problem(412, "precondition-failed");
        }
        for value in ["v1", "\"v1", "*, \"v1\""] {
            send(method, "If-Match", value).problem(400, "bad-request");
        }
    }
    assert_eq!(app.viewer().get(&at).json(), current.json(), "refused writes change nothing");
    let third = send("PATCH", "If-Match", &format!("{stale}, {tag}")).expect(200);
    let fourth = send("PUT", "If-Match", &third.etag()).expect(200);
    send("PATCH", "If-Match", "*").expect(200);
    send("DELETE", "If-Match", &fourth.etag()).problem(412, "precondition-failed");
    send("PATCH", "If-None-Match", "\"v0\"").expect(200);
    send("DELETE", "If-Match", "*").expect(204);
    send("PATCH", "If-Match", "*").problem(404, "not-found");
}

fn if_match_can_be_required<R: Resource>() {
    let app = TestApp::with(Options { require_if_match: true, ..Options::default() });
    records::fill(&app);
    let admin = app.admin();
    let document = minimal::<R>(22);
    let at = format!("/{}/{}", R::COLLECTION, code_of(&document));
    admin.put(&at, &document).expect(201);
    let calls: [(&str, Value); 3] = [("PUT", document.clone()), ("PATCH", json!({})), ("DELETE", Value::Null)];
    for (method, body) in &calls {
        admin.request(method, &at).json(body).send().problem(428, "precondition-required");
        let unrelated = admin.request(method, &at).header("If-None-Match", "\"v0\"").json(body).send();
        unrelated.problem(428, "precondition-required");
    }
    let only_new = admin.request("PUT", &at).header("If-None-Match", "*").json(&document).send();
    only_new.problem(412, "precondition-failed");
    admin.request("PUT", &at).header("If-Match", "\"v0\"").json(&document).send().problem(412, "precondition-failed");
    for (method, body) in &calls {
        let tag = app.viewer().get(&at).etag();
        let answer = admin.request(method, &at).header("If-Match", &tag).json(body).send();
        assert!(matches!(answer.status, 200 | 204), "{answer}");
    }
    admin.post(&format!("/{}", R::COLLECTION), &document).expect(201);
}
