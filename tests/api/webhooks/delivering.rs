//! Deliveries: their content, their time, and how often they are made.

use serde_json::{Value, json};

use super::{
    app_for, changes, deliveries, get, id, is_signed, is_signed_publicly, make, until, until_delivered, write,
};
use crate::support::{Receiver, TestApp};

#[test]
fn a_change_is_sent_signed_as_the_feed_has_it() {
    let receiver = Receiver::start();
    let app = app_for(&receiver);
    write(&app, "before");
    let answer = app.admin().post("/webhooks", &json!({ "address": receiver.url() })).expect(201);
    let made = answer.json();
    assert_eq!(answer.header("location").unwrap(), format!("/api/v1/webhooks/{}", id(&made)));
    assert_eq!((&made["query"], &made["position"], &made["disabled"]), (&json!("/changes"), &json!(1), &json!(false)));
    write(&app, "India");
    write(&app, "Bharat");
    app.editor().delete("/nations/IN").expect(204);
    let came: Vec<_> = (0..3).map(|_| receiver.next()).collect();
    let feed = &changes(&app, &made)[1..];
    for (received, change) in came.iter().zip(feed) {
        assert_eq!(received.line, "POST /in HTTP/1.1");
        assert_eq!(received.header("content-type"), "application/json");
        let body = received.json();
        assert_eq!(body["data"], *change);
        assert_eq!(body["timestamp"], change["at"]);
        assert_eq!(body["type"], format!("nations.{}", change["action"].as_str().unwrap()));
        assert_eq!(received.header("webhook-id"), format!("{}-r{}", id(&made), change["revision"]));
        assert!(is_signed(received, &made) && is_signed_publicly(received, &made), "{received:?}");
    }
    let now = until_delivered(&app, &made);
    assert_eq!((&now["position"], &now["failures"], &now["next_attempt_at"]), (&json!(4), &json!(0), &Value::Null));
    assert!(now.get("secret").is_none());
    let kept = deliveries(&app, &made);
    assert_eq!(kept.iter().map(|one| &one["revision"]).collect::<Vec<_>>(), [4, 3, 2]);
    assert!(kept.iter().all(|one| one["status"] == 204 && one["error"].is_null() && one["attempt"] == 1), "{kept:?}");
    let page = app.admin().get(&format!("/webhooks/{}/deliveries?limit=2", id(&made))).expect(200).json();
    let next = format!("/webhooks/{}/deliveries?limit=2&cursor={}", id(&made), page["next_cursor"].as_str().unwrap());
    assert_eq!(app.admin().get(&next).expect(200).json()["items"][0]["revision"], 2);
    // A forged body has no valid signature.
    let mut forged = came[0].clone();
    forged.body.push(' ');
    assert!(!is_signed(&forged, &made) && !is_signed_publicly(&forged, &made));
}

#[test]
fn only_what_the_query_finds_is_sent() {
    let receiver = Receiver::start();
    let app = app_for(&receiver);
    write(&app, "India");
    let query = "/changes?resource=nations&action=deleted";
    let made = make(&app, &json!({ "address": receiver.url(), "query": query, "since": 0 }));
    write(&app, "Bharat");
    app.editor().delete("/nations/IN").expect(204);
    assert_eq!(receiver.next().revision(), 3);
    until_delivered(&app, &made);
    assert_eq!(receiver.so_far().len(), 0);
    // Another query, from the revision that was reached.
    let path = format!("/webhooks/{}", id(&made));
    app.admin().patch(&path, &json!({ "query": "/api/v1/changes?action=created" })).expect(200);
    write(&app, "India");
    write(&app, "Bharat");
    assert_eq!(receiver.next().revision(), 4);
    let all = make(&app, &json!({ "address": receiver.url(), "since": 0 }));
    until_delivered(&app, &all);
    let came: Vec<_> = receiver.so_far().iter().map(crate::support::Received::revision).collect();
    assert_eq!(came, [1, 2, 3, 4, 5]);
}

/// Seen to fail where redirects are followed.
#[test]
fn a_failed_delivery_is_tried_again_before_the_next() {
    let (receiver, elsewhere) = (Receiver::start(), Receiver::start());
    let app = app_for(&receiver);
    let made = make(&app, &json!({ "address": receiver.url() }));
    receiver.answers(500, "", "out of order");
    for status in [301, 302, 303, 307, 308] {
        receiver.answers(status, &format!("Location: {}\r\n", elsewhere.url()), "");
    }
    receiver.answers(404, "", &"x".repeat(5_000));
    write(&app, "India");
    write(&app, "Bharat");
    let came: Vec<_> = (0..9).map(|_| receiver.next()).collect();
    let revisions: Vec<_> = came.iter().map(crate::support::Received::revision).collect();
    assert_eq!(revisions, [1, 1, 1, 1, 1, 1, 1, 1, 2]);
    assert!(came[..8].iter().all(|one| one.header("webhook-id") == came[0].header("webhook-id")));
    let now = until_delivered(&app, &made);
    assert_eq!((&now["failures"], &now["failing_since"]), (&json!(0), &Value::Null));
    assert_eq!(elsewhere.connections(), 0, "a redirect was followed");
    let mut kept = deliveries(&app, &made);
    kept.reverse();
    let statuses: Vec<_> = kept.iter().map(|one| one["status"].as_i64().unwrap()).collect();
    assert_eq!(statuses, [500, 301, 302, 303, 307, 308, 404, 204, 204]);
    assert_eq!(
        kept.iter().map(|one| one["attempt"].as_i64().unwrap()).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6, 7, 8, 1]
    );
    assert_eq!(kept[0]["answer"], "out of order");
    assert!(kept[1]["error"].as_str().unwrap().contains("redirect"), "{}", kept[1]);
    assert_eq!(kept[6]["answer"].as_str().unwrap().len(), 1_024);
}

#[test]
fn a_receiver_that_is_gone_is_left_alone_until_an_admin_says_so() {
    let receiver = Receiver::start();
    let app = app_for(&receiver);
    let made = make(&app, &json!({ "address": receiver.url() }));
    receiver.answers(410, "", "");
    write(&app, "India");
    receiver.next();
    let now = until(&app, &made, |now| now["disabled"] == true);
    assert_eq!((&now["disabled_reason"], &now["position"]), (&json!("gone"), &json!(0)));
    write(&app, "Bharat");
    let path = format!("/webhooks/{}", id(&made));
    let on = app.admin().patch(&path, &json!({ "disabled": false })).expect(200).json();
    assert_eq!((&on["disabled"], &on["failures"]), (&json!(false), &json!(0)));
    assert_eq!([receiver.next().revision(), receiver.next().revision()], [1, 2], "nothing is lost in between");
    until_delivered(&app, &made);
    let off = app.admin().patch(&path, &json!({ "disabled": true })).expect(200).json();
    assert_eq!(off["disabled_reason"], "by_admin");
    write(&app, "India");
    app.admin().patch(&path, &off).expect(200);
    app.admin().patch(&path, &json!({ "disabled": false, "address": format!("{}/two", receiver.url()) })).expect(200);
    let received = receiver.next();
    assert_eq!((received.line.as_str(), received.revision()), ("POST /in/two HTTP/1.1", 3));
}

/// Seen to fail without an end to trying.
#[test]
fn a_receiver_that_fails_for_long_is_given_up() {
    let receiver = Receiver::start();
    let app = app_for(&receiver);
    let absent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = absent.local_addr().unwrap();
    drop(absent);
    let app_to_nobody = TestApp::with(super::allowing(&[&place.to_string()]));
    let made = make(&app_to_nobody, &json!({ "address": format!("http://{place}/") }));
    write(&app_to_nobody, "India");
    let now = until(&app_to_nobody, &made, |now| now["disabled"] == true);
    assert_eq!(now["disabled_reason"], "failing");
    assert!(now["failures"].as_i64().unwrap() > 1 && !now["failing_since"].is_null(), "{now}");
    let kept = deliveries(&app_to_nobody, &made);
    assert!(kept.iter().all(|one| one["status"].is_null() && !one["error"].is_null()), "{kept:?}");
    // Others are delivered to all the while.
    let made = make(&app, &json!({ "address": receiver.url() }));
    write(&app, "India");
    assert_eq!(receiver.next().revision(), 1);
    assert_eq!(get(&app, &made)["disabled"], false);
}

/// A receiver that never answers does not delay the others.
#[test]
fn a_slow_receiver_does_not_delay_the_others() {
    let (receiver, silent) = (Receiver::start(), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let place = silent.local_addr().unwrap().to_string();
    let app = TestApp::with(super::allowing(&[&receiver.place(), &place]));
    let slow = make(&app, &json!({ "address": format!("http://{place}/") }));
    make(&app, &json!({ "address": receiver.url() }));
    write(&app, "India");
    let (line, _) = silent.accept().unwrap();
    write(&app, "Bharat");
    assert_eq!([receiver.next().revision(), receiver.next().revision()], [1, 2]);
    assert_eq!(get(&app, &slow)["position"], 0);
    drop(line);
}
