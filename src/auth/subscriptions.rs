//! Subscriptions: addresses with a secret of their own, for programs that can send nothing but an address. Each reads
//! the answer to one question, with what its owner may do at that moment.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::caller::{Caller, Identity};
use super::role::Role;
use super::username::Username;
use crate::clock::stamp;
use crate::db::DbConn;
use crate::db::schema::subscriptions::{self as table, dsl};
use crate::db::schema::users as accounts;
use crate::error::{Error, Result};
use crate::limits::SUBSCRIPTIONS;

/// The digest that is compared with where there is no such subscription, so that it takes the same time: the digest of
/// nothing known.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A subscription, without its secret: that is shown once, in the address, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, utoipa::ToSchema)]
pub struct Subscription {
    /// Its id, which is in its address.
    #[schema(example = "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11")]
    pub id: String,
    /// The one question that it answers: path and query below `/api/v1`.
    #[schema(example = "/agreements?format=ics&nation=IN")]
    pub query: String,
    /// The owner, whose role the answers have.
    #[schema(value_type = String, example = "ada.lovelace")]
    pub owner: Username,
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

/// A subscription to make.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    /// The question, which has been looked at: path and query below `/api/v1`.
    pub query: String,
    /// When it ends by itself: at most [`crate::limits::TOKEN_DAYS`] from now.
    pub expires_at: DateTime<Utc>,
}

const COLUMNS: (dsl::id, dsl::query, dsl::owner, dsl::created_at, dsl::expires_at, dsl::revoked_at) =
    (dsl::id, dsl::query, dsl::owner, dsl::created_at, dsl::expires_at, dsl::revoked_at);

/// The result of opening an address.
pub(super) enum Opened {
    /// The caller, and the question.
    Yes(Caller, String),
    /// The secret is right, and the subscription is over, or its owner is shut out.
    Ended,
    /// There is no such address.
    No,
}

/// Looks an address up by its id and the digest of its secret.
pub(super) fn open(conn: &mut DbConn, id: &str, digest: &str, now: DateTime<Utc>) -> Result<Opened> {
    type Row = (Username, Role, i64, String, String, String, Option<String>);
    let found: Option<Row> = table::table
        .inner_join(accounts::table)
        .filter(dsl::id.eq(id))
        .select((
            dsl::owner,
            accounts::role,
            accounts::disabled,
            dsl::digest,
            dsl::query,
            dsl::expires_at,
            dsl::revoked_at,
        ))
        .get_result(conn)
        .optional()?;
    let kept = found.as_ref().map_or(NOTHING, |(_, _, _, kept, ..)| kept);
    let right = verify_slices_are_equal(kept.as_bytes(), digest.as_bytes()).is_ok();
    let Some((username, role, disabled, _, query, expires_at, revoked_at)) = found.filter(|_| right) else {
        return Ok(Opened::No);
    };
    if disabled != 0 || revoked_at.is_some() || expires_at <= stamp(now) {
        return Ok(Opened::Ended);
    }
    let identity = Identity::Subscription { username, id: id.to_owned() };
    Ok(Opened::Yes(Caller::new(identity, role), query))
}

/// Keeps what is known of a subscription, and the digest of its secret.
pub(super) fn insert(
    conn: &mut DbConn,
    owner: &Username,
    new: &NewSubscription,
    digest: &str,
    now: DateTime<Utc>,
) -> Result<Subscription> {
    let owner = owner.as_str();
    let living: i64 = table::table
        .filter(dsl::owner.eq(owner))
        .filter(dsl::revoked_at.is_null())
        .filter(dsl::expires_at.gt(stamp(now)))
        .count()
        .get_result(conn)?;
    if living >= SUBSCRIPTIONS {
        return Err(Error::Conflict(format!("{owner} has {living} subscriptions already: revoke some first")));
    }
    let id = uuid::Uuid::now_v7().to_string();
    diesel::insert_into(table::table)
        .values((
            dsl::id.eq(&id),
            dsl::query.eq(&new.query),
            dsl::owner.eq(owner),
            dsl::digest.eq(digest),
            dsl::created_at.eq(stamp(now)),
            dsl::expires_at.eq(stamp(new.expires_at)),
        ))
        .execute(conn)?;
    Ok(table::table.find(&id).select(COLUMNS).get_result(conn)?)
}

/// Returns one subscription; of another user's, only without an `owner` to look for.
pub(super) fn find(conn: &mut DbConn, id: &str, owner: Option<&str>) -> Result<Subscription> {
    let found: Option<Subscription> = table::table.find(id).select(COLUMNS).get_result(conn).optional()?;
    // Whether another user has one with this id is theirs to know.
    found
        .filter(|subscription| owner.is_none_or(|owner| subscription.owner.as_str() == owner))
        .ok_or_else(|| Error::NotFound("there is no such subscription".to_owned()))
}

/// Subscriptions in the order they were made, from the one after `after` on, and how many there are in all; of one
/// owner, or all.
pub(super) fn page(
    conn: &mut DbConn,
    owner: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<(Vec<Subscription>, i64)> {
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

/// Revokes subscriptions that are not revoked yet: the one with this id, those of this owner, or all of them.
pub(super) fn revoke(conn: &mut DbConn, id: Option<&str>, owner: Option<&Username>, now: DateTime<Utc>) -> Result<()> {
    let living = dsl::revoked_at.is_null();
    let change = dsl::revoked_at.eq(stamp(now));
    match (id, owner) {
        (Some(id), _) => diesel::update(table::table.find(id).filter(living)).set(change).execute(conn)?,
        (None, Some(owner)) => {
            let theirs = table::table.filter(dsl::owner.eq(owner.as_str())).filter(living);
            diesel::update(theirs).set(change).execute(conn)?
        }
        (None, None) => diesel::update(table::table.filter(living)).set(change).execute(conn)?,
    };
    Ok(())
}
