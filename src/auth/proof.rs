//! Proving who sends a token: what it says is verified once, and who it belongs to is read for every request.

use std::sync::Arc;

use diesel::prelude::*;

use super::access::{Claims, INVALID, Use};
use super::caller::{Caller, Identity};
use super::role::Role;
use super::state::Auth;
use super::username::Username;
use crate::clock::{self, stamp};
use crate::db::DbConn;
use crate::db::schema;
use crate::error::Result;
use crate::values::Parsed as _;

/// A token of ours whose signature and claims have been checked.
pub(super) struct Verified {
    claims: Claims,
    username: Username,
    kid: String,
}

impl Auth {
    /// Proves who sent an access token. One of ours: its signature, its claims, and that user, session or named token, and role
    /// still hold in the database at this moment. One of the organisation's identity provider: its signature, its claims, and
    /// the role that they are mapped to.
    ///
    /// # Errors
    /// [`crate::error::Error::Unauthenticated`]; [`crate::error::Error::Forbidden`] for somebody whom the identity provider
    /// gives no role here, [`crate::error::Error::Unavailable`] when it cannot be asked for its keys; what the database says.
    pub async fn authenticate(&self, token: &str) -> Result<Caller> {
        match &self.inner.provider {
            Some(provider) if provider.claims_to_issue(token) => provider.authenticate(token).await,
            _ => self.authenticate_own(token).await,
        }
    }

    /// The same for tokens of ours alone.
    pub(super) async fn authenticate_own(&self, token: &str) -> Result<Caller> {
        let verified = self.verify(token)?;
        let now = clock::now();
        self.inner.db.read(move |conn| standing(conn, &verified, &stamp(now))).await?.ok_or(INVALID)
    }

    fn verify(&self, token: &str) -> Result<Arc<Verified>> {
        let now = clock::now();
        let remembered = self.inner.verified.get(token, now);
        if let Some(verified) = remembered
            && self.inner.keys.find(&verified.kid).is_some()
        {
            return Ok(verified);
        }
        let (claims, kid) = self.inner.issuer.verify(&self.inner.keys, token, now)?;
        let username = Username::parse(&claims.sub).map_err(|_| INVALID)?;
        let exp = claims.exp;
        let verified = Arc::new(Verified { claims, username, kid });
        self.inner.verified.keep(token, exp, verified.clone(), now);
        Ok(verified)
    }
}

/// Who a verified token belongs to at this moment, if it still belongs to anybody.
fn standing(conn: &mut DbConn, verified: &Verified, now: &str) -> Result<Option<Caller>> {
    use schema::users::dsl as u;
    let (claims, username) = (&verified.claims, verified.username.clone());
    let sid = claims.sid.clone();
    let (role, identity) = match claims.token_use {
        Use::Session => {
            use schema::sessions::dsl as s;
            let role: Option<Role> = s::sessions
                .inner_join(u::users)
                .filter(s::id.eq(&claims.sid))
                .filter(s::username.eq(username.as_str()))
                .filter(s::expires_at.gt(now))
                .filter(u::disabled.eq(0))
                .filter(u::epoch.eq(claims.epoch))
                .select(u::role)
                .get_result(conn)
                .optional()?;
            (role, Identity::Session { username, session: sid })
        }
        Use::Named => {
            use schema::named_tokens::dsl as n;
            let roles: Option<(Role, Role)> = n::named_tokens
                .inner_join(u::users)
                .filter(n::id.eq(&claims.sid))
                .filter(n::owner.eq(username.as_str()))
                .filter(n::expires_at.gt(now))
                .filter(n::revoked_at.is_null())
                .filter(u::disabled.eq(0))
                .filter(u::epoch.eq(claims.epoch))
                .select((n::role, u::role))
                .get_result(conn)
                .optional()?;
            (roles.map(|(own, owners)| own.min(owners)), Identity::NamedToken { username, id: sid })
        }
    };
    Ok(role.map(|role| Caller::new(identity, role)))
}
