//! The keys of an identity provider, as they were read from it: cached, read again for a key that is unknown, at most
//! once a minute, and now and then, so that a key which the provider has taken back is not believed for long.
//!
//! Reading happens apart from requests, one at a time. A request for a known key never waits for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jsonwebtoken::DecodingKey;
use tokio::sync::watch;

use super::discovery::{Endpoints, Found, JwksSource};
use super::jwk::{KeyId, KeySet};
use super::refresh_policy::RefreshPolicy;
use crate::auth::access::INVALID;
use crate::error::{Error, Result};

/// The keys of a provider, as they were last read.
pub(super) struct Keys {
    source: JwksSource,
    refresh_policy: RefreshPolicy,
    state: Mutex<State>,
    /// The number of readings that have ended.
    ended: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    keys: KeySet,
    endpoints: Option<Endpoints>,
    /// When they were read, if ever.
    read_at: Option<Instant>,
    /// When they were last read again, well or not: the first reading is none.
    reread_at: Option<Instant>,
    /// When reading last failed, unless it has succeeded since.
    failed_at: Option<Instant>,
    reading: bool,
}

impl Keys {
    /// No keys yet.
    pub(super) fn new(source: JwksSource, refresh_policy: RefreshPolicy) -> Arc<Self> {
        Arc::new(Self { source, refresh_policy, state: Mutex::default(), ended: watch::Sender::new(0) })
    }

    /// Begins to read them, so that the first request does not wait.
    pub(super) fn begin(self: &Arc<Self>) {
        self.read(&mut self.lock());
    }

    /// Returns a key; where it is unknown, after the provider was asked, if that may be done now.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a key that the provider does not have; [`Error::Unavailable`] when it did not
    /// answer.
    pub(super) async fn find(self: &Arc<Self>, id: &KeyId) -> Result<Arc<DecodingKey>> {
        self.look_up(|state| state.keys.get(id).cloned()).await
    }

    /// Returns the addresses at which users sign in.
    ///
    /// # Errors
    /// As [`Keys::find`].
    pub(super) async fn endpoints(self: &Arc<Self>) -> Result<Endpoints> {
        self.look_up(|state| state.endpoints.clone()).await
    }

    /// Finds an entry in the last reading of the provider, unless that is too old; asks the provider where it is
    /// unknown.
    async fn look_up<T>(self: &Arc<Self>, get: impl Fn(&State) -> Option<T>) -> Result<T> {
        let mut ended = {
            let mut state = self.lock();
            let known = self.known(&state, &get);
            let old = state.read_at.is_none_or(|at| at.elapsed() >= self.refresh_policy.fresh);
            if (known.is_none() || old) && self.may_read(&state) {
                self.read(&mut state);
            }
            if let Some(known) = known {
                return Ok(known);
            }
            if !state.reading {
                return Err(unknown(&state));
            }
            // Within the lock, so that the end cannot be missed.
            self.ended.subscribe()
        };
        // It ends: everything about it has a deadline. An error would mean that there is no sender, which is in `self`.
        let _ = ended.changed().await;
        let state = self.lock();
        self.known(&state, &get).ok_or_else(|| unknown(&state))
    }

    fn known<T>(&self, state: &State, get: impl Fn(&State) -> Option<T>) -> Option<T> {
        state.read_at.filter(|at| at.elapsed() < self.refresh_policy.stale)?;
        get(state)
    }

    fn may_read(&self, state: &State) -> bool {
        let over = |at: Option<Instant>, pause: Duration| at.is_none_or(|at| at.elapsed() >= pause);
        let pause_over = match state.read_at {
            None => over(state.failed_at, self.refresh_policy.retry),
            Some(_) => over(state.reread_at, self.refresh_policy.reread),
        };
        !state.reading && pause_over
    }

    /// Begins to read.
    fn read(self: &Arc<Self>, state: &mut State) {
        if state.read_at.is_some() {
            state.reread_at = Some(Instant::now());
        }
        let this = self.clone();
        // A thread of its own, at most one a minute: a provider that does not answer holds up nothing else, and a
        // request that is given up does not end what others wait for.
        let begun = std::thread::Builder::new().name("identity provider".to_owned()).spawn(move || {
            let read = this.source.read();
            this.end(read);
        });
        match begun {
            Ok(_) => state.reading = true,
            Err(error) => {
                log::error!(target: "auth", "the identity provider's keys cannot be read: {error}");
                state.failed_at = Some(Instant::now());
            }
        }
    }

    fn end(&self, read: Result<Found, String>) {
        let mut state = self.lock();
        state.reading = false;
        match read {
            Ok(Found { keys, endpoints }) => {
                log::info!(target: "auth", "the identity provider has {} keys that are of use here", keys.len());
                state.keys = keys;
                state.endpoints = endpoints;
                state.read_at = Some(Instant::now());
                state.failed_at = None;
            }
            Err(why) => {
                log::error!(target: "auth", "the identity provider's keys cannot be read: {why}");
                state.failed_at = Some(Instant::now());
            }
        }
        drop(state);
        self.ended.send_modify(|ended| *ended += 1);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the error for a key that is not known.
fn unknown(state: &State) -> Error {
    if state.failed_at.is_some() || state.read_at.is_none() {
        Error::Unavailable("the identity provider cannot be asked for its keys; try again in a few seconds".to_owned())
    } else {
        INVALID
    }
}
