//! The table of what was answered.

use diesel::prelude::*;

use super::request::{Kept, Request};
use crate::db::DbConn;
use crate::db::schema::idempotency_keys::{self as table, dsl};
use crate::error::Result;
use crate::limits;

/// The number of forgotten keys that are deleted with each new one: more than come, so that none pile up.
const CLEANED: i64 = 100;

/// The record of a request that was done.
#[derive(Queryable, Selectable)]
#[diesel(table_name = table)]
pub(super) struct Row {
    pub(super) fingerprint: String,
    pub(super) status: i64,
    pub(super) location: Option<String>,
    pub(super) etag: Option<String>,
    pub(super) body: Option<String>,
}

/// Returns the row of a key that was used after `expired`.
pub(super) fn find(conn: &mut DbConn, request: &Request, expired: &str) -> Result<Option<Row>> {
    let row = table::table.find((&request.caller, &request.key)).filter(dsl::at.gt(expired));
    Ok(row.select(Row::as_select()).get_result(conn).optional()?)
}

/// Deletes the row of a key that is used again after its time, and some more that are over.
pub(super) fn clean(conn: &mut DbConn, request: &Request, expired: &str) -> Result<()> {
    diesel::delete(table::table.find((&request.caller, &request.key))).execute(conn)?;
    let over: Vec<(String, String)> = table::table
        .filter(dsl::at.le(expired))
        .order(dsl::at)
        .limit(CLEANED)
        .select((dsl::caller, dsl::key))
        .load(conn)?;
    for key in over {
        diesel::delete(table::table.find(key)).execute(conn)?;
    }
    Ok(())
}

/// Returns the time at which the caller's oldest key was used, if they have at least `many` keys.
pub(super) fn oldest_of_many(conn: &mut DbConn, caller: &str, many: i64) -> Result<Option<String>> {
    let theirs = || table::table.filter(dsl::caller.eq(caller.to_owned()));
    let count: i64 = theirs().count().get_result(conn)?;
    if count < many {
        return Ok(None);
    }
    Ok(theirs().order(dsl::at).limit(1).select(dsl::at).get_result(conn).optional()?)
}

/// Keeps what was answered. A long body is left out.
pub(super) fn insert(conn: &mut DbConn, request: &Request, kept: &Kept, at: &str) -> Result<()> {
    let (status, location, etag, body) = match kept {
        Kept::Whole(reply) => {
            let body = Some(reply.body.as_str()).filter(|body| body.len() <= limits::IDEMPOTENCY_ANSWER);
            (reply.status, reply.location.as_deref(), reply.etag.as_deref(), body)
        }
        Kept::Secret { status, location } => (*status, Some(location.as_str()), None, None),
    };
    diesel::insert_into(table::table)
        .values((
            dsl::caller.eq(&request.caller),
            dsl::key.eq(&request.key),
            dsl::fingerprint.eq(&request.fingerprint),
            dsl::at.eq(at),
            dsl::status.eq(i64::from(status)),
            dsl::location.eq(location),
            dsl::etag.eq(etag),
            dsl::body.eq(body),
        ))
        .execute(conn)?;
    Ok(())
}

/// Deletes every row of a caller.
pub(super) fn forget(conn: &mut DbConn, caller: &str) -> Result<()> {
    diesel::delete(table::table.filter(dsl::caller.eq(caller))).execute(conn)?;
    Ok(())
}
