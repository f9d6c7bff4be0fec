//! The keys of an identity provider, as they were read from it: cached, read again for a key that is unknown, at most once a
//! minute, and now and then, so that a key which the provider has taken back is not believed for long.
//!
//! Reading happens apart from requests, one at a time. Who asks for a known key never waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jsonwebtoken::DecodingKey;
use tokio::sync::watch;

use super::discovery::Source;
use crate::auth::access::INVALID;
use crate::error::{Error, Result};

/// An algorithm that tokens may be signed with (RFC 7518 §3.1, RFC 8037 §3.1); for each, keys of one kind alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Algorithm {
    /// RSA, PKCS #1 v1.5, SHA-256.
    Rs256,
    /// ECDSA on P-256, SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The algorithm of exactly this name in a header.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Rs256 => Self::RS256,
            Algorithm::Es256 => Self::ES256,
            Algorithm::EdDsa => Self::EdDSA,
        }
    }
}

/// What a key is found by. The algorithm is part of it: no token can have a key used in another way (RFC 8725 §3.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct KeyId {
    pub(super) kid: String,
    pub(super) algorithm: Algorithm,
}

/// The keys of a provider.
pub(super) type KeySet = HashMap<KeyId, Arc<DecodingKey>>;

/// How often a provider is asked for its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long after one reading again the next may follow.
    pub reread: Duration,
    /// The same as long as there are no keys at all.
    pub retry: Duration,
    /// The age at which keys are read again though all are known.
    pub fresh: Duration,
    /// The age beyond which keys are not believed any more, when the provider cannot be asked.
    pub stale: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            reread: Duration::from_mins(1),
            retry: Duration::from_secs(5),
            fresh: Duration::from_mins(10),
            stale: Duration::from_hours(24),
        }
    }
}

/// The keys of a provider, as they were last read.
pub(super) struct Keys {
    source: Source,
    pace: Pace,
    state: Mutex<State>,
    /// How many readings have ended.
    ended: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    keys: KeySet,
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
    pub(super) fn new(source: Source, pace: Pace) -> Arc<Self> {
        Arc::new(Self { source, pace, state: Mutex::default(), ended: watch::Sender::new(0) })
    }

    /// Begins to read them, so that the first request does not wait.
    pub(super) fn begin(self: &Arc<Self>) {
        self.read(&mut self.lock());
    }

    /// A key; where it is unknown, after the provider was asked, if that may be done now.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a key that the provider does not have; [`Error::Unavailable`] when it did not answer.
    pub(super) async fn find(self: &Arc<Self>, id: &KeyId) -> Result<Arc<DecodingKey>> {
        let mut ended = {
            let mut state = self.lock();
            let known = self.known(&state, id);
            let old = state.read_at.is_none_or(|at| at.elapsed() >= self.pace.fresh);
            if (known.is_none() || old) && self.may_read(&state) {
                self.read(&mut state);
            }
            if let Some(key) = known {
                return Ok(key);
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
        self.known(&state, id).ok_or_else(|| unknown(&state))
    }

    fn known(&self, state: &State, id: &KeyId) -> Option<Arc<DecodingKey>> {
        state.read_at.filter(|at| at.elapsed() < self.pace.stale)?;
        state.keys.get(id).cloned()
    }

    fn may_read(&self, state: &State) -> bool {
        let over = |at: Option<Instant>, pause: Duration| at.is_none_or(|at| at.elapsed() >= pause);
        let pause_over = match state.read_at {
            None => over(state.failed_at, self.pace.retry),
            Some(_) => over(state.reread_at, self.pace.reread),
        };
        !state.reading && pause_over
    }

    /// Begins to read.
    fn read(self: &Arc<Self>, state: &mut State) {
        if state.read_at.is_some() {
            state.reread_at = Some(Instant::now());
        }
        let this = self.clone();
        // A thread of its own, at most one a minute: a provider that does not answer holds up nothing else, and a request that
        // is given up does not end what others wait for.
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

    fn end(&self, read: Result<KeySet, String>) {
        let mut state = self.lock();
        state.reading = false;
        match read {
            Ok(keys) => {
                log::info!(target: "auth", "the identity provider has {} keys that are of use here", keys.len());
                state.keys = keys;
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

/// Why there is no such key.
fn unknown(state: &State) -> Error {
    if state.failed_at.is_some() || state.read_at.is_none() {
        Error::Unavailable("the identity provider cannot be asked for its keys; try again in a few seconds".to_owned())
    } else {
        INVALID
    }
}
