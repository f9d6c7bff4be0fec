//! A database file that is damaged: the service says that it is not ready, and writes nothing more.

use std::os::unix::fs::FileExt as _;

use super::service::{Answer, Place};

/// A registry one of whose tables begins with a page of nothing that SQLite ever wrote.
fn damaged(table: &str) -> Place {
    let place = Place::with_sample();
    let page: u64 = place
        .texts(&format!("SELECT CAST(rootpage AS TEXT) AS value FROM sqlite_schema WHERE name = '{table}'"))[0]
        .parse()
        .unwrap();
    let size: u64 = place.texts("SELECT CAST(page_size AS TEXT) AS value FROM pragma_page_size")[0].parse().unwrap();
    assert!(!place.path().join("registry.db-wal").exists(), "everything is in the file itself");
    let file = std::fs::File::options().write(true).open(place.database()).unwrap();
    file.write_all_at(&vec![0xA5; usize::try_from(size).unwrap()], (page - 1) * size).unwrap();
    place
}

#[track_caller]
fn says_so(answer: &Answer) {
    answer.later(&[503]);
    assert_eq!(
        answer.json()["detail"],
        "the database is damaged, and nothing is written until it has been restored",
        "and no more than that"
    );
}

#[test]
fn a_read_that_meets_damage_ends_readiness_and_writes() {
    let place = damaged("projects");
    let service = place.serve();
    let client = service.client();
    client.get("/health/ready").expect(200);
    says_so(&client.get("/api/v1/projects"));
    let nation = r#"{"code": "FR", "alpha3": "FRA", "name_en": "Gaul"}"#;
    says_so(&client.send("PUT", "/api/v1/nations/FR", "application/json", nation.into()).unwrap());
    client.get("/api/v1/nations").expect(200);
    // The answer of readiness is kept for a second.
    let not_ready =
        std::iter::repeat_with(|| client.get("/health/ready")).take(100_000).find(|said| said.status == 503);
    not_ready.unwrap().later(&[503]);
    let log = service.stopped();
    for words in ["the database is damaged: database disk image is malformed", "not ready: the database is damaged"] {
        assert!(log.contains(words), "{log}");
    }
}

#[test]
fn a_write_that_meets_damage_is_the_last_one() {
    let place = damaged("projects");
    let service = place.serve();
    let client = service.client();
    let nation = |name: &str| format!(r#"{{"code": "FR", "alpha3": "FRA", "name_en": "{name}"}}"#).into_bytes();
    let put = |name| client.send("PUT", "/api/v1/nations/FR", "application/json", nation(name)).unwrap();
    put("Gaul").expect(200);
    says_so(&client.put("new").unwrap());
    says_so(&put("France"));
    assert_eq!(client.get("/api/v1/nations/FR").expect(200).json()["name_en"], "Gaul");
}

#[test]
fn a_file_that_is_no_database_is_refused_at_the_start() {
    let place = Place::new();
    std::fs::write(place.database(), "a letter to a friend ".repeat(1000)).unwrap();
    for command in [&["serve", "--bind", "127.0.0.1:0"][..], &["verify"], &["export", "out"]] {
        let ran = place.run(command);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.code() == Some(1) && said.contains("file is not a database"), "{command:?}: {said}");
    }
    assert_eq!(std::fs::read(place.database()).unwrap(), "a letter to a friend ".repeat(1000).as_bytes());
}
