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
fn a_user_disabled_or_demoted_through_one_instance_is_out_in_the_other() {
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

#[cfg(feature = "postgres")]
mod on_postgres {
    use partnership_registry::db::DbConn;

    use super::*;
    use crate::support::database::{run, texts};

    /// Advisory locks at which statements can be stopped: before a session is there, and before a user is changed. Any
    /// numbers; the second half of each is the test's own.
    const SESSIONS: u32 = 1_207_361;
    const USERS: u32 = 1_207_363;

    /// Two instances, and a connection that holds both barriers.
    fn stopped() -> Option<(TestApp, TestApp, DbConn)> {
        let one = TestApp::spawn();
        let other = beside(&one);
        let mut conn = one.app.database.connect();
        if matches!(conn, DbConn::Sqlite(_)) {
            return None;
        }
        for (barrier, name, when) in
            [(SESSIONS, "stop_sessions", "INSERT ON sessions"), (USERS, "stop_users", "UPDATE ON users")]
        {
            let stop = format!(
                "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN PERFORM pg_advisory_xact_lock({barrier}, hashtext(TG_TABLE_SCHEMA)); RETURN NEW; END $$"
            );
            run(&mut conn, &stop);
            run(&mut conn, &format!("CREATE TRIGGER {name} BEFORE {when} FOR EACH ROW EXECUTE FUNCTION {name}()"));
        }
        Some((one, other, conn))
    }

    fn hold(conn: &mut DbConn, barrier: u32) {
        run(conn, &format!("SELECT pg_advisory_lock({barrier}, hashtext(current_schema()))"));
    }

    fn release(conn: &mut DbConn, barrier: u32) {
        run(conn, &format!("SELECT pg_advisory_unlock({barrier}, hashtext(current_schema()))"));
    }

    /// The connection whose statement is stopped at a barrier.
    fn is_stopped_at(conn: &mut DbConn, barrier: u32) -> Option<String> {
        let sql = format!(
            "SELECT pid::text AS value FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
             AND classid = {barrier} AND objid::bigint = hashtext(current_schema())::bigint & 4294967295"
        );
        texts(conn, &sql).pop_first()
    }

    fn stops_at(conn: &mut DbConn, barrier: u32) -> String {
        loop {
            if let Some(pid) = is_stopped_at(conn, barrier) {
                return pid;
            }
        }
    }

    /// Tells whether a statement of this test's services waits for a connection.
    fn waits_for(conn: &mut DbConn, app: &TestApp, pid: &str) -> bool {
        let sql = format!(
            "SELECT pid::text AS value FROM pg_stat_activity
             WHERE application_name = '{}' AND {pid} = ANY (pg_blocking_pids(pid))",
            app.app.database.name(),
        );
        !texts(conn, &sql).is_empty()
    }

    /// Fails when `lock_log` is taken out of `sessions::begin_bare`: then the session lives on, and gives new tokens. A
    /// user signs in, and is stopped after their account has been read and before the session is there; now their
    /// password is set.
    #[test]
    fn no_session_begins_beside_a_password_that_is_set() {
        let Some((one, other, mut conn)) = stopped() else { return };
        let root = one.token("root");
        hold(&mut conn, SESSIONS);
        let signed_in = std::thread::scope(|scope| {
            let signing_in = scope.spawn(|| one.sign_in_with("root", PASSWORD));
            let stopped = stops_at(&mut conn, SESSIONS);
            let setting = json!({"password": OTHER});
            let setting = scope.spawn(move || other.json("PATCH", "/api/v1/users/root", &root, &setting).status);
            // It is done, or it waits for who signs in.
            while !setting.is_finished() && !waits_for(&mut conn, &one, &stopped) {}
            release(&mut conn, SESSIONS);
            assert_eq!(setting.join().unwrap(), 200);
            signing_in.join().unwrap()
        });
        assert_eq!(signed_in.status, 200, "the password was right when it was judged");
        assert_eq!(one.get("/api/v1/auth/me", &signed_in.text("access_token")).status, 401);
        assert_eq!(one.refresh(&signed_in.text("refresh_token")).status, 400);
    }

    /// Fails when `lock_log` is taken out of `users::replace_own_password`. A user changes their own password, and is
    /// stopped before that; another client signs in with the old one.
    #[test]
    fn no_session_begins_beside_ones_own_new_password() {
        let Some((one, other, mut conn)) = stopped() else { return };
        let root = one.token("root");
        hold(&mut conn, SESSIONS);
        hold(&mut conn, USERS);
        let signed_in = std::thread::scope(|scope| {
            let body = json!({"current_password": PASSWORD, "new_password": OTHER});
            let changing = scope.spawn(move || other.json("POST", "/api/v1/auth/password", &root, &body).status);
            let stopped = stops_at(&mut conn, USERS);
            let signing_in = scope.spawn(|| one.sign_in_with("root", PASSWORD));
            // It waits for who changes the password, or it is wrongly further than that.
            let further = |conn: &mut DbConn| is_stopped_at(conn, SESSIONS).is_some();
            while !waits_for(&mut conn, &one, &stopped) && !further(&mut conn) {}
            release(&mut conn, USERS);
            assert_eq!(changing.join().unwrap(), 204);
            release(&mut conn, SESSIONS);
            signing_in.join().unwrap()
        });
        if signed_in.status == 200 {
            assert_eq!(one.refresh(&signed_in.text("refresh_token")).status, 400);
        } else {
            assert_eq!(signed_in.status, 400, "{}", signed_in.body);
        }
    }
}
