//! Identity: signing in, what ends a token, users, named tokens, and the ways in which people attack JSON Web Tokens.
//!
//! Every protection here has been taken out of a build once, and what its test says of that is what was seen: the test
//! fails without each of the things that it names. Where two protections do the same, so that one hides the other, both
//! were taken out together as well.

mod alike;
mod assignment;
pub(crate) mod corpus;
mod forgery;
mod instances;
mod mutation;
mod proxies;
mod sign_in;
mod single_sign_on;
mod standing;
mod tokens;
mod users;

pub(crate) use forgery::about_to_expire;

use partnership_registry::auth::Role;
use serde_json::{Value, json};

use crate::support::{self, Options, PASSWORD};

const OTHER: &str = "nine otters in the harbour";

/// A service with three users.
struct TestApp {
    app: support::TestApp,
}

struct Answer {
    status: u16,
    headers: ureq::http::HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_else(|| panic!("no {field} in {}", self.body)).to_owned()
    }
}

impl TestApp {
    fn spawn() -> Self {
        let users = &[("root", Role::Admin), ("eddie", Role::Editor), ("vera", Role::Viewer)];
        Self { app: support::TestApp::with(Options { users, ..Options::default() }) }
    }

    /// A request with these headers; a body is JSON unless a content type is among them.
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let client = self.app.root();
        let call = headers.iter().fold(client.request(method, path), |call, (name, value)| call.header(name, value));
        let answer = match body {
            Some(body) => call.bytes(body).send(),
            None => call.send(),
        };
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        Answer { status: answer.status, headers: answer.headers, body }
    }

    fn json(&self, method: &str, path: &str, token: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        self.send(method, path, &headers, Some(&body.to_string()))
    }

    fn call(&self, method: &str, path: &str, token: &str) -> Answer {
        self.send(method, path, &[("Authorization", &format!("Bearer {token}"))], None)
    }

    fn get(&self, path: &str, token: &str) -> Answer {
        self.call("GET", path, token)
    }

    /// The status of a write with an empty record: 422 for who may write.
    fn write(&self, collection: &str, token: &str) -> u16 {
        self.json("POST", &format!("/api/v1/{collection}"), token, &json!({})).status
    }

    fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, &[("Content-Type", "application/x-www-form-urlencoded")], Some(&body))
    }

    fn sign_in_with(&self, username: &str, password: &str) -> Answer {
        let fields = [("grant_type", "password"), ("username", username), ("password", password)];
        self.form("/api/v1/auth/token", &fields)
    }

    fn sign_in(&self, username: &str) -> (String, String) {
        let answer = self.sign_in_with(username, PASSWORD);
        assert_eq!(answer.status, 200, "{}", answer.body);
        (answer.text("access_token"), answer.text("refresh_token"))
    }

    fn token(&self, username: &str) -> String {
        self.sign_in(username).0
    }

    fn refresh(&self, token: &str) -> Answer {
        self.form("/api/v1/auth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
    }
}

fn defects(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 422, "{}", answer.body);
    answer.body["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap().to_owned()).collect()
}
