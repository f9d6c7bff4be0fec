//! What an identity provider's access token must prove (RFC 9068 §4, RFC 8725).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use super::keys::Algorithm;
use super::settings::Settings;
use super::subject::Subject;
use crate::auth::Role;
use crate::auth::access::TYP;
use crate::auth::jws::{is_over, is_to_come, unproved_claims};
use crate::values::{Name, Parsed as _};

/// How many seconds a token may live: nothing but time ends it.
const LIFETIME: u64 = 86_400;

/// What a token proved.
pub(super) struct Proved {
    pub(super) subject: Arc<Subject>,
    /// Nothing where its claims are mapped to no role.
    pub(super) role: Option<Role>,
    pub(super) exp: u64,
}

/// Whether a media type is that of access tokens (RFC 9068 §4), so that an ID token or a logout token cannot stand in for one.
pub(super) fn is_access_token(typ: &str) -> bool {
    let short =
        typ.split_once('/').filter(|(kind, _)| kind.eq_ignore_ascii_case("application")).map_or(typ, |(_, kind)| kind);
    short.eq_ignore_ascii_case(TYP)
}

/// What a token proves: its signature by this key, then its claims.
pub(super) fn prove(
    token: &str,
    algorithm: Algorithm,
    key: &DecodingKey,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Option<Proved> {
    let (message, signature) = token.rsplit_once('.')?;
    let signed = jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, algorithm.into());
    if !signed.is_ok_and(|right| right) {
        return None;
    }
    // They are proved now.
    judge(&unproved_claims(token)?, settings, now)
}

fn judge(claims: &Map<String, Value>, settings: &Settings, now: DateTime<Utc>) -> Option<Proved> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).and_then(Value::as_u64);
    let (exp, iat) = (time("exp")?, time("iat")?);
    // Where there is an `nbf`, it must be one.
    let begun = claims.get("nbf").is_none_or(|nbf| nbf.as_u64().is_some_and(|nbf| !is_to_come(nbf, now)));
    let sound = text("iss") == Some(settings.issuer.as_str())
        && is_for(claims.get("aud"), &settings.audience)
        && !is_to_come(iat, now)
        && begun
        && !is_over(exp, now)
        && exp.checked_sub(iat).is_some_and(|length| length <= LIFETIME);
    if !sound {
        return None;
    }
    let display_name = text("name").and_then(|name| Name::parse(name).ok()).map(|name| name.as_str().to_owned());
    let subject = Arc::new(Subject::new(text("sub")?, display_name, settings.issuer.as_str())?);
    Some(Proved { subject, role: settings.role(claims), exp })
}

/// Whether a token is for this service alone. One that is for others as well could be sent on by any of them.
fn is_for(aud: Option<&Value>, audience: &str) -> bool {
    match aud {
        Some(Value::String(only)) => only == audience,
        Some(Value::Array(list)) => matches!(list.as_slice(), [Value::String(only)] if only == audience),
        _ => false,
    }
}
