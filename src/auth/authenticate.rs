//! Authentication of the sender of a token: the token is verified once, and its owner is read for every request.

use std::sync::{Arc, Mutex};

use diesel::prelude::*;

use super::access::{INVALID, Use};
use super::caller::{Caller, Identity};
use super::role::Role;
use super::state::Auth;
use super::username::Username;
use super::verified::{CurrentRole, Verified};
use crate::clock::{self, stamp};
use crate::db::DbConn;
use crate::db::schema;
use crate::error::Result;
use crate::values::FromText as _;

impl Auth {
    /// Proves who sent an access token. One of ours: its signature, its claims, and that user, session or named token,
    /// and role still hold in the database at this moment. One of the organisation's identity provider: its signature,
    /// its claims, and the role that they are mapped to.
    ///
    /// # Errors
    /// [`crate::error::Error::Unauthenticated`]; [`crate::error::Error::Forbidden`] for a subject whom the identity
    /// provider gives no role here, [`crate::error::Error::Unavailable`] when it cannot be asked for its keys; what
    /// the database says.
    pub async fn authenticate(&self, token: &str) -> Result<Caller> {
        match &self.inner.provider {
            Some(provider) if provider.claims_to_issue(token) => provider.authenticate(token).await,
            _ => self.authenticate_own(token).await,
        }
    }

    /// Proves who sent a user name and one of the user's named tokens, in the place of a password.
    ///
    /// # Errors
    /// [`crate::error::Error::Unauthenticated`]; what the database says.
    pub async fn authenticate_named(&self, username: &str, token: &str) -> Result<Caller> {
        let caller = self.authenticate_own(token).await?;
        let fits =
            matches!(caller.identity(), Identity::NamedToken { username: owner, .. } if owner.as_str() == username);
        if fits { Ok(caller) } else { Err(INVALID) }
    }

    /// [`Auth::authenticate`] for tokens of ours alone.
    pub(super) async fn authenticate_own(&self, token: &str) -> Result<Caller> {
        let verified = self.verify(token)?;
        let now = clock::now();
        // Before the standing is read: a commit that comes in between makes it count as old.
        let generation = self.inner.db.generation();
        if let Some(caller) = generation.and_then(|generation| verified.cached_role(generation, now)) {
            return Ok(Caller::clone(&caller));
        }
        let read = verified.clone();
        let (caller, expires_at) = self
            .inner
            .db
            .find_somewhere(move |conn| load_current_role(conn, &read, &stamp(now)))
            .await?
            .ok_or(INVALID)?;
        if let Some(generation) = generation
            && let Ok(expires_at) = expires_at.parse()
        {
            verified.cache_role(CurrentRole { caller: Arc::new(caller.clone()), expires_at, generation });
        }
        Ok(caller)
    }

    /// Returns the sender of an access token of ours, as far as memory knows them at a generation of the database
    /// ([`Db::generation`](crate::db::Db::generation)). `None` is no refusal: [`Auth::authenticate`] has to be asked.
    pub fn recall(&self, token: &str, generation: u64) -> Option<Arc<Caller>> {
        let now = clock::now();
        let verified = self.inner.verified.get(token, now)?;
        self.inner.keys.find(&verified.kid)?;
        verified.cached_role(generation, now)
    }

    fn verify(&self, token: &str) -> Result<Arc<Verified>> {
        let now = clock::now();
        let cached = self.inner.verified.get(token, now);
        if let Some(verified) = cached
            && self.inner.keys.find(&verified.kid).is_some()
        {
            return Ok(verified);
        }
        let (claims, kid) = self.inner.issuer.verify(&self.inner.keys, token, now)?;
        let username = Username::parse(&claims.sub).map_err(|_| INVALID)?;
        let exp = claims.exp;
        let verified = Arc::new(Verified { claims, username, kid, current_role: Mutex::default() });
        self.inner.verified.insert(token, exp, verified.clone());
        Ok(verified)
    }
}

/// Reads the owner of a verified token, and when its session or named token ends; `None` when it holds no more.
fn load_current_role(conn: &mut DbConn, verified: &Verified, now: &str) -> Result<Option<(Caller, String)>> {
    use schema::users::dsl as u;
    let (claims, username) = (&verified.claims, verified.username.clone());
    let sid = claims.sid.clone();
    let (found, identity) = match claims.token_use {
        Use::Session => {
            use schema::sessions::dsl as s;
            let found: Option<(Role, String)> = s::sessions
                .inner_join(u::users)
                .filter(s::id.eq(&claims.sid))
                .filter(s::username.eq(username.as_str()))
                .filter(s::expires_at.gt(now))
                .filter(u::disabled.eq(0))
                .filter(u::epoch.eq(claims.epoch))
                .select((u::role, s::expires_at))
                .get_result(conn)
                .optional()?;
            (found, Identity::Session { username, session: sid })
        }
        Use::Named => {
            use schema::named_tokens::dsl as n;
            let found: Option<(Role, Role, String)> = n::named_tokens
                .inner_join(u::users)
                .filter(n::id.eq(&claims.sid))
                .filter(n::owner.eq(username.as_str()))
                .filter(n::expires_at.gt(now))
                .filter(n::revoked_at.is_null())
                .filter(u::disabled.eq(0))
                .filter(u::epoch.eq(claims.epoch))
                .select((n::role, u::role, n::expires_at))
                .get_result(conn)
                .optional()?;
            let found = found.map(|(own, owners, expires_at)| (own.min(owners), expires_at));
            (found, Identity::NamedToken { username, id: sid })
        }
    };
    Ok(found.map(|(role, expires_at)| (Caller::new(identity, role), expires_at)))
}
