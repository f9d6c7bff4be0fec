//! Signing in, staying signed in and signing out: the one place where a password is checked (rules.md 16, 17).

use std::fmt;
use std::net::IpAddr;

use super::access::{ACCESS_SECONDS, Grant, Use};
use super::account::{Account, account};
use super::caller::{Caller, Identity};
use super::password::{NewPassword, Password};
use super::role::Role;
use super::secret::Secret;
use super::sessions::{self, Begun, Refreshed};
use super::state::Auth;
use super::throttle::{self, Attempt};
use super::username::Username;
use super::users;
use crate::clock;
use crate::db::{DbConn, ReadClass};
use crate::error::{Defect, Error, Result};
use crate::idempotency::{Done, Kept, Once, Reply};
use crate::values::FromText as _;

/// The address of a client, as far as it is known: the other end of the connection, or what a configured proxy says.
pub type Address = Option<IpAddr>;

/// The tokens that a sign-in gives. No `Serialize`: a handler that sends the secrets does it itself.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Their owner.
    pub username: Username,
    /// The scope.
    pub role: Role,
    /// The access token.
    pub access_token: Secret,
    /// Seconds until it expires.
    pub expires_in: u64,
    /// The refresh token.
    pub refresh_token: Secret,
}

/// The one answer to a wrong name, a wrong password and a disabled user.
const BAD_CREDENTIALS: Error = Error::Unauthenticated("the user name or the password is wrong");
/// The one answer to a refresh token that does not work, for whatever reason.
const REFRESH_EXPIRED: Error = Error::Unauthenticated("the refresh token is not valid, or was used before");

/// A turn at hashing.
type HashingPermit = tokio::sync::OwnedSemaphorePermit;

/// A password that was right.
struct VerifiedCredentials {
    account: Account,
    attempt: Attempt,
    /// Held until the attempt is taken back, so that no more attempts are under way than can be hashed at once: else
    /// many right ones at the same time would look like as many failures.
    permit: HashingPermit,
}

/// The user name for the log. An unknown name is masked: people sometimes type a password into its field.
struct LoggedName(Option<Username>);

impl fmt::Display for LoggedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref().map_or("an unknown name", Username::as_str))
    }
}

impl Auth {
    /// Signs a user in with their password.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the name or the password is wrong, alike in words and in time;
    /// [`Error::TooManyRequests`] after too many failures; [`Error::Unavailable`] when too many sign in at once.
    pub async fn sign_in(&self, name: &str, password: Password, address: Address) -> Result<Tokens> {
        let begin = |conn: &mut DbConn, account: &Account| sessions::begin(conn, account, clock::now());
        let name_of = |begun: &Begun| begun.account.username.clone();
        let Begun { account, session, token } = self.begin_with(name, password, address, begin, name_of).await?;
        self.tokens(&account, &session, token)
    }

    /// Begins a session without a refresh token for the owner of a password, and what `add` adds to it.
    ///
    /// # Errors
    /// As [`Auth::sign_in`].
    pub(super) async fn begin_session<T: Send + 'static>(
        &self,
        name: &str,
        password: Password,
        address: Address,
        add: impl FnOnce(&mut DbConn, &str) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let begin = |conn: &mut DbConn, account: &Account| {
            let begun = sessions::begin_bare(conn, account, clock::now())?;
            begun.map(|(account, session)| Ok((account.username, add(conn, &session)?))).transpose()
        };
        let name_of = |begun: &(Username, T)| begun.0.clone();
        Ok(self.begin_with(name, password, address, begin, name_of).await?.1)
    }

    /// Judges a password, and begins what follows from it in one transaction.
    async fn begin_with<T: Send + 'static>(
        &self,
        name: &str,
        password: Password,
        address: Address,
        begin: impl FnOnce(&mut DbConn, &Account) -> Result<Option<T>> + Send + 'static,
        name_of: impl FnOnce(&T) -> Username,
    ) -> Result<T> {
        let from = throttle::address_key(address);
        let verified = self.verify_credentials(name, password, address).await?;
        let VerifiedCredentials { account, attempt, permit: _permit } = verified.map_err(|logged_name| {
            log::warn!(target: "auth", "{logged_name} could not sign in from {from}");
            BAD_CREDENTIALS
        })?;
        let begun = self
            .inner
            .db
            .write(move |conn| {
                let begun = begin(conn, &account)?;
                if begun.is_some() {
                    throttle::succeeded(conn, &attempt)?;
                }
                Ok(begun)
            })
            .await?
            .ok_or(BAD_CREDENTIALS)?;
        log::info!(target: "auth", "{} signed in from {from}", name_of(&begun));
        Ok(begun)
    }

    /// Uses a refresh token: a new access token and the next refresh token.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the token is unknown, expired or was used before; then the session is over.
    pub async fn refresh(&self, token: &str) -> Result<Tokens> {
        let sent = token.to_owned();
        let written = self
            .inner
            .db
            .write(move |conn| {
                let refreshed = sessions::refresh(conn, &sent, clock::now())?;
                let account = match &refreshed {
                    Refreshed::Next { username, .. } => account(conn, username)?,
                    Refreshed::Unknown | Refreshed::Reused { .. } => None,
                };
                Ok((refreshed, account))
            })
            .await;
        let (refreshed, account) = match written {
            Err(Error::StorageFull) => return self.refresh_without_writing(token).await,
            written => written?,
        };
        match (refreshed, account.filter(|account| !account.disabled)) {
            (Refreshed::Next { session, token, .. }, Some(account)) => {
                log::info!(target: "auth", "{} goes on with a refresh token", account.username);
                self.tokens(&account, &session, token)
            }
            (Refreshed::Reused { username }, _) => {
                log::warn!(target: "auth", "a refresh token of {username} came twice: its session is over");
                Err(REFRESH_EXPIRED)
            }
            _ => {
                log::warn!(target: "auth", "a refresh token came that is not valid");
                Err(REFRESH_EXPIRED)
            }
        }
    }

    /// Goes on with a session while nothing can be written: an access token, and the same refresh token, which stays
    /// unused.
    async fn refresh_without_writing(&self, token: &str) -> Result<Tokens> {
        let sent = token.to_owned();
        let find = move |conn: &mut DbConn| {
            let Some((session, username)) = sessions::unused(conn, &sent, clock::now())? else { return Ok(None) };
            Ok(account(conn, &username)?.map(|account| (session, account)))
        };
        let found = self.inner.db.read(ReadClass::Inline, find).await?.filter(|(_, account)| !account.disabled);
        let (session, account) = found.ok_or(REFRESH_EXPIRED)?;
        log::warn!(target: "auth", "{} goes on with a refresh token that could not be replaced", account.username);
        self.tokens(&account, &session, Secret::new(token.to_owned()))
    }

    /// Ends the session that a refresh or access token belongs to, or revokes the named token that it is (RFC 7009). A
    /// token that is not known is as good as ended.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn revoke(&self, token: &str) -> Result<()> {
        // A token of the identity provider cannot be ended here: it is as unknown as any other.
        let caller = match self.authenticate_own(token).await {
            Ok(caller) => Some(caller),
            Err(Error::Unauthenticated(_)) => None,
            Err(error) => return Err(error),
        };
        if let Some(caller) = &caller
            && let Identity::NamedToken { id, .. } = caller.identity()
        {
            return self.revoke_named_token(caller, id.clone()).await;
        }
        let ended = if let Some((username, session)) = caller.as_ref().and_then(Caller::session) {
            let session = session.to_owned();
            self.inner.db.write(move |conn| sessions::end(conn, &session)).await?;
            Some(username.clone())
        } else {
            let token = token.to_owned();
            self.inner.db.write(move |conn| sessions::end_by_token(conn, &token)).await?
        };
        if let Some(username) = ended {
            log::info!(target: "auth", "{username} signed out");
        }
        Ok(())
    }

    /// Replaces the caller's own password, and ends their other sessions. Named tokens stay: programs have no password.
    ///
    /// # Errors
    /// [`Error::Validation`] when the current password is wrong; [`Error::TooManyRequests`] after too many failures;
    /// [`Error::Forbidden`] for a caller that has not signed in here in person.
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: Password,
        new: NewPassword,
        address: Address,
        once: Once,
    ) -> Result<Done<()>> {
        let wrong = || {
            let defect = Defect::pointer("/current_password", "wrong", "this is not your current password");
            Error::Validation(vec![defect])
        };
        let (username, session) = caller.in_person()?;
        let verified = self.verify_credentials(username.as_str(), current, address).await?;
        let VerifiedCredentials { account, attempt, permit } = verified.map_err(|logged_name| {
            log::warn!(target: "auth", "{logged_name} gave a wrong password to change it");
            wrong()
        })?;
        // Still in the same turn: to wait for another one while holding it could wait for ever.
        let (hash, _permit) = self.hash_with_permit(permit, move || new.hash()).await?;
        let session = session.to_owned();
        let change = move |conn: &mut DbConn| {
            let (name, old) = (&account.username, &account.password_hash);
            throttle::succeeded(conn, &attempt)?;
            if users::replace_own_password(conn, name, old, &hash, &session, clock::now())? {
                Ok(())
            } else {
                Err(wrong())
            }
        };
        let no_content = |(): &()| Ok(Kept::Whole(Reply::no_content()));
        let done = self.inner.db.write(move |conn| once.run(conn, change, no_content)).await?;
        if let Done::Now(()) = done {
            log::info!(target: "auth", "{username} changed their password");
        }
        Ok(done)
    }

    /// Judges a password: counts the attempt, then hashes, at most a few at once, whether there is such a user or not.
    /// For a wrong one the log has the user name that was given.
    async fn verify_credentials(
        &self,
        name: &str,
        password: Password,
        address: Address,
    ) -> Result<std::result::Result<VerifiedCredentials, LoggedName>> {
        let permit = self.hashing_permit().await?;
        let (name, address) = (name.to_owned(), throttle::address_key(address));
        let from = address.clone();
        let (attempt, account) = self
            .inner
            .db
            .write(move |conn| {
                let account = match Username::parse(&name) {
                    Ok(username) => account(conn, &username)?,
                    Err(_) => None,
                };
                let attempt = match throttle::begin(conn, &name, &address, clock::now()) {
                    Err(Error::TooManyRequests { retry_after }) => Err(retry_after),
                    begun => Ok(begun?),
                };
                Ok((attempt, account))
            })
            .await?;
        let logged_name = LoggedName(account.as_ref().map(|account| account.username.clone()));
        let attempt = attempt.map_err(|retry_after| {
            log::warn!(target: "auth", "{logged_name} tried too often, the last time from {from}");
            Error::TooManyRequests { retry_after }
        })?;
        let verify = move || {
            let hash = account.as_ref().map(|account| account.password_hash.as_str());
            let right = password.verify(hash)?;
            Ok(account.filter(|account| right && !account.disabled))
        };
        let (account, permit) = self.hash_with_permit(permit, verify).await?;
        Ok(account.map(|account| VerifiedCredentials { account, attempt, permit }).ok_or(logged_name))
    }

    /// Hashes a new password, when it is its turn.
    pub(super) async fn hash(&self, password: NewPassword) -> Result<String> {
        let permit = self.hashing_permit().await?;
        Ok(self.hash_with_permit(permit, move || password.hash()).await?.0)
    }

    /// Hashes on a blocking thread, which holds the permit: the client may go, and the hashing goes on.
    async fn hash_with_permit<T: Send + 'static>(
        &self,
        permit: HashingPermit,
        hash: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<(T, HashingPermit)> {
        self.inner.db.blocking(move || Ok((hash()?, permit))).await
    }

    /// Waits for a permit to hash; a bounded number of sign-ins may wait.
    async fn hashing_permit(&self) -> Result<HashingPermit> {
        let busy = || Error::Unavailable("too many sign in at once; try again in a second".to_owned());
        let _place = self.inner.waiting.try_acquire().map_err(|_| busy())?;
        self.inner.hashing.clone().acquire_owned().await.map_err(|_| busy())
    }

    fn tokens(&self, account: &Account, session: &str, refresh_token: Secret) -> Result<Tokens> {
        let now = clock::now();
        let lifetime = i64::try_from(ACCESS_SECONDS).unwrap_or_default();
        let grant = Grant {
            username: &account.username,
            role: account.role,
            epoch: account.epoch,
            sid: session,
            token_use: Use::Session,
            issued_at: now,
            expires_at: now + chrono::TimeDelta::seconds(lifetime),
        };
        let (access_token, _) = self.inner.issuer.sign(&self.inner.keys, &grant)?;
        Ok(Tokens {
            username: account.username.clone(),
            role: account.role,
            access_token,
            expires_in: ACCESS_SECONDS,
            refresh_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::task::{Context, Poll, Waker};

    use futures_util::FutureExt as _;

    use super::*;
    use crate::auth::Settings;
    use crate::db::{DatabaseUrl, Db, Limits};

    fn auth() -> (Auth, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        Db::migrate(&url).unwrap();
        let db = Db::open(&url, Limits::default()).unwrap();
        (Auth::open(db, folder.path(), Settings::default()).unwrap(), folder)
    }

    #[test]
    fn the_queue_for_hashing_is_bounded() {
        let (auth, _folder) = auth();
        let context = &mut Context::from_waker(Waker::noop());
        let all = auth.inner.hashing.available_permits();
        let hashing = auth.inner.hashing.try_acquire_many(u32::try_from(all).unwrap()).unwrap();
        let mut waiting = Vec::new();
        let refused = loop {
            let mut permit = Box::pin(auth.hashing_permit());
            match permit.as_mut().poll(context) {
                Poll::Pending => waiting.push(permit),
                Poll::Ready(permit) => break permit,
            }
            assert!(waiting.len() < 1_000, "there is no limit on waiting");
        };
        assert!(matches!(refused, Err(Error::Unavailable(_))));
        assert_eq!(waiting.len(), 128);
        drop(hashing);
        assert!(matches!(waiting[0].as_mut().poll(context), Poll::Ready(Ok(_))), "then it is the first one's turn");
    }

    /// Fails when `hash_with_permit` keeps the permit in its future: clients that reset could then have many hashed.
    #[tokio::test]
    async fn cancelled_request_keeps_its_permit_until_the_hashing_ends() {
        let (auth, _folder) = auth();
        let permit = auth.hashing_permit().await.unwrap();
        let left = auth.inner.hashing.available_permits();
        let (began, begins) = channel();
        let (end, ends) = channel::<()>();
        let mut hashing = Box::pin(auth.hash_with_permit(permit, move || {
            began.send(()).unwrap();
            ends.recv().unwrap();
            Ok(())
        }));
        assert!(hashing.as_mut().now_or_never().is_none());
        begins.recv().unwrap();
        drop(hashing);
        assert_eq!(auth.inner.hashing.available_permits(), left);
        end.send(()).unwrap();
    }
}
