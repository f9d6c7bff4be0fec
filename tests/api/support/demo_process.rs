//! The program itself as a process, and what it writes to its log.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use serde_json::Value;
use tempfile::TempDir;

/// A demo that runs as a user would run it, with the sample registry and the user `admin`.
pub(crate) struct DemoProcess {
    child: Child,
    log: JoinHandle<Vec<String>>,
    address: String,
    agent: ureq::Agent,
    /// Kept in `X-Request-Id`, where one is set.
    pub(crate) request: String,
    /// Sent in `If-Match`, where one is set.
    pub(crate) if_match: String,
    /// Kept in `traceparent`, where one is set.
    pub(crate) traceparent: String,
    /// Every token that it has given out.
    pub(crate) secrets: Vec<String>,
    /// The lines that it has written to standard error.
    pub(crate) errors: Vec<String>,
    _folder: TempDir,
}

impl DemoProcess {
    /// Starts one that logs at this level.
    pub(crate) fn start(level: &str, password: &str) -> Self {
        Self::start_with(level, password, &[])
    }

    /// Starts one with more options.
    pub(crate) fn start_with(level: &str, password: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_partnership-registry"));
        command.env_clear().env("TMPDIR", folder.path()).env("RUST_LOG", level).env("REGISTRY_METRICS_BIND", "off");
        command.args(["demo", "--bind", "127.0.0.1:0", "--admin-password", password]).args(options);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let log = std::thread::spawn(move || log.lines().map(Result::unwrap).collect());
        let first = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        let address = first.split_once(": ").unwrap().1.trim().to_owned();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().new_agent();
        let (secrets, errors) = (Vec::new(), Vec::new());
        Self {
            child,
            log,
            address,
            agent,
            request: String::new(),
            if_match: String::new(),
            traceparent: String::new(),
            secrets,
            errors,
            _folder: folder,
        }
    }

    /// Stops it; answers with every line of its log.
    pub(crate) fn stop(mut self) -> Vec<String> {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success() && self.child.wait().unwrap().success());
        self.log.join().unwrap()
    }

    /// Sends a request; what an error says is kept.
    pub(crate) fn send(&mut self, method: &str, path: &str, token: &str, kind: &str, body: &str) -> (u16, Value) {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address))
            .header("Content-Type", kind);
        if !token.is_empty() {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if !self.request.is_empty() {
            request = request.header("X-Request-Id", &self.request);
        }
        if !self.if_match.is_empty() {
            request = request.header("If-Match", &self.if_match);
        }
        if !self.traceparent.is_empty() {
            request = request.header("traceparent", &self.traceparent);
        }
        let mut response = self.agent.run(request.body(body.to_owned()).unwrap()).unwrap();
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().unwrap_or_default();
        if status >= 400 {
            self.errors.push(text.clone());
        }
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    pub(crate) fn json(&mut self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        self.send(method, path, token, "application/json", &body.to_string())
    }

    pub(crate) fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, "none", "application/x-www-form-urlencoded", &body)
    }

    /// Tries to sign in: the status, the access token, the refresh token.
    pub(crate) fn sign_in(&mut self, name: &str, password: &str) -> (u16, String, String) {
        let fields = [("grant_type", "password"), ("username", name), ("password", password)];
        let (status, answer) = self.form("/api/v1/auth/token", &fields);
        let mut token = |name: &str| self.keep(answer[name].as_str().unwrap_or_default());
        (status, token("access_token"), token("refresh_token"))
    }

    /// Uses a refresh token: the status, and the next one.
    pub(crate) fn refresh(&mut self, token: &str) -> (u16, String) {
        let (status, answer) =
            self.form("/api/v1/auth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]);
        self.keep(answer["access_token"].as_str().unwrap_or_default());
        (status, self.keep(answer["refresh_token"].as_str().unwrap_or_default()))
    }

    /// Notes a secret down.
    pub(crate) fn keep(&mut self, secret: &str) -> String {
        if !secret.is_empty() {
            self.secrets.push(secret.to_owned());
        }
        secret.to_owned()
    }
}
