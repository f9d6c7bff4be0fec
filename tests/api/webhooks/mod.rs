//! Webhooks: changes sent to a receiver, signed, in order, at least once, and only to receivers that the operator
//! names.

mod delivering;
mod keeping;
mod tricks;

use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use partnership_registry::webhooks::Allowed;
use serde_json::{Value, json};

use crate::support::{Options, Received, Receiver, TestApp};

/// Options that allow these.
fn allowing(allowed: &[&str]) -> Options {
    let allowed: Vec<Allowed> = allowed.iter().map(|text| text.parse().unwrap()).collect();
    Options { webhooks: allowed.leak(), ..Options::default() }
}

/// A service that may send to this receiver.
fn app_for(receiver: &Receiver) -> TestApp {
    TestApp::with(allowing(&[&receiver.place()]))
}

/// Makes a webhook; the answer has its secret.
fn make(app: &TestApp, body: &Value) -> Value {
    app.admin().post("/webhooks", body).expect(201).json()
}

fn id(webhook: &Value) -> &str {
    webhook["id"].as_str().unwrap()
}

fn get(app: &TestApp, webhook: &Value) -> Value {
    app.admin().get(&format!("/webhooks/{}", id(webhook))).expect(200).json()
}

fn deliveries(app: &TestApp, webhook: &Value) -> Vec<Value> {
    let page = app.admin().get(&format!("/webhooks/{}/deliveries?limit=200", id(webhook))).expect(200).json();
    page["items"].as_array().unwrap().clone()
}

/// Asks for a webhook until it is so.
#[track_caller]
fn until(app: &TestApp, webhook: &Value, so: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let now = get(app, webhook);
        if so(&now) {
            return now;
        }
        assert!(Instant::now() < end, "it does not come to that: {now}; {:?}", deliveries(app, webhook));
    }
}

/// Waits until everything is delivered.
#[track_caller]
fn until_delivered(app: &TestApp, webhook: &Value) -> Value {
    let head = app.viewer().get("/changes/head").expect(200).json()["revision"].as_i64().unwrap();
    let last = changes(app, webhook).last().map_or(head, |change| change["revision"].as_i64().unwrap());
    until(app, webhook, |now| now["position"].as_i64().unwrap() >= last)
}

/// The changes that the query of a webhook finds.
fn changes(app: &TestApp, webhook: &Value) -> Vec<Value> {
    let query = webhook["query"].as_str().unwrap();
    let and = if query.contains('?') { '&' } else { '?' };
    let page = app.viewer().get(&format!("{query}{and}limit=200")).expect(200).json();
    page["items"].as_array().unwrap().clone()
}

/// Creates, or renames, a nation.
fn write(app: &TestApp, name: &str) {
    let nation = json!({ "code": "IN", "alpha3": "IND", "name_en": name });
    let answer = app.editor().put("/nations/IN", &nation);
    assert!(answer.status < 300, "{answer}");
}

/// The signatures of one version in a request, decoded.
fn signatures(received: &Received, version: &str) -> Vec<Vec<u8>> {
    let all = received.header("webhook-signature").split(' ').map(|one| one.split_once(',').unwrap());
    all.filter(|(found, _)| *found == version).map(|(_, text)| STANDARD.decode(text).unwrap()).collect()
}

fn content(received: &Received) -> String {
    let header = |name: &str| received.header(name).to_owned();
    format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), received.body)
}

/// Tells whether a request is signed with the secret in an answer.
fn is_signed(received: &Received, made: &Value) -> bool {
    let secret = STANDARD.decode(made["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap()).unwrap();
    assert!((24..=64).contains(&secret.len()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    let content = content(received);
    signatures(received, "v1").iter().any(|tag| hmac::verify(&key, content.as_bytes(), tag).is_ok())
}

/// Tells whether it is signed with the newest Ed25519 key.
fn is_signed_publicly(received: &Received, made: &Value) -> bool {
    let keys = made["keys"].as_array().unwrap();
    let key = keys.last().unwrap()["public_key"].as_str().unwrap().strip_prefix("whpk_").unwrap();
    let key = UnparsedPublicKey::new(&ED25519, STANDARD.decode(key).unwrap());
    let content = content(received);
    signatures(received, "v1a").iter().any(|signature| key.verify(content.as_bytes(), signature).is_ok())
}
