//! The service without what it needs for some of its work: a temporary folder, file descriptors. Work that needs none
//! goes on; other requests are refused with a time to come again, and work again as soon as there is some.

use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::service::{Client, PROGRAM, Place, Service};

/// Larger than what is kept in memory.
const ROWS: usize = 200;

/// A registry whose projects need a temporary file in every format.
fn place() -> Place {
    let place = Place::with_sample();
    std::fs::write(place.path().join("projects.ndjson"), projects(ROWS)).unwrap();
    place.succeeds(&["import", "projects.ndjson"]);
    place
}

fn projects(rows: usize) -> Vec<u8> {
    let row = |n: usize| {
        let summary = format!("{n} ").repeat(600);
        serde_json::json!({ "code": format!("large-{n}"), "name": format!("Large {n}"), "status": "proposed", "summary": summary })
    };
    (0..rows).map(|n| format!("{}\n", row(n))).collect::<String>().into_bytes()
}

/// Requests that need a temporary file, by name; past states are asked of a revision that none has been made of.
fn needy(client: &Client, revision: usize) -> Vec<(&'static str, super::service::Answer)> {
    let import =
        |rows| client.send("POST", "/api/v1/imports/projects", "application/x-ndjson", projects(rows)).unwrap();
    vec![
        ("csv", client.get("/api/v1/projects?format=csv")),
        ("ndjson", client.get("/api/v1/projects?format=ndjson")),
        ("xlsx", client.get("/api/v1/projects?format=xlsx")),
        ("a past state", client.get(&format!("/api/v1/nations?as_of=r{revision}"))),
        ("a large import", import(ROWS)),
    ]
}

#[track_caller]
fn all_work(client: &Client, revision: usize) {
    for (name, answer) in needy(client, revision) {
        assert_eq!(answer.status, 200, "{name}: {answer:?}", answer = String::from_utf8_lossy(&answer.body));
    }
}

#[track_caller]
fn writes_go_on(client: &Client, about: &str) {
    for n in 0..20 {
        client.put(&format!("{about}-{n}")).unwrap().expect(201);
    }
    // Small ones, in memory.
    client.send("POST", "/api/v1/imports/projects", "application/x-ndjson", projects(20)).unwrap().expect(200);
    client.get("/api/v1/nations?format=csv").expect(200);
    client.get("/api/v1/projects?sort=-name&limit=200").expect(200);
}

#[test]
fn without_a_temporary_folder_writes_go_on_and_the_rest_comes_again() {
    let place = place();
    let folder = place.path().join("gone");
    let service = place.serve_by(place.command().env("TMPDIR", &folder));
    let client = service.client();
    for (name, answer) in needy(&client, 20) {
        eprintln!("{name}");
        answer.later(&[503]);
    }
    writes_go_on(&client, "gone");
    let ready = || client.get("/health/ready").expect(200).json();
    assert_eq!(ready(), serde_json::json!({ "status": "degraded", "reasons": ["temporary-folder"] }));
    std::fs::create_dir(&folder).unwrap();
    all_work(&client, 20);
    while ready() != serde_json::json!({ "status": "ready" }) {
        std::thread::yield_now();
    }
}

/// The service in a temporary folder of a few pages. `None` where this machine lets us have none.
fn in_a_small_folder(place: &Place, folder: &Path) -> Option<Service> {
    let script = r#"mount -t tmpfs -o size=64k none "$TMPDIR" && exec "$@""#;
    let unshare = |program: &str, args: &[&str]| {
        let mut command = Command::new("unshare");
        command
            .env_clear()
            .current_dir(place.path())
            .env("TMPDIR", folder)
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", program]).args(args);
        command
    };
    std::fs::create_dir(folder).unwrap();
    let can = unshare("true", &[]).output().is_ok_and(|ran| ran.status.success());
    can.then(|| place.serve_by(&mut unshare(PROGRAM, &[])))
}

#[test]
fn with_a_full_temporary_folder_writes_go_on_and_other_requests_report_it() {
    let place = place();
    let Some(service) = in_a_small_folder(&place, &place.path().join("small")) else {
        eprintln!("skipped: no user namespace with a tmpfs of its own here");
        return;
    };
    let client = service.client();
    for (name, answer) in needy(&client, 20) {
        eprintln!("{name}");
        answer.later(&[503, 507]);
    }
    writes_go_on(&client, "full");
    client.get("/health/ready").expect(200);
}

/// Lets a process open nothing more, or as much as it could.
fn descriptors(service: &Service, some: bool) {
    let process = Pid::from_child(&service.child);
    let open: Vec<u64> = std::fs::read_dir(format!("/proc/{}/fd", service.child.id()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap())
        .collect();
    let lowest_free = (0..).find(|n| !open.contains(n));
    let current = if some { Some(1024) } else { lowest_free };
    prlimit(Some(process), Resource::Nofile, Rlimit { current, maximum: Some(1024) }).unwrap();
}

#[test]
fn without_descriptors_writes_go_on_and_the_rest_comes_again() {
    let place = place();
    let service = place.serve();
    let client = service.client();
    // Its connection stays open, and with it one of the database's to read by.
    client.get("/api/v1/nations").expect(200);
    descriptors(&service, false);
    for (name, answer) in needy(&client, 20) {
        eprintln!("{name}");
        answer.later(&[503]);
    }
    for n in 0..20 {
        client.put(&format!("scarce-{n}")).unwrap().expect(201);
    }
    descriptors(&service, true);
    all_work(&client, 20);
    writes_go_on(&service.client(), "plenty");
    let before = service.log_so_far();
    assert!(!before.contains("stopping"), "{before}");
}

/// Fails where connections are accepted for which there is no file: then nothing is accepted for half a second, again
/// and again, long after they have gone.
#[test]
fn more_connections_than_files_do_not_stop_the_accepting() {
    let place = place();
    let mut command = Command::new("sh");
    command.env_clear().current_dir(place.path()).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.args(["-c", r#"ulimit -n 64 && exec "$@""#, "sh", PROGRAM]);
    let service = place.serve_by(&mut command);
    let address = service.address.trim_start_matches("http://").to_owned();
    let held: Vec<_> = (0..500).map(|_| std::net::TcpStream::connect(&address).unwrap()).collect();
    while !service.log_so_far().contains("turned away") {
        std::thread::yield_now();
    }
    drop(held);
    while !service.client().send("GET", "/health/live", "", Vec::new()).is_ok_and(|answer| answer.status == 200) {
        std::thread::yield_now();
    }
    assert!(!service.log_so_far().contains("Too many open files"));
}
