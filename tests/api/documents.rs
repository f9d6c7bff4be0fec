//! Papers behind agreements and projects.

use serde_json::{Value, json};

use crate::support::{TestApp, records};

const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn a_digest_has_the_form_of_one() {
    let app = TestApp::spawn();
    records::fill(&app);
    let put = |digest: &str| {
        let document =
            json!({ "title": "Text", "kind": "signed_text", "agreement": "in-2018-vision", "sha256": digest });
        app.editor().put("/documents/text", &document)
    };
    for wrong in [&DIGEST[1..], &DIGEST.to_uppercase(), &DIGEST.replace('e', "g"), &format!("{DIGEST}0")] {
        put(wrong).assert_invalid(&[("/sha256", "bad_digest")]);
    }
    assert_eq!(put(DIGEST).expect(201).json()["sha256"], DIGEST);
}

#[test]
fn agreements_and_projects_show_their_documents() {
    let app = TestApp::spawn();
    records::fill(&app);
    let put = |code: &str, more: Value| {
        let mut document = json!({ "title": code, "kind": "minutes" });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app.editor().put(&format!("/documents/{code}"), &document).expect(201);
    };
    put("of-the-agreement", json!({ "agreement": "in-2018-vision" }));
    put("of-the-project", json!({ "project": "trishna" }));
    put("of-both", json!({ "agreement": "in-2018-vision", "project": "trishna" }));
    for (path, own, other) in [
        ("/agreements/in-2018-vision", "of-the-agreement", "of-the-project"),
        ("/projects/trishna", "of-the-project", "of-the-agreement"),
    ] {
        let shown = app.viewer().get(&format!("{path}?expand=documents")).expect(200).json();
        let documents = &shown["expanded"]["documents"];
        assert_eq!(
            (&documents[own]["title"], &documents["of-both"]["title"]),
            (&json!(own), &json!("of-both")),
            "{path}"
        );
        assert_eq!(documents[other], Value::Null, "{path}");
        let (collection, code) = path[1..].split_once('/').unwrap();
        let listed = app.viewer().get(&format!("/{collection}?code={code}&expand=documents")).expect(200).json();
        assert_eq!(&listed["items"][0]["expanded"]["documents"], documents);
    }
}
