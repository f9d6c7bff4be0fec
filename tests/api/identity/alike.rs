//! No answer and no clock shows whether a user exists.

use std::time::{Duration, Instant};

use super::*;

/// How often each kind of failure is timed.
const TRIES: usize = 40;
/// So many users that none of them fails five times.
const USERS: usize = 10;

/// How long a failed sign-in takes; each comes from an address of its own, so that none is throttled.
fn failure(app: &TestApp, n: usize, username: &str, password: &str) -> Duration {
    let form = [("grant_type", "password"), ("username", username), ("password", password)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let address = format!("203.0.113.{n}");
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("X-Forwarded-For", address.as_str())];
    let begun = Instant::now();
    let answer = app.send("POST", "/api/v1/auth/token", &headers, Some(&body));
    let took = begun.elapsed();
    assert_eq!((answer.status, &answer.body["error"]), (400, &json!("invalid_grant")), "{username}");
    took
}

/// Medians of forty each, taken in turn, so that whatever else the machine does slows them alike. Without the hash for
/// names of no user (`auth::password::DUMMY_HASH`) such a name takes a tenth of the time, and this fails.
#[test]
fn a_user_who_does_not_exist_takes_as_long_as_a_wrong_password() {
    let names = |kind: &str| (0..USERS).map(|n| format!("{kind}{n}")).collect::<Vec<_>>();
    let (known, shut_out) = (names("known"), names("shut-out"));
    let users: Vec<(&'static str, Role)> =
        known.iter().chain(&shut_out).map(|name| (&*name.clone().leak(), Role::Viewer)).collect();
    let options = Options { users: users.leak(), trusted_proxies: &["127.0.0.0/8"], ..Options::default() };
    let app = TestApp { app: support::TestApp::with(options) };
    let sql = "UPDATE users SET disabled = 1 WHERE username LIKE 'shut-out%'";
    support::database::run(&mut app.app.database.connect(), sql);

    let mut times: [Vec<Duration>; 3] = Default::default();
    for n in 0..TRIES {
        times[0].push(failure(&app, n, &known[n % USERS], OTHER));
        times[1].push(failure(&app, n, &format!("nobody{n}"), OTHER));
        times[2].push(failure(&app, n, &shut_out[n % USERS], PASSWORD));
    }
    let [wrong, unknown, shut_out] = times.map(|mut times| {
        times.sort_unstable();
        times[TRIES / 2]
    });
    for (what, median) in [("no user", unknown), ("a user who is shut out, with the right password", shut_out)] {
        assert!(median < 2 * wrong && wrong < 2 * median, "{wrong:?} for a wrong password, {median:?} for {what}");
    }
}
