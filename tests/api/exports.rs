//! Large answers: whole, one snapshot, and bounded in number.

use std::io::Write as _;
use std::net::TcpStream;

use futures_util::FutureExt as _;
use serde_json::{Value, json};

use crate::support::TestApp;

/// Fills the areas with so much text that a file of them does not fit into memory's share.
fn many_areas(app: &TestApp, count: usize) {
    let text = "x".repeat(3_900);
    let rows: Vec<Value> = (0..count)
        .map(|n| json!({ "code": format!("a-{n:04}"), "name_en": format!("Area {n}"), "description": text }))
        .collect();
    for row in rows {
        app.admin().post("/cooperation-areas", &row).expect(201);
    }
}

#[test]
fn a_file_that_is_larger_than_its_share_of_memory_arrives_whole() {
    let app = TestApp::spawn();
    many_areas(&app, 200);
    let csv = app.viewer().get("/cooperation-areas?format=csv").expect(200);
    assert!(csv.body.len() > 700_000);
    assert_eq!(csv.header("content-length"), Some(csv.body.len().to_string().as_str()));
    assert_eq!(csv.text().lines().count(), 201);
    let ndjson = app.viewer().get("/cooperation-areas?format=ndjson").expect(200);
    let codes = ndjson
        .text()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["code"].clone())
        .collect::<Vec<_>>();
    assert_eq!(codes.len(), 200);
    assert!(codes.iter().map(|code| code.as_str().unwrap()).is_sorted());
}

#[test]
fn too_many_exports_at_once_are_refused() {
    let app = TestApp::spawn();
    let held = actix_web::rt::System::new().block_on(async {
        let mut held = Vec::new();
        for owner in ["ada", "emmy"] {
            while let Ok((_, slot)) = app.db.export(owner, |_| Ok(())).await {
                held.push(slot);
            }
        }
        held
    });
    assert!(!held.is_empty());
    let refused = app.viewer().get("/nations?format=csv");
    refused.problem(503, "unavailable");
    assert_eq!(refused.header("retry-after"), Some("1"));
    app.viewer().get("/nations").expect(200);
    drop(held);
    app.viewer().get("/nations?format=csv").expect(200);
}

/// Fails where an export that waits for its turn keeps its place after its client has gone: they shut all others out.
#[test]
fn an_export_whose_client_has_gone_leaves_its_place() {
    let app = TestApp::spawn();
    // This reader keeps all others waiting for their turn.
    let reading = actix_web::rt::System::new().block_on(app.db.export_permit("ada")).unwrap();
    let tokens = [app.viewer(), app.editor()].map(|client| client.token().unwrap().to_owned());
    let ask = |token: &str| {
        let mut client = TcpStream::connect(app.address()).unwrap();
        let head = "GET /api/v1/nations?format=csv HTTP/1.1\r\nHost: here";
        let request = format!("{head}\r\nAuthorization: Bearer {token}\r\n\r\n");
        client.write_all(request.as_bytes()).unwrap();
        client
    };
    // How many exports of these two may wait.
    let places = {
        let mut waiting = Vec::new();
        for owner in ["viewer", "editor"] {
            loop {
                let mut export = Box::pin(app.db.export_permit(owner));
                match export.as_mut().now_or_never() {
                    None => waiting.push(export),
                    Some(refused) => break assert!(refused.is_err()),
                }
            }
        }
        waiting.len()
    };
    let clients: Vec<TcpStream> = (0..64).map(|n| ask(&tokens[n % 2])).collect();
    clients.iter().for_each(|client| client.set_nonblocking(true).unwrap());
    // The others are refused; then every request has been looked at, and none comes late.
    while clients.iter().filter(|client| client.peek(&mut [0]).is_ok()).count() < clients.len() - places {
        std::thread::yield_now();
    }
    drop(clients);
    // Every place of both users is free again.
    let is_left_by = |owner: &str| app.db.export_permit(owner).now_or_never().is_none();
    while !["viewer", "editor"].into_iter().all(is_left_by) {
        std::thread::yield_now();
    }
    drop(reading);
    app.viewer().get("/nations?format=csv").expect(200);
}
