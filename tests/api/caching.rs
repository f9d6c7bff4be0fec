//! The caches of answers and records: no request can tell whether there are any, but by the time that it takes.

use std::time::Duration;

use partnership_registry::auth::Role;
use partnership_registry::registry::ResourceInfo;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::support::operations::{kinds, operation, perform};
use crate::support::{Answer, Client, Options, TestApp, records};
use crate::travel::law::questions;

/// A service without caches beside one with both, over one database.
fn pair() -> (TestApp, TestApp) {
    let options = Options { staleness: Duration::ZERO, ..Options::default() };
    let cached = TestApp::with(options);
    let plain = cached.beside(Options { cache_size: 0, record_cache_size: 0, ..options });
    (cached, plain)
}

/// The parts of an answer that the two services must have in common: all but the time, and the id of the request.
fn parts(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let own = ["date", "x-request-id"];
    let headers = answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap().to_owned();
    let mut headers: Vec<_> = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
    headers.sort();
    (answer.status, headers, answer.body.clone())
}

fn ask(client: &Client, method: &str, question: &str, headers: &[(&str, &str)]) -> Answer {
    let request = client.request(method, question);
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
}

/// The law of the caches. It fails when an answer is looked up by less than all that it depends on, when it outlives
/// its revision, when a record that is kept is not the one of its version, or when commits of another process go
/// unnoticed.
#[test]
fn cached_and_uncached_answers_are_the_same() {
    let (cached, plain) = pair();
    records::fill(&cached);
    let kinds = kinds();
    let (questions, _) = questions();
    // A list has everything that was written: a record that is kept from before would be seen.
    let lists: Vec<String> = ResourceInfo::collections().map(|name| format!("/{name}?limit=200")).collect();
    let config = Config { cases: 4, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let step = (operation(kinds.len()), any::<bool>(), proptest::collection::vec(0..questions.len(), 6));
    let outcome = runner.run(&proptest::collection::vec(step, 6..14), |steps| {
        for (operation, foreign, asked) in &steps {
            perform(if *foreign { &plain } else { &cached }, &kinds, operation);
            let asked = asked.iter().filter_map(|index| questions.get(*index));
            for question in asked.chain(&lists) {
                let expected = ask(&plain.viewer(), "GET", question, &[]);
                // The first time it may be a miss, the second time it is a hit, where there are any.
                for round in 0..2 {
                    let answer = ask(&cached.viewer(), "GET", question, &[]);
                    prop_assert_eq!(parts(&answer), parts(&expected), "{} ({})", question, round);
                }
                let tag = expected.etag();
                let conditional = [("If-None-Match", tag.as_str())];
                for (method, headers) in [("HEAD", &[][..]), ("GET", &conditional[..])] {
                    let expected = ask(&plain.viewer(), method, question, headers);
                    let answer = ask(&cached.viewer(), method, question, headers);
                    prop_assert_eq!(parts(&answer), parts(&expected), "{} {}", method, question);
                }
            }
        }
        Ok(())
    });
    outcome.unwrap();
    let stats = cached.cache.stats();
    assert!(stats.hits > 100 && stats.bytes > 0, "{stats:?}");
    let (kept, unkept) = (cached.snapshots.records().stats(), plain.snapshots.records().stats());
    assert!(kept.hits > 50 && kept.misses > 10, "{kept:?}");
    assert_eq!((plain.cache.stats().hits, unkept.hits, unkept.misses), (0, 0, 0));
}

/// Answers of the fast path are those of the middlewares, which a header that it does not know leads to. On PostgreSQL
/// it gives none: who may read is asked of the database each time.
#[test]
fn the_fast_path_answers_as_the_middlewares_do() {
    let app = TestApp::with(Options { hsts: true, trusted_proxies: &["127.0.0.0/8"], ..Options::default() });
    records::fill(&app);
    let tag = app.viewer().get("/nations?limit=2").expect(200).etag();
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let requests: [&[(&str, &str)]; 8] = [
        &[],
        &[("X-Request-Id", "a-1"), ("Traceparent", trace)],
        &[("If-None-Match", &tag)],
        &[("If-None-Match", "no tag")],
        &[("Accept", "text/html, application/json"), ("Accept-Language", "fr")],
        &[("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Prefix", "/reg")],
        &[("Content-Encoding", "br")],
        &[("Origin", "https://other.example"), ("Cookie", "session=x")],
    ];
    let recalled = || app.cache.stats().recalled;
    for headers in requests {
        let first = ask(&app.viewer(), "GET", "/nations?limit=2", headers);
        let before = recalled();
        let known = ask(&app.viewer(), "GET", "/nations?limit=2", headers);
        let is_plain = matches!(first.status, 200 | 304) && app.db.generation().is_some();
        assert_eq!(recalled() - before, u64::from(is_plain), "{headers:?}");
        let unknown = ask(&app.viewer(), "GET", "/nations?limit=2", &[headers, &[("X-Unknown", "1")]].concat());
        assert_eq!(recalled() - before, u64::from(is_plain), "{headers:?}");
        let without_instance = |answer: &Answer| match answer.status {
            200 | 304 => parts(answer),
            status => (status, Vec::new(), answer.json()["detail"].to_string().into_bytes()),
        };
        assert_eq!(without_instance(&known), without_instance(&unknown), "{headers:?}");
        if let Some((_, id)) = headers.iter().find(|(name, _)| *name == "X-Request-Id") {
            assert_eq!((known.header("x-request-id"), unknown.header("x-request-id")), (Some(*id), Some(*id)));
        }
    }
}

/// The format that is negotiated is part of what is looked up.
#[test]
fn the_accept_header_chooses_the_cached_answer() {
    let (cached, _) = pair();
    records::fill(&cached);
    for _ in 0..2 {
        for (accept, kind) in [("application/json", "application/json"), ("text/csv", "text/csv; charset=utf-8")] {
            let answer = ask(&cached.viewer(), "GET", "/nations", &[("Accept", accept)]).expect(200);
            assert!(
                answer.header("content-type").is_some_and(|found| kind.starts_with(found) || found.starts_with(kind))
            );
        }
        ask(&cached.viewer(), "GET", "/nations", &[("Accept", "image/png")]).expect(406);
    }
}

/// A cached answer needs a valid token like any other: revocation acts at once, from another instance as well.
#[test]
fn nothing_is_served_from_the_cache_without_a_valid_token() {
    let (cached, plain) = pair();
    records::fill(&cached);
    let viewer = cached.viewer();
    for _ in 0..2 {
        viewer.get("/nations").expect(200);
    }
    let hits = cached.cache.stats().hits;
    assert!(hits > 0);
    cached.anonymous().get("/nations").problem(401, "unauthenticated");
    cached.anonymous().with_token("no.token.atall").get("/nations").problem(401, "unauthenticated");
    plain.admin().patch("/users/viewer", &json!({ "disabled": true })).expect(200);
    viewer.get("/nations").problem(401, "unauthenticated");
    assert_eq!(cached.cache.stats().hits, hits);
    cached.client(Role::Editor).get("/nations").expect(200);
}

/// A record that is written is read as it was written, by whatever instance it was written.
#[test]
fn a_write_is_seen_by_the_next_read() {
    let (cached, plain) = pair();
    records::fill(&cached);
    let code = cached.viewer().get("/partner-types").expect(200).codes().remove(0);
    let path = format!("/partner-types/{code}");
    for n in 0..10 {
        let writer = if n % 2 == 0 { &cached } else { &plain };
        let name = format!("Name {n}");
        writer.admin().patch(&path, &json!({ "name_en": name })).expect(200);
        for _ in 0..2 {
            assert_eq!(cached.viewer().get(&path).expect(200).json()["name_en"], name);
            assert_eq!(plain.viewer().get(&path).expect(200).json()["name_en"], name);
        }
    }
}
