//! Backups: they hold the registry as it was at one moment, even while others write; they are there whole or not at
//! all; and tokens signed before a restore are worth nothing after it.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::service::{PASSWORD, Place};

const BACKUPS: usize = 10;
const WRITERS: usize = 8;

/// A registry with a past: the sample, with records that were changed and deleted since.
fn place() -> Place {
    let place = Place::with_sample();
    let nations = |name: &str| format!("code,alpha3,name_en\nFR,FRA,{name}\n");
    for name in ["Gaul", "Francia"] {
        std::fs::write(place.path().join("nations.csv"), nations(name)).unwrap();
        place.succeeds(&["import", "nations.csv"]);
    }
    let service = place.serve();
    let client = service.client();
    client.put("passing").unwrap().expect(201);
    client.send("DELETE", "/api/v1/projects/passing", "application/json", Vec::new()).unwrap().expect(204);
    client.put("passing").unwrap().expect(201);
    client.send("DELETE", "/api/v1/projects/passing", "application/json", Vec::new()).unwrap().expect(204);
    place
}

/// The line that says where the log ends.
fn head(said: &str) -> String {
    said.lines().find(|line| line.starts_with("head: ")).unwrap_or_else(|| panic!("no head in {said}")).to_owned()
}

fn log(place: &Place) -> Vec<String> {
    place.texts("SELECT json_array(revision, at, actor, action, resource, key, batch, document, hash, restored_from) AS value FROM changes ORDER BY revision")
}

/// The lines of an archive.
fn lines(file: &Path) -> Vec<String> {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn pack(file: &Path, lines: &[String]) {
    let mut out = GzEncoder::new(std::fs::File::create(file).unwrap(), Compression::fast());
    out.write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    out.finish().unwrap();
}

/// Asserts that two registries export the same files.
#[track_caller]
fn are_twins(one: &Path, other: &Path) {
    let mut files = 0;
    for entry in std::fs::read_dir(one).unwrap() {
        let name = entry.unwrap().file_name();
        assert_eq!(std::fs::read(one.join(&name)).unwrap(), std::fs::read(other.join(&name)).unwrap(), "{name:?}");
        files += 1;
    }
    assert!(files > 5);
}

#[test]
fn a_backup_is_restored_whole() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = place();
    let file = place.path().join("one.backup");
    let said = place.succeeds(&["backup", "one.backup", "--verify"]);
    assert!(said.ends_with("it is whole\n"), "{said}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let other = Place::bare();
    let restored = other.succeeds(&["restore", file.to_str().unwrap()]);
    assert_eq!(head(&restored), head(&said));
    assert_eq!(head(&other.succeeds(&["verify"])), head(&place.succeeds(&["verify"])));
    assert_eq!(log(&other), log(&place));
    for place in [&place, &other] {
        place.succeeds(&["export", "out"]);
    }
    are_twins(&place.path().join("out"), &other.path().join("out"));
    assert_eq!(other.succeeds(&["user", "list"]), place.succeeds(&["user", "list"]));
    // The tables beside the log and the list of users: all but those that a restore ends are the same.
    let tables = "SELECT name AS value FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE VIRTUAL%'";
    for table in place.texts(tables) {
        let count = format!("SELECT CAST(count(*) AS TEXT) AS value FROM \"{table}\"");
        let ended = ["sessions", "refresh_tokens", "login_attempts"].contains(&table.as_str());
        assert!(ended || table.contains("search_words") || other.texts(&count) == place.texts(&count), "{table}");
    }
}

#[test]
fn a_backup_is_restored_as_of_a_moment_in_it() {
    let place = place();
    place.succeeds(&["backup", "one.backup"]);
    let file = place.path().join("one.backup");
    let all = log(&place);
    let revision = all.len() - 5;
    let other = Place::bare();
    other.succeeds(&["restore", file.to_str().unwrap(), "--as-of", &format!("r{revision}")]);
    assert_eq!(log(&other), all[..revision]);
    other.succeeds(&["verify"]);
    other.succeeds(&["export", "out"]);
    place.succeeds(&["export", "then", "--as-of", &format!("r{revision}")]);
    are_twins(&place.path().join("then"), &other.path().join("out"));
    let year = place.texts("SELECT substr(at, 1, 4) AS value FROM changes LIMIT 1").remove(0);
    for (moment, changes) in [(year.as_str(), all.len()), ("1999", 0)] {
        let other = Place::bare();
        other.succeeds(&["restore", file.to_str().unwrap(), "--as-of", moment]);
        assert_eq!(log(&other).len(), changes, "{moment}");
    }
    let ran = Place::bare().run(&["restore", file.to_str().unwrap(), "--as-of", "r999999"]);
    assert!(String::from_utf8_lossy(&ran.stderr).contains("the backup has no revision 999999"), "{ran:?}");
}

/// A release is a moment in a backup, and comes back with the revision that it names, and not before.
#[test]
fn releases_are_backed_up_and_a_backup_is_restored_as_of_one() {
    let place = place();
    let service = place.serve();
    let client = service.client();
    let release = br#"{"name": "seminar-2026", "revision": 3}"#.to_vec();
    client.send("POST", "/api/v1/releases", "application/json", release).unwrap().expect(201);
    drop(service);
    place.succeeds(&["backup", "one.backup", "--verify"]);
    let file = place.path().join("one.backup");
    let releases = "SELECT json_array(name, revision, hash, created_at, created_by) AS value FROM releases";
    let all = log(&place);
    for (moment, changes, named) in [("seminar-2026", 3, 1), ("r2", 2, 0)] {
        let other = Place::bare();
        other.succeeds(&["restore", file.to_str().unwrap(), "--as-of", moment]);
        assert_eq!(log(&other), all[..changes], "{moment}");
        assert_eq!(other.texts(releases), place.texts(releases)[..named], "{moment}");
        other.succeeds(&["verify"]);
    }
    let ran = Place::bare().run(&["restore", file.to_str().unwrap(), "--as-of", "no-such-release"]);
    assert!(String::from_utf8_lossy(&ran.stderr).contains("the backup has no release no-such-release"), "{ran:?}");
}

#[test]
fn backups_beside_writers_restore_to_the_state_at_their_revision() {
    let place = Place::with_sample();
    let service = place.serve();
    let (done, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    let heads: Vec<(std::path::PathBuf, String)> = std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (client, done, written) = (service.client(), &done, &written);
            scope.spawn(move || {
                for n in 0.. {
                    if done.load(Ordering::Relaxed) {
                        return;
                    }
                    client.put(&format!("writer-{writer}-{n}")).unwrap().expect(201);
                    written.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let backups = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let one = |n: usize| {
                let name = format!("{n}.backup");
                let said = place.succeeds(&["backup", &name]);
                (place.path().join(name), head(&said))
            };
            (0..BACKUPS).map(one).collect()
        }));
        done.store(true, Ordering::Relaxed);
        backups.unwrap()
    });
    assert!(written.load(Ordering::Relaxed) > BACKUPS, "they wrote meanwhile");
    drop(service);
    let all = log(&place);
    let mut last = 0;
    for (file, told) in heads {
        let other = Place::bare();
        other.succeeds(&["restore", file.to_str().unwrap()]);
        assert_eq!(head(&other.succeeds(&["verify"])), told, "{file:?}");
        let restored = log(&other);
        assert!(restored.len() >= last && restored == all[..restored.len()], "{file:?}");
        last = restored.len();
    }
}

#[test]
fn a_backup_that_is_killed_leaves_no_file_or_a_whole_one() {
    let place = place();
    let part = |name: &str| {
        let names = std::fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|found| found.to_str().unwrap().starts_with(name)).count()
    };
    let (mut absent, mut whole) = (0, 0);
    for n in 0..20 {
        let file = place.path().join(format!("{n}.backup"));
        let mut command = place.command();
        command.arg("backup").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // It has begun to write; from there a little further each time.
        while part(".backup-") == absent && child.try_wait().unwrap().is_none() {}
        for _ in 0..n * n {
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().unwrap();
        if file.exists() {
            Place::bare().succeeds(&["restore", file.to_str().unwrap()]);
            whole += 1;
        } else {
            absent = part(".backup-");
        }
    }
    eprintln!("{absent} drafts, {whole} whole");
    assert!(absent > 0, "none was killed midway");
}

#[test]
fn a_full_database_is_left_alone() {
    let place = place();
    place.succeeds(&["backup", "one.backup"]);
    let (before, keys) = (log(&place), std::fs::read_dir(place.path().join("keys")).unwrap().count());
    let ran = place.run(&["restore", "one.backup"]);
    assert!(ran.status.code() == Some(1) && String::from_utf8_lossy(&ran.stderr).contains("is not empty"), "{ran:?}");
    // Users alone are enough.
    let users = Place::new();
    assert_eq!(users.run(&["restore", place.path().join("one.backup").to_str().unwrap()]).status.code(), Some(1));
    let ran = place.run(&["backup", "one.backup"]);
    assert!(
        ran.status.code() == Some(1) && String::from_utf8_lossy(&ran.stderr).contains("is there already"),
        "{ran:?}"
    );
    assert_eq!(place.run(&["backup", "registry.db"]).status.code(), Some(1), "nor is it written over the database");
    assert_eq!((log(&place), std::fs::read_dir(place.path().join("keys")).unwrap().count()), (before, keys));
}

#[test]
fn an_incomplete_backup_is_refused_and_nothing_is_restored() {
    let place = place();
    place.succeeds(&["backup", "one.backup"]);
    let file = place.path().join("one.backup");
    let (bytes, good) = (std::fs::read(&file).unwrap(), lines(&file));
    let other = Place::bare();
    let bad = other.path().join("bad.backup");
    let refused = |about: &str| {
        let ran = other.run(&["restore", "bad.backup"]);
        assert_eq!(ran.status.code(), Some(1), "{about}: {ran:?}");
        assert_eq!(log(&other), Vec::<String>::new(), "{about}");
        String::from_utf8(ran.stderr).unwrap()
    };
    for part in 0..4 {
        std::fs::write(&bad, &bytes[..bytes.len() * part / 4]).unwrap();
        refused("cut off");
        let mut flipped = bytes.clone();
        flipped[bytes.len() * part / 4 + 40] ^= 0x10;
        std::fs::write(&bad, flipped).unwrap();
        refused("a bit is wrong");
    }
    let change = good.iter().position(|line| line.starts_with("{\"change\"")).unwrap() + 3;
    let with = |edit: &dyn Fn(&mut Vec<String>)| {
        let mut lines = good.clone();
        edit(&mut lines);
        pack(&bad, &lines);
    };
    with(&|lines| lines[change] = lines[change].replace("(command line)", "somebody"));
    assert!(refused("a changed row").contains("does not follow"));
    with(&|lines| drop(lines.remove(change)));
    assert!(refused("a row is missing").contains("does not follow"));
    with(&|lines| lines[1] = lines[1].replace("\"admin\"", "\"viewer\""));
    assert!(refused("a changed user").contains("its seal"));
    with(&|lines| drop(lines.pop()));
    assert!(refused("no end").contains("ends too early"));
    with(&|lines| lines[0] = lines[0].replace("\"format_version\":1", "\"format_version\":2"));
    assert!(refused("a later form").contains("newer program"));
    with(&|lines| lines[0] = lines[0].replace("partnership-registry backup", "something else"));
    assert!(refused("another file").contains("no backup of a partnership registry"));
    // The harness packs as the program does.
    with(&|_| {});
    other.succeeds(&["restore", "bad.backup"]);
    assert_eq!(log(&other), log(&place));
}

#[test]
fn nothing_that_was_signed_before_a_restore_is_good_after_it() {
    let place = Place::with_sample();
    let service = place.serve();
    let client = service.client();
    let form = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
    let session = client.tokens(&form).expect(200).json();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let (access, refresh) = (text(&session, "access_token"), text(&session, "refresh_token"));
    let new = br#"{"name": "nightly", "role": "viewer", "expires_in_days": 30}"#.to_vec();
    let named = client.send("POST", "/api/v1/tokens", "application/json", new).unwrap().expect(201).json();
    let named = text(&named, "token");
    for token in [&access, &named] {
        client.with(token).get("/api/v1/auth/me").expect(200);
    }
    place.succeeds(&["backup", "one.backup"]);
    service.kill();
    // Where it was, with its keys.
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", place.database().display()));
    }
    place.succeeds(&["restore", "one.backup"]);
    let service = place.serve();
    let client = service.client();
    for token in [&access, &named] {
        client.with(token).get("/api/v1/auth/me").expect(401);
    }
    let refreshed = client.tokens(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).expect(400);
    assert_eq!(refreshed.json()["error"], "invalid_grant");
    let tokens = client.get("/api/v1/tokens").expect(200).json();
    assert!(tokens["items"][0]["revoked_at"].is_string(), "{tokens}");
    client.put("after").unwrap().expect(201);
    place.succeeds(&["verify"]);
}

/// From SQLite to PostgreSQL and back: no line differs but those of the users, whose tokens end each time.
#[cfg(feature = "postgres")]
#[test]
#[expect(clippy::disallowed_methods, reason = "as the other tests ask where PostgreSQL is")]
fn a_registry_moves_from_one_database_to_the_other_and_back() {
    use diesel::connection::SimpleConnection as _;
    use partnership_registry::db::Db;

    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        eprintln!("skipped: TEST_POSTGRES_URL names no PostgreSQL");
        return;
    };
    let schema = format!("moves_{}", std::process::id());
    let mut conn = Db::connect(&server.parse().unwrap()).unwrap();
    conn.batch_execute(&format!("CREATE SCHEMA {schema}")).unwrap();
    let url = format!("{server}?options=-csearch_path%3D{schema}");
    let place = place();
    let there = ["--database-url", &url];
    let with = |args: &[&str]| place.succeeds(&[args, &there].concat());
    place.succeeds(&["backup", "one.backup"]);
    with(&["restore", "one.backup", "--data-dir", "elsewhere"]);
    assert_eq!(head(&with(&["verify"])), head(&place.succeeds(&["verify"])));
    with(&["backup", "two.backup", "--verify"]);
    let back = Place::bare();
    back.succeeds(&["restore", place.path().join("two.backup").to_str().unwrap()]);
    conn.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).unwrap();
    assert_eq!(log(&back), log(&place));
    assert_eq!(head(&back.succeeds(&["verify"])), head(&place.succeeds(&["verify"])));
    let changes = |name: &str| {
        let mut lines = lines(&place.path().join(name));
        lines.retain(|line| line.starts_with("{\"change\""));
        lines
    };
    assert_eq!(changes("one.backup"), changes("two.backup"));
}
