//! Webhooks and kills: whatever moment the service is killed at, every change that was acknowledged is delivered, and
//! in order.

use std::io::{BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::service::{Client, Place, Service};

/// How often the service is killed; `REGISTRY_TEST_KILLS=1000` for a day when nothing else has to be done.
const KILLS: usize = 12;
/// How many changes each life of the service sees at most.
const CHANGES: usize = 40;

/// Listens on loopback and keeps the revisions that come, in the order in which they come.
fn receive() -> (SocketAddr, Arc<Mutex<Vec<i64>>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (address, came) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<i64>>>::default());
    let kept = came.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let kept = kept.clone();
            std::thread::spawn(move || {
                let (mut reader, mut writer) = (BufReader::new(stream.try_clone().unwrap()), stream);
                while let Some(revision) = revision(&mut reader) {
                    kept.lock().unwrap().push(revision);
                    if writer.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, came)
}

/// The revision in the next request; none where it does not come whole.
fn revision(reader: &mut impl std::io::BufRead) -> Option<i64> {
    let (mut length, mut line) = (None, String::new());
    while reader.read_line(&mut line).ok()? > 2 {
        let head = line.to_ascii_lowercase();
        length = head.strip_prefix("content-length:").map(|text| text.trim().parse().unwrap()).or(length);
        line.clear();
    }
    let mut body = vec![0; length?];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice::<Value>(&body).unwrap()["data"]["revision"].as_i64()
}

/// The first defect in what came: a revision that was left out, or came before one that it follows.
fn wrong(came: &[i64], head: i64) -> Option<String> {
    let mut last = 0;
    for (n, &revision) in came.iter().enumerate() {
        if revision > last + 1 {
            return Some(format!("r{revision} came before r{}, as number {n}", last + 1));
        }
        last = last.max(revision);
    }
    (last < head).then(|| format!("r{} never came, of {head}", last + 1))
}

fn position(client: &Client, id: &str) -> i64 {
    client.get(&format!("/api/v1/webhooks/{id}")).expect(200).json()["position"].as_i64().unwrap()
}

fn serve(place: &Place, allowed: SocketAddr) -> Service {
    place.serve_by(place.command().env("REGISTRY_WEBHOOK_ALLOW", allowed.to_string()))
}

#[test]
fn the_check_of_deliveries_finds_gaps_and_wrong_order() {
    assert_eq!(wrong(&[1, 2, 3, 2, 3, 4], 4), None);
    assert!(wrong(&[1, 3, 2, 4], 4).is_some(), "out of order");
    assert!(wrong(&[1, 2, 3], 4).is_some(), "the last is missing");
    assert!(wrong(&[1, 2, 4], 4).is_some(), "one is missing");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "no setting: how long the test runs by hand")]
fn every_change_is_delivered_in_order_whenever_the_service_is_killed() {
    let kills = std::env::var("REGISTRY_TEST_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let (place, (address, came)) = (Place::new(), receive());
    let mut service = serve(&place, address);
    let body = json!({ "address": format!("http://{address}/"), "since": 0 }).to_string().into_bytes();
    let made = service.client().send("POST", "/api/v1/webhooks", "application/json", body).unwrap().expect(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let mut acknowledged = 0;
    for life in 0..kills {
        let client = service.client();
        // Each life ends at another moment: with so many changes behind it, and while others are being delivered.
        for n in 0..1 + life * 7 % CHANGES {
            client.put(&format!("project-{life}-{n}")).unwrap().expect(201);
            acknowledged += 1;
        }
        service.kill();
        service = serve(&place, address);
    }
    let (client, end) = (service.client(), Instant::now() + Duration::from_secs(60));
    while position(&client, &id) < acknowledged {
        assert!(Instant::now() < end, "it does not move from r{}, of {acknowledged}", position(&client, &id));
    }
    let came = came.lock().unwrap().clone();
    let again = came.len() - usize::try_from(acknowledged).unwrap();
    println!("{kills} kills, {acknowledged} changes, {again} delivered again");
    assert_eq!(wrong(&came, acknowledged), None, "{came:?}");
}
