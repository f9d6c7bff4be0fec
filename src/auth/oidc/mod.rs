//! An organisation's own identity provider, which vouches for people who are no users of this registry: OpenID Connect
//! Discovery 1.0 for its keys (RFC 7517), and its access tokens in the profile of RFC 9068.
//!
//! What a user's token does not have to prove, because the database knows it, these must: the role is in the token, and a token
//! holds until it expires. So they may not live longer than a day, and one whose key the provider takes back ends with it.

mod discovery;
mod keys;
mod settings;
mod subject;
mod token;

pub use keys::Pace;
pub use settings::{ClaimName, IssuerUrl, RoleRule, Settings};
pub use subject::Subject;

use std::sync::Arc;

use super::access::INVALID;
use super::caller::{Caller, Identity};
use super::jws::{Header, unproved_claims};
use super::remembered::Remembered;
use super::role::Role;
use crate::clock;
use crate::error::{Error, Result};
use keys::{Algorithm, KeyId, Keys};
use serde_json::Value;
use token::Proved;

/// The identity provider of a running service.
pub(super) struct Provider {
    settings: Settings,
    keys: Arc<Keys>,
    verified: Remembered<Verified>,
}

/// A token that was verified, and the key that did.
struct Verified {
    key: KeyId,
    proved: Proved,
}

impl Provider {
    /// Begins to read the provider's keys. `own` is the name by which this service itself issues tokens.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the provider has the same name: one could then issue tokens of the other.
    pub(super) fn new(settings: Settings, own: &str) -> Result<Self> {
        if settings.issuer.as_str().trim_end_matches('/') == own {
            let detail = format!("the identity provider has this service's own address, {own}: see --public-url");
            return Err(Error::Conflict(detail));
        }
        let keys = Keys::new(discovery::Source::new(&settings.issuer), settings.pace);
        keys.begin();
        Ok(Self { settings, keys, verified: Remembered::default() })
    }

    /// Whether a token says that it comes from here. That it says so proves nothing: it decides who proves the opposite.
    pub(super) fn claims_to_issue(&self, token: &str) -> bool {
        let claims = unproved_claims(token);
        claims.is_some_and(|claims| claims.get("iss").and_then(Value::as_str) == Some(self.settings.issuer.as_str()))
    }

    /// Proves who sent one of the provider's tokens, and what they may do.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a token that is not valid; [`Error::Forbidden`] for somebody who has no role here;
    /// [`Error::Unavailable`] for a key that is unknown here, when the provider cannot be asked.
    pub(super) async fn authenticate(&self, token: &str) -> Result<Caller> {
        let verified = self.verify(token).await?;
        match verified.proved.role {
            Some(role) => Ok(Caller::new(Identity::Subject(verified.proved.subject.clone()), role)),
            None => {
                log::warn!(target: "auth", "{} has no role here", verified.proved.subject.name());
                Err(Error::Forbidden { needed: Role::Viewer.as_str(), has: "none" })
            }
        }
    }

    async fn verify(&self, token: &str) -> Result<Arc<Verified>> {
        let now = clock::now();
        if let Some(verified) = self.verified.get(token, now) {
            // Its key may have been taken back since.
            self.keys.find(&verified.key).await?;
            return Ok(verified);
        }
        let header = Header::of(token).filter(|header| token::is_access_token(&header.typ)).ok_or(INVALID)?;
        let algorithm = Algorithm::named(&header.alg).ok_or(INVALID)?;
        let id = KeyId { kid: header.kid, algorithm };
        let key = self.keys.find(&id).await?;
        let proved = token::prove(token, algorithm, &key, &self.settings, now).ok_or(INVALID)?;
        let exp = proved.exp;
        let verified = Arc::new(Verified { key: id, proved });
        self.verified.keep(token, exp, verified.clone(), now);
        Ok(verified)
    }
}
