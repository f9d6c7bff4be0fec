//! `/metrics`: numbers that are right, names that are documented, labels that no client chooses.

mod document;
mod text;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use partnership_registry::auth::Role;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{EventStream, Options, TestApp, exchange, raw, records};
pub(crate) use text::Scrape;

fn app() -> TestApp {
    TestApp::with(Options { metrics: true, ..Options::default() })
}

#[test]
fn requests_are_counted_by_route_method_and_status() {
    let app = app();
    app.viewer();
    app.editor();
    let before = Scrape::of(app.metrics());
    let nation = json!({ "code": "IN", "alpha3": "IND", "name_en": "India" });
    app.editor().put("/nations/IN", &nation).expect(201);
    app.viewer().get("/nations/IN").expect(200);
    app.viewer().get("/nations/IN").expect(200);
    app.viewer().head("/nations/IN").expect(200);
    app.viewer().get("/nations/FR").expect(404);
    app.viewer().request("DELETE", "/nations").send().expect(405);
    app.anonymous().get("/nations").expect(401);
    let after = Scrape::of(app.metrics());
    let grown = |route: &str, method: &str, status: u16| {
        let series = format!("http_requests_total{{route=\"/api/v1{route}\",method=\"{method}\",status=\"{status}\"}}");
        after.get(&series) - before.get(&series)
    };
    assert_eq!(grown("/nations/{code}", "PUT", 201), 1);
    assert_eq!(grown("/nations/{code}", "GET", 200), 2);
    assert_eq!(grown("/nations/{code}", "HEAD", 200), 1);
    assert_eq!(grown("/nations/{code}", "GET", 404), 1);
    assert_eq!(grown("/nations", "DELETE", 405), 1);
    assert_eq!(grown("/nations", "GET", 401), 1);
    let durations = "http_request_duration_seconds_count{route=\"/api/v1/nations/{code}\"}";
    assert_eq!(after.get(durations) - before.get(durations), 5);
}

#[test]
fn the_metrics_count_commits_and_records_and_show_the_revision() {
    let app = app();
    app.admin();
    let before = Scrape::of(app.metrics());
    let row = |code: &str| format!("{code},{code}\n");
    let file: String = ["code,name_en\n".to_owned()].into_iter().chain(["a-a", "b-b", "c-c"].map(row)).collect();
    app.admin().request("POST", "/imports/partner-types").body("text/csv", file).send().expect(200);
    app.admin().post("/partner-types", &json!({ "code": "d-d", "name_en": "D" })).expect(201);
    // The same again is no change, and a refused write no commit.
    app.admin().post("/partner-types", &json!({ "code": "d-d", "name_en": "D" })).expect(409);
    let after = Scrape::of(app.metrics());
    let grown = |series: &str| after.get(series) - before.get(series);
    assert_eq!((after.get("revision"), grown("revision")), (4, 4));
    assert_eq!((grown("commit_records_count"), grown("commit_records_sum")), (2, 4));
    assert_eq!(grown("commit_records_bucket{le=\"1.0\"}"), 1);
    assert!(grown("commits_total") >= 2);
    assert_eq!((after.get("database_up"), after.get("writes_waiting"), after.get("imports")), (1, 0, 0));
}

#[test]
fn the_metrics_cover_the_cache_past_states_and_streams() {
    let app = app();
    records::fill(&app);
    let before = Scrape::of(app.metrics());
    app.viewer().get("/projects").expect(200);
    app.viewer().get("/projects").expect(200);
    app.viewer().get("/projects?as_of=r2").expect(200);
    let mut stream = EventStream::open(app.address(), app.viewer().token().unwrap(), "", &[]);
    stream.block().unwrap();
    let after = Scrape::of(app.metrics());
    let stats = app.cache.stats();
    assert_eq!(after.get("cache_hits_total"), stats.hits);
    assert_eq!(after.get("cache_hits_total") - before.get("cache_hits_total"), 1);
    assert_eq!((after.get("cache_misses_total"), after.get("cache_bytes")), (stats.misses, stats.bytes));
    let records = app.snapshots.records().stats();
    assert_eq!(
        (after.get("record_cache_hits_total"), after.get("record_cache_misses_total")),
        (records.hits, records.misses)
    );
    assert_eq!(after.get("record_cache_bytes"), records.bytes);
    assert!(records.misses > 0 && records.bytes > 0, "{records:?}");
    assert_eq!((before.get("past_states"), after.get("past_states")), (0, 1));
    assert_eq!((before.get("streams"), after.get("streams")), (0, 1));
    assert!(after.get("http_requests_in_flight") >= 1, "the stream");
    assert!(after.get("http_connections") >= 1);
}

/// A name, a code or a token as a label would be a leak, and each new value a series for ever.
#[test]
fn labels_have_no_value_that_a_client_chose_and_do_not_grow() {
    let app = app();
    records::fill(&app);
    let probe = |round: usize| {
        for path in [format!("/no-{round}"), format!("/api/v1/no-{round}/x"), format!("/api/v1/nations/N{round}")] {
            for method in ["GET".to_owned(), format!("M{round}"), "PROPFIND".to_owned()] {
                raw(app.address(), format!("{method} {path}?q={round} HTTP/1.1"), b"");
            }
            app.viewer().get(&path);
        }
        app.viewer().get(&format!("/projects/p-{round}")).expect(404);
        let form = format!("grant_type=password&username=nobody{round}&password=secret{round}");
        app.anonymous().request("POST", "/auth/token").body("application/x-www-form-urlencoded", form).send();
        Scrape::of(app.metrics())
    };
    app.sign_in("viewer");
    let first = probe(0);
    let last = (1..10).map(probe).last().unwrap();
    assert_eq!(last.labels, first.labels);
    assert_eq!(last.count(), first.count());
    let unmatched = "http_requests_total{route=\"none\",method=\"GET\",status=\"404\"}";
    assert!(last.get(unmatched) > first.get(unmatched));
    assert!(last.label_values().contains("other"), "methods that are none");

    let mut patterns: Vec<String> = partnership_registry::http::routes().into_iter().map(|route| route.path).collect();
    patterns.push("none".to_owned());
    for route in &last.labels["partnership_registry_http_requests_total"]["route"] {
        assert!(patterns.contains(route), "{route} is no route");
    }
    let viewer = app.viewer();
    let secrets = ["viewer", "trishna", "nobody0", "secret0", "no-0", "N0", "p-0", viewer.token().unwrap()];
    for value in last.label_values() {
        assert!(secrets.iter().all(|secret| !value.contains(secret)), "{value}");
    }
}

#[test]
fn refused_connections_are_counted() {
    let options = Options { metrics: true, max_connections: 1, ..Options::default() };
    let app = TestApp::with(options);
    let mut held = TcpStream::connect(app.address()).unwrap();
    let request = b"GET /health/live HTTP/1.1\r\nHost: here\r\n\r\n";
    held.write_all(request).unwrap();
    assert!(held.read(&mut [0; 1024]).unwrap() > 0);
    assert!(exchange(app.address(), request.to_vec()).is_none());
    let scrape = Scrape::of(app.metrics());
    assert_eq!((scrape.get("http_connections"), scrape.get("http_connections_refused_total")), (1, 1));
    drop(held);
}

#[test]
fn metrics_are_on_their_own_address_and_nothing_else_is() {
    let app = app();
    app.root().get("/metrics").problem(404, "not-found");
    app.admin().get("/metrics").problem(404, "not-found");
    let ask = |line: &str| raw(app.metrics(), format!("{line} HTTP/1.1"), b"");
    assert_eq!(ask("GET /metrics").status, 200);
    for line in ["GET /", "GET /metrics/", "GET /health/live", "GET /api/v1/nations", "POST /"] {
        let answer = ask(line);
        assert_eq!((answer.status, answer.body.len()), (404, 0), "{line}");
    }
    let other = ask("POST /metrics");
    assert_eq!(other.status, 405);
    assert!(other.head.to_ascii_lowercase().contains("allow: get, head"), "{}", other.head);
}

#[test]
fn a_head_request_has_the_head_of_a_get() {
    let app = app();
    let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
    let mut head = agent.head(format!("http://{}/metrics", app.metrics())).call().unwrap();
    assert_eq!(head.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(head.body_mut().read_to_string().unwrap(), "");
}

#[test]
fn a_scraper_that_prefers_it_gets_openmetrics() {
    let app = app();
    let accept = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5";
    let answer = raw(app.metrics(), format!("GET /metrics HTTP/1.1\nAccept: {accept}"), b"");
    let (head, text) = (answer.head.to_ascii_lowercase(), String::from_utf8(answer.body).unwrap());
    assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"), "{head}");
    assert!(text.ends_with("# EOF\n") && text.contains("# TYPE partnership_registry_commits counter\n"), "{text}");
}

/// A program that was started with these options.
struct Started {
    child: Child,
    /// Its log up to the line that it listens, or all of it where it ends before.
    log: Vec<String>,
    _folder: TempDir,
}

impl Started {
    fn with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_partnership-registry"));
        command.env_clear().env("TMPDIR", folder.path()).current_dir(folder.path());
        command.args(["serve", "--bind", "127.0.0.1:0"]).args(options);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let mut log = Vec::new();
        while let Some(line) = lines.next() {
            log.push(line);
            if log.last().is_some_and(|line| line.contains("listening on ")) {
                // A log that is read no more must not end it.
                std::thread::spawn(move || lines.count());
                break;
            }
        }
        Self { child, log, _folder: folder }
    }

    /// Stops it, and returns how it ended.
    fn end(mut self) -> (Vec<String>, Option<i32>) {
        drop(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status());
        let status = self.child.wait().unwrap();
        (self.log, status.code())
    }
}

#[test]
fn an_address_that_was_asked_for_and_is_taken_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (log, code) = Started::with(&["--metrics-bind", &address]).end();
    assert_eq!(code, Some(1), "{log:?}");
    let error = log.last().unwrap();
    assert!(error.contains(&address) && error.contains("--metrics-bind"), "{error}");
}

#[test]
fn a_default_address_that_is_taken_is_a_warning() {
    // Another program may have it already: that is just as well.
    let _taken = TcpListener::bind("127.0.0.1:9464");
    let (log, code) = Started::with(&[]).end();
    assert_eq!(code, Some(0), "{log:?}");
    let warning = log.iter().find(|line| line.contains("no metrics are served")).unwrap();
    assert!(warning.contains("WARN") && warning.contains("127.0.0.1:9464"), "{warning}");
}

#[test]
fn off_serves_no_metrics_and_says_nothing_of_them() {
    let (log, code) = Started::with(&["--metrics-bind", "off"]).end();
    assert_eq!(code, Some(0), "{log:?}");
    assert!(log.iter().all(|line| !line.contains("metrics")), "{log:?}");
}

#[test]
fn metrics_end_with_the_service() {
    let service = Started::with(&["--metrics-bind", "127.0.0.1:0"]);
    let address = service.log.iter().find_map(|line| line.split_once("metrics at http://")?.1.strip_suffix("/metrics"));
    let address: SocketAddr = address.unwrap().parse().unwrap();
    let scrape = Scrape::of(address);
    assert_eq!(scrape.get(&format!("build_info{{version=\"{}\",database=\"sqlite\"}}", env!("CARGO_PKG_VERSION"))), 1);
    assert_eq!(scrape.get("database_up"), 1);
    let (log, code) = service.end();
    assert_eq!(code, Some(0), "{log:?}");
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn roles_are_no_labels() {
    let app = app();
    Role::ALL.iter().for_each(|role| drop(app.client(*role).get("/auth/me").expect(200)));
    let scrape = Scrape::of(app.metrics());
    let names: Vec<&str> = scrape.label_values().into_iter().collect();
    assert!(Role::ALL.iter().all(|role| !names.contains(&role.as_str())), "{names:?}");
}
