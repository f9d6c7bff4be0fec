//! Sessions of browsers: a cookie in place of a bearer token, for pages alone.
//!
//! The secret in the cookie is random, new at every sign-in, and kept as its digest. The session and the user are read
//! from the database for every request, as for a token: a session that was ended, a user who was disabled and a new
//! role count at once.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::account::account;
use super::caller::{Caller, Identity};
use super::oidc::{Answer, Provider, no_sign_in};
use super::password::Password;
use super::role::Role;
use super::secret::{Secret, sha256_hex};
use super::sessions;
use super::sign_in::Address;
use super::state::Auth;
use super::throttle;
use super::username::Username;
use crate::clock::{self, stamp};
use crate::db::schema::{page_sessions, sessions as all_sessions, sign_in_links as links, users as accounts};
use crate::db::{Db, DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::values::FromText as _;

/// The time that a browser stays signed in: a working day.
pub const BROWSER_SECONDS: i64 = 12 * 3_600;
/// The time that a sign-in link works.
const LINK: TimeDelta = TimeDelta::minutes(5);

/// The one answer to a link that does not work.
const NO_LINK: Error = Error::Unauthenticated("the link has been used, or is too old");

impl Auth {
    /// Signs a user in with their password, for a browser; answers with the secret for its cookie.
    ///
    /// # Errors
    /// As [`Auth::sign_in`].
    pub async fn sign_in_browser(&self, name: &str, password: Password, address: Address) -> Result<Secret> {
        let begin = |conn: &mut DbConn, session: &str| add(conn, session, clock::now());
        self.begin_session(name, password, address, begin).await
    }

    /// Signs a user in with a link, which works once.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the link does not work, or not any more; what the database says.
    pub async fn sign_in_by_link(&self, link: &str, address: Address) -> Result<Secret> {
        let digest = sha256_hex(link.as_bytes());
        let (name, secret) = self
            .inner
            .db
            .write(move |conn| {
                let now = clock::now();
                let found: Option<(Username, String)> = links::table
                    .filter(links::digest.eq(&digest))
                    .select((links::username, links::expires_at))
                    .get_result(conn)
                    .optional()?;
                // The row count decides, so that of two requests at once one alone succeeds.
                let used = diesel::delete(links::table.filter(links::digest.eq(&digest))).execute(conn)?;
                let valid = found.filter(|(_, expires_at)| used == 1 && *expires_at > stamp(now));
                let Some((username, _)) = valid else { return Ok(None) };
                let Some(account) = account(conn, &username)? else { return Ok(None) };
                let Some((account, session)) = sessions::begin_bare(conn, &account, now)? else { return Ok(None) };
                Ok(Some((account.username, add(conn, &session, now)?)))
            })
            .await?
            .ok_or(NO_LINK)?;
        log::info!(target: "auth", "{name} signed in with a link from {}", throttle::address_key(address));
        Ok(secret)
    }

    /// Returns the name of the identity provider, for the form to sign in.
    pub fn provider_name(&self) -> Option<String> {
        self.inner.provider.as_ref()?.name()
    }

    fn provider(&self) -> Result<&Provider> {
        self.inner.provider.as_ref().ok_or_else(no_sign_in)
    }

    /// Begins a sign-in at the identity provider: what the browser keeps meanwhile, and where it goes.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none; [`Error::Unavailable`] when the provider does not answer.
    pub async fn begin_at_provider(&self, redirect: &str) -> Result<(Secret, String)> {
        self.provider()?.begin(redirect).await
    }

    /// Signs in a user who comes back from the identity provider, for a browser. No token of the provider is kept.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for an answer that proves nothing; [`Error::Forbidden`] for a subject without a role
    /// here; [`Error::TooManyRequests`] after too many failures; [`Error::Unavailable`] when the provider does not
    /// answer.
    pub async fn sign_in_from_provider(&self, answer: Answer, redirect: &str, address: Address) -> Result<Secret> {
        let provider = self.provider()?;
        let from = throttle::address_key(address);
        // Failures count for the address alone: each sign-in has a name of its own.
        let (name, key) = (uuid::Uuid::now_v7().to_string(), from.clone());
        let begin = move |conn: &mut DbConn| throttle::begin(conn, &name, &key, clock::now());
        let attempt = self.inner.db.write(begin).await?;
        let (subject, kept) = provider.finish(answer, redirect).await.inspect_err(|_| {
            log::warn!(target: "auth", "a sign-in from {from} at the identity provider failed");
        })?;
        let secret = self
            .inner
            .db
            .write(move |conn| {
                throttle::succeeded(conn, &attempt)?;
                insert(conn, Owner::Subject(&kept), clock::now())
            })
            .await?;
        log::info!(target: "auth", "{} signed in at the identity provider from {from}", subject.name());
        Ok(secret)
    }

    /// Proves who sent a cookie.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; what the database says.
    pub async fn authenticate_browser(&self, secret: &str) -> Result<Caller> {
        let digest = sha256_hex(secret.as_bytes());
        let over = Error::Unauthenticated("the session is over");
        let now = stamp(clock::now());
        let find = move |conn: &mut DbConn| match owner(conn, &digest, &now)? {
            Some(caller) => Ok((Some(caller), None)),
            None => Ok((None, subject(conn, &digest, &now)?)),
        };
        let (caller, kept) = self.inner.db.read(ReadClass::Inline, find).await?;
        let vouched = || self.inner.provider.as_ref()?.kept(&kept?);
        caller.or_else(vouched).ok_or(over)
    }

    /// Ends the session of a cookie. One that is not known is as good as ended.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn end_browser(&self, secret: &str) -> Result<()> {
        let digest = sha256_hex(secret.as_bytes());
        self.inner
            .db
            .write(move |conn| {
                let row = page_sessions::table.filter(page_sessions::digest.eq(&digest));
                let session: Option<Option<String>> = row.select(page_sessions::session).get_result(conn).optional()?;
                if let Some(Some(session)) = session {
                    sessions::end(conn, &session)?;
                }
                diesel::delete(page_sessions::table.filter(page_sessions::digest.eq(&digest))).execute(conn)?;
                Ok(())
            })
            .await
    }
}

/// Makes a link that signs a user in, once, within five minutes.
///
/// # Errors
/// [`Error::Validation`] for what cannot be a user name; what the database says.
pub fn make_link(db: &Db, username: &str) -> Result<Secret> {
    let username =
        Username::parse(username).map_err(|reason| Error::bad_parameter("username", reason.code, reason.detail))?;
    let link = Secret::random()?;
    let digest = sha256_hex(link.reveal().as_bytes());
    db.write_blocking(move |conn| {
        diesel::insert_into(links::table)
            .values((
                links::digest.eq(digest),
                links::username.eq(username.as_str()),
                links::expires_at.eq(stamp(clock::now() + LINK)),
            ))
            .execute(conn)?;
        Ok(())
    })?;
    Ok(link)
}

/// The owner of a cookie.
enum Owner<'a> {
    Session(&'a str),
    Subject(&'a str),
}

/// Adds the cookie of a session that has begun.
fn add(conn: &mut DbConn, session: &str, now: DateTime<Utc>) -> Result<Secret> {
    insert(conn, Owner::Session(session), now)
}

fn insert(conn: &mut DbConn, owner: Owner<'_>, now: DateTime<Utc>) -> Result<Secret> {
    diesel::delete(page_sessions::table.filter(page_sessions::expires_at.le(stamp(now)))).execute(conn)?;
    let secret = Secret::random()?;
    let (session, subject) = match owner {
        Owner::Session(session) => (Some(session), None),
        Owner::Subject(subject) => (None, Some(subject)),
    };
    diesel::insert_into(page_sessions::table)
        .values((
            page_sessions::digest.eq(sha256_hex(secret.reveal().as_bytes())),
            page_sessions::session.eq(session),
            page_sessions::subject.eq(subject),
            page_sessions::expires_at.eq(stamp(now + TimeDelta::seconds(BROWSER_SECONDS))),
        ))
        .execute(conn)?;
    Ok(secret)
}

/// Reads the record of a person whom the identity provider vouches for, where a cookie is theirs.
fn subject(conn: &mut DbConn, digest: &str, now: &str) -> Result<Option<String>> {
    let row = page_sessions::table.filter(page_sessions::digest.eq(digest)).filter(page_sessions::expires_at.gt(now));
    let found: Option<Option<String>> = row.select(page_sessions::subject).get_result(conn).optional()?;
    Ok(found.flatten())
}

/// Finds the owner of a cookie, if it still has one.
fn owner(conn: &mut DbConn, digest: &str, now: &str) -> Result<Option<Caller>> {
    let found: Option<(Username, String, Role)> = page_sessions::table
        .inner_join(all_sessions::table.inner_join(accounts::table))
        .filter(page_sessions::digest.eq(digest))
        .filter(page_sessions::expires_at.gt(now))
        .filter(all_sessions::expires_at.gt(now))
        .filter(accounts::disabled.eq(0))
        .select((all_sessions::username, all_sessions::id, accounts::role))
        .get_result(conn)
        .optional()?;
    Ok(found.map(|(username, session, role)| Caller::new(Identity::Session { username, session }, role)))
}
