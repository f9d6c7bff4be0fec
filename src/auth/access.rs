//! Access tokens: JWTs in the profile of RFC 9068, signed with EdDSA (RFC 8037), and their verification (RFC 8725).
//!
//! The raw header is checked before jsonwebtoken sees the token (see [`super::jws`]), and the claims after it (rules.md
//! 12, 13).

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use super::jws::{self, LEEWAY, is_expired, is_in_future, seconds};
use super::keys::KeyRing;
use super::role::Role;
use super::secret::Secret;
use super::username::Username;
use crate::error::{Error, Result};
use crate::limits::TOKEN_DAYS;
use crate::values::FromText as _;

/// The time that an access token of a session lives.
pub const ACCESS_SECONDS: u64 = 900;
/// The media type of access tokens (RFC 9068 §2.1), so that no other JWT is accepted as one.
pub(super) const TYP: &str = "at+jwt";
/// The client, which RFC 9068 requires: here all clients are the same one, since clients are not registered.
const CLIENT: &str = "public";

/// The text of every refusal: more would help only people who try tokens out.
pub(super) const INVALID: Error = Error::Unauthenticated("the token is not valid here, or has expired");

/// The session or named token that a token belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Use {
    /// `sid` is a session.
    Session,
    /// `sid` is a named token.
    Named,
}

/// The claims, all of them required, no others allowed. serde refuses a claim that is given twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) aud: String,
    pub(super) exp: u64,
    pub(super) iat: u64,
    pub(super) jti: String,
    /// For clients to read. The service reads the permissions of the caller from the database.
    pub(super) scope: String,
    pub(super) client_id: String,
    /// The session or named token.
    pub(super) sid: String,
    pub(super) token_use: Use,
    /// [`super::users`] raises it to end all of a user's tokens.
    pub(super) epoch: i64,
}

/// For whom and what a token is made.
pub(super) struct Grant<'a> {
    pub(super) username: &'a Username,
    pub(super) role: Role,
    pub(super) epoch: i64,
    pub(super) sid: &'a str,
    pub(super) token_use: Use,
    pub(super) issued_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

/// Makes and verifies the tokens of one issuer for one audience.
pub(super) struct Issuer {
    pub(super) issuer: String,
    pub(super) audience: String,
}

impl Issuer {
    /// Makes a token, and says which key signed it.
    pub(super) fn sign(&self, keys: &KeyRing, grant: &Grant<'_>) -> Result<(Secret, String)> {
        let key = keys.signing();
        let claims = Claims {
            iss: self.issuer.clone(),
            sub: grant.username.as_str().to_owned(),
            aud: self.audience.clone(),
            exp: seconds(grant.expires_at),
            iat: seconds(grant.issued_at),
            jti: uuid::Uuid::now_v7().to_string(),
            scope: grant.role.as_str().to_owned(),
            client_id: CLIENT.to_owned(),
            sid: grant.sid.to_owned(),
            token_use: grant.token_use,
            epoch: grant.epoch,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYP.to_owned());
        header.kid = Some(key.kid.clone());
        let token = jsonwebtoken::encode(&header, &claims, &key.encoding)
            .map_err(|error| Error::internal("a token cannot be signed", error))?;
        Ok((Secret::new(token), key.kid.clone()))
    }

    /// Verifies everything that a token can prove by itself; answers with its claims and the id of its key.
    pub(super) fn verify(&self, keys: &KeyRing, token: &str, now: DateTime<Utc>) -> Result<(Claims, String)> {
        let header = jws::Header::of(token).filter(|header| header.alg == "EdDSA" && header.typ == TYP);
        let kid = header.ok_or(INVALID)?.kid;
        let key = keys.find(&kid).ok_or(INVALID)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        // Times are checked below, against the clock that the rest of the program uses.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).map_err(|_| INVALID)?.claims;
        if self.allows(&claims, now) { Ok((claims, kid)) } else { Err(INVALID) }
    }

    fn allows(&self, claims: &Claims, now: DateTime<Utc>) -> bool {
        let lifetime = match claims.token_use {
            Use::Session => ACCESS_SECONDS,
            Use::Named => TOKEN_DAYS * 86_400,
        };
        claims.iss == self.issuer
            && claims.aud == self.audience
            && claims.client_id == CLIENT
            && Username::parse(&claims.sub).is_ok()
            && Role::parse(&claims.scope).is_ok()
            && !is_in_future(claims.iat, now)
            && claims.exp.checked_sub(claims.iat).is_some_and(|length| length <= lifetime)
            && !is_expired(claims.exp, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    struct Bench {
        _folder: tempfile::TempDir,
        keys: KeyRing,
        issuer: Issuer,
        now: DateTime<Utc>,
    }

    impl Bench {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let keys = KeyRing::open(folder.path()).unwrap();
            let issuer = Issuer { issuer: "here".to_owned(), audience: "us".to_owned() };
            Self { _folder: folder, keys, issuer, now: crate::clock::now() }
        }

        fn token(&self, lifetime: TimeDelta) -> String {
            let username = Username::parse("ada").unwrap();
            let grant = Grant {
                username: &username,
                role: Role::Editor,
                epoch: 7,
                sid: "a-session",
                token_use: Use::Session,
                issued_at: self.now,
                expires_at: self.now + lifetime,
            };
            self.issuer.sign(&self.keys, &grant).unwrap().0.reveal().to_owned()
        }

        fn holds(&self, token: &str, after: TimeDelta) -> bool {
            self.issuer.verify(&self.keys, token, self.now + after).is_ok()
        }
    }

    /// Fails without the check of `exp`, and without that of `iat`.
    #[test]
    fn a_token_holds_for_fifteen_minutes_and_five_seconds() {
        let bench = Bench::new();
        let token = bench.token(TimeDelta::seconds(900));
        assert!(bench.holds(&token, TimeDelta::zero()));
        assert!(bench.holds(&token, TimeDelta::seconds(903)));
        assert!(!bench.holds(&token, TimeDelta::seconds(906)));
        // A clock that is a little behind, and one that is far behind.
        assert!(bench.holds(&token, TimeDelta::seconds(-4)));
        assert!(!bench.holds(&token, TimeDelta::seconds(-7)));
    }

    /// Fails without the longest life.
    #[test]
    fn a_token_that_lives_too_long_is_none_of_ours() {
        let bench = Bench::new();
        assert!(!bench.holds(&bench.token(TimeDelta::seconds(901)), TimeDelta::zero()));
        assert!(!bench.holds(&bench.token(TimeDelta::seconds(-1)), TimeDelta::zero()));
    }

    /// Fails without the checks of `iss`, or those of `aud`: both this code and jsonwebtoken make each of them.
    #[test]
    fn another_issuer_audience_or_key_is_refused() {
        let (bench, other) = (Bench::new(), Bench::new());
        let token = bench.token(TimeDelta::seconds(900));
        assert!(other.issuer.verify(&other.keys, &token, bench.now).is_err());
        for (issuer, audience) in [("there", "us"), ("here", "them"), ("", ""), ("us", "here")] {
            let verifier = Issuer { issuer: issuer.to_owned(), audience: audience.to_owned() };
            assert!(verifier.verify(&bench.keys, &token, bench.now).is_err(), "{issuer} {audience}");
        }
    }

    /// Fails without the signature.
    #[test]
    fn any_changed_character_is_seen() {
        let bench = Bench::new();
        let token = bench.token(TimeDelta::seconds(900));
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(!bench.holds(&changed, TimeDelta::zero()), "at {at}");
            assert!(!bench.holds(&token[..at], TimeDelta::zero()), "cut at {at}");
        }
    }
}
