//! Tokens that have been verified: a signature is checked once, and what it proves is kept until the token expires.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use quick_cache::sync::Cache;

use super::jws::is_expired;
use super::secret::sha256;

/// The number of tokens that are kept.
const CAPACITY: usize = 10_000;

/// The facts that verified tokens proved, by the digest of the token: the tokens themselves are not kept.
pub(super) struct TokenCache<T> {
    tokens: Cache<[u8; 32], Entry<T>>,
}

struct Entry<T> {
    exp: u64,
    proved: Arc<T>,
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Self { exp: self.exp, proved: self.proved.clone() }
    }
}

impl<T> Default for TokenCache<T> {
    fn default() -> Self {
        Self { tokens: Cache::new(CAPACITY) }
    }
}

impl<T> TokenCache<T> {
    /// Returns the facts that a token proved, unless it has expired since. The caller checks that its key is still
    /// trusted.
    pub(super) fn get(&self, token: &str, now: DateTime<Utc>) -> Option<Arc<T>> {
        let entry = self.tokens.get(&sha256(token.as_bytes()))?;
        (!is_expired(entry.exp, now)).then_some(entry.proved)
    }

    /// Keeps what a token proves until it expires at `exp`; forgets others where there are too many.
    pub(super) fn insert(&self, token: &str, exp: u64, proved: Arc<T>) {
        self.tokens.insert(sha256(token.as_bytes()), Entry { exp, proved });
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
        kept.insert("a", exp, Arc::new(1));
        assert_eq!(kept.get("a", now).as_deref(), Some(&1));
        assert!(kept.get("b", now).is_none());
        assert!(kept.get("a", now + chrono::TimeDelta::seconds(66)).is_none());
        for token in 0..=CAPACITY {
            kept.insert(&token.to_string(), exp, Arc::new(2));
        }
        assert!(kept.tokens.len() <= CAPACITY);
    }
}
