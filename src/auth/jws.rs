//! The checks of a token of any issuer before a library sees it (rules.md 12): its length, its three segments,
//! and a header of `alg`, `typ` and `kid` and nothing else.
//!
//! jsonwebtoken ignores most of a header (`typ`, `crit`, `jwk`, `jku`, `x5u`, `zip`), takes the last of two members of
//! one name, and reads the clock itself; so nothing of that is left to it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::limits;
use crate::values::json;

/// The number of seconds that the clocks of two machines may differ.
pub(super) const LEEWAY: u64 = 5;

/// The header of a token.
pub(super) struct Header {
    /// The algorithm it claims.
    pub(super) alg: String,
    /// Its media type.
    pub(super) typ: String,
    /// The id of the key that it says it was signed with.
    pub(super) kid: String,
}

impl Header {
    /// Returns the header of a token, if it is in the form that is read here.
    pub(super) fn of(token: &str) -> Option<Self> {
        Self::read(token, None)
    }

    /// Reads the header of a token that may leave out its media type, which is `typ` then.
    pub(super) fn with_default(token: &str, typ: &str) -> Option<Self> {
        Self::read(token, Some(typ))
    }

    fn read(token: &str, default: Option<&str>) -> Option<Self> {
        if token.len() > limits::TOKEN || token.split('.').count() != 3 {
            return None;
        }
        let mut header = segment(token, 0)?;
        if let Some(typ) = default {
            header.entry("typ").or_insert_with(|| typ.into());
        }
        let text = |name: &str| header.get(name).and_then(Value::as_str).map(str::to_owned);
        if header.len() != 3 {
            return None;
        }
        Some(Self { alg: text("alg")?, typ: text("typ")?, kid: text("kid")? })
    }
}

/// Reads the claims of a token, **unproved**: as its sender wrote them. No claim is given twice, and nothing nests
/// deeply.
pub(super) fn unverified_claims(token: &str) -> Option<Map<String, Value>> {
    if token.len() > limits::TOKEN {
        return None;
    }
    segment(token, 1)
}

fn segment(token: &str, index: usize) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(index)?).ok()?;
    match json::parse(&bytes).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Seconds since 1970 (RFC 7519 NumericDate); time before that does not occur.
pub(super) fn seconds(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp()).unwrap_or_default()
}

/// Tells whether a token that expires then has expired.
pub(super) fn is_expired(exp: u64, now: DateTime<Utc>) -> bool {
    exp.saturating_add(LEEWAY) <= seconds(now)
}

/// Tells whether a moment lies in the future, by more than clocks may differ.
pub(super) fn is_in_future(at: u64, now: DateTime<Utc>) -> bool {
    at > seconds(now).saturating_add(LEEWAY)
}
