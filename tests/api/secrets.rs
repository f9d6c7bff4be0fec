//! Passwords and tokens are in no log, at whatever level, and in no error: a whole life of a service, logged at `trace`.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const PASSWORD: &str = "nine otters in the harbour";
const NEW_PASSWORD: &str = "heron beside a slow canal";
const MISTYPED: &str = "my bank's password, by mistake";

/// A line of a log that nobody has written.
const FORGED: &str = "2026-11-24T00:00:00.000000Z INFO  auth: admin signed in from 192.0.2.1";

struct Life {
    address: String,
    agent: ureq::Agent,
    secrets: Vec<String>,
    errors: Vec<String>,
}

impl Life {
    /// Sends a request; what an error says is kept.
    fn send(&mut self, method: &str, path: &str, token: &str, kind: &str, body: &str) -> (u16, Value) {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address))
            .header("Authorization", format!("Bearer {token}"))
            .header("Content-Type", kind)
            .body(body.to_owned())
            .unwrap();
        let mut response = self.agent.run(request).unwrap();
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().unwrap();
        if status >= 400 {
            self.errors.push(text.clone());
        }
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    fn json(&mut self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        self.send(method, path, token, "application/json", &body.to_string())
    }

    fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, "none", "application/x-www-form-urlencoded", &body)
    }

    fn sign_in(&mut self, name: &str, password: &str) -> (u16, String, String) {
        let fields = [("grant_type", "password"), ("username", name), ("password", password)];
        let (status, answer) = self.form("/api/v1/auth/token", &fields);
        let mut token = |name: &str| self.keep(answer[name].as_str().unwrap_or_default());
        (status, token("access_token"), token("refresh_token"))
    }

    fn keep(&mut self, secret: &str) -> String {
        if !secret.is_empty() {
            self.secrets.push(secret.to_owned());
        }
        secret.to_owned()
    }

    fn refresh(&mut self, token: &str) -> u16 {
        let (status, answer) =
            self.form("/api/v1/auth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]);
        for name in ["access_token", "refresh_token"] {
            self.keep(answer[name].as_str().unwrap_or_default());
        }
        status
    }
}

/// Fails where the access log has the URL or a header, where `Debug` of a password or of a token shows it, and where
/// the name of a failed sign-in is logged whoever has it. Line ends in messages are escaped twice, where they are
/// quoted and by the log.
#[test]
fn no_log_and_no_error_holds_a_password_or_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_partnership-registry"));
    command.env_clear().env("TMPDIR", folder.path()).env("RUST_LOG", "trace");
    command.args(["demo", "--bind", "127.0.0.1:0", "--admin-password", PASSWORD]);
    let mut demo = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let log = BufReader::new(demo.stderr.take().unwrap());
    let log = std::thread::spawn(move || log.lines().map(Result::unwrap).collect::<Vec<_>>());
    let first = BufReader::new(demo.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().new_agent();
    let secrets = [PASSWORD, NEW_PASSWORD, MISTYPED].map(str::to_owned).to_vec();
    let mut life =
        Life { address: first.split_once(": ").unwrap().1.trim().to_owned(), agent, secrets, errors: Vec::new() };

    let (status, admin, refresh) = life.sign_in("admin", PASSWORD);
    assert_eq!(status, 200);
    assert_eq!(life.sign_in("admin", MISTYPED).0, 400);
    assert_eq!(life.sign_in(MISTYPED, PASSWORD).0, 400, "a password typed as the name");
    let forged = format!("ada\n{FORGED}\r{FORGED}");
    assert_eq!(life.sign_in(&forged, PASSWORD).0, 400);
    assert_eq!(life.refresh(&refresh), 200);
    let user = json!({ "username": "ada", "role": "editor", "password": NEW_PASSWORD });
    assert_eq!(life.json("POST", "/api/v1/users", &admin, &user).0, 201);
    assert_eq!(life.json("POST", "/api/v1/users", &admin, &user).0, 409);
    for wrong in [
        json!({ "username": "bob", "role": "editor", "password": [MISTYPED] }),
        json!({ "username": MISTYPED, "role": MISTYPED, "password": "ada ada ada ada ada" }),
        json!({ "username": "bob", "role": "editor", "password": format!("{MISTYPED}{}", "x".repeat(200)) }),
    ] {
        let (status, _) = life.json("POST", "/api/v1/users", &admin, &wrong);
        assert_eq!(status, 422);
    }
    let (_, ada, ada_refresh) = life.sign_in("ada", NEW_PASSWORD);
    let change = json!({ "current_password": MISTYPED, "new_password": PASSWORD });
    assert_eq!(life.json("POST", "/api/v1/auth/password", &ada, &change).0, 422);
    let tool = json!({ "name": "tool", "role": "viewer", "expires_in_days": 1 });
    let (status, made) = life.json("POST", "/api/v1/tokens", &ada, &tool);
    assert_eq!(status, 201);
    let tool = life.keep(made["token"].as_str().unwrap());
    assert_eq!(life.json("GET", "/api/v1/nations/FR", &tool, &Value::Null).0, 200);
    assert_eq!(life.json("DELETE", "/api/v1/nations/FR", &tool, &Value::Null).0, 403);
    assert_eq!(life.refresh(&refresh), 400, "a second use ends the session");
    assert_eq!(life.json("GET", "/api/v1/nations", &admin, &Value::Null).0, 401);
    let forged = life.keep(&format!("{}AAAA", &ada[..ada.len() - 4]));
    assert_eq!(life.json("GET", "/api/v1/nations", &forged, &Value::Null).0, 401);
    let in_url = format!("/api/v1/nations?access_token={ada}");
    assert_eq!(life.json("GET", &in_url, &ada, &Value::Null).0, 400);
    assert_eq!(life.send("POST", "/api/v1/projects", &ada, "application/json", "{\"name\": ").0, 400);
    assert_eq!(life.form("/api/v1/auth/revoke", &[("token", &ada_refresh)]).0, 200);

    let told = Command::new("kill").args(["-TERM", &demo.id().to_string()]).status().unwrap();
    assert!(told.success() && demo.wait().unwrap().success());
    let log = log.join().unwrap();
    assert!(log.iter().any(|line| line.contains(" TRACE ")), "nothing was logged at trace");
    assert!(life.errors.len() > 10);
    let mut found = Vec::new();
    for secret in &life.secrets {
        // As it is, and as a form or a header carries it.
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        // And as a message quotes it; whoever typed a password as a name may be told what they typed, a log may not.
        let quoted = secret.escape_debug().to_string();
        for text in log.iter().chain(&life.errors) {
            if text.contains(secret.as_str()) || text.contains(&encoded) {
                found.push(text.chars().take(200).collect::<String>());
            }
        }
        found.extend(log.iter().filter(|line| line.contains(&quoted)).cloned());
    }
    assert!(found.is_empty(), "{} secrets, found in\n{}", life.secrets.len(), found.join("\n"));
    for line in &log {
        assert!(line.starts_with("20") && line.contains("Z ") && !line.contains('\r'), "no line of its own: {line}");
        assert!(!line.starts_with(FORGED), "{line}");
    }
}
