//! The authentication of a running service: verifies tokens, and does what the endpoints ask for.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::prelude::*;
use tokio::sync::Semaphore;

use super::access::{self, Claims, Grant, INVALID, Issuer, Use};
use super::caller::{Caller, Credential};
use super::keys::{Jwks, KeyRing};
use super::named_tokens::{self, NamedToken, NewNamedToken};
use super::password::NewPassword;
use super::role::Role;
use super::secret::{Secret, sha256};
use super::username::Username;
use super::users::{self, Change, NewUser, User};
use crate::clock::{self, stamp};
use crate::db::schema;
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::values::Parsed as _;

/// How many verified tokens are remembered.
const REMEMBERED: usize = 10_000;
/// Passwords that are hashed at once: never more than the cores, and fewer than the failures that a user name is allowed,
/// so that several sign-ins at once with the right password never look like an attack.
const HASHES: usize = 4;
/// How many sign-ins may wait for their turn.
const WAITING: usize = 128;

/// Who issues the tokens, and for whom: the claims `iss` and `aud`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The issuer.
    pub issuer: String,
    /// The audience.
    pub audience: String,
}

impl Default for Settings {
    fn default() -> Self {
        let name = "partnership-registry".to_owned();
        Self { issuer: name.clone(), audience: name }
    }
}

/// The authentication of a running service. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) db: Db,
    pub(super) keys: KeyRing,
    pub(super) issuer: Issuer,
    pub(super) hashing: Semaphore,
    pub(super) waiting: Semaphore,
    verified: Mutex<HashMap<[u8; 32], Arc<Verified>>>,
}

/// A token whose signature and claims have been checked. Who it belongs to is still read for every request.
struct Verified {
    claims: Claims,
    username: Username,
    kid: String,
}

impl Auth {
    /// Opens the authentication of a registry; makes the signing key in `<data_dir>/keys/` where there is none.
    ///
    /// # Errors
    /// [`Error::Internal`] when the keys cannot be read or made.
    pub fn open(db: Db, data_dir: &Path, settings: Settings) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let inner = Inner {
            db,
            keys: KeyRing::open(data_dir)?,
            issuer: Issuer { issuer: settings.issuer, audience: settings.audience },
            hashing: Semaphore::new(cores.min(HASHES)),
            waiting: Semaphore::new(WAITING),
            verified: Mutex::new(HashMap::new()),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Proves who sent an access token: its signature, its claims, and that user, session or named token, and role still
    /// hold in the database at this moment.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; what the database says.
    pub async fn authenticate(&self, token: &str) -> Result<Caller> {
        let verified = self.verify(token)?;
        let now = clock::now();
        self.inner.db.read(move |conn| standing(conn, &verified, &stamp(now))).await?.ok_or(INVALID)
    }

    fn verify(&self, token: &str) -> Result<Arc<Verified>> {
        let (digest, now) = (sha256(token.as_bytes()), clock::now());
        let remembered = self.remembered().get(&digest).cloned();
        if let Some(verified) = remembered
            && !access::is_over(&verified.claims, now)
            && self.inner.keys.find(&verified.kid).is_some()
        {
            return Ok(verified);
        }
        let (claims, kid) = self.inner.issuer.verify(&self.inner.keys, token, now)?;
        let username = Username::parse(&claims.sub).map_err(|_| INVALID)?;
        let verified = Arc::new(Verified { claims, username, kid });
        let mut memory = self.remembered();
        if memory.len() >= REMEMBERED {
            memory.retain(|_, verified| !access::is_over(&verified.claims, now));
        }
        if memory.len() >= REMEMBERED {
            memory.clear();
        }
        memory.insert(digest, verified.clone());
        Ok(verified)
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Arc<Verified>>> {
        self.inner.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The public keys.
    pub fn jwks(&self) -> Jwks {
        self.inner.keys.jwks()
    }

    /// One user.
    ///
    /// # Errors
    /// [`Error::NotFound`]; what the database says.
    pub async fn user(&self, username: Username) -> Result<User> {
        self.inner.db.read(move |conn| users::find(conn, &username)).await
    }

    /// At most `limit` users whose names come after `after`, in the order of their names, and how many there are in all.
    ///
    /// # Errors
    /// What the database says.
    pub async fn users(&self, after: Option<String>, limit: i64) -> Result<(Vec<User>, i64)> {
        self.inner.db.query(move |conn| users::page(conn, after.as_deref(), limit)).await
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the name is taken; what the database says.
    pub async fn add_user(&self, by: &Caller, new: NewUser, password: NewPassword) -> Result<User> {
        let hash = self.hash(password).await?;
        let user = self.inner.db.write(move |conn| users::insert(conn, new, &hash, clock::now())).await?;
        log::info!(target: "auth", "{} added the user {} as {}", by.username(), user.username, user.role);
        Ok(user)
    }

    /// Changes a user.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when no admin would be left; what the database says.
    pub async fn change_user(&self, by: &Caller, username: Username, change: Change) -> Result<User> {
        let hash = match change.password.clone() {
            Some(password) => {
                // No hashing for somebody who does not exist.
                self.user(username.clone()).await?;
                Some(self.hash(password).await?)
            }
            None => None,
        };
        let password_set = hash.is_some();
        let user = self
            .inner
            .db
            .write(move |conn| users::change(conn, &username, &change, hash.as_deref(), clock::now()))
            .await?;
        log::info!(
            target: "auth",
            "{} changed the user {}: {}, {}{}",
            by.username(),
            user.username,
            user.role,
            if user.disabled { "disabled" } else { "enabled" },
            if password_set { ", with a new password" } else { "" },
        );
        Ok(user)
    }

    /// Removes a user.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when no admin would be left; what the database says.
    pub async fn remove_user(&self, by: &Caller, username: Username) -> Result<()> {
        let name = username.clone();
        self.inner.db.write(move |conn| users::remove(conn, &name)).await?;
        log::info!(target: "auth", "{} removed the user {username}", by.username());
        Ok(())
    }

    /// Makes a named token for the caller; the secret is the token, which is never shown again.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role above the caller's, or to a named token, which must not beget others; what the
    /// database says.
    pub async fn add_named_token(&self, caller: &Caller, new: NewNamedToken) -> Result<(NamedToken, Secret)> {
        if caller.session().is_none() {
            return Err(Error::Forbidden { needed: "of somebody who signed in", has: "that of a named token" });
        }
        let (this, owner) = (self.clone(), caller.username().clone());
        let (token, secret) = self
            .inner
            .db
            .write(move |conn| {
                let now = clock::now();
                let account = users::account(conn, &owner)?.filter(|account| !account.disabled).ok_or(INVALID)?;
                if new.role > account.role {
                    return Err(Error::Forbidden { needed: new.role.as_str(), has: account.role.as_str() });
                }
                let id = uuid::Uuid::now_v7().to_string();
                let grant = Grant {
                    username: &account.username,
                    role: new.role,
                    epoch: account.epoch,
                    sid: &id,
                    token_use: Use::Named,
                    issued_at: now,
                    expires_at: new.expires_at,
                };
                let (secret, kid) = this.inner.issuer.sign(&this.inner.keys, &grant)?;
                Ok((named_tokens::insert(conn, &id, &account.username, &new, &kid, now)?, secret))
            })
            .await?;
        log::info!(target: "auth", "{} made the named token {} as {}", token.owner, token.id, token.role);
        Ok((token, secret))
    }

    /// One named token of the caller's; an admin's are all.
    ///
    /// # Errors
    /// [`Error::NotFound`]; what the database says.
    pub async fn named_token(&self, caller: &Caller, id: String) -> Result<NamedToken> {
        let owner = own_only(caller);
        self.inner.db.read(move |conn| named_tokens::find(conn, &id, owner.as_ref())).await
    }

    /// At most `limit` named tokens of the caller's (an admin's are all) that were made after `after`, the oldest first, and
    /// how many there are in all.
    ///
    /// # Errors
    /// What the database says.
    pub async fn named_tokens(
        &self,
        caller: &Caller,
        after: Option<String>,
        limit: i64,
    ) -> Result<(Vec<NamedToken>, i64)> {
        let owner = own_only(caller);
        self.inner.db.query(move |conn| named_tokens::page(conn, owner.as_ref(), after.as_deref(), limit)).await
    }

    /// Revokes a named token of the caller's; an admin's are all.
    ///
    /// # Errors
    /// [`Error::NotFound`]; what the database says.
    pub async fn revoke_named_token(&self, caller: &Caller, id: String) -> Result<()> {
        let owner = own_only(caller);
        let token = self
            .inner
            .db
            .write(move |conn| {
                let token = named_tokens::find(conn, &id, owner.as_ref())?;
                named_tokens::revoke(conn, &token.id, clock::now())?;
                Ok(token)
            })
            .await?;
        log::info!(target: "auth", "{} revoked the named token {} of {}", caller.username(), token.id, token.owner);
        Ok(())
    }
}

/// `None` for an admin, who sees everybody's.
fn own_only(caller: &Caller) -> Option<Username> {
    (caller.role() < Role::Admin).then(|| caller.username().clone())
}

/// Who a verified token belongs to at this moment, if it still belongs to anybody.
fn standing(conn: &mut DbConn, verified: &Verified, now: &str) -> Result<Option<Caller>> {
    use schema::users::dsl as u;
    let (claims, username) = (&verified.claims, verified.username.as_str());
    let (role, credential) = match claims.token_use {
        Use::Session => {
            use schema::sessions::dsl as s;
            let role: Option<Role> = s::sessions
                .inner_join(u::users)
                .filter(s::id.eq(&claims.sid))
                .filter(s::username.eq(username))
                .filter(s::expires_at.gt(now))
                .filter(u::disabled.eq(0))
                .filter(u::epoch.eq(claims.epoch))
                .select(u::role)
                .get_result(conn)
                .optional()?;
            (role, Credential::Session(claims.sid.clone()))
        }
        Use::Named => {
            use schema::named_tokens::dsl as n;
            let roles: Option<(Role, Role)> = n::named_tokens
                .inner_join(u::users)
                .filter(n::id.eq(&claims.sid))
                .filter(n::owner.eq(username))
                .filter(n::expires_at.gt(now))
                .filter(n::revoked_at.is_null())
                .filter(u::disabled.eq(0))
                .filter(u::epoch.eq(claims.epoch))
                .select((n::role, u::role))
                .get_result(conn)
                .optional()?;
            (roles.map(|(own, owners)| own.min(owners)), Credential::NamedToken(claims.sid.clone()))
        }
    };
    Ok(role.map(|role| Caller::new(verified.username.clone(), role, credential)))
}
