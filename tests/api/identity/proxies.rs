//! The address of a client: failures to sign in are counted for the address that a trusted proxy names.

use super::*;

/// The statuses of so many failures, each with a user name and an `X-Forwarded-For` of its own.
fn failures(app: &TestApp, count: usize, forwarded: impl Fn(usize) -> String) -> Vec<u16> {
    let form = |n: usize| format!("grant_type=password&username=nobody{n}&password=short");
    let one = |n: usize| {
        let headers =
            [("Content-Type", "application/x-www-form-urlencoded"), ("X-Forwarded-For", &forwarded(n) as &str)];
        app.send("POST", "/api/v1/auth/token", &headers, Some(&form(n))).status
    };
    (0..count).map(one).collect()
}

fn behind(trusted_proxies: &'static [&'static str]) -> TestApp {
    TestApp { app: support::TestApp::with(Options { trusted_proxies, ..Options::default() }) }
}

/// Fails where the header counts from any sender, and without the limit for an address.
#[test]
fn only_a_trusted_proxy_can_name_the_address_of_a_client() {
    for trusted in [&[][..], &["10.0.0.0/8"]] {
        let statuses = failures(&behind(trusted), 21, |n| format!("203.0.113.{n}"));
        assert_eq!(statuses, [[400; 20].as_slice(), &[429]].concat(), "{trusted:?}");
    }
}

#[test]
fn behind_a_trusted_proxy_each_client_counts_for_itself() {
    let app = behind(&["127.0.0.0/8", "::1"]);
    assert_eq!(failures(&app, 25, |n| format!("203.0.113.{n}")), [400; 25]);
}

/// Fails where the first address of the header counts, or an address before that of a client.
#[test]
fn a_client_behind_a_trusted_proxy_cannot_choose_an_address_either() {
    let app = behind(&["127.0.0.0/8", "::1"]);
    let statuses = failures(&app, 21, |n| format!("198.51.100.{n}, 203.0.113.9"));
    assert_eq!(statuses, [[400; 20].as_slice(), &[429]].concat());
    assert_eq!(failures(&app, 1, |_| "203.0.113.9, 203.0.113.10".to_owned()), [400]);
}
