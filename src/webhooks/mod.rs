//! Webhooks by Standard Webhooks: changes sent to others as they come, each as a signed message.
//!
//! A webhook is a cursor on the log. The revision up to which all changes were delivered is stored after the
//! delivery, so that every change is delivered at least once and in its order, whatever ends the process in between. A
//! message that comes again has the same id.
//!
//! The service sends nothing to a host that the operator has not named (`--webhook-allow`).

mod deliver;
mod dispatch;
mod public;
mod send;
mod settings;
mod sign;
mod store;
mod target;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;

pub use deliver::ReadQuery;
pub use settings::{Pace, Settings};
pub use store::{Delivery, DisabledReason, NewWebhook, PublicKey, Webhook, WebhookPatch};
pub use target::{Allowed, Target};

use crate::auth::{Caller, Secret};
use crate::clock;
use crate::db::{CommitSignal, Db, DbConn, ReadClass};
use crate::error::Result;
use crate::idempotency::{Done, Kept, Once};
use crate::values::ParseError;
use deliver::Deliverer;
use dispatch::Dispatcher;
use sign::Sealer;

/// The webhooks of a running service. Cheap to clone; deliveries end with the last clone.
#[derive(Clone)]
pub struct Webhooks {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    settings: Arc<Settings>,
    sealer: Sealer,
    stopping: Arc<AtomicBool>,
    commits: Arc<CommitSignal>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

/// A webhook and the keys that it signs with, as far as they may be known.
pub type WithKeys = (Webhook, Vec<PublicKey>);

impl Webhooks {
    /// Begins to deliver, if the operator allows any receiver.
    ///
    /// # Errors
    /// [`crate::error::Error::Internal`] when the key that seals secrets can be neither read nor made, or there is no
    /// thread to be had.
    pub fn start(db: Db, data_dir: &Path, settings: Settings, read_query: ReadQuery) -> Result<Self> {
        let (settings, sealer) = (Arc::new(settings), Sealer::open(data_dir)?);
        let (stopping, commits) = (Arc::<AtomicBool>::default(), db.commits());
        let thread = match settings.allowed.is_empty() {
            true => None,
            false => Some(Dispatcher::start(Deliverer {
                db: db.clone(),
                settings: settings.clone(),
                sealer: sealer.clone(),
                read_query,
                stopping: stopping.clone(),
            })?),
        };
        let inner = Inner { db, settings, sealer, stopping, commits, thread: Mutex::new(thread) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Holds an address against what the operator allows.
    ///
    /// # Errors
    /// As [`Target::parse`].
    pub fn target(&self, address: &str) -> Result<Target, ParseError> {
        Target::parse(address, &self.inner.settings.allowed)
    }

    /// Stops: no request begins from now on.
    pub fn end(&self) {
        self.inner.end();
    }

    /// Stops, and waits until what is under way has been written down, for some seconds at most.
    pub fn stop(&self) {
        self.inner.stop();
    }

    /// Makes a webhook; its secret is never shown again.
    ///
    /// # Errors
    /// [`crate::error::Error::Conflict`] when there are too many; what the database says; as [`Once::run`].
    pub async fn create(
        &self,
        new: NewWebhook,
        once: Once,
        keep: impl FnOnce(&(WithKeys, Secret)) -> Result<Kept> + Send + 'static,
    ) -> Result<Done<(WithKeys, Secret)>> {
        let (sealer, place) = (self.inner.sealer.clone(), new.target.place());
        let make = move |conn: &mut DbConn| {
            let (webhook, secret) = store::insert(conn, &new, &sealer, clock::now())?;
            Ok((with_keys(conn, webhook)?, secret))
        };
        let done = self.inner.db.write(move |conn| once.run(conn, make, keep)).await?;
        if let Done::Now(((webhook, _), _)) = &done {
            log::info!(target: "webhooks", "{} made the webhook {} to {place}", webhook.created_by, webhook.id);
        }
        Ok(done)
    }

    /// Makes a new secret, which is never shown again; the one before signs along for some hours.
    ///
    /// # Errors
    /// [`crate::error::Error::NotFound`]; [`crate::error::Error::Conflict`] when there are too many; as
    /// [`Webhooks::create`].
    pub async fn rotate(
        &self,
        caller: &Caller,
        id: String,
        overlap_hours: u64,
        once: Once,
        keep: impl FnOnce(&(WithKeys, Secret)) -> Result<Kept> + Send + 'static,
    ) -> Result<Done<(WithKeys, Secret)>> {
        let sealer = self.inner.sealer.clone();
        let overlap = TimeDelta::hours(i64::try_from(overlap_hours).unwrap_or_default());
        let make = move |conn: &mut DbConn| {
            let now = clock::now();
            let (webhook, secret) = store::rotate(conn, &id, now + overlap, &sealer, now)?;
            Ok((with_keys(conn, webhook)?, secret))
        };
        let done = self.inner.db.write(move |conn| once.run(conn, make, keep)).await?;
        if let Done::Now(((webhook, _), _)) = &done {
            log::info!(target: "webhooks", "{} rotated the secret of the webhook {}", caller.name(), webhook.id);
        }
        Ok(done)
    }

    /// Returns one webhook.
    ///
    /// # Errors
    /// [`crate::error::Error::NotFound`]; what the database says.
    pub async fn find(&self, id: String) -> Result<WithKeys> {
        self.inner
            .db
            .read(ReadClass::Inline, move |conn| {
                let found = store::find(conn, &id)?;
                with_keys(conn, found)
            })
            .await
    }

    /// Returns at most `limit` webhooks that were made after `after`, the oldest first, and how many there are in all.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn page(&self, after: Option<String>, limit: i64) -> Result<(Vec<WithKeys>, i64)> {
        let read = move |conn: &mut DbConn| {
            let (found, total) = store::page(conn, after.as_deref(), limit)?;
            let found = found.into_iter().map(|webhook| with_keys(conn, webhook)).collect::<Result<_>>()?;
            Ok((found, total))
        };
        self.inner.db.read(ReadClass::Pooled, read).await
    }

    /// Returns at most `limit` attempts of a webhook that were made before `before`, the newest first, and how many are
    /// kept.
    ///
    /// # Errors
    /// [`crate::error::Error::NotFound`]; what the database says.
    pub async fn deliveries(&self, id: String, before: Option<String>, limit: i64) -> Result<(Vec<Delivery>, i64)> {
        self.inner.db.read(ReadClass::Pooled, move |conn| store::deliveries(conn, &id, before.as_deref(), limit)).await
    }

    /// Changes a webhook.
    ///
    /// # Errors
    /// As [`Webhooks::find`].
    pub async fn change(&self, caller: &Caller, id: String, patch: WebhookPatch) -> Result<WithKeys> {
        let place = patch.target.as_ref().map(|target| format!(" to {}", target.place())).unwrap_or_default();
        let write = move |conn: &mut DbConn| {
            let changed = store::change(conn, &id, &patch, clock::now())?;
            with_keys(conn, changed)
        };
        let changed = self.inner.db.write(write).await?;
        let disabled = if changed.0.disabled_at.is_some() { "; it is disabled" } else { "" };
        log::info!(target: "webhooks", "{} changed the webhook {}{place}{disabled}", caller.name(), changed.0.id);
        Ok(changed)
    }

    /// Deletes a webhook.
    ///
    /// # Errors
    /// As [`Webhooks::find`].
    pub async fn remove(&self, caller: &Caller, id: String) -> Result<()> {
        let removed = self.inner.db.write(move |conn| store::remove(conn, &id)).await?;
        log::info!(target: "webhooks", "{} deleted the webhook {}", caller.name(), removed.id);
        Ok(())
    }
}

fn with_keys(conn: &mut DbConn, webhook: Webhook) -> Result<WithKeys> {
    let keys = store::public_keys(conn, &webhook.id, clock::now())?;
    Ok((webhook, keys))
}

impl Inner {
    fn end(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.commits.notify();
    }

    fn stop(&self) {
        self.end();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // It never ends by a panic.
            let _ = thread.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}
