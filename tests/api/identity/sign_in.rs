//! Signing in, staying signed in, signing out, and too many attempts.

use std::collections::HashSet;

use super::*;

#[test]
fn signing_in_gives_a_token_that_says_who_one_is() {
    let app = TestApp::spawn();
    let answer = app.sign_in_with("eddie", PASSWORD);
    assert_eq!(answer.status, 200);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 900);
    assert_eq!(answer.body["scope"], "editor");
    let token = answer.text("access_token");
    let me = app.get("/api/v1/auth/me", &token);
    assert_eq!((me.status, &me.body["username"], &me.body["role"]), (200, &json!("eddie"), &json!("editor")));
    assert_eq!(app.send("GET", "/api/v1/auth/me", &[("authorization", &format!("bEARER {token}"))], None).status, 200);
    assert_eq!(app.call("HEAD", "/api/v1/auth/me", &token).status, 200);
}

/// Fails without the judgement of the password, and where such a refusal has a status of its own.
#[test]
fn a_wrong_name_and_a_wrong_password_are_answered_alike() {
    let app = TestApp::spawn();
    let wrong = app.sign_in_with("eddie", OTHER);
    assert_eq!((wrong.status, &wrong.body["error"]), (400, &json!("invalid_grant")));
    for (name, password) in
        [("nobody", PASSWORD), ("eddie", "short"), ("EDDIE\0", PASSWORD), ("vera", &"x".repeat(4000))]
    {
        let answer = app.sign_in_with(name, password);
        assert_eq!((answer.status, &answer.body), (400, &wrong.body), "{name}");
    }
}

/// Fails without the check of the media type, of the length, and of repeated fields.
#[test]
fn a_token_request_that_is_no_form_is_refused_in_oauths_form() {
    let app = TestApp::spawn();
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let cases = [
        (("Content-Type", "application/json"), r#"{"grant_type":"password"}"#, "invalid_request"),
        // A form of another site can be sent without asking first (CORS), though it says the right thing.
        (("Content-Type", "text/plain"), "grant_type=password&username=vera&password=PASSWORD", "invalid_request"),
        (
            ("Content-Type", "multipart/form-data"),
            "grant_type=password&username=vera&password=PASSWORD",
            "invalid_request",
        ),
        (form, "", "invalid_request"),
        (form, "grant_type=password&username=vera", "invalid_request"),
        (form, "grant_type=password&username=vera&password=", "invalid_request"),
        (form, "grant_type=password&grant_type=password&username=vera&password=x", "invalid_request"),
        (form, "grant_type=client_credentials", "unsupported_grant_type"),
        (form, "grant_type=refresh_token&refresh_token=x", "invalid_grant"),
    ];
    for (kind, body, error) in cases {
        let body = body.replace("PASSWORD", &PASSWORD.replace(' ', "+"));
        let answer = app.send("POST", "/api/v1/auth/token", &[kind], Some(&body));
        assert_eq!((answer.status, &answer.body["error"]), (400, &json!(error)), "{body}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let long = "a".repeat(20_000);
    assert_eq!(app.send("POST", "/api/v1/auth/token", &[form], Some(&long)).status, 413);
    // Credentials in the URL are not looked at.
    let path = format!("/api/v1/auth/token?grant_type=password&username=vera&password={PASSWORD}").replace(' ', "+");
    assert_eq!(app.send("POST", &path, &[form], Some("")).status, 400);
}

#[test]
fn swagger_uis_empty_basic_header_does_no_harm() {
    let app = TestApp::spawn();
    let body = format!("grant_type=password&username=vera&password={}&scope=", PASSWORD.replace(' ', "+"));
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", "Basic Og==")];
    assert_eq!(app.send("POST", "/api/v1/auth/token", &headers, Some(&body)).status, 200);
}

/// Fails where a used token works again, and where its reuse leaves the session alone.
#[test]
fn a_refresh_token_works_once_and_its_reuse_ends_the_family() {
    let app = TestApp::spawn();
    let (access, first) = app.sign_in("vera");
    let elsewhere = app.token("vera");
    let answer = app.refresh(&first);
    assert_eq!(answer.status, 200);
    let (second_access, second) = (answer.text("access_token"), answer.text("refresh_token"));
    assert_ne!(first, second);
    assert_eq!(app.get("/api/v1/auth/me", &second_access).status, 200);

    let reused = app.refresh(&first);
    assert_eq!((reused.status, &reused.body["error"]), (400, &json!("invalid_grant")));
    assert_eq!(app.refresh(&second).status, 400, "the thief's or the owner's: both are out");
    for token in [&access, &second_access] {
        assert_eq!(app.get("/api/v1/auth/me", token).status, 401);
    }
    assert_eq!(app.get("/api/v1/auth/me", &elsewhere).status, 200, "another session is another family");
}

/// Fails where the count of the rows that were marked as used is not looked at.
#[test]
fn of_many_uses_of_a_refresh_token_at_once_one_succeeds() {
    let app = TestApp::spawn();
    let (_, token) = app.sign_in("vera");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| app.refresh(&token).status)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|&&status| status == 200).count(), 1, "{statuses:?}");
}

/// Fails where a refresh token, an access token or a named token is not ended: a line for each.
#[test]
fn revoking_ends_the_session_and_says_nothing_about_unknown_tokens() {
    let app = TestApp::spawn();
    let (access, refresh) = app.sign_in("vera");
    let (other_access, other_refresh) = app.sign_in("vera");
    assert_eq!(
        app.form("/api/v1/auth/revoke", &[("token", &refresh), ("token_type_hint", "refresh_token")]).status,
        200
    );
    assert_eq!(app.get("/api/v1/auth/me", &access).status, 401);
    assert_eq!(app.refresh(&refresh).status, 400);
    assert_eq!(app.get("/api/v1/auth/me", &other_access).status, 200);
    // An access token ends its session as well.
    assert_eq!(app.form("/api/v1/auth/revoke", &[("token", &other_access)]).status, 200);
    assert_eq!(app.refresh(&other_refresh).status, 400);
    // And a named token ends itself.
    let named = json!({"name": "a tool", "role": "viewer", "expires_in_days": 1});
    let named = app.json("POST", "/api/v1/tokens", &app.token("vera"), &named).text("token");
    assert_eq!(app.get("/api/v1/auth/me", &named).status, 200);
    assert_eq!(app.form("/api/v1/auth/revoke", &[("token", &named)]).status, 200);
    assert_eq!(app.get("/api/v1/auth/me", &named).status, 401);
    assert_eq!(app.form("/api/v1/auth/revoke", &[("token", "never seen")]).status, 200);
    assert_eq!(app.form("/api/v1/auth/revoke", &[("no", "token")]).status, 400);
}

/// Fails where the sessions go on, where the current password is not judged, and without the rules of a new one.
#[test]
fn a_new_password_ends_the_other_sessions() {
    let app = TestApp::spawn();
    let (here, here_refresh) = app.sign_in("vera");
    let (there, there_refresh) = app.sign_in("vera");
    let change = |current: &str, new: &str| {
        app.json("POST", "/api/v1/auth/password", &here, &json!({"current_password": current, "new_password": new}))
    };
    assert_eq!(defects(&change(OTHER, "yet another long one")), ["wrong"]);
    assert_eq!(defects(&change(PASSWORD, "short")), ["too_short"]);
    assert_eq!(defects(&change(PASSWORD, "I am Vera from Toulouse")), ["contains_username"]);
    assert_eq!(change(PASSWORD, OTHER).status, 204);
    assert_eq!(app.get("/api/v1/auth/me", &here).status, 200);
    assert_eq!(app.refresh(&here_refresh).status, 200);
    assert_eq!(app.get("/api/v1/auth/me", &there).status, 401);
    assert_eq!(app.refresh(&there_refresh).status, 400);
    assert_eq!(app.sign_in_with("vera", PASSWORD).status, 400);
    assert_eq!(app.sign_in_with("vera", OTHER).status, 200);
}

/// Fails without the limit for a name, and without the one for an address.
#[test]
fn the_sixth_failure_waits_even_with_the_right_password() {
    let app = TestApp::spawn();
    for _ in 0..5 {
        assert_eq!(app.sign_in_with("vera", OTHER).status, 400);
    }
    let answer = app.sign_in_with("vera", PASSWORD);
    assert_eq!(answer.status, 429);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((890..=901).contains(&wait), "{wait}");
    assert_eq!(app.sign_in_with("eddie", PASSWORD).status, 200, "others are not shut out");
    // Names that do not exist are throttled alike, or the difference would tell which do.
    for _ in 0..5 {
        assert_eq!(app.sign_in_with("nobody", OTHER).status, 400);
    }
    assert_eq!(app.sign_in_with("nobody", OTHER).status, 429);
    for n in 0..10 {
        assert_eq!(app.sign_in_with(&format!("guess{n}"), OTHER).status, 400, "{n}");
    }
    assert_eq!(app.sign_in_with("eddie", PASSWORD).status, 429, "twenty failures from one address");
}

/// The other side of the next ones: right passwords must not be throttled.
#[test]
fn many_right_passwords_at_once_are_no_attack() {
    let app = TestApp::spawn();
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| app.sign_in("root"));
        }
    });
    let wrong: HashSet<u16> = (0..4).map(|_| app.sign_in_with("root", OTHER).status).collect();
    assert_eq!(wrong, HashSet::from([400]), "success has cleared the count");
    assert_eq!(app.sign_in_with("root", PASSWORD).status, 200);
}

/// Fails where a failure is counted only when the password was found wrong.
#[test]
fn many_wrong_passwords_at_once_are_counted_before_they_are_looked_at() {
    let app = TestApp::spawn();
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let attempts: Vec<_> = (0..16).map(|_| scope.spawn(|| app.sign_in_with("vera", OTHER).status)).collect();
        attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [[400; 5].as_slice(), &[429; 11]].concat());
}

/// A restart does as much as a second instance does: both begin with what the database says.
/// Fails where the count begins anew with a service, and where a name counts as it is written.
#[test]
fn another_instance_counts_on() {
    let app = TestApp::spawn();
    for _ in 0..5 {
        assert_eq!(app.sign_in_with("vera", OTHER).status, 400);
    }
    let beside = TestApp { app: app.app.beside(Options::default()) };
    assert_eq!(beside.sign_in_with("vera", PASSWORD).status, 429);
    assert_eq!(beside.sign_in_with("VERA", PASSWORD).status, 429, "in any spelling");
}

/// Fails where the password is judged beside the throttle.
#[test]
fn a_wrong_current_password_counts_as_a_failed_sign_in() {
    let app = TestApp::spawn();
    let token = app.token("vera");
    let change = |current: &str| {
        let body = json!({ "current_password": current, "new_password": "a lantern for the other pier" });
        app.json("POST", "/api/v1/auth/password", &token, &body)
    };
    for _ in 0..5 {
        assert_eq!(defects(&change(OTHER)), ["wrong"]);
    }
    assert_eq!(change(PASSWORD).status, 429, "a stolen session guesses no further");
    assert_eq!(app.sign_in_with("vera", PASSWORD).status, 429);
}
