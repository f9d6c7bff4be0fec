//! The checks of an identity provider's tokens: an access token (RFC 9068 §4, RFC 8725), and the ID token of a person
//! who signs in (OpenID Connect Core 1.0 §3.1.3.7).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use super::jwk::Algorithm;
use super::settings::Settings;
use super::subject::Subject;
use crate::auth::access::TYP;
use crate::auth::jws::{is_expired, is_in_future, unverified_claims};
use crate::auth::role::Role;
use crate::values::{FromText as _, Name};

/// The number of seconds that a token may live: nothing but time ends it.
const LIFETIME: u64 = 86_400;

/// The facts that a token proved.
pub(super) struct Proved {
    pub(super) subject: Arc<Subject>,
    /// Nothing where its claims are mapped to no role.
    pub(super) role: Option<Role>,
    /// The values of the claim that gives roles.
    pub(super) values: Vec<String>,
    pub(super) exp: u64,
}

/// Tells whether a media type is that of access tokens (RFC 9068 §4), so that an ID token or a logout token is
/// not accepted as one.
pub(super) fn is_access_token(typ: &str) -> bool {
    let short =
        typ.split_once('/').filter(|(kind, _)| kind.eq_ignore_ascii_case("application")).map_or(typ, |(_, kind)| kind);
    short.eq_ignore_ascii_case(TYP)
}

/// The media type of ID tokens, which providers may leave out.
pub(super) const ID_TOKEN: &str = "JWT";

/// Tells whether a media type is that of ID tokens.
pub(super) fn is_id_token(typ: &str) -> bool {
    typ.eq_ignore_ascii_case(ID_TOKEN)
}

/// For whom a token must be, and what else it must say.
#[derive(Clone, Copy)]
pub(super) enum For<'a> {
    /// An access token for this service.
    Audience(&'a str),
    /// The ID token of a sign-in that this client began with a nonce.
    Client { id: &'a str, nonce: &'a str },
}

/// Proves a token: its signature by this key, then its claims.
pub(super) fn prove(
    token: &str,
    algorithm: Algorithm,
    key: &DecodingKey,
    settings: &Settings,
    (whom, now): (For<'_>, DateTime<Utc>),
) -> Option<Proved> {
    let (message, signature) = token.rsplit_once('.')?;
    let signed = jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, algorithm.into());
    if !signed.is_ok_and(|right| right) {
        return None;
    }
    // They are proved now.
    check_claims(&unverified_claims(token)?, settings, whom, now)
}

fn check_claims(claims: &Map<String, Value>, settings: &Settings, whom: For<'_>, now: DateTime<Utc>) -> Option<Proved> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).and_then(Value::as_u64);
    let (exp, iat) = (time("exp")?, time("iat")?);
    // Where there is an `nbf`, it must be one.
    let begun = claims.get("nbf").is_none_or(|nbf| nbf.as_u64().is_some_and(|nbf| !is_in_future(nbf, now)));
    let sound = text("iss") == Some(settings.issuer.as_str())
        && whom.is(claims)
        && !is_in_future(iat, now)
        && begun
        && !is_expired(exp, now)
        && exp.checked_sub(iat).is_some_and(|length| length <= LIFETIME);
    if !sound {
        return None;
    }
    let display_name = text("name").and_then(|name| Name::parse(name).ok()).map(|name| name.as_str().to_owned());
    let subject = Arc::new(Subject::new(text("sub")?, display_name, settings.issuer.as_str())?);
    let values: Vec<String> = settings.claim.values(claims).into_iter().map(str::to_owned).collect();
    Some(Proved { subject, role: settings.role(&values), values, exp })
}

impl For<'_> {
    /// Tells whether a token is for this service alone. One that is for others as well could be sent on by any of them.
    fn is(self, claims: &Map<String, Value>) -> bool {
        match self {
            Self::Audience(audience) => is_for(claims.get("aud"), audience),
            Self::Client { id, nonce } => {
                let party = claims.get("azp").is_none_or(|azp| azp.as_str() == Some(id));
                is_for(claims.get("aud"), id) && party && claims.get("nonce").and_then(Value::as_str) == Some(nonce)
            }
        }
    }
}

fn is_for(aud: Option<&Value>, audience: &str) -> bool {
    match aud {
        Some(Value::String(only)) => only == audience,
        Some(Value::Array(list)) => matches!(list.as_slice(), [Value::String(only)] if only == audience),
        _ => false,
    }
}
