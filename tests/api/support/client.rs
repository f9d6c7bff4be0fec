//! A small HTTP client: requests in a line, answers that can be asked.

use std::net::SocketAddr;

use serde_json::Value;
use ureq::http::{HeaderMap, Request};

/// A client of one service, signed in or not.
#[derive(Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    origin: String,
    prefix: &'static str,
    token: Option<String>,
}

pub(super) fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .max_redirects(0)
        .proxy(None)
        .accept("*/*")
        .build();
    config.new_agent()
}

impl Client {
    pub(super) fn new(agent: &ureq::Agent, address: SocketAddr, prefix: &'static str, token: Option<String>) -> Self {
        Self { agent: agent.clone(), origin: format!("http://{address}"), prefix, token }
    }

    /// The same service with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    pub(crate) fn head(&self, path: &str) -> Answer {
        self.request("HEAD", path).send()
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send()
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.request("PUT", path).json(body).send()
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.request("PATCH", path).json(body).send()
    }

    /// A request to a path below the client's prefix, or to one that begins with `/api/`, as it is.
    pub(crate) fn request(&self, method: &str, path: &str) -> Call<'_> {
        let prefix = if path.starts_with("/api/") { "" } else { self.prefix };
        let mut call = Call {
            client: self,
            method: method.to_owned(),
            path: format!("{prefix}{path}"),
            headers: Vec::new(),
            body: None,
        };
        if let Some(token) = &self.token {
            call.headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        call
    }
}

/// A request in the making.
pub(crate) struct Call<'a> {
    client: &'a Client,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn body(self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.header("Content-Type", kind).bytes(body)
    }

    /// A body without saying what it is.
    pub(crate) fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub(crate) fn send(self) -> Answer {
        let mut builder =
            Request::builder().method(self.method.as_str()).uri(format!("{}{}", self.client.origin, self.path));
        for (name, value) in &self.headers {
            builder = builder.header(name.as_str(), value.as_str());
        }
        let wants_body = matches!(self.method.as_str(), "POST" | "PUT" | "PATCH");
        let sent = match self.body {
            Some(body) => self.client.agent.run(builder.body(body).unwrap()),
            None if wants_body => self.client.agent.run(builder.body(Vec::new()).unwrap()),
            None => self.client.agent.run(builder.body(()).unwrap()),
        };
        let mut response = sent.unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.path));
        // A stream has no end to wait for; `EventStream` reads those.
        let endless = response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let body = if endless { Vec::new() } else { response.body_mut().read_to_vec().unwrap() };
        let answer = Answer {
            method: self.method,
            path: self.path,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body,
        };
        super::contract::check(&answer);
        answer
    }
}

/// An answer of the service.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Goes on if this is the status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self}"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("no ETag in {self}")).to_owned()
    }

    /// The problem in the answer, which must have this status and type.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{self}");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{self}");
        problem
    }

    /// The codes of the defects in a problem at a pointer, or of a parameter.
    #[track_caller]
    pub(crate) fn defects(&self, status: u16, kind: &str) -> Vec<(String, String)> {
        let problem = self.problem(status, kind);
        let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("no errors in {self}")).clone();
        let place = |error: &Value| error["pointer"].as_str().or(error["parameter"].as_str()).unwrap().to_owned();
        errors.iter().map(|error| (place(error), error["code"].as_str().unwrap().to_owned())).collect()
    }

    /// Asserts that this is a 422 with exactly these places and codes, in any order.
    #[track_caller]
    pub(crate) fn assert_invalid(&self, expected: &[(&str, &str)]) {
        let mut found = self.defects(422, "validation");
        let mut expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{self}");
    }

    /// Asserts that this is a 400 about a parameter, with a detail that names all of `words`.
    #[track_caller]
    pub(crate) fn assert_bad_parameter(&self, parameter: &str, words: &[&str]) {
        let problem = self.problem(400, "bad-request");
        let error = problem["errors"].as_array().and_then(|errors| errors.first()).cloned().unwrap_or_default();
        assert_eq!(error["parameter"], parameter, "{self}");
        let detail = error["detail"].as_str().unwrap();
        for word in words {
            assert!(detail.contains(word), "{detail} should name {word}");
        }
    }

    /// One field of every item of a page.
    #[track_caller]
    pub(crate) fn column(&self, field: &str) -> Vec<String> {
        let page = self.json();
        let items = page["items"].as_array().unwrap_or_else(|| panic!("no items in {self}"));
        items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
    }

    /// The codes of the items of a page.
    #[track_caller]
    pub(crate) fn codes(&self) -> Vec<String> {
        self.column("code")
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} -> {} {}", self.method, self.path, self.status, self.text())
    }
}
