//! Passwords and tokens are in no log, at whatever level, and in no error: a whole life of a service, logged at
//! `trace`.

use serde_json::{Value, json};

use crate::support::DemoProcess;

const PASSWORD: &str = "nine otters in the harbour";
const NEW_PASSWORD: &str = "heron beside a slow canal";
/// Without a character that a message would escape.
const MISTYPED: &str = "the password of my bank by mistake";

/// A line of a log that the program did not write.
const FORGED: &str = "2026-11-24T00:00:00.000000Z INFO  auth: admin signed in from 192.0.2.1";

/// Uses the address of a subscription, and addresses like it that are wrong.
fn use_addresses(life: &mut DemoProcess, ada: &str) {
    let question = json!({ "query": "/agreements?format=ics" });
    let (status, made) = life.json("POST", "/api/v1/subscriptions", ada, &question);
    assert_eq!(status, 201);
    let address = made["address"].as_str().unwrap().to_owned();
    let secret = life.keep(address.rsplit('/').next().unwrap().trim_end_matches(".ics"));
    let wrong = life.keep("c2VjcmV0LW9mLW5vLXN1YnNjcmlwdGlvbi1hbnl3aGVyZQ");
    let below = address.trim_end_matches(&format!("{secret}.ics")).to_owned();
    for (path, expected) in [
        (address.clone(), 200),
        (format!("{below}{wrong}.ics"), 404),
        (format!("{below}{secret}.csv"), 404),
        (format!("{below}{secret}"), 404),
        (format!("{address}?limit=1"), 400),
        (format!("{address}/more"), 404),
        (format!("/api/v1{address}"), 401),
    ] {
        assert_eq!(life.json("GET", &path, "", &Value::Null).0, expected, "{path}");
    }
}

/// Fails where one of the secrets is in the log or in an error, in any of its forms.
fn assert_nowhere(secrets: &[String], log: &[String], errors: &[String]) {
    let mut found = Vec::new();
    for secret in secrets {
        // As it is, as a form or a header carries it, and as a message quotes it.
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let forms = [secret.clone(), encoded, secret.escape_debug().to_string()];
        for text in log.iter().chain(errors).filter(|text| forms.iter().any(|form| text.contains(form.as_str()))) {
            found.push(text.chars().take(200).collect::<String>());
        }
    }
    assert!(found.is_empty(), "{} secrets, found in\n{}", secrets.len(), found.join("\n"));
    for line in log {
        assert!(line.starts_with("20") && line.contains("Z ") && !line.contains('\r'), "no line of its own: {line}");
        assert!(!line.starts_with(FORGED), "{line}");
    }
}
/// Fails where the access log has the URL or a header, where `Debug` of a password or of a token shows it, where the
/// name of a failed sign-in is logged although no user has it, and where an error quotes a user name that is none.
#[test]
fn no_log_and_no_error_holds_a_password_or_a_token() {
    let mut life = DemoProcess::start("trace", PASSWORD);
    for secret in [PASSWORD, NEW_PASSWORD, MISTYPED] {
        life.keep(secret);
    }
    let (status, admin, refresh) = life.sign_in("admin", PASSWORD);
    assert_eq!(status, 200);
    assert_eq!(life.sign_in("admin", MISTYPED).0, 400);
    assert_eq!(life.sign_in(MISTYPED, PASSWORD).0, 400, "a password typed as the name");
    let forged = format!("ada\n{FORGED}\r{FORGED}");
    assert_eq!(life.sign_in(&forged, PASSWORD).0, 400);
    assert_eq!(life.refresh(&refresh).0, 200);
    let user = json!({ "username": "ada", "role": "editor", "password": NEW_PASSWORD });
    assert_eq!(life.json("POST", "/api/v1/users", &admin, &user).0, 201);
    assert_eq!(life.json("POST", "/api/v1/users", &admin, &user).0, 409);
    for wrong in [
        json!({ "username": "bob", "role": "editor", "password": [MISTYPED] }),
        json!({ "username": MISTYPED, "role": "chief", "password": "ada ada ada ada ada" }),
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
    use_addresses(&mut life, &ada);
    assert_eq!(life.json("DELETE", "/api/v1/nations/FR", &tool, &Value::Null).0, 403);
    assert_eq!(life.refresh(&refresh).0, 400, "a second use ends the session");
    assert_eq!(life.json("GET", "/api/v1/nations", &admin, &Value::Null).0, 401);
    let forged = life.keep(&format!("{}AAAA", &ada[..ada.len() - 4]));
    assert_eq!(life.json("GET", "/api/v1/nations", &forged, &Value::Null).0, 401);
    let in_url = format!("/api/v1/nations?access_token={ada}");
    assert_eq!(life.json("GET", &in_url, &ada, &Value::Null).0, 400);
    assert_eq!(life.send("POST", "/api/v1/projects", &ada, "application/json", "{\"name\": ").0, 400);
    assert_eq!(life.form("/api/v1/auth/revoke", &[("token", &ada_refresh)]).0, 200);

    let (secrets, errors) = (std::mem::take(&mut life.secrets), std::mem::take(&mut life.errors));
    let log = life.stop();
    assert!(log.iter().any(|line| line.contains(" TRACE ")), "nothing was logged at trace");
    assert!(errors.len() > 10);
    assert_nowhere(&secrets, &log, &errors);
}
