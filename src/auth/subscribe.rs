//! Subscriptions of a running service: it makes, lists and revokes them, and proves callers by their
//! addresses.

use super::access::INVALID;
use super::account::account;
use super::caller::Caller;
use super::secret::{Secret, sha256_hex};
use super::sign_in::Address;
use super::state::{Auth, own_only};
use super::subscriptions::{self, NewSubscription, Opened, Subscription};
use super::throttle;
use crate::clock;
use crate::db::{DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::idempotency::{Done, Kept, Once};

/// Returns the error for an address without a valid subscription, the same for every reason.
fn unknown() -> Error {
    Error::NotFound("there is no such subscription, or it has ended".to_owned())
}

impl Auth {
    /// Makes a subscription for the caller; its secret is never shown again.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a program with a named token, and for a caller who is no user here; [`Error::Conflict`]
    /// when the caller has too many; what the database says; as [`Once::run`].
    pub async fn add_subscription(
        &self,
        caller: &Caller,
        new: NewSubscription,
        once: Once,
        keep: impl FnOnce(&Subscription) -> Result<Kept> + Send + 'static,
    ) -> Result<Done<(Subscription, Secret)>> {
        let owner = caller.in_person()?.0.clone();
        let secret = Secret::random()?;
        let digest = sha256_hex(secret.reveal().as_bytes());
        let make = move |conn: &mut DbConn| {
            let account = account(conn, &owner)?.filter(|account| !account.disabled).ok_or(INVALID)?;
            subscriptions::insert(conn, &account.username, &new, &digest, clock::now())
        };
        Ok(match self.inner.db.write(move |conn| once.run(conn, make, keep)).await? {
            Done::Now(made) => {
                log::info!(target: "auth", "{} made the subscription {}", made.owner, made.id);
                Done::Now((made, secret))
            }
            Done::Before(reply) => Done::Before(reply),
        })
    }

    /// Returns one subscription of the caller's; an admin's are all.
    ///
    /// # Errors
    /// [`Error::NotFound`]; what the database says.
    pub async fn subscription(&self, caller: &Caller, id: String) -> Result<Subscription> {
        let owner = own_only(caller);
        self.inner.db.read(ReadClass::Inline, move |conn| subscriptions::find(conn, &id, owner.as_deref())).await
    }

    /// Returns at most `limit` subscriptions of the caller's (an admin's are all) that were made after `after`, the
    /// oldest first, and how many there are in all.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn subscriptions(
        &self,
        caller: &Caller,
        after: Option<String>,
        limit: i64,
    ) -> Result<(Vec<Subscription>, i64)> {
        let owner = own_only(caller);
        self.inner
            .db
            .read(ReadClass::Pooled, move |conn| subscriptions::page(conn, owner.as_deref(), after.as_deref(), limit))
            .await
    }

    /// Revokes a subscription of the caller's; an admin's are all. Doing it twice changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`]; what the database says.
    pub async fn revoke_subscription(&self, caller: &Caller, id: String) -> Result<()> {
        let owner = own_only(caller);
        let revoked = self
            .inner
            .db
            .write(move |conn| {
                let found = subscriptions::find(conn, &id, owner.as_deref())?;
                subscriptions::revoke(conn, Some(&found.id), None, clock::now())?;
                Ok(found)
            })
            .await?;
        log::info!(target: "auth", "{} revoked the subscription {} of {}", caller.name(), revoked.id, revoked.owner);
        Ok(())
    }

    /// Authenticates a request to an address: returns its owner, as they are at this moment, and the query.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an address without a valid subscription; [`Error::TooManyRequests`] after too many of
    /// them from one place; what the database says.
    pub async fn open_subscription(&self, id: &str, secret: &str, address: Address) -> Result<(Caller, String)> {
        let (id, digest) = (id.to_owned(), sha256_hex(secret.as_bytes()));
        let place = throttle::address_key(address);
        let from = place.clone();
        let now = clock::now();
        let opened = self
            .inner
            .db
            .read(ReadClass::Inline, move |conn| {
                throttle::may_open(conn, &from, now)?;
                subscriptions::open(conn, &id, &digest, now)
            })
            .await?;
        match opened {
            Opened::Yes(caller, query) => Ok((caller, query)),
            // The secret is right: a client that does not know that the subscription has ended does not guess
            // addresses.
            Opened::Ended => Err(unknown()),
            Opened::No => {
                log::warn!(target: "auth", "an address of no subscription was asked for from {place}");
                self.inner.db.write(move |conn| throttle::could_not_open(conn, &place, now)).await?;
                Err(unknown())
            }
        }
    }
}
