//! Named tokens: long-lived access tokens for programs, which act for their owner with a role of their own.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::role::Role;
use super::username::Username;
use crate::clock::stamp;
use crate::db::DbConn;
use crate::db::schema::named_tokens::{self as table, dsl};
use crate::error::{Error, Result};
use crate::limits::NAMED_TOKENS;
use crate::values::Name;

/// A named token, without the token: that is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, utoipa::ToSchema)]
pub struct NamedToken {
    /// Its id, which is also the `sid` claim of the token.
    #[schema(example = "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11")]
    pub id: String,
    /// Its purpose.
    #[schema(value_type = String, example = "nightly export")]
    pub name: Name,
    /// Whom it acts for.
    #[schema(value_type = String, example = "ada.lovelace")]
    pub owner: Username,
    /// Its role, as long as its owner may have it.
    pub role: Role,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-24T09:30:00.000000Z")]
    pub created_at: String,
    /// When it ends by itself.
    #[schema(format = DateTime, example = "2027-11-24T09:30:00.000000Z")]
    pub expires_at: String,
    /// When it was revoked, if it was.
    #[schema(required, format = DateTime, example = json!(null))]
    pub revoked_at: Option<String>,
}

/// A named token to make.
#[derive(Clone, Debug)]
pub struct NewNamedToken {
    /// Its purpose.
    pub name: Name,
    /// Its role: no more than its owner's.
    pub role: Role,
    /// When it ends by itself: at most [`crate::limits::TOKEN_DAYS`] from now.
    pub expires_at: DateTime<Utc>,
}

const COLUMNS: (dsl::id, dsl::name, dsl::owner, dsl::role, dsl::created_at, dsl::expires_at, dsl::revoked_at) =
    (dsl::id, dsl::name, dsl::owner, dsl::role, dsl::created_at, dsl::expires_at, dsl::revoked_at);

/// Keeps what is known of a token that was just signed.
pub(super) fn insert(
    conn: &mut DbConn,
    id: &str,
    owner: &Username,
    new: &NewNamedToken,
    kid: &str,
    now: DateTime<Utc>,
) -> Result<NamedToken> {
    let living: i64 = table::table
        .filter(dsl::owner.eq(owner.as_str()))
        .filter(dsl::revoked_at.is_null())
        .filter(dsl::expires_at.gt(stamp(now)))
        .count()
        .get_result(conn)?;
    if living >= NAMED_TOKENS {
        return Err(Error::Conflict(format!("{owner} has {living} tokens already: revoke some first")));
    }
    diesel::insert_into(table::table)
        .values((
            dsl::id.eq(id),
            dsl::name.eq(&new.name),
            dsl::owner.eq(owner.as_str()),
            dsl::role.eq(new.role),
            dsl::kid.eq(kid),
            dsl::created_at.eq(stamp(now)),
            dsl::expires_at.eq(stamp(new.expires_at)),
        ))
        .execute(conn)?;
    Ok(table::table.find(id).select(COLUMNS).get_result(conn)?)
}

/// Returns one token; one of another owner only without an `owner` to look for.
pub(super) fn find(conn: &mut DbConn, id: &str, owner: Option<&str>) -> Result<NamedToken> {
    let found: Option<NamedToken> = table::table.find(id).select(COLUMNS).get_result(conn).optional()?;
    // 404 rather than 403, so that ids of other users' tokens cannot be probed.
    found
        .filter(|token| owner.is_none_or(|owner| token.owner.as_str() == owner))
        .ok_or_else(|| Error::NotFound("there is no such token".to_owned()))
}

/// Tokens in the order they were made, from the one after `after` on, and how many there are in all; of one owner, or
/// all.
pub(super) fn page(
    conn: &mut DbConn,
    owner: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<(Vec<NamedToken>, i64)> {
    let mut rows = table::table
        .filter(dsl::id.gt(after.unwrap_or_default()))
        .order(dsl::id)
        .limit(limit)
        .select(COLUMNS)
        .into_boxed();
    let mut count = table::table.count().into_boxed();
    if let Some(owner) = owner {
        rows = rows.filter(dsl::owner.eq(owner.to_owned()));
        count = count.filter(dsl::owner.eq(owner.to_owned()));
    }
    Ok((rows.load(conn)?, count.get_result(conn)?))
}

/// Revokes one token. Doing it twice changes nothing.
pub(super) fn revoke(conn: &mut DbConn, id: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::update(table::table.find(id).filter(dsl::revoked_at.is_null()))
        .set(dsl::revoked_at.eq(stamp(now)))
        .execute(conn)?;
    Ok(())
}

/// Revokes all of an owner's.
pub(super) fn revoke_all(conn: &mut DbConn, owner: &Username, now: DateTime<Utc>) -> Result<()> {
    diesel::update(table::table.filter(dsl::owner.eq(owner.as_str())).filter(dsl::revoked_at.is_null()))
        .set(dsl::revoked_at.eq(stamp(now)))
        .execute(conn)?;
    Ok(())
}
