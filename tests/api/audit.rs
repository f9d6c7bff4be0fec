//! The log that an auditor reads (rules.md 35): one line for each action, with its author and, at its end, the request
//! and where it came from. Each line here was seen to be missed when the program did not write it.

use serde_json::{Value, json};

use crate::support::DemoProcess;

const PASSWORD: &str = "nine otters in the harbour";
const OTHER: &str = "heron beside a slow canal";

/// A process, and the line that each action must have left.
struct Trail {
    process: DemoProcess,
    expected: Vec<(String, String, String)>,
}

impl Trail {
    /// Does something that is to leave one line, at this level, with these words.
    fn tells<T>(&mut self, level: &str, words: &str, operation: impl FnOnce(&mut DemoProcess) -> T) -> T {
        let id = format!("action-{}", self.expected.len());
        self.process.request.clone_from(&id);
        let done = operation(&mut self.process);
        self.process.request.clear();
        self.expected.push((id, level.to_owned(), words.to_owned()));
        done
    }

    /// The log, once every line has been found.
    fn end(self) -> Vec<String> {
        let log = self.process.stop();
        let mut missed = Vec::new();
        for (id, level, words) in &self.expected {
            let end = format!(" [{id} 127.0.0.1]");
            let lines: Vec<_> = log.iter().filter_map(|line| line.strip_suffix(&end)).collect();
            let is_it = |line: &str| line.contains(words.as_str()) && line.contains(&format!("Z {level} "));
            if !matches!(lines.as_slice(), [line] if is_it(line)) {
                missed.push(format!("{words:?} should be told once: {lines:?}"));
            }
            let access = format!(" {id} 127.0.0.1 ");
            let access = log.iter().filter(|line| line.contains("INFO  access: ") && line.contains(&access));
            assert_eq!(access.count(), 1, "one request, one line of access: {id}");
        }
        assert!(missed.is_empty(), "{} of {}:\n{}", missed.len(), self.expected.len(), missed.join("\n"));
        log
    }
}

fn trail() -> Trail {
    Trail { process: DemoProcess::start("info", PASSWORD), expected: Vec::new() }
}

fn add(process: &mut DemoProcess, admin: &str, name: &str, role: &str) -> u16 {
    process.json("POST", "/api/v1/users", admin, &json!({ "username": name, "role": role, "password": PASSWORD })).0
}

#[test]
fn the_log_has_every_sign_in_every_failure_and_every_end() {
    let mut trail = trail();
    let (_, admin, _) = trail.tells("INFO ", "auth: admin signed in from 127.0.0.1", |p| p.sign_in("admin", PASSWORD));
    trail.tells("WARN ", "auth: admin could not sign in from 127.0.0.1", |p| p.sign_in("admin", OTHER));
    trail.tells("WARN ", "auth: an unknown name could not sign in", |p| p.sign_in("nemo", OTHER));
    trail.tells("INFO ", "auth: admin added the user vera as viewer", |p| add(p, &admin, "vera", "viewer"));

    let (_, vera, first) = trail.process.sign_in("vera", PASSWORD);
    let (_, second) = trail.tells("INFO ", "auth: vera goes on with a refresh token", |p| p.refresh(&first));
    trail.tells("INFO ", "auth: vera signed out", |p| p.form("/api/v1/auth/revoke", &[("token", &second)]));
    trail.tells("WARN ", "auth: a refresh token came that is not valid", |p| p.refresh(&second));
    let ended = "auth: GET /api/v1/nations is refused: the token is not valid here";
    trail.tells("WARN ", ended, |p| p.json("GET", "/api/v1/nations?x=1", &vera, &Value::Null));
    let missing = "auth: GET /api/v1/nations/{code} is refused: a bearer token is needed";
    trail.tells("WARN ", missing, |p| p.json("GET", "/api/v1/nations/IN", "", &Value::Null));
    let (_, _, first) = trail.process.sign_in("vera", PASSWORD);
    trail.process.refresh(&first);
    let twice = "auth: a refresh token of vera came twice: its session is over";
    trail.tells("WARN ", twice, |p| p.refresh(&first));

    for _ in 0..4 {
        trail.process.sign_in("vera", OTHER);
        trail.process.sign_in("nemo", OTHER);
    }
    trail.process.sign_in("vera", OTHER);
    trail.tells("WARN ", "auth: vera tried too often, the last time from 127.0.0.1", |p| p.sign_in("vera", OTHER));
    let unknown = "auth: an unknown name tried too often";
    assert_eq!(trail.tells("WARN ", unknown, |p| p.sign_in("nemo", OTHER)).0, 429);
    let log = trail.end();
    assert!(log.iter().any(|line| line.contains(" access: GET /api/v1/nations 401 ") && line.ends_with(" -")));
    assert!(log.iter().any(|line| line.contains(" access: POST /api/v1/users 201 ") && line.ends_with(" admin")));
    assert!(!log.iter().any(|line| line.contains("nemo")), "an unknown name may be a password");
}

#[test]
fn the_log_has_every_change_of_users_and_rights() {
    let mut trail = trail();
    let (_, admin, _) = trail.process.sign_in("admin", PASSWORD);
    add(&mut trail.process, &admin, "vera", "viewer");
    add(&mut trail.process, &admin, "eddie", "editor");
    let (_, vera, _) = trail.process.sign_in("vera", PASSWORD);
    let patch = |p: &mut DemoProcess, body: Value| p.json("PATCH", "/api/v1/users/eddie", &admin, &body).0;

    let raised = "auth: admin changed the user eddie: from editor to admin";
    trail.tells("INFO ", raised, |p| patch(p, json!({ "role": "admin" })));
    let shut_out = "auth: admin changed the user eddie: from admin to viewer, disabled, a new password";
    let body = json!({ "role": "viewer", "disabled": true, "password": OTHER });
    trail.tells("INFO ", shut_out, |p| patch(p, body));
    trail.tells("INFO ", "changed the user eddie: enabled, another name to show", |p| {
        patch(p, json!({ "disabled": false, "display_name": "Eddie" }))
    });
    let removed = "auth: admin removed the user eddie";
    trail.tells("INFO ", removed, |p| p.json("DELETE", "/api/v1/users/eddie", &admin, &Value::Null));

    let denied = "auth: vera (viewer) may not DELETE /api/v1/nations/IN: this needs the role editor; you have viewer";
    trail.tells("WARN ", denied, |p| p.json("DELETE", "/api/v1/nations/IN", &vera, &Value::Null));
    let token = |role: &str| json!({ "name": "a tool", "role": role, "expires_in_days": 1 });
    let above = "auth: vera (viewer) may not POST /api/v1/tokens: this needs the role admin";
    trail.tells("WARN ", above, |p| p.json("POST", "/api/v1/tokens", &vera, &token("admin")));
    let (_, made) = trail.tells("INFO ", "auth: vera made the named token ", |p| {
        p.json("POST", "/api/v1/tokens", &vera, &token("viewer"))
    });
    let (tool, id) = (made["token"].as_str().unwrap(), made["id"].as_str().unwrap());
    let change = |current: &str| json!({ "current_password": current, "new_password": OTHER });
    let by_program =
        "auth: vera (viewer) may not POST /api/v1/auth/password: this needs the role of a user who signed in";
    trail.tells("WARN ", by_program, |p| p.json("POST", "/api/v1/auth/password", tool, &change(PASSWORD)));
    let revoked = format!("auth: vera revoked the named token {id} of vera");
    trail.tells("INFO ", &revoked, |p| p.json("DELETE", &format!("/api/v1/tokens/{id}"), &vera, &Value::Null));
    let wrong = "auth: vera gave a wrong password to change it";
    trail.tells("WARN ", wrong, |p| p.json("POST", "/api/v1/auth/password", &vera, &change(OTHER)));
    let changed = "auth: vera changed their password";
    trail.tells("INFO ", changed, |p| p.json("POST", "/api/v1/auth/password", &vera, &change(PASSWORD)));
    trail.end();
}

#[test]
fn the_log_has_every_export_and_import() {
    let mut trail = trail();
    let (_, admin, _) = trail.process.sign_in("admin", PASSWORD);
    for (path, words) in [
        ("/nations?format=csv", "export: admin exports nations as csv"),
        ("/projects?format=xlsx&fields=code", "export: admin exports projects as xlsx"),
        ("/agreements?format=ics", "export: admin exports agreements as ics"),
        ("/summaries/projects?group_by=nation&format=ndjson", "export: admin exports projects-by-nation as ndjson"),
        ("/partnerships?format=csv", "export: admin exports partnerships as csv"),
        ("/network?of=nations&format=graphml", "export: admin exports network-of-nations as graphml"),
    ] {
        let (status, _) =
            trail.tells("INFO ", words, |p| p.json("GET", &format!("/api/v1{path}"), &admin, &Value::Null));
        assert_eq!(status, 200, "{path}");
    }
    let import =
        |p: &mut DemoProcess, body: &str| p.send("POST", "/api/v1/imports/partner-types", &admin, "text/csv", body).0;
    let done = "import: admin imports partner-types: 1 rows, 1 created, 0 updated";
    assert_eq!(trail.tells("INFO ", done, |p| import(p, "code,name_en\nnew,New\n")), 200);
    let refused = "import: admin cannot import partner-types: 2 defects";
    assert_eq!(trail.tells("WARN ", refused, |p| import(p, "code,name_en\nNEW,\n")), 422);
    let no_file = "import: admin cannot import partner-types: an import is one of";
    let (status, _) =
        trail.tells("WARN ", no_file, |p| p.send("POST", "/api/v1/imports/partner-types", &admin, "text/plain", "x"));
    assert_eq!(status, 415);
    let (_, before) = trail.process.json("GET", "/api/v1/partner-types/new", &admin, &Value::Null);
    trail.process.json("PATCH", "/api/v1/partner-types/new", &admin, &json!({ "name_en": "Newer" }));
    let version = &before["version"];
    let restored = format!("restore: admin restored partner-types new to version {version}");
    let (status, _) = trail.tells("INFO ", &restored, |p| {
        p.json("POST", "/api/v1/partner-types/new/restore", &admin, &json!({ "version": version }))
    });
    assert_eq!(status, 200);
    trail.end();
}

/// Paths are logged as they come, encoded: seen to fail with decoded ones in a log that escapes the ends of lines
/// alone, and with one that does not cut. What a message is made of in general is the business of `logging`.
#[test]
fn no_input_makes_a_line_or_a_character_that_steers_a_terminal() {
    let mut trail = trail();
    let (_, admin, _) = trail.process.sign_in("admin", PASSWORD);
    add(&mut trail.process, &admin, "vera", "viewer");
    let (_, vera, _) = trail.process.sign_in("vera", PASSWORD);
    let long = "x".repeat(7_900);
    let paths = ["%0a", "%0d%0aINFO%20auth:%20x", "%1b%5b2J", "%E2%80%A8", "%E2%80%AE", "%C2%85", "%00", &long];
    for odd in paths {
        let path = format!("/api/v1/nations/{odd}");
        let (status, _) = trail.tells("WARN ", "auth: vera (viewer) may not DELETE /api/v1/nations/", |p| {
            p.json("DELETE", &path, &vera, &Value::Null)
        });
        assert_eq!(status, 403, "{odd}");
    }
    let log = trail.end();
    for line in &log {
        assert!(line.starts_with("20") && line.len() < 2_300, "{} bytes: {line:.200}", line.len());
        let steers = |c: char| {
            c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!line.contains(steers), "{line:?}");
    }
}

/// A collector reads every line as an object, whatever a client puts into a request.
#[test]
fn json_log_lines_hold_the_request_as_fields() {
    let mut process = DemoProcess::start_with("info", PASSWORD, &["--log-format", "json"]);
    process.request = "traced".to_owned();
    let (_, admin, _) = process.sign_in("admin", PASSWORD);
    process.sign_in("a\"\n{} user", OTHER);
    assert_eq!(process.json("GET", "/api/v1/nations/IN", &admin, &json!({})).0, 200);
    let log: Vec<Value> = process.stop().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let access = log.iter().find(|line| line["target"] == "access" && line["method"] == "GET").unwrap();
    let expected = json!({
        "level": "info", "route": "/api/v1/nations/{code}", "status": 200, "request_id": "traced",
        "address": "127.0.0.1", "user": "admin"
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&access[field], value, "{access}");
    }
    assert!(access["duration_us"].is_u64());
    let refused = log.iter().find(|line| line["level"] == "warn" && line["target"] == "auth").unwrap();
    assert_eq!((&refused["request_id"], &refused["address"]), (&json!("traced"), &json!("127.0.0.1")));
}

/// A developer who asks why a change was refused finds it in the log of a service with its usual settings.
#[test]
fn a_412_is_explained_in_the_log() {
    let mut process = DemoProcess::start("info", PASSWORD);
    let (_, admin, _) = process.sign_in("admin", PASSWORD);
    let (_, record) = process.json("GET", "/api/v1/nations/IN", &admin, &json!({}));
    process.request = "refused".to_owned();
    process.if_match = "\"v999999\"".to_owned();
    assert_eq!(process.json("PATCH", "/api/v1/nations/IN", &admin, &json!({"name": "India"})).0, 412);
    let log = process.stop();
    let wanted = format!("If-Match \"v999999\", If-None-Match -, and the entity tag is \"v{}\"", record["version"]);
    assert!(log.iter().any(|line| line.contains("refused") && line.contains(&wanted)), "{wanted}: {log:#?}");
}
