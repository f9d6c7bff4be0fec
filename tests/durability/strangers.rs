//! Other programs at the file while the service writes to it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};

use super::part;
use super::service::{Place, Service};

const WRITERS: usize = 8;
/// How many writes there are before, between and after the strangers.
const BETWEEN: usize = 40;

/// Tells whether a process holds a lock of SQLite's on a file.
///
/// It asks at the descriptors of the process (`proc_pid_fdinfo(5)`): `/proc/locks` is not read in one piece, so a lock
/// is missing from it now and then while other locks come and go.
fn locks(process: u32, file: &Path) -> bool {
    let inode = std::fs::metadata(file).unwrap().ino();
    let held = |descriptor: std::io::Result<std::fs::DirEntry>| {
        let descriptor = descriptor.unwrap();
        // It may have been closed meanwhile.
        let is_the_file = std::fs::metadata(descriptor.path()).is_ok_and(|opened| opened.ino() == inode);
        let name = descriptor.file_name();
        let info = || std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("fdinfo").join(name));
        is_the_file
            && info().is_ok_and(|info| info.lines().any(|line| line.starts_with("lock:") && line.contains("POSIX")))
    };
    std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().any(held)
}

#[test]
fn the_service_holds_sqlites_locks_while_it_serves() {
    let place = Place::with_sample();
    let service = place.serve();
    let held = |service: &Service| locks(service.child.id(), &place.database());
    assert!(held(&service), "at its start");
    service.client().put("one").unwrap().expect(201);
    service.client().get("/api/v1/projects").expect(200);
    service.client().get("/api/v1/projects?format=csv").expect(200);
    service.client().get("/api/v1/projects?as_of=r20").expect(200);
    service.client().get("/health/ready").expect(200);
    assert!(held(&service), "after all that it opens");
    let log = place.database().with_extension("db-wal");
    assert!(!locks(service.child.id(), &log), "the log is open and never locked: the check can be wrong");
}

/// Waits for so many more writes to be acknowledged.
fn wait<T>(acknowledged: &Receiver<T>, kept: &mut Vec<T>, more: usize) {
    kept.extend(acknowledged.iter().take(more));
}

/// Every other program that may meet the file, one after the other.
fn strangers(place: &Place) -> Vec<(&'static str, Command)> {
    let file = place.database();
    let ours = |args: &[&str]| {
        let mut command = place.command();
        command.args(args);
        command
    };
    std::fs::write(place.path().join("nations.csv"), "code,alpha3,name_en\nFR,FRA,France\n").unwrap();
    let add = ["user", "add", "bob", "--role", "viewer", "--password-file", "password"];
    let mut all = vec![
        ("an older SQLite", part::command("last", &file)),
        ("a reader", part::command("select", &file)),
        ("VACUUM INTO", part::command("vacuum", &file)),
        ("a checkpoint", part::command("checkpoint", &file)),
        ("verify", ours(&["verify"])),
        ("export", ours(&["export", "out"])),
        ("import", ours(&["import", "nations.csv"])),
        ("user list", ours(&["user", "list"])),
        ("user add", ours(&add)),
        ("migrate", ours(&["migrate"])),
        ("key rotate", ours(&["key", "rotate"])),
    ];
    // A program with an SQLite of its own.
    if Command::new("python3").args(["-c", "import sqlite3"]).output().is_ok_and(|ran| ran.status.success()) {
        for (name, code) in [
            ("Python", "sqlite3.connect('registry.db').execute('SELECT count(*) FROM changes').fetchall()"),
            ("Python's backup", "sqlite3.connect('registry.db').backup(sqlite3.connect('copy.db'))"),
        ] {
            let mut python = Command::new("python3");
            python.current_dir(place.path()).args(["-c", &format!("import sqlite3; {code}")]);
            all.push((name, python));
        }
    } else {
        eprintln!("no python3 with sqlite3: only our own programs are strangers");
    }
    all
}

#[test]
fn no_acknowledged_write_is_lost_while_other_programs_open_the_file() {
    let place = Place::new();
    let service = place.serve();
    let (acknowledge, acknowledged) = channel();
    let mut kept = Vec::new();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (client, acknowledge) = (service.client(), acknowledge.clone());
            scope.spawn(move || {
                for n in 0.. {
                    let code = format!("writer-{writer}-{n}");
                    // The connection is lost when the service is killed.
                    let Ok(answer) = client.put(&code) else { return };
                    let answer = answer.expect(201);
                    acknowledge.send((code, answer.json()["version"].as_i64().unwrap())).unwrap();
                }
            });
        }
        drop(acknowledge);
        wait(&acknowledged, &mut kept, BETWEEN);
        for (name, mut stranger) in strangers(&place) {
            let ran = stranger.output().unwrap();
            assert!(ran.status.success(), "{name}: {ran:?}");
            assert!(locks(service.child.id(), &place.database()), "the service has no lock after {name}");
            wait(&acknowledged, &mut kept, BETWEEN);
        }
        service.kill();
        kept.extend(acknowledged.iter());
    });
    assert_eq!(place.texts("SELECT integrity_check AS value FROM pragma_integrity_check"), ["ok"]);
    let log = place.texts("SELECT key || ' ' || revision AS value FROM changes WHERE resource = 'projects'");
    let log: BTreeMap<&str, i64> =
        log.iter().map(|row| row.split_once(' ').unwrap()).map(|(key, at)| (key, at.parse().unwrap())).collect();
    let lost: Vec<_> = kept.iter().filter(|(code, version)| log.get(code.as_str()) != Some(version)).collect();
    assert_eq!(lost.len(), 0, "of {} acknowledged writes: {lost:?}", kept.len());
    place.succeeds(&["verify"]);
}

/// The outcome of a writer in a process of its own, with a stranger beside it.
struct Ended {
    /// The writes that it acknowledged, and that are gone.
    lost: Vec<i64>,
    /// How many writes it began when its log was gone, and acknowledged.
    blind: usize,
    process: std::process::Output,
}

fn beside_a_stranger(place: &Place, part: &str) -> Ended {
    use diesel::connection::SimpleConnection as _;
    place.connect().batch_execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT").unwrap();
    let mut writer: Child = part::command(part, &place.database()).spawn().unwrap();
    let (acknowledge, acknowledged) = channel();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let reading = std::thread::spawn(move || {
        let mut blind = 0;
        for line in lines.map_while(Result::ok) {
            if let Some(n) = line.strip_prefix("acknowledged ") {
                acknowledge.send(n.parse::<i64>().unwrap()).unwrap();
            }
            blind += usize::from(line.starts_with("blind "));
        }
        blind
    });
    let mut kept = Vec::new();
    wait(&acknowledged, &mut kept, BETWEEN);
    assert!(part::command("last", &place.database()).output().unwrap().status.success());
    // Writes that were acknowledged meanwhile do not count as those after the stranger.
    kept.extend(acknowledged.try_iter());
    wait(&acknowledged, &mut kept, 2 * BETWEEN);
    let _ = writer.kill();
    let process = writer.wait_with_output().unwrap();
    let blind = reading.join().unwrap();
    kept.extend(acknowledged.iter());
    let there = place.texts("SELECT CAST(n AS TEXT) AS value FROM numbers");
    kept.retain(|n| !there.contains(&n.to_string()));
    Ended { lost: kept, blind, process }
}

#[test]
fn the_check_finds_what_is_lost_where_the_file_is_opened_behind_sqlites_back() {
    let ended = beside_a_stranger(&Place::new(), "write");
    assert_eq!((ended.lost, ended.blind), (Vec::new(), 0), "SQLite alone has the file open");
    let ended = beside_a_stranger(&Place::new(), "write-behind");
    assert!(!ended.lost.is_empty(), "what is written after the stranger is lost");
    assert!(ended.blind > 0, "and the writer does not see it");
}

#[test]
fn a_service_whose_log_was_deleted_stops_before_it_acknowledges_anything_more() {
    let Ended { blind, process, .. } = beside_a_stranger(&Place::new(), "serve-behind");
    assert_eq!(blind, 0, "no write that began without its log is acknowledged");
    assert_eq!(process.status.signal(), Some(6), "it aborts: {process:?}");
    let said = String::from_utf8_lossy(&process.stderr);
    assert!(said.contains("registry.db-wal has been deleted by another program"), "{said}");
}

/// It also looks when there is nothing to write.
#[test]
fn an_idle_service_notices_that_its_file_was_replaced() {
    let place = Place::new();
    let service = place.serve();
    let copy = place.path().join("copy.db");
    std::fs::write(&copy, "another file").unwrap();
    std::fs::rename(&copy, place.database()).unwrap();
    let (ended, log) = service.ended();
    assert_eq!(ended.signal(), Some(6), "it aborts: {log:?}");
    assert!(log.iter().any(|line| line.contains("registry.db has been replaced by another program")), "{log:?}");
}
