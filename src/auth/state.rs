//! The authentication of a running service: verifies tokens, and does what the endpoints ask for.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::access::{Grant, INVALID, Issuer, Use};
use super::account::account;
use super::caller::Caller;
use super::keys::{Jwks, KeyRing};
use super::named_tokens::{self, NamedToken, NewNamedToken};
use super::oidc;
use super::password::NewPassword;
use super::role::Role;
use super::secret::Secret;
use super::token_cache::TokenCache;
use super::username::Username;
use super::users::{self, Change, NewUser, User};
use super::verified::Verified;
use crate::clock;
use crate::db::{Db, DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::idempotency::{Done, Kept, Once};

/// Passwords that are hashed at once: never more than the cores, and fewer than the failures that a user name is
/// allowed, so that several sign-ins at once with the right password never look like an attack.
const HASHES: usize = 4;
/// The number of sign-ins that may wait for their turn.
const WAITING: usize = 128;

/// The issuer and the audience of the tokens: the claims `iss` and `aud`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer.
    pub issuer: String,
    /// The audience.
    pub audience: String,
    /// The organisation's own identity provider, where there is one.
    pub provider: Option<oidc::Settings>,
}

impl Default for Settings {
    fn default() -> Self {
        let name = "partnership-registry".to_owned();
        Self { issuer: name.clone(), audience: name, provider: None }
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
    pub(super) hashing: Arc<Semaphore>,
    pub(super) waiting: Semaphore,
    pub(super) verified: TokenCache<Verified>,
    pub(super) provider: Option<oidc::Provider>,
}

impl Auth {
    /// Opens the authentication of a registry; makes the signing key in `<data_dir>/keys/` where there is none, and
    /// begins to read the keys of the organisation's identity provider where there is one.
    ///
    /// # Errors
    /// [`Error::Internal`] when the keys cannot be read or made; [`Error::Conflict`] when the identity provider has
    /// the name that this service itself issues tokens by.
    pub fn open(db: Db, data_dir: &Path, settings: Settings) -> Result<Self> {
        let provider = settings.provider.map(|provider| oidc::Provider::new(provider, &settings.issuer)).transpose()?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let inner = Inner {
            db,
            keys: KeyRing::open(data_dir)?,
            issuer: Issuer { issuer: settings.issuer, audience: settings.audience },
            hashing: Arc::new(Semaphore::new(cores.min(HASHES))),
            waiting: Semaphore::new(WAITING),
            verified: TokenCache::default(),
            provider,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns the public keys.
    pub fn jwks(&self) -> Jwks {
        self.inner.keys.jwks()
    }

    /// Returns one user.
    ///
    /// # Errors
    /// [`Error::NotFound`]; what the database says.
    pub async fn user(&self, username: Username) -> Result<User> {
        self.inner.db.read(ReadClass::Inline, move |conn| users::find(conn, &username)).await
    }

    /// Returns at most `limit` users whose names come after `after`, in the order of their names, and how many there
    /// are in all.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn users(&self, after: Option<String>, limit: i64) -> Result<(Vec<User>, i64)> {
        self.inner.db.read(ReadClass::Pooled, move |conn| users::page(conn, after.as_deref(), limit)).await
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the name is taken; what the database says; as [`Once::run`].
    pub async fn add_user(
        &self,
        by: &Caller,
        new: NewUser,
        password: NewPassword,
        once: Once,
        keep: impl FnOnce(&User) -> Result<Kept> + Send + 'static,
    ) -> Result<Done<User>> {
        let hash = self.hash(password).await?;
        let insert = move |conn: &mut DbConn| users::insert(conn, new, &hash, clock::now());
        let done = self.inner.db.write(move |conn| once.run(conn, insert, keep)).await?;
        if let Done::Now(user) = &done {
            log::info!(target: "auth", "{} added the user {} as {}", by.name(), user.username, user.role);
        }
        Ok(done)
    }

    /// Changes a user.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when no admin would be left; what the database says.
    pub async fn change_user(&self, by: &Caller, username: Username, change: Change) -> Result<User> {
        let hash = match change.password.clone() {
            Some(password) => {
                // No hashing for a user that does not exist.
                self.user(username.clone()).await?;
                Some(self.hash(password).await?)
            }
            None => None,
        };
        let password_set = hash.is_some();
        let (old, new) = self
            .inner
            .db
            .write(move |conn| users::change(conn, &username, &change, hash.as_deref(), clock::now()))
            .await?;
        let what = users::describe_change(&old, &new, password_set);
        log::info!(target: "auth", "{} changed the user {}: {what}", by.name(), new.username);
        Ok(new)
    }

    /// Removes a user.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when no admin would be left; what the database says.
    pub async fn remove_user(&self, by: &Caller, username: Username) -> Result<()> {
        let name = username.clone();
        self.inner.db.write(move |conn| users::remove(conn, &name)).await?;
        log::info!(target: "auth", "{} removed the user {username}", by.name());
        Ok(())
    }

    /// Makes a named token for the caller; the secret is the token, which is never shown again.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role above the caller's, to a named token, which must not beget others, and to
    /// a caller that is no user here, whose tokens could not be ended; what the database says; as [`Once::run`].
    pub async fn add_named_token(
        &self,
        caller: &Caller,
        new: NewNamedToken,
        once: Once,
        keep: impl FnOnce(&NamedToken) -> Result<Kept> + Send + 'static,
    ) -> Result<Done<(NamedToken, Secret)>> {
        let (this, owner) = (self.clone(), caller.in_person()?.0.clone());
        let make = move |conn: &mut DbConn| {
            let now = clock::now();
            let account = account(conn, &owner)?.filter(|account| !account.disabled).ok_or(INVALID)?;
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
        };
        let done = self.inner.db.write(move |conn| once.run(conn, make, |(token, _)| keep(token))).await?;
        if let Done::Now((token, _)) = &done {
            log::info!(target: "auth", "{} made the named token {} as {}", token.owner, token.id, token.role);
        }
        Ok(done)
    }

    /// Returns one named token of the caller's; an admin's are all.
    ///
    /// # Errors
    /// [`Error::NotFound`]; what the database says.
    pub async fn named_token(&self, caller: &Caller, id: String) -> Result<NamedToken> {
        let owner = own_only(caller);
        self.inner.db.read(ReadClass::Inline, move |conn| named_tokens::find(conn, &id, owner.as_deref())).await
    }

    /// Returns at most `limit` named tokens of the caller's (an admin's are all) that were made after `after`, the
    /// oldest first, and how many there are in all.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn named_tokens(
        &self,
        caller: &Caller,
        after: Option<String>,
        limit: i64,
    ) -> Result<(Vec<NamedToken>, i64)> {
        let owner = own_only(caller);
        self.inner
            .db
            .read(ReadClass::Pooled, move |conn| named_tokens::page(conn, owner.as_deref(), after.as_deref(), limit))
            .await
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
                let token = named_tokens::find(conn, &id, owner.as_deref())?;
                named_tokens::revoke(conn, &token.id, clock::now())?;
                Ok(token)
            })
            .await?;
        log::info!(target: "auth", "{} revoked the named token {} of {}", caller.name(), token.id, token.owner);
        Ok(())
    }
}

/// Returns the owner whose named tokens and subscriptions a caller sees: `None` for an admin, who sees all. A caller
/// who is not a user has none.
pub(super) fn own_only(caller: &Caller) -> Option<String> {
    (caller.role() < Role::Admin).then(|| caller.name().to_owned())
}
