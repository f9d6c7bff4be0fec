//! The keys of a provider, found by id and algorithm.

use std::collections::HashMap;
use std::sync::Arc;

use jsonwebtoken::DecodingKey;

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
    /// Returns the algorithm of exactly this name in a header.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// The id and algorithm of a key. The algorithm is part of it: no token can have a key used in another way (RFC 8725
/// §3.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct KeyId {
    pub(super) kid: String,
    pub(super) algorithm: Algorithm,
}

/// The keys of a provider.
pub(super) type KeySet = HashMap<KeyId, Arc<DecodingKey>>;

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Rs256 => Self::RS256,
            Algorithm::Es256 => Self::ES256,
            Algorithm::EdDsa => Self::EdDSA,
        }
    }
}
