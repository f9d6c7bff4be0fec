//! Two instances over one database: what is done through one holds in the other at once.

use super::*;

/// A second instance beside the first.
fn beside(app: &TestApp) -> TestApp {
    TestApp { app: app.app.beside(Options::default()) }
}

fn change(app: &TestApp, user: &str, change: &Value) {
    let answer = app.json("PATCH", &format!("/api/v1/users/{user}"), &app.token("root"), change);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Fails when who a token belongs to is remembered in the instance instead of being read for each request.
#[test]
fn who_is_disabled_or_demoted_through_one_instance_is_out_in_the_other() {
    let one = TestApp::spawn();
    let other = beside(&one);
    for lessened in [json!({"disabled": true}), json!({"disabled": false, "role": "viewer"})] {
        change(&one, "eddie", &json!({"disabled": false, "role": "editor"}));
        let (access, refresh) = other.sign_in("eddie");
        assert_eq!(other.write("nations", &access), 422);
        change(&one, "eddie", &lessened);
        assert_eq!(other.get("/api/v1/auth/me", &access).status, 401, "{lessened}");
        assert_eq!(other.refresh(&refresh).status, 400, "{lessened}");
    }
    assert_eq!(other.write("nations", &other.token("eddie")), 403, "what is left of the role");
}

/// Fails when attempts are counted in the instance instead of the database.
#[test]
fn attempts_to_sign_in_count_for_every_instance() {
    let one = TestApp::spawn();
    let other = beside(&one);
    for _ in 0..5 {
        assert_eq!(one.sign_in_with("vera", OTHER).status, 400);
    }
    let answer = other.sign_in_with("vera", PASSWORD);
    assert_eq!(answer.status, 429, "{}", answer.body);
}

#[cfg(feature = "postgres")]
mod on_postgres {
    use partnership_registry::db::DbConn;

    use super::*;
    use crate::support::database::{run, texts};

    /// Any number.
    const BARRIER: u32 = 1_207_361;

    /// Statements of this test's services that wait for an advisory lock.
    fn waiting(conn: &mut DbConn, app: &TestApp) -> usize {
        let sql = format!(
            "SELECT pid::text AS value FROM pg_stat_activity
             WHERE application_name = '{}' AND wait_event_type = 'Lock' AND wait_event = 'advisory'",
            app.app.database.name(),
        );
        texts(conn, &sql).len()
    }

    /// Somebody signs in, and stops after their account has been read and before the session is there; now the password is
    /// replaced. Each of the two fails when `lock_log` is taken out of `sessions::begin`, the second one also when it is
    /// taken out of `users::replace_own_password`: then the session lives on, and gives new tokens.
    fn no_session_begins_beside(replace: impl Fn(&TestApp, &str) -> u16 + Sync) {
        let one = TestApp::spawn();
        let other = beside(&one);
        let mut conn = one.app.database.connect();
        if matches!(conn, DbConn::Sqlite(_)) {
            return;
        }
        let (earlier, _) = one.sign_in("root");
        run(
            &mut conn,
            &format!(
                "CREATE FUNCTION at_the_barrier() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN PERFORM pg_advisory_xact_lock({BARRIER}); RETURN NEW; END $$"
            ),
        );
        run(
            &mut conn,
            "CREATE TRIGGER at_the_barrier BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION at_the_barrier()",
        );
        run(&mut conn, &format!("SELECT pg_advisory_lock({BARRIER})"));
        let signed_in = std::thread::scope(|scope| {
            let signing_in = scope.spawn(|| one.sign_in_with("root", PASSWORD));
            while waiting(&mut conn, &one) < 1 {}
            let replacing = scope.spawn(|| replace(&other, &earlier));
            // It is done, or it waits for who signs in.
            while !replacing.is_finished() && waiting(&mut conn, &one) < 2 {}
            run(&mut conn, &format!("SELECT pg_advisory_unlock({BARRIER})"));
            assert!(matches!(replacing.join().unwrap(), 200 | 204));
            signing_in.join().unwrap()
        });
        assert_eq!(signed_in.status, 200, "the password was right when it was judged");
        assert_eq!(one.get("/api/v1/auth/me", &signed_in.text("access_token")).status, 401);
        assert_eq!(one.refresh(&signed_in.text("refresh_token")).status, 400);
    }

    #[test]
    fn no_session_begins_beside_a_password_that_is_set() {
        no_session_begins_beside(|app, token| {
            app.json("PATCH", "/api/v1/users/root", token, &json!({"password": OTHER})).status
        });
    }

    #[test]
    fn no_session_begins_beside_ones_own_new_password() {
        no_session_begins_beside(|app, token| {
            let body = json!({"current_password": PASSWORD, "new_password": OTHER});
            app.json("POST", "/api/v1/auth/password", token, &body).status
        });
    }
}
