//! Sessions: one sign-in and the refresh tokens that follow from it (RFC 9700 §4.14).
//!
//! A refresh token works once. When one comes a second time, there is a copy of it, and no way to tell which is which:
//! the whole family ends. A session that ends is deleted, and with it every token that names it.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::account::{Account, account};
use super::secret::{Secret, sha256_hex};
use super::subscriptions;
use super::username::Username;
use crate::clock::{now, stamp};
use crate::db::schema::{
    named_tokens, page_sessions, refresh_tokens as tokens, sessions, sign_in_links, users as accounts,
};
use crate::db::{DbConn, lock_log};
use crate::error::Result;
use crate::limits::SESSIONS;

/// The time that a refresh token waits to be used.
const SLIDING: TimeDelta = TimeDelta::days(14);
/// The time that a session lasts, however often it is refreshed.
const ABSOLUTE: TimeDelta = TimeDelta::days(90);

/// The result of using a refresh token.
#[derive(Debug)]
pub(super) enum Refreshed {
    /// The session goes on with this token.
    Next {
        /// Its owner.
        username: Username,
        /// The session.
        session: String,
        /// The next refresh token.
        token: Secret,
    },
    /// The token is unknown, or has expired.
    Unknown,
    /// The token was used before: the session is over now.
    Reused {
        /// Its former owner.
        username: Username,
    },
}

/// A session that has begun.
pub(super) struct Begun {
    /// Its owner, as they are now.
    pub(super) account: Account,
    /// The session.
    pub(super) session: String,
    /// Its first refresh token.
    pub(super) token: Secret,
}

/// Begins a session for an account whose password was right. `None` when the account has changed: much may have
/// happened while the password was hashed.
pub(super) fn begin(conn: &mut DbConn, verified: &Account, now: DateTime<Utc>) -> Result<Option<Begun>> {
    let Some((account, session)) = begin_bare(conn, verified, now)? else { return Ok(None) };
    let token = add_token(conn, &session, now + SLIDING)?;
    Ok(Some(Begun { account, session, token }))
}

/// [`begin`] without a refresh token: for what proves a session otherwise.
pub(super) fn begin_bare(
    conn: &mut DbConn,
    verified: &Account,
    now: DateTime<Utc>,
) -> Result<Option<(Account, String)>> {
    // Until this transaction ends no other one changes a user: the next one that does sees the session, and ends it.
    lock_log(conn)?;
    let holds = |account: &Account| !account.disabled && account.password_hash == verified.password_hash;
    let Some(account) = account(conn, &verified.username)?.filter(holds) else { return Ok(None) };
    let username = &account.username;
    diesel::delete(sessions::table.filter(sessions::expires_at.le(stamp(now)))).execute(conn)?;
    let excess: Vec<String> = sessions::table
        .filter(sessions::username.eq(username.as_str()))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .select(sessions::id)
        .offset(SESSIONS - 1)
        .limit(SESSIONS)
        .load(conn)?;
    for id in excess {
        end(conn, &id)?;
    }
    let id = uuid::Uuid::now_v7().to_string();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(&id),
            sessions::username.eq(username.as_str()),
            sessions::created_at.eq(stamp(now)),
            sessions::expires_at.eq(stamp(now + ABSOLUTE)),
        ))
        .execute(conn)?;
    Ok(Some((account, id)))
}

/// Uses a refresh token. Call it in a transaction that commits whatever it answers.
pub(super) fn refresh(conn: &mut DbConn, token: &str, now: DateTime<Utc>) -> Result<Refreshed> {
    // Else a change of the user at the same moment, which ends the session, and this could wait for one another.
    lock_log(conn)?;
    let digest = sha256_hex(token.as_bytes());
    let found: Option<(String, Username, String, String)> = tokens::table
        .inner_join(sessions::table)
        .filter(tokens::digest.eq(&digest))
        .select((sessions::id, sessions::username, sessions::expires_at, tokens::expires_at))
        .get_result(conn)
        .optional()?;
    let Some((session, username, session_expires_at, token_expires_at)) = found else { return Ok(Refreshed::Unknown) };
    let present = stamp(now);
    // The row count decides, so that of two requests at once one alone succeeds (CVE-2026-1035).
    let used = diesel::update(tokens::table.filter(tokens::digest.eq(&digest)).filter(tokens::used_at.is_null()))
        .set(tokens::used_at.eq(&present))
        .execute(conn)?;
    if used == 0 {
        end(conn, &session)?;
        return Ok(Refreshed::Reused { username });
    }
    if session_expires_at <= present || token_expires_at <= present {
        end(conn, &session)?;
        return Ok(Refreshed::Unknown);
    }
    diesel::delete(tokens::table.filter(tokens::session.eq(&session)).filter(tokens::expires_at.le(&present)))
        .execute(conn)?;
    let token = add_token(conn, &session, now + SLIDING)?;
    Ok(Refreshed::Next { username, session, token })
}

/// Returns the session and the owner of a refresh token that would work, which it still does after this.
pub(super) fn unused(conn: &mut DbConn, token: &str, now: DateTime<Utc>) -> Result<Option<(String, Username)>> {
    let present = stamp(now);
    Ok(tokens::table
        .inner_join(sessions::table)
        .filter(tokens::digest.eq(sha256_hex(token.as_bytes())))
        .filter(tokens::used_at.is_null())
        .filter(tokens::expires_at.gt(&present))
        .filter(sessions::expires_at.gt(&present))
        .select((sessions::id, sessions::username))
        .get_result(conn)
        .optional()?)
}

/// Ends the session of a refresh token, used or not; returns its owner.
pub(super) fn end_by_token(conn: &mut DbConn, token: &str) -> Result<Option<Username>> {
    let found: Option<(String, Username)> = tokens::table
        .inner_join(sessions::table)
        .filter(tokens::digest.eq(sha256_hex(token.as_bytes())))
        .select((sessions::id, sessions::username))
        .get_result(conn)
        .optional()?;
    let Some((session, username)) = found else { return Ok(None) };
    end(conn, &session)?;
    Ok(Some(username))
}

/// Ends a session.
pub(super) fn end(conn: &mut DbConn, session: &str) -> Result<()> {
    diesel::delete(sessions::table.find(session)).execute(conn)?;
    Ok(())
}

/// Ends a user's sessions, all but one perhaps.
pub(super) fn end_all(conn: &mut DbConn, username: &Username, but: Option<&str>) -> Result<()> {
    diesel::delete(
        sessions::table
            .filter(sessions::username.eq(username.as_str()))
            .filter(sessions::id.ne(but.unwrap_or_default())),
    )
    .execute(conn)?;
    Ok(())
}

/// Ends every session and named token of all users: for a registry that was restored from a backup, in which tokens
/// that were revoked since would be valid again (rules.md 10).
///
/// # Errors
/// Errors of the database.
pub fn revoke_all_sessions_and_tokens(conn: &mut DbConn) -> Result<()> {
    lock_log(conn)?;
    diesel::delete(sessions::table).execute(conn)?;
    diesel::delete(page_sessions::table).execute(conn)?;
    diesel::delete(sign_in_links::table).execute(conn)?;
    diesel::update(named_tokens::table.filter(named_tokens::revoked_at.is_null()))
        .set(named_tokens::revoked_at.eq(stamp(now())))
        .execute(conn)?;
    subscriptions::revoke(conn, None, None, now())?;
    diesel::update(accounts::table).set(accounts::epoch.eq(accounts::epoch + 1)).execute(conn)?;
    Ok(())
}

fn add_token(conn: &mut DbConn, session: &str, expires_at: DateTime<Utc>) -> Result<Secret> {
    let token = Secret::random()?;
    diesel::insert_into(tokens::table)
        .values((
            tokens::digest.eq(sha256_hex(token.reveal().as_bytes())),
            tokens::session.eq(session),
            tokens::expires_at.eq(stamp(expires_at)),
        ))
        .execute(conn)?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::users;
    use crate::auth::{NewNamedToken, Role};
    use crate::db::{DatabaseUrl, Db, Limits};
    use crate::values::FromText as _;

    fn with_ada(test: impl FnOnce(&mut DbConn, &Account) -> Result<()> + Send + 'static) {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        Db::migrate(&url).unwrap();
        let db = Db::open(&url, Limits::default()).unwrap();
        users::add(&db, "ada", Role::Viewer, None, "heron beside a slow canal").unwrap();
        db.write_blocking(move |conn| {
            let ada = account(conn, &Username::parse("ada").unwrap())?.unwrap();
            test(conn, &ada)
        })
        .unwrap();
    }

    fn first(conn: &mut DbConn, ada: &Account, at: DateTime<Utc>) -> Secret {
        begin(conn, ada, at).unwrap().unwrap().token
    }

    fn next(conn: &mut DbConn, token: &Secret, at: DateTime<Utc>) -> Option<Secret> {
        match refresh(conn, token.reveal(), at).unwrap() {
            Refreshed::Next { token, .. } => Some(token),
            Refreshed::Unknown | Refreshed::Reused { .. } => None,
        }
    }

    #[test]
    fn a_refresh_token_waits_fourteen_days() {
        with_ada(|conn, ada| {
            let begun = now();
            let early = first(conn, ada, begun);
            let late = first(conn, ada, begun);
            assert!(next(conn, &early, begun + SLIDING - TimeDelta::seconds(1)).is_some());
            assert!(next(conn, &late, begun + SLIDING).is_none());
            Ok(())
        });
    }

    #[test]
    fn a_session_ends_after_ninety_days_however_busy() {
        with_ada(|conn, ada| {
            let begun = now();
            let mut token = first(conn, ada, begun);
            for day in (10..90).step_by(10) {
                token = next(conn, &token, begun + TimeDelta::days(day)).unwrap();
            }
            assert!(next(conn, &token, begun + ABSOLUTE).is_none());
            assert_eq!(sessions::table.count().get_result::<i64>(conn)?, 0);
            assert_eq!(tokens::table.count().get_result::<i64>(conn)?, 0, "its tokens went with it");
            Ok(())
        });
    }

    /// Fails when `begin` does not look again.
    #[test]
    fn no_session_begins_with_a_password_that_has_been_replaced_or_for_somebody_shut_out() {
        with_ada(|conn, ada| {
            assert!(begin(conn, ada, now())?.is_some());
            let shut_out = |disabled| users::Change { disabled: Some(disabled), ..Default::default() };
            users::change(conn, &ada.username, &shut_out(true), None, now())?;
            assert!(begin(conn, ada, now())?.is_none());
            users::change(conn, &ada.username, &shut_out(false), Some("another hash"), now())?;
            assert!(begin(conn, ada, now())?.is_none());
            Ok(())
        });
    }

    #[test]
    fn one_session_too_many_ends_the_oldest() {
        with_ada(|conn, ada| {
            let begun = now();
            let oldest = first(conn, ada, begun);
            let second = first(conn, ada, begun + TimeDelta::seconds(1));
            for more in 2..=SESSIONS {
                begin(conn, ada, begun + TimeDelta::seconds(more))?;
            }
            assert_eq!(sessions::table.count().get_result::<i64>(conn)?, SESSIONS);
            assert!(next(conn, &oldest, begun + TimeDelta::hours(1)).is_none());
            assert!(next(conn, &second, begun + TimeDelta::hours(1)).is_some());
            Ok(())
        });
    }

    /// Fails where the token itself is kept.
    #[test]
    fn the_database_holds_no_token() {
        with_ada(|conn, ada| {
            let token = first(conn, ada, now());
            let digests: Vec<String> = tokens::table.select(tokens::digest).load(conn)?;
            assert_eq!(digests, [sha256_hex(token.reveal().as_bytes())]);
            Ok(())
        });
    }

    /// Fails where the sessions, the named tokens or the epochs stay.
    #[test]
    fn nothing_survives_a_restored_backup() {
        with_ada(|conn, ada| {
            let token = first(conn, ada, now());
            let new = NewNamedToken {
                name: crate::values::Name::parse("export").unwrap(),
                role: Role::Viewer,
                expires_at: now() + TimeDelta::days(30),
            };
            crate::auth::named_tokens::insert(conn, "a-token", &ada.username, &new, "a-key", now())?;
            revoke_all_sessions_and_tokens(conn)?;
            let revoked = crate::auth::named_tokens::find(conn, "a-token", None)?.revoked_at;
            assert!(revoked.is_some());
            assert!(next(conn, &token, now()).is_none());
            assert!(account(conn, &ada.username)?.unwrap().epoch > ada.epoch);
            Ok(())
        });
    }
}
