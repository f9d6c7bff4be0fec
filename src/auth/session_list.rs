//! The sessions that go on, to be listed and ended by those they belong to, or by an admin.
//!
//! A session of a user is a row of `sessions`. One of a person whom the identity provider vouches for is a cookie
//! alone; its id is the beginning of the digest of the cookie, which proves nothing.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::caller::Caller;
use super::secret::sha256_hex;
use super::sessions;
use super::state::{Auth, own_only};
use crate::clock::{self, stamp};
use crate::db::schema::{page_sessions, sessions as table};
use crate::db::{DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::values::{FromText as _, text_enum};

text_enum! {
    /// The client of a session.
    pub enum SessionKind {
        /// A browser, with a cookie.
        Browser = "browser",
        /// A program, with tokens.
        Application = "application",
    }
}

impl utoipa::PartialSchema for SessionKind {
    fn schema() -> RefOr<Schema> {
        Self::text_schema()
            .description(Some("The client of a session: a `browser` with a cookie, or an `application` with tokens."))
            .build()
            .into()
    }
}

impl utoipa::ToSchema for SessionKind {}

/// A session that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Session {
    /// Its id.
    #[schema(example = "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11")]
    pub id: String,
    /// The user; `oidc:` and a subject for a person whom the identity provider vouches for.
    #[schema(example = "ada.lovelace")]
    pub username: String,
    /// The client.
    pub kind: SessionKind,
    /// The time of the sign-in; for a person of the identity provider it is not kept.
    #[schema(required, format = DateTime, example = "2026-11-24T09:30:00.000000Z")]
    pub created_at: Option<String>,
    /// The time at which it ends by itself.
    #[schema(format = DateTime, example = "2027-02-22T09:30:00.000000Z")]
    pub expires_at: String,
    /// True if this request belongs to it.
    #[schema(example = true)]
    pub current: bool,
}

/// The number of characters of the digest of a cookie that are an id.
const ID_LENGTH: usize = 32;

/// Returns the id of the session of a cookie, where it has no other.
pub fn id_of_cookie(secret: &str) -> String {
    id_of_digest(&sha256_hex(secret.as_bytes()))
}

fn id_of_digest(digest: &str) -> String {
    digest.chars().take(ID_LENGTH).collect()
}

impl Auth {
    /// Returns at most `limit` sessions of the caller's (an admin's are all) after `after`, in the order of their ids,
    /// and their number in all.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn sessions(&self, caller: &Caller, after: Option<String>, limit: i64) -> Result<(Vec<Session>, i64)> {
        let (owner, now) = (own_only(caller), stamp(clock::now()));
        let own = caller.session().map(|(_, session)| session.to_owned());
        let auth = self.clone();
        let read = move |conn: &mut DbConn| {
            let vouched = auth.vouched(conn, owner.as_deref(), &now)?;
            let total =
                of_users_count(conn, owner.as_deref(), &now)? + i64::try_from(vouched.len()).unwrap_or(i64::MAX);
            let after = after.unwrap_or_default();
            let mut all = of_users(conn, owner.as_deref(), &now, &after, limit)?;
            all.extend(vouched.into_iter().filter(|session| session.id > after));
            all.sort_by(|a, b| a.id.cmp(&b.id));
            all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            for session in &mut all {
                session.current = own.as_ref() == Some(&session.id);
            }
            Ok((all, total))
        };
        self.inner.db.read(ReadClass::Pooled, read).await
    }

    /// Ends a session of the caller's; an admin's are all.
    ///
    /// # Errors
    /// [`Error::NotFound`]; what the database says.
    pub async fn end_session(&self, caller: &Caller, id: String) -> Result<()> {
        let (owner, now) = (own_only(caller), stamp(clock::now()));
        let auth = self.clone();
        let (of, ended) = (owner.clone(), id.clone());
        let username = self
            .inner
            .db
            .write(move |conn| {
                let found: Option<String> =
                    table::table.find(&id).select(table::username).get_result(conn).optional()?;
                if let Some(username) = found.filter(|username| of.as_ref().is_none_or(|of| of == username)) {
                    sessions::end(conn, &id)?;
                    return Ok(username);
                }
                let vouched = auth.vouched(conn, of.as_deref(), &now)?.into_iter().find(|session| session.id == id);
                let session = vouched.ok_or_else(|| Error::NotFound("there is no such session".to_owned()))?;
                let cookie = page_sessions::digest.like(format!("{}%", session.id));
                diesel::delete(page_sessions::table.filter(cookie)).execute(conn)?;
                Ok(session.username)
            })
            .await?;
        log::info!(target: "auth", "{} ended the session {ended} of {username}", caller.name());
        Ok(())
    }

    /// Returns the sessions of people whom the identity provider vouches for: of one, or of all.
    fn vouched(&self, conn: &mut DbConn, owner: Option<&str>, now: &str) -> Result<Vec<Session>> {
        let Some(provider) = &self.inner.provider else { return Ok(Vec::new()) };
        let rows: Vec<(String, Option<String>, String)> = page_sessions::table
            .filter(page_sessions::subject.is_not_null())
            .filter(page_sessions::expires_at.gt(now))
            .select((page_sessions::digest, page_sessions::subject, page_sessions::expires_at))
            .load(conn)?;
        let session = |(digest, subject, expires_at): (String, Option<String>, String)| {
            let username = provider.kept(&subject?)?.name().to_owned();
            let kind = SessionKind::Browser;
            let id = id_of_digest(&digest);
            Some(Session { id, username, kind, created_at: None, expires_at, current: false })
        };
        let all = rows.into_iter().filter_map(session);
        Ok(all.filter(|session| owner.is_none_or(|owner| owner == session.username)).collect())
    }
}

fn of_users(conn: &mut DbConn, owner: Option<&str>, now: &str, after: &str, limit: i64) -> Result<Vec<Session>> {
    let mut query = table::table
        .left_join(page_sessions::table)
        .filter(table::expires_at.gt(now.to_owned()))
        .filter(table::id.gt(after.to_owned()))
        .order(table::id)
        .limit(limit)
        .select((
            table::id,
            table::username,
            table::created_at,
            table::expires_at,
            page_sessions::expires_at.nullable(),
        ))
        .into_boxed();
    if let Some(owner) = owner {
        query = query.filter(table::username.eq(owner.to_owned()));
    }
    let rows: Vec<(String, String, String, String, Option<String>)> = query.load(conn)?;
    let session = |(id, username, created_at, expires_at, cookie): (_, _, _, String, Option<String>)| Session {
        id,
        username,
        kind: if cookie.is_some() { SessionKind::Browser } else { SessionKind::Application },
        created_at: Some(created_at),
        // A cookie ends long before the session that it proves.
        expires_at: cookie.unwrap_or(expires_at),
        current: false,
    };
    Ok(rows.into_iter().map(session).collect())
}

fn of_users_count(conn: &mut DbConn, owner: Option<&str>, now: &str) -> Result<i64> {
    let mut query = table::table.filter(table::expires_at.gt(now.to_owned())).count().into_boxed();
    if let Some(owner) = owner {
        query = query.filter(table::username.eq(owner.to_owned()));
    }
    Ok(query.get_result(conn)?)
}
