//! Signing in to pages at the organisation's identity provider.
//!
//! Checked are `state` and the cookie that is kept, `iss` of the answer, and of the ID token the signature, `typ`,
//! `aud`, `azp`, `nonce` and the role; that the code is exchanged with what the challenge was made of; that an answer
//! serves once.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use partnership_registry::auth::oidc::{Client, RefreshPolicy, secret_from};
use serde_json::{Value, json};

use super::sessions::sessions;
use super::support::Browser;
use crate::identity::corpus::{forged_as, with};
use crate::support::provider::{Page, Provider, SigningKey};
use crate::support::{Answer, Options, TestApp};

const HOUR: Duration = Duration::from_hours(1);
/// Nothing is read a second time while a test runs.
const ONCE: RefreshPolicy = RefreshPolicy { reread: HOUR, retry: HOUR, fresh: HOUR, stale: HOUR };
const CLIENT: &str = "registry pages";
const EDITORS: &[&str] = &["registry editors"];

/// A service that people sign in to at a provider; attempts come through a proxy, so that each can have an address of
/// its own.
fn trusting(provider: &Provider, secret: bool) -> TestApp {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "a secret: of the client\n").unwrap();
    let secret = secret.then(|| secret_from(file.path().to_str().unwrap()).unwrap());
    let client = Client { id: CLIENT.to_owned(), secret };
    let provider = Some(provider.settings_with(ONCE, client));
    TestApp::with(Options { provider, trusted_proxies: &["127.0.0.1"], ..Options::default() })
}

/// The request that the browser is sent to the provider with.
struct Sent {
    address: String,
    parameters: Vec<(String, String)>,
}

impl Sent {
    fn get(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("no {name}: {}", self.address))
    }

    /// The callback with this code.
    fn back(&self, code: &str) -> String {
        format!("/sign-in/callback?code={code}&state={}", self.get("state"))
    }
}

fn begin(browser: &Browser, to: &str) -> Sent {
    let to: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
    let answer = browser.get(&format!("/sign-in/provider?to={to}")).expect(303);
    let address = answer.header("location").unwrap().to_owned();
    let parameters = url::Url::parse(&address).unwrap().query_pairs().into_owned().collect();
    Sent { address, parameters }
}

/// The claims of an ID token for who signs in.
fn claims(provider: &Provider, sent: &Sent, groups: &[&str]) -> Value {
    let base = provider.claims("ada", groups);
    let more = json!({ "aud": CLIENT, "nonce": sent.get("nonce"), "name": "Ada Lovelace", "client_id": null });
    serde_json::from_str(&with(&base, more)).unwrap()
}

fn header(key: &SigningKey) -> Value {
    serde_json::from_str(&with(&key.header(), json!({ "typ": "JWT" }))).unwrap()
}

/// The provider answers the next code with this ID token.
fn answers(provider: &Provider, id_token: &str) {
    provider.show_token(Page::json(&json!({ "access_token": "opaque", "token_type": "Bearer", "id_token": id_token })));
}

fn sign(key: &SigningKey, claims: &Value) -> String {
    key.sign(&header(key).to_string(), &claims.to_string())
}

fn is_refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, 303, "{answer}");
    let to = answer.header("location").unwrap();
    assert!(to.starts_with(&format!("/sign-in?why={why}")), "{to}");
    assert!(
        answer.headers.get_all("set-cookie").iter().all(|cookie| !cookie.to_str().unwrap().starts_with("session="))
    );
}

#[test]
fn a_user_who_comes_back_with_a_code_is_signed_in_as_the_provider_says() {
    for (key, secret) in [(SigningKey::rsa("a"), true), (SigningKey::ec("b"), false), (SigningKey::ed("c"), true)] {
        let provider = Provider::start(&[&key]);
        let app = trusting(&provider, secret);
        let browser = Browser::new(&app);
        let page = browser.get("/sign-in").expect(200).text();
        let (first, second) = (page.find("Sign in with 127.0.0.1").unwrap(), page.find("name=\"password\"").unwrap());
        assert!(first < second, "the provider comes first");
        let sent = begin(&browser, "/projects?nation=IN");
        assert!(
            sent.address.starts_with(&format!("{}/auth?response_type=code&", provider.issuer())),
            "{}",
            sent.address
        );
        assert_eq!((sent.get("client_id"), sent.get("code_challenge_method")), (CLIENT, "S256"));
        assert_eq!(sent.get("redirect_uri"), format!("{}/sign-in/callback", browser.origin()));
        assert!(sent.get("scope").split(' ').any(|scope| scope == "openid"));
        answers(&provider, &sign(&key, &claims(&provider, &sent, EDITORS)));
        let answer = browser.get(&sent.back("a+code")).expect(303);
        assert_eq!(answer.header("location"), Some("/projects?nation=IN"));
        let home = browser.get("/").expect(200).text();
        assert!(home.contains("Ada Lovelace"), "{home}");
        // The code was exchanged with what the challenge was made of, by the client itself.
        let (lines, form) = provider.exchanged().pop().unwrap();
        let form: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let sent_back = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let verifier = sent_back("code_verifier").unwrap();
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()).as_ref());
        assert_eq!(challenge, sent.get("code_challenge"));
        assert_eq!(
            (sent_back("code").as_deref(), sent_back("grant_type").as_deref()),
            (Some("a code"), Some("authorization_code"))
        );
        assert_eq!(sent_back("redirect_uri").as_deref(), Some(sent.get("redirect_uri")));
        let basic = lines.lines().any(|line| line.to_lowercase().starts_with("authorization: basic"));
        assert_eq!((basic, sent_back("client_id").is_none()), (secret, secret), "{lines}");
        // Their writes have their name, and nothing of the provider's is kept in the cookies.
        let form = browser.get("/areas/new");
        let made = browser.post(
            "/organisations/new",
            &browser.get("/organisations/new").expect(200),
            &[("name", "Ada's own"), ("kind", "company"), ("sector", "commercial")],
        );
        assert_eq!((form.status, made.status), (403, 303), "{made}");
        let log = app.viewer().get("/changes?resource=organisations").expect(200).json();
        assert_eq!(log["items"][0]["actor"], "oidc:ada");
        assert!(browser.cookies.borrow().values().all(|value| !value.contains("eyJ")));
        browser.post("/sign-out", &browser.get("/").expect(200), &[]).expect(303);
        browser.get("/").expect(303);
    }
}

#[test]
fn a_session_of_a_user_of_the_provider_is_listed_and_ended() {
    let key = SigningKey::ec("k");
    let provider = Provider::start(&[&key]);
    let app = trusting(&provider, true);
    let browser = Browser::new(&app);
    let sent = begin(&browser, "/");
    answers(&provider, &sign(&key, &claims(&provider, &sent, EDITORS)));
    browser.get(&sent.back("a+code")).expect(303);
    assert!(browser.get("/sessions").expect(200).text().contains("Browser (this one)"));
    let all = sessions(&app.admin());
    let own: Vec<&Value> = all.iter().filter(|session| session["username"] == "oidc:ada").collect();
    assert_eq!(own.len(), 1, "{all:?}");
    assert!(sessions(&app.editor()).iter().all(|session| session["username"] == "editor"));
    let path = format!("/sessions/{}", own[0]["id"].as_str().unwrap());
    app.editor().delete(&path).problem(404, "not-found");
    app.admin().delete(&path).expect(204);
    browser.get("/").expect(303);
    app.admin().delete(&path).problem(404, "not-found");
}

/// Each answer is refused for its one difference from one that is accepted.
#[test]
fn a_forged_or_replayed_answer_is_refused() {
    let key = SigningKey::ec("k");
    let provider = Provider::start(&[&key]);
    let app = trusting(&provider, true);
    let browser = Browser::new(&app);
    let right = |sent: &Sent| claims(&provider, sent, EDITORS);
    // Without the cookie, with that of another sign-in, with another state, from another issuer, without a code.
    let sent = begin(&browser, "/");
    answers(&provider, &sign(&key, &right(&sent)));
    is_refused(&Browser::new(&app).get(&sent.back("x")), "provider");
    let other = Browser::new(&app);
    begin(&other, "/");
    is_refused(&other.get(&sent.back("x")), "provider");
    for query in ["code=x", "code=x&state=", "code=x&state=abc", "error=access_denied", "code=&state=x"] {
        begin(&browser, "/");
        is_refused(&browser.get(&format!("/sign-in/callback?{query}")), "provider");
    }
    let sent = begin(&browser, "/");
    is_refused(&browser.get(&format!("{}&iss=https://evil.example", sent.back("x"))), "provider");
    assert!(provider.exchanged().is_empty(), "no code of these is even exchanged");
    // Twice.
    let sent = begin(&browser, "/");
    answers(&provider, &sign(&key, &right(&sent)));
    let iss: String = url::form_urlencoded::byte_serialize(provider.issuer().as_bytes()).collect();
    browser.get(&format!("{}&iss={iss}", sent.back("x"))).expect(303);
    assert!(browser.cookies.borrow().contains_key("session"));
    browser.cookies.borrow_mut().remove("session");
    is_refused(&browser.get(&sent.back("x")), "provider");
    // The ID token of another sign-in, and what its own is not.
    let (before, sent) = (sent, begin(&browser, "/"));
    answers(&provider, &sign(&key, &right(&before)));
    is_refused(&browser.get(&sent.back("x")), "provider");
    for answer in [Page::broken(400), Page::broken(302), Page::json(&json!({})), Page::json(&json!({ "id_token": 1 }))]
    {
        let sent = begin(&browser, "/");
        provider.show_token(answer);
        is_refused(&browser.get(&sent.back("x")), "provider");
    }
}

#[test]
fn no_forged_id_token_signs_anybody_in() {
    let key = SigningKey::ed("k");
    let provider = Provider::start(&[&key]);
    let app = trusting(&provider, false);
    let browser = Browser::new(&app);
    let sent = begin(&browser, "/");
    let right = claims(&provider, &sent, EDITORS);
    let mut all = forged_as(&key, header(&key), &right);
    // An ID token need not say that it is one.
    let bare = with(&header(&key), json!({ "typ": null }));
    all.retain(|(what, _)| what != "header {\"typ\":null}");
    for change in [
        json!({ "nonce": null }),
        json!({ "nonce": "" }),
        json!({ "nonce": [sent.get("nonce")] }),
        json!({ "aud": [CLIENT, "others"] }),
        json!({ "aud": crate::support::provider::AUDIENCE }),
        json!({ "azp": "others" }),
        json!({ "azp": [CLIENT] }),
    ] {
        all.push((format!("claims {change}"), key.sign(&header(&key).to_string(), &with(&right, change))));
    }
    assert!(all.len() > 80, "{}", all.len());
    let kept = browser.cookies.borrow().clone();
    let mut number = 0;
    let mut answer = |id_token: &str| {
        number += 1;
        answers(&provider, id_token);
        // The same sign-in again and again, each time from another address, or the attempts would be too many.
        *browser.cookies.borrow_mut() = kept.clone();
        browser
            .get_with(&sent.back("x"), &[("X-Forwarded-For", &format!("198.51.{}.{}", number / 250, number % 250 + 1))])
    };
    for (what, token) in &all {
        let answer = answer(token);
        assert!(answer.status != 200 && !browser.cookies.borrow().contains_key("session"), "{what}: {answer}");
    }
    for right in [sign(&key, &right), key.sign(&bare, &right.to_string())] {
        assert_eq!(answer(&right).header("location"), Some("/"));
    }
    assert!(browser.cookies.borrow().contains_key("session"));
}

#[test]
fn a_sign_in_without_a_role_and_too_many_attempts_are_refused() {
    let key = SigningKey::ed("k");
    let provider = Provider::start(&[&key]);
    let app = trusting(&provider, true);
    let browser = Browser::new(&app);
    let sent = begin(&browser, "/nations");
    answers(&provider, &sign(&key, &claims(&provider, &sent, &["canteen"])));
    let answer = browser.get(&sent.back("x"));
    is_refused(&answer, "role");
    assert!(
        browser.get(answer.header("location").unwrap()).expect(200).text().contains("have no role in this registry")
    );
    let tried = (0..20).map(|_| browser.get(&begin(&browser, "/").back("x")).status).filter(|status| *status == 429);
    assert_eq!(tried.count(), 1, "nineteen more, then no more");
}

#[test]
fn one_returns_to_paths_of_this_service_alone() {
    let key = SigningKey::ed("k");
    let provider = Provider::start(&[&key]);
    let app = trusting(&provider, true);
    for to in
        ["https://evil.example", "//evil.example", "/\\evil.example", "/sign-out", &format!("/{}", "x".repeat(2_000))]
    {
        let browser = Browser::new(&app);
        let sent = begin(&browser, to);
        answers(&provider, &sign(&key, &claims(&provider, &sent, EDITORS)));
        assert_eq!(browser.get(&sent.back("x")).expect(303).header("location"), Some("/"), "{to}");
    }
}

#[test]
fn a_provider_that_is_away_is_an_error_page_and_passwords_go_on() {
    let key = SigningKey::ed("k");
    let provider = Provider::start(&[&key]);
    provider.show_about(Page::broken(503));
    let app = trusting(&provider, true);
    let browser = Browser::new(&app);
    let answer = browser.get("/sign-in/provider").expect(503);
    assert!(answer.text().contains("The service is busy"), "{answer}");
    assert!(answer.header("retry-after").is_some());
    assert_eq!(Browser::signed_in(&app, "viewer").get("/").status, 200);
    // Without a provider there is no such way.
    let app = TestApp::spawn();
    let browser = Browser::new(&app);
    browser.get("/sign-in/provider").expect(404);
    browser.get("/sign-in/callback?code=x&state=y").expect(404);
    assert!(!browser.get("/sign-in").expect(200).text().contains("Sign in with"));
}

#[test]
fn a_session_ends_when_the_settings_name_another_client_or_give_no_role() {
    let key = SigningKey::ed("k");
    let provider = Provider::start(&[&key]);
    let app = trusting(&provider, true);
    let browser = Browser::new(&app);
    let sent = begin(&browser, "/");
    answers(&provider, &sign(&key, &claims(&provider, &sent, EDITORS)));
    browser.get(&sent.back("x")).expect(303);
    browser.get("/nations").expect(200);
    let status = |settings| {
        let other = app.beside(Options { provider: settings, ..Options::default() });
        let elsewhere = Browser::new(&other);
        *elsewhere.cookies.borrow_mut() = browser.cookies.borrow().clone();
        elsewhere.get("/nations").status
    };
    let client = |id: &str| Client { id: id.to_owned(), secret: None };
    let same = provider.settings_with(ONCE, client(CLIENT));
    assert_eq!(status(Some(same)), 200);
    assert_eq!(status(Some(provider.settings_with(ONCE, client("others")))), 303);
    assert_eq!(status(None), 303);
    let roles = vec!["others=admin".parse().unwrap()];
    let none: &'static _ = Box::leak(Box::new(partnership_registry::auth::oidc::Settings { roles, ..same.clone() }));
    assert_eq!(status(Some(none)), 303);
}
