//! A browser without a window: it keeps cookies, sends forms as browsers do, and reads links.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::support::{Answer, Client, PASSWORD, TestApp};

/// The `Accept` header of browsers.
pub(super) const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

pub(super) struct Browser {
    client: Client,
    origin: String,
    pub(super) cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    pub(super) fn new(app: &TestApp) -> Self {
        let origin = format!("http://{}", app.address());
        Self { client: app.root(), origin, cookies: RefCell::default() }
    }

    /// Signed in as the user of a role.
    pub(super) fn signed_in(app: &TestApp, name: &str) -> Self {
        let browser = Self::new(app);
        let answer = browser.sign_in(name, PASSWORD, "/");
        assert_eq!(answer.status, 303, "{answer}");
        assert_eq!(answer.header("location"), Some("/"));
        browser
    }

    pub(super) fn sign_in(&self, name: &str, password: &str, to: &str) -> Answer {
        let page = self.get("/sign-in").expect(200);
        self.post("/sign-in", &page, &[("username", name), ("password", password), ("to", to)])
    }

    fn cookie(&self) -> String {
        let cookies = self.cookies.borrow();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&self, answer: Answer) -> Answer {
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            let mut cookies = self.cookies.borrow_mut();
            if rest.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub(super) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut call = self.client.request("GET", path).header("Accept", HTML).header("Cookie", &self.cookie());
        for (name, value) in headers {
            call = call.header(name, value);
        }
        self.keep(call.send())
    }

    /// Sends a form of a page.
    pub(super) fn post(&self, path: &str, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let token = form_token(page);
        let mut all = vec![("form_token", token.as_str())];
        all.extend(fields);
        self.send(path, &all, &[("Origin", &self.origin), ("Sec-Fetch-Site", "same-origin")])
    }

    /// Sends a form as it is said.
    pub(super) fn send(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut call = self.client.request("POST", path).header("Accept", HTML).header("Cookie", &self.cookie());
        for (name, value) in headers {
            call = call.header(name, value);
        }
        self.keep(call.body("application/x-www-form-urlencoded", form).send())
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }
}

/// The token of the forms of a page.
pub(super) fn form_token(page: &Answer) -> String {
    between(&page.text(), "name=\"form_token\" value=\"", "\"").expect("a form with a token")
}

/// The text between two others.
pub(super) fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let rest = text.split_once(before)?.1;
    Some(rest.split_once(after)?.0.to_owned())
}

/// Every value of an attribute in a page.
pub(super) fn attributes(page: &str, name: &str) -> Vec<String> {
    let begin = format!(" {name}=\"");
    page.split(begin.as_str())
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(value, _)| unescape(value))
        .collect()
}

/// The text that HTML shows.
pub(super) fn unescape(html: &str) -> String {
    html.replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
}
