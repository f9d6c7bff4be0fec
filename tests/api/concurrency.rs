//! Many clients at once: no update is lost, no page repeats or hides a record.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

/// How many clients write one record at once, and how often each. Of those who read the same version one writes, so the
/// refusals grow with the square of the clients.
const CLIENTS: usize = 16;
const WRITES: usize = 20;

/// Reads the counter in a record's acronym and writes one more. False when another writer was faster.
fn count_once(client: &Client) -> bool {
    let answer = client.get("/projects/counter").expect(200);
    let count: usize = answer.json()["acronym"].as_str().unwrap().parse().unwrap();
    let body = json!({ "acronym": (count + 1).to_string() });
    let write = client.request("PATCH", "/projects/counter").header("If-Match", &answer.etag()).json(&body).send();
    assert!(matches!(write.status, 200 | 412), "{write}");
    write.status == 200
}

#[test]
fn clients_that_retry_on_412_lose_no_update() {
    let app = TestApp::spawn();
    let counter = json!({ "name": "Counter", "status": "proposed", "acronym": "0" });
    let created = app.editor().put("/projects/counter", &counter).expect(201).json();
    let clients: Vec<_> = (0..CLIENTS).map(|_| app.editor()).collect();
    let work = |client: Client| {
        let (mut written, mut refused) = (0, 0);
        while written < WRITES {
            match count_once(&client) {
                true => written += 1,
                false => refused += 1,
            }
        }
        refused
    };
    let work = &work;
    let refused: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = clients.into_iter().map(|client| scope.spawn(move || work(client))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(refused > 0, "they were in each other's way");
    let counted = app.viewer().get("/projects/counter").expect(200).json();
    assert_eq!(counted["acronym"], (CLIENTS * WRITES).to_string());
    assert_eq!(counted["created_at"], created["created_at"]);
    let history = app.viewer().get("/projects/counter/history?limit=200").expect(200).json();
    assert_eq!(history["total"], CLIENTS * WRITES + 1);
    let newest: Vec<_> = history["items"].as_array().unwrap().iter().map(|item| &item["document"]["acronym"]).collect();
    let expected: Vec<_> = (0..200).map(|n| json!((CLIENTS * WRITES - n).to_string())).collect();
    assert_eq!(newest, expected.iter().collect::<Vec<_>>(), "each write saw the one before");
}

#[test]
fn of_many_that_create_one_record_at_once_one_wins() {
    let app = TestApp::spawn();
    let body = json!({ "code": "first", "name": "First", "status": "proposed" });
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let create = |n: usize| {
            let (client, body) = (app.editor(), &body);
            move || match n % 2 {
                0 => client.post("/projects", body).status,
                _ => client.request("PUT", "/projects/first").header("If-None-Match", "*").json(body).send().status,
            }
        };
        let threads: Vec<_> = (0..16).map(|n| scope.spawn(create(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409 | 412)), "{statuses:?}");
    assert_eq!(app.viewer().get("/projects/first/history").json()["total"], 1);
}

#[test]
fn a_reference_and_the_deletion_of_what_it_refers_to_do_not_both_succeed() {
    let app = TestApp::spawn();
    for n in 0..16 {
        app.admin().put("/cooperation-areas/contested", &json!({ "name_en": "Contested" }));
        let body = json!({ "name": "Referrer", "status": "proposed", "areas": ["contested"] });
        let path = format!("/projects/referrer-{n}");
        let (put, delete) = std::thread::scope(|scope| {
            let put = scope.spawn(|| app.editor().put(&path, &body));
            let delete = scope.spawn(|| app.admin().delete("/cooperation-areas/contested"));
            (put.join().unwrap(), delete.join().unwrap())
        });
        match (put.status, delete.status) {
            (201, 409) => app.editor().delete(&path).expect(204),
            (422, 204) => put,
            _ => panic!("{put} and {delete}"),
        };
    }
}

/// The codes on all pages of a list.
fn walk(client: &Client, list: &str) -> Vec<String> {
    let (mut codes, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let answer = match cursor.as_str() {
            None => client.get(list),
            Some(cursor) => client.get(&format!("{list}&cursor={cursor}")),
        };
        let answer = answer.expect(200);
        codes.extend(answer.codes());
        cursor = answer.json()["next_cursor"].clone();
        if cursor.is_null() {
            return codes;
        }
    }
}

#[test]
fn pages_neither_repeat_nor_hide_a_record_while_others_are_inserted_and_deleted() {
    let app = TestApp::spawn();
    let project = |n: usize| {
        let launch = if n.is_multiple_of(5) { Value::Null } else { json!(format!("20{:02}", n % 30)) };
        json!({ "name": format!("Project {}", n % 7), "status": "proposed", "launch_date": launch })
    };
    let lasting: Vec<String> = (0..40).map(|n| format!("lasting-{n:02}")).collect();
    for (n, code) in lasting.iter().enumerate() {
        app.editor().put(&format!("/projects/{code}"), &project(n)).expect(201);
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let (client, done) = (app.editor(), &done);
                scope.spawn(move || {
                    let mut n = 0;
                    // At least one round, so that there is something to see.
                    while n == 0 || !done.load(Ordering::Relaxed) {
                        let path = format!("/projects/{}-passing-{writer}", ["a", "m", "z"][n % 3]);
                        client.put(&path, &project(n)).expect(201);
                        client.delete(&path).expect(204);
                        n += 1;
                    }
                })
            })
            .collect();
        let viewer = app.viewer();
        let walks = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for sort in ["code", "name", "-name,launch_date", "launch_date", "-launch_date", "-status,-updated_at"] {
                let codes = walk(&viewer, &format!("/projects?limit=3&sort={sort}"));
                let seen: Vec<_> = codes.iter().filter(|code| code.starts_with("lasting")).collect();
                let mut once: Vec<_> = seen.iter().map(|code| (*code).clone()).collect();
                once.sort();
                assert_eq!(once, lasting, "sort={sort}");
            }
        }));
        done.store(true, Ordering::Relaxed);
        let ended: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        walks.unwrap();
        assert!(ended.iter().all(Result::is_ok));
    });
}
