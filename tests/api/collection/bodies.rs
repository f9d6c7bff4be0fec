//! Bodies that cannot be read, are not valid, or are not possible here.

use partnership_registry::registry::Resource;
use partnership_registry::values::CellFormat;
use serde_json::{Map, Value, json};

use crate::support::records::code_of;
use crate::support::{TestApp, raw, sample, variant};

pub(super) fn check<R: Resource>(app: &TestApp) {
    unknown_fields_are_named::<R>(app);
    expanded_records_may_be_sent_back::<R>(app);
    one_answer_lists_every_defect::<R>(app);
    only_an_object_is_a_record::<R>(app);
    only_json_is_read::<R>(app);
    bad_json_is_refused::<R>(app);
    a_body_that_is_too_large_is_refused::<R>(app);
    wrong_methods_are_answered_with_the_right_ones::<R>(app);
    writes_take_no_parameters::<R>(app);
}

fn unknown_fields_are_named<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let mut document = variant::<R>(15);
    let at = format!("/{}/{}", R::COLLECTION, code_of(&document));
    document["colour"] = json!("red");
    document["a/b~c"] = Value::Null;
    let expected = [("/colour", "unknown_field"), ("/a~1b~0c", "unknown_field")];
    admin.post(&format!("/{}", R::COLLECTION), &document).assert_invalid(&expected);
    admin.put(&at, &document).assert_invalid(&expected);
    app.viewer().get(&at).problem(404, "not-found");
    let mine = format!("/{}/{}", R::COLLECTION, code_of(&sample::<R>()));
    for value in [json!("red"), Value::Null] {
        admin.patch(&mine, &json!({ "colour": value })).assert_invalid(&[("/colour", "unknown_field")]);
    }
}

/// Sends back, on every way in, what a read shows beside the record.
fn expanded_records_may_be_sent_back<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let collection = format!("/{}", R::COLLECTION);
    let at = format!("{collection}/{}", code_of(&sample::<R>()));
    let names: Vec<_> = R::expansions().map(|expansion| expansion.name).collect();
    if names.is_empty() {
        // A kind without expansions was never shown any.
        let expected = [("/expanded", "unknown_field")];
        return admin.patch(&at, &json!({ "expanded": {} })).assert_invalid(&expected);
    }
    let expand = format!("expand={}", names.join(","));
    let shown = admin.get(&format!("{at}?{expand}")).expect(200).json();
    assert!(shown["expanded"].is_object());
    let version = &shown["version"];
    assert_eq!(&admin.put(&at, &shown).expect(200).json()["version"], version);
    assert_eq!(&admin.patch(&at, &shown).expect(200).json()["version"], version);
    assert_eq!(&admin.patch(&at, &json!({ "expanded": 7 })).expect(200).json()["version"], version, "it is not read");
    let lines = admin.get(&format!("{collection}?format=ndjson&{expand}")).expect(200);
    assert!(lines.text().contains("\"expanded\""));
    let items = admin.get(&format!("{collection}?limit=200&{expand}")).expect(200).json()["items"].clone();
    for (kind, body) in [("application/x-ndjson", lines.body), ("application/json", items.to_string().into_bytes())] {
        let report = admin.request("POST", &format!("/imports{collection}")).body(kind, body).send().expect(200).json();
        assert_eq!((&report["created"], &report["updated"]), (&json!(0), &json!(0)), "{report}");
    }
    // A record of its own, made of what was shown.
    if R::is_valid_code("made-of-what-was-shown") {
        let mut copy = shown.clone();
        copy["code"] = json!("made-of-what-was-shown");
        let made = admin.post(&collection, &copy).expect(201).json();
        assert!(made.get("expanded").is_none(), "{made}");
        admin.delete(&format!("{collection}/made-of-what-was-shown")).expect(204);
    }
}

fn one_answer_lists_every_defect<R: Resource>(app: &TestApp) {
    let collection = format!("/{}", R::COLLECTION);
    let required = R::FIELDS.iter().filter(|field| !field.optional).map(|field| format!("/{}", field.name));
    let mut expected: Vec<(String, &str)> = required.map(|pointer| (pointer, "required")).collect();
    expected.push(("/colour".to_owned(), "unknown_field"));
    let expected: Vec<_> = expected.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
    app.admin().post(&collection, &json!({ "colour": 1 })).assert_invalid(&expected);

    // Every field of a type that it never has.
    let wrong: Map<String, Value> = R::FIELDS.iter().map(|field| (field.name.to_owned(), json!({ "no": 1 }))).collect();
    let pointers: Vec<String> = R::FIELDS.iter().map(|field| format!("/{}", field.name)).collect();
    let expected: Vec<_> = pointers.iter().map(|pointer| (pointer.as_str(), "type")).collect();
    app.admin().post(&collection, &Value::Object(wrong)).assert_invalid(&expected);

    // Every list with a wrong entry in second place.
    for field in R::FIELDS.iter().filter(|field| matches!(field.shape, CellFormat::List | CellFormat::Pairs { .. })) {
        let mut document = sample::<R>();
        let mut first = document[field.name][0].clone();
        if first.is_null() {
            // No nation of the sample has a successor.
            first = json!("FR");
        }
        document[field.name] = json!([first, 7, first]);
        let defects = app.admin().post(&collection, &document).defects(422, "validation");
        let list = field.name;
        assert!(defects.contains(&(format!("/{list}/1"), "type".to_owned())), "{defects:?}");
        assert!(
            defects.iter().any(|(at, code)| at.starts_with(&format!("/{list}/2")) && code == "duplicate"),
            "{defects:?}"
        );
    }
}

fn only_an_object_is_a_record<R: Resource>(app: &TestApp) {
    let mine = format!("/{}/{}", R::COLLECTION, code_of(&sample::<R>()));
    for document in [json!([]), json!("text"), json!(1), json!(true), Value::Null] {
        for (method, path) in [("POST", &format!("/{}", R::COLLECTION)), ("PUT", &mine), ("PATCH", &mine)] {
            app.admin().request(method, path).json(&document).send().assert_invalid(&[("", "type")]);
        }
    }
}

fn only_json_is_read<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let (collection, document) = (format!("/{}", R::COLLECTION), variant::<R>(16));
    let at = format!("{collection}/{}", code_of(&document));
    let wrong = ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json", ""];
    for kind in wrong {
        for (method, path) in [("POST", &collection), ("PUT", &at)] {
            let answer = admin.request(method, path).body(kind, document.to_string()).send();
            answer.problem(415, "unsupported-media-type");
        }
    }
    for kind in wrong {
        admin.request("PATCH", &at).body(kind, "{}").send().problem(415, "unsupported-media-type");
    }
    let merge = admin.request("POST", &collection).body("application/merge-patch+json", document.to_string()).send();
    merge.problem(415, "unsupported-media-type");
    let encoded = admin.request("POST", &collection).header("Content-Encoding", "gzip").json(&document).send();
    encoded.problem(415, "unsupported-media-type");
    let right = admin.request("POST", &collection).body("Application/JSON; charset=\"UTF-8\"", document.to_string());
    right.send().expect(201);
}

fn bad_json_is_refused<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let (collection, mine) = (format!("/{}", R::COLLECTION), format!("/{}/{}", R::COLLECTION, code_of(&sample::<R>())));
    let deep = format!("{}1{}", "[".repeat(33), "]".repeat(33));
    let bad: [&[u8]; 11] = [
        b"",
        b"{",
        b"{}{}",
        br#"{"code":"a","code":"b"}"#,
        br#"{"x":{"y":1,"y":1}}"#,
        br#"{"code":"\ud800"}"#,
        b"{\"code\":\"\xff\"}",
        b"{\"code\":NaN}",
        b"{'code':1}",
        b"\xef\xbb\xbf{}",
        deep.as_bytes(),
    ];
    for body in bad {
        for (method, path) in [("POST", &collection), ("PUT", &mine), ("PATCH", &mine)] {
            let answer = admin.request(method, path).body("application/json", body).send();
            let problem = answer.problem(400, "bad-request");
            assert!(problem["detail"].as_str().unwrap().contains("JSON"), "{answer}");
        }
    }
}

fn a_body_that_is_too_large_is_refused<R: Resource>(app: &TestApp) {
    let token = app.admin().token().unwrap().to_owned();
    let head = |method: &str, path: &str, more: &str| {
        format!(
            "{method} /api/v1/{}{path} HTTP/1.1\nAuthorization: Bearer {token}\nContent-Type: application/json\n{more}",
            R::COLLECTION
        )
    };
    let mine = format!("/{}", code_of(&sample::<R>()));
    let length = format!("Content-Length: {}", 1024 * 1024 + 1);
    for (method, path) in [("POST", ""), ("PUT", mine.as_str()), ("PATCH", mine.as_str())] {
        raw(app.address(), head(method, path, &length), b"").problem(413, "too-large");
    }
    let long = "x".repeat(8 * 1024);
    app.viewer().get(&format!("/{}?q={long}", R::COLLECTION)).problem(414, "too-large");
    app.viewer().get(&format!("/{}/{long}", R::COLLECTION)).problem(414, "too-large");
}

fn wrong_methods_are_answered_with_the_right_ones<R: Resource>(app: &TestApp) {
    let collection = format!("/{}", R::COLLECTION);
    let record = format!("{collection}/{}", code_of(&sample::<R>()));
    let cases = [
        (collection, "GET, HEAD, POST, OPTIONS", &["PUT", "PATCH", "DELETE", "TRACE", "PURGE"][..]),
        (record.clone(), "GET, HEAD, PUT, PATCH, DELETE, OPTIONS", &["POST", "TRACE", "PURGE"]),
        (format!("{record}/history"), "GET, HEAD, OPTIONS", &["POST", "PUT", "PATCH", "DELETE"]),
        (format!("{record}/restore"), "POST, OPTIONS", &["GET", "HEAD", "PUT", "PATCH", "DELETE"]),
    ];
    let set = |text: &str| text.split(", ").map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    for (path, allowed, wrong) in cases {
        let options = app.viewer().request("OPTIONS", &path).send();
        assert!(matches!(options.status, 200 | 204), "{options}");
        assert_eq!(set(options.header("allow").unwrap()), set(allowed));
        for method in wrong {
            let answer = app.admin().request(method, &path).send().expect(405);
            assert_eq!(set(answer.header("allow").unwrap()), set(allowed), "{answer}");
            if *method != "HEAD" {
                answer.problem(405, "method-not-allowed");
            }
        }
    }
}

fn writes_take_no_parameters<R: Resource>(app: &TestApp) {
    let admin = app.admin();
    let document = variant::<R>(17);
    let (collection, mine) = (format!("/{}", R::COLLECTION), format!("/{}/{}", R::COLLECTION, code_of(&sample::<R>())));
    admin.post(&format!("{collection}?dry_run=true"), &document).assert_bad_parameter("dry_run", &[]);
    admin.put(&format!("{mine}?fields=code"), &sample::<R>()).assert_bad_parameter("fields", &[]);
    admin.patch(&format!("{mine}?expand=x"), &json!({})).assert_bad_parameter("expand", &[]);
    admin.delete(&format!("{mine}?force=1")).assert_bad_parameter("force", &[]);
    admin.post(&format!("{mine}/restore?version=1"), &json!({ "version": 1 })).assert_bad_parameter("version", &[]);
}
