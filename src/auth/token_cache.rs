//! Tokens that have been verified: a signature is checked once, and what it proves is kept until the token expires.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::jws::is_expired;
use super::secret::sha256;

/// How many are kept.
const CAPACITY: usize = 10_000;

/// The facts that verified tokens proved, by the digest of the token: the tokens themselves are not kept.
pub(super) struct TokenCache<T> {
    tokens: Mutex<HashMap<[u8; 32], Entry<T>>>,
}

struct Entry<T> {
    exp: u64,
    proved: Arc<T>,
}

impl<T> Default for TokenCache<T> {
    fn default() -> Self {
        Self { tokens: Mutex::default() }
    }
}

impl<T> TokenCache<T> {
    /// Returns the facts that a token proved, unless it has expired since. The caller checks that its key is still
    /// trusted.
    pub(super) fn get(&self, token: &str, now: DateTime<Utc>) -> Option<Arc<T>> {
        let digest = sha256(token.as_bytes());
        let tokens = self.lock();
        tokens.get(&digest).filter(|entry| !is_expired(entry.exp, now)).map(|entry| entry.proved.clone())
    }

    /// Keeps what a token proves until it expires at `exp`; forgets others where there are too many.
    pub(super) fn insert(&self, token: &str, exp: u64, proved: Arc<T>, now: DateTime<Utc>) {
        let digest = sha256(token.as_bytes());
        let mut tokens = self.lock();
        if tokens.len() >= CAPACITY {
            tokens.retain(|_, entry| !is_expired(entry.exp, now));
        }
        if tokens.len() >= CAPACITY {
            tokens.clear();
        }
        tokens.insert(digest, Entry { exp, proved });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Entry<T>>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn cached_tokens_expire_and_are_bounded() {
        let (kept, now) = (TokenCache::default(), clock::now());
        let exp = super::super::jws::seconds(now) + 60;
        kept.insert("a", exp, Arc::new(1), now);
        assert_eq!(kept.get("a", now).as_deref(), Some(&1));
        assert!(kept.get("b", now).is_none());
        assert!(kept.get("a", now + chrono::TimeDelta::seconds(66)).is_none());
        for token in 0..=CAPACITY {
            kept.insert(&token.to_string(), exp, Arc::new(2), now);
        }
        assert!(kept.lock().len() <= CAPACITY);
    }
}
