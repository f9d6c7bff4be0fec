//! The tables of webhooks.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::sign::{Sealer, SigningKeys};
use super::target::Target;
use crate::auth::Secret;
use crate::changes;
use crate::clock::stamp;
use crate::db::DbConn;
use crate::db::schema::{webhook_deliveries as attempts, webhook_keys as keys, webhooks};
use crate::error::{Defect, Error, Result};
use crate::limits;
use crate::values::text_enum;

text_enum! {
    /// The reason why nothing is sent any more.
    pub enum DisabledReason {
        /// An admin wanted it.
        ByAdmin = "by_admin",
        /// Nothing could be delivered for days.
        Failing = "failing",
        /// The receiver said that it is gone (410).
        Gone = "gone",
    }
}

/// A webhook: where changes are sent to, and how that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable, utoipa::ToSchema)]
#[diesel(table_name = webhooks)]
pub struct Webhook {
    /// Its id.
    #[schema(example = "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11")]
    pub id: String,
    /// The address that changes are sent to.
    #[schema(example = "https://hooks.example.org/registry")]
    pub address: String,
    /// The changes that are sent: the feed, with its filters, as below `/api/v1`.
    #[schema(example = "/changes?resource=projects")]
    pub query: String,
    /// The last revision that was delivered or need not be delivered. Changes after it are still to be delivered.
    #[schema(example = 42)]
    pub position: i64,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-24T09:30:00.000000Z")]
    pub created_at: String,
    /// The user who made it.
    #[schema(example = "ada.lovelace")]
    pub created_by: String,
    /// When it was changed last.
    #[schema(format = DateTime, example = "2026-11-24T09:30:00.000000Z")]
    pub updated_at: String,
    /// Since when nothing is sent any more, if that is so.
    #[schema(required, format = DateTime, example = json!(null))]
    pub disabled_at: Option<String>,
    /// Why.
    #[schema(required, value_type = Option<String>, example = json!(null))]
    pub disabled_reason: Option<DisabledReason>,
    /// Since when every attempt has failed, if the last one has.
    #[schema(required, format = DateTime, example = json!(null))]
    pub failing_since: Option<String>,
    /// The number of attempts that have failed since one succeeded.
    #[schema(example = 0)]
    pub failures: i64,
    /// When the next attempt is made, after one that has failed.
    #[schema(required, format = DateTime, example = json!(null))]
    pub next_attempt_at: Option<String>,
}

/// One of the keys that a webhook signs with: what may be known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, utoipa::ToSchema)]
pub struct PublicKey {
    /// The Ed25519 key that signatures `v1a` are verified with.
    #[schema(example = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    pub public_key: String,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-24T09:30:00.000000Z")]
    pub created_at: String,
    /// Until when it signs beside a newer one.
    #[schema(required, format = DateTime, example = json!(null))]
    pub expires_at: Option<String>,
}

/// One attempt to deliver a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, utoipa::ToSchema)]
#[diesel(table_name = attempts)]
#[diesel(treat_none_as_default_value = false)]
pub struct Delivery {
    /// Its id.
    #[schema(example = "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f12")]
    pub id: String,
    /// The message's id, which is in the header `webhook-id`: the same at every attempt.
    #[schema(example = "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11-r42")]
    pub message: String,
    /// The revision that it tells of.
    #[schema(example = 42)]
    pub revision: i64,
    /// The number of the attempt, from 1.
    #[schema(example = 1)]
    pub attempt: i64,
    /// When it began.
    #[schema(format = DateTime, example = "2026-11-24T09:30:00.000000Z")]
    pub at: String,
    /// Its duration.
    #[schema(example = 37)]
    pub milliseconds: i64,
    /// The status of the answer, if there was one. 200 to 299: it was delivered.
    #[schema(required, example = 204)]
    pub status: Option<i64>,
    /// The reason why it was not delivered, if it was not.
    #[schema(required, example = json!(null))]
    pub error: Option<String>,
    /// The beginning of the answer's body.
    #[schema(required, example = json!(null))]
    pub answer: Option<String>,
}

/// A webhook to make.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// The address that changes are sent to.
    pub target: Target,
    /// The changes that are sent, as a query that was checked.
    pub query: String,
    /// The revision after which it begins; without one it begins now.
    pub since: Option<i64>,
    /// The user who makes it.
    pub by: String,
}

/// The changes to a webhook.
#[derive(Clone, Debug, Default)]
pub struct WebhookPatch {
    /// The address that changes are sent to.
    pub target: Option<Target>,
    /// The changes that are sent.
    pub query: Option<String>,
    /// True if nothing is sent.
    pub disabled: Option<bool>,
}

/// The rows of the keys of a webhook that sign now.
macro_rules! living_keys {
    ($id:expr, $now:expr) => {
        keys::table
            .filter(keys::webhook.eq($id))
            .filter(keys::expires_at.is_null().or(keys::expires_at.gt(stamp($now)).assume_not_null()))
            .order(keys::id)
    };
}

fn unknown() -> Error {
    Error::NotFound("there is no such webhook; GET /api/v1/webhooks lists them".to_owned())
}

/// Makes a webhook and its keys.
pub(super) fn insert(
    conn: &mut DbConn,
    new: &NewWebhook,
    sealer: &Sealer,
    now: DateTime<Utc>,
) -> Result<(Webhook, Secret)> {
    let count: i64 = webhooks::table.count().get_result(conn)?;
    if count >= limits::WEBHOOKS {
        return Err(Error::Conflict(format!("there are {count} webhooks already, as many as there may be")));
    }
    let head = changes::revision(conn)?;
    if new.since.is_some_and(|since| since > head) {
        let detail = format!("there is no such revision yet: the last one is r{head}");
        return Err(Error::Validation(vec![Defect::pointer("/since", "beyond_head", detail)]));
    }
    let (id, at) = (uuid::Uuid::now_v7().to_string(), stamp(now));
    diesel::insert_into(webhooks::table)
        .values((
            webhooks::id.eq(&id),
            webhooks::address.eq(new.target.as_str()),
            webhooks::query.eq(&new.query),
            webhooks::position.eq(new.since.unwrap_or(head)),
            webhooks::created_at.eq(&at),
            webhooks::created_by.eq(&new.by),
            webhooks::updated_at.eq(&at),
            webhooks::failures.eq(0_i64),
        ))
        .execute(conn)?;
    let secret = add_keys(conn, &id, sealer, &at)?;
    Ok((find(conn, &id)?, secret))
}

fn add_keys(conn: &mut DbConn, webhook: &str, sealer: &Sealer, at: &str) -> Result<Secret> {
    let new = SigningKeys::random()?;
    diesel::insert_into(keys::table)
        .values((
            keys::id.eq(uuid::Uuid::now_v7().to_string()),
            keys::webhook.eq(webhook),
            keys::sealed.eq(sealer.seal(webhook, &new)?),
            keys::public_key.eq(new.public_key()),
            keys::created_at.eq(at),
        ))
        .execute(conn)?;
    Ok(new.secret())
}

/// Makes new keys; those before sign along until `overlap` ends.
pub(super) fn rotate(
    conn: &mut DbConn,
    id: &str,
    overlap: DateTime<Utc>,
    sealer: &Sealer,
    now: DateTime<Utc>,
) -> Result<(Webhook, Secret)> {
    let (webhook, at) = (find(conn, id)?, stamp(now));
    diesel::delete(keys::table.filter(keys::webhook.eq(id)).filter(keys::expires_at.le(&at))).execute(conn)?;
    let count: i64 = keys::table.filter(keys::webhook.eq(id)).count().get_result(conn)?;
    if count >= limits::WEBHOOK_KEYS {
        let detail = format!("{count} secrets of this webhook are good already: wait until one has expired");
        return Err(Error::Conflict(detail));
    }
    diesel::update(keys::table.filter(keys::webhook.eq(id)).filter(keys::expires_at.is_null()))
        .set(keys::expires_at.eq(stamp(overlap)))
        .execute(conn)?;
    diesel::delete(keys::table.filter(keys::webhook.eq(id)).filter(keys::expires_at.le(&at))).execute(conn)?;
    let secret = add_keys(conn, id, sealer, &at)?;
    Ok((webhook, secret))
}

/// Returns the webhook with this id.
pub(super) fn find(conn: &mut DbConn, id: &str) -> Result<Webhook> {
    webhooks::table.find(id).select(Webhook::as_select()).get_result(conn).optional()?.ok_or_else(unknown)
}

/// Returns the public parts of the keys that sign now, the oldest first.
pub(super) fn public_keys(conn: &mut DbConn, id: &str, now: DateTime<Utc>) -> Result<Vec<PublicKey>> {
    Ok(living_keys!(id, now).select((keys::public_key, keys::created_at, keys::expires_at)).load(conn)?)
}

/// Returns the keys that sign now, the oldest first; none where one cannot be opened.
pub(super) fn signing_keys(
    conn: &mut DbConn,
    id: &str,
    sealer: &Sealer,
    now: DateTime<Utc>,
) -> Result<Option<Vec<SigningKeys>>> {
    let sealed: Vec<String> = living_keys!(id, now).select(keys::sealed).load(conn)?;
    Ok(sealed.iter().map(|sealed| sealer.unseal(id, sealed)).collect())
}

/// Webhooks in the order they were made, from the one after `after` on, and how many there are in all.
pub(super) fn page(conn: &mut DbConn, after: Option<&str>, limit: i64) -> Result<(Vec<Webhook>, i64)> {
    let rows = webhooks::table.filter(webhooks::id.gt(after.unwrap_or_default())).order(webhooks::id).limit(limit);
    Ok((rows.select(Webhook::as_select()).load(conn)?, webhooks::table.count().get_result(conn)?))
}

/// Returns the attempts of a webhook, the newest first, from the one before `before` on, and how many are kept.
pub(super) fn deliveries(
    conn: &mut DbConn,
    id: &str,
    before: Option<&str>,
    limit: i64,
) -> Result<(Vec<Delivery>, i64)> {
    find(conn, id)?;
    // Beyond every UUID.
    let before = before.unwrap_or("g");
    let rows = attempts::table.filter(attempts::webhook.eq(id)).filter(attempts::id.lt(before));
    let rows = rows.order(attempts::id.desc()).limit(limit).select(Delivery::as_select()).load(conn)?;
    Ok((rows, attempts::table.filter(attempts::webhook.eq(id)).count().get_result(conn)?))
}

/// Changes a webhook. One that sends again begins with a clean slate, where it had stopped.
pub(super) fn change(conn: &mut DbConn, id: &str, patch: &WebhookPatch, now: DateTime<Utc>) -> Result<Webhook> {
    let (before, at) = (find(conn, id)?, stamp(now));
    let row = || webhooks::table.find(id);
    if let Some(target) = &patch.target {
        diesel::update(row()).set(webhooks::address.eq(target.as_str())).execute(conn)?;
    }
    if let Some(query) = &patch.query {
        diesel::update(row()).set(webhooks::query.eq(query)).execute(conn)?;
    }
    match patch.disabled {
        Some(true) if before.disabled_at.is_none() => disable(conn, id, DisabledReason::ByAdmin, &at)?,
        Some(false) => {
            let on = (
                webhooks::disabled_at.eq(None::<String>),
                webhooks::disabled_reason.eq(None::<DisabledReason>),
                webhooks::failing_since.eq(None::<String>),
                webhooks::failures.eq(0_i64),
                webhooks::next_attempt_at.eq(None::<String>),
            );
            diesel::update(row()).set(on).execute(conn)?;
        }
        _ => {}
    }
    // Another address is tried at once.
    if patch.target.is_some() {
        diesel::update(row()).set(webhooks::next_attempt_at.eq(None::<String>)).execute(conn)?;
    }
    diesel::update(row()).set(webhooks::updated_at.eq(&at)).execute(conn)?;
    find(conn, id)
}

fn disable(conn: &mut DbConn, id: &str, reason: DisabledReason, at: &str) -> Result<()> {
    let off = (
        webhooks::disabled_at.eq(at),
        webhooks::disabled_reason.eq(reason),
        webhooks::next_attempt_at.eq(None::<String>),
    );
    diesel::update(webhooks::table.find(id)).set(off).execute(conn)?;
    Ok(())
}

/// Deletes a webhook, with its keys and what is known of its deliveries.
pub(super) fn remove(conn: &mut DbConn, id: &str) -> Result<Webhook> {
    let found = find(conn, id)?;
    diesel::delete(webhooks::table.find(id)).execute(conn)?;
    Ok(found)
}

/// Returns the webhooks to which something may be delivered now, and the last revision.
pub(super) fn due(conn: &mut DbConn, now: DateTime<Utc>) -> Result<(Vec<Webhook>, i64)> {
    let head = changes::revision(conn)?;
    let rows = webhooks::table
        .filter(webhooks::disabled_at.is_null())
        .filter(webhooks::position.lt(head))
        .filter(webhooks::next_attempt_at.is_null().or(webhooks::next_attempt_at.le(stamp(now)).assume_not_null()))
        .select(Webhook::as_select())
        .load(conn)?;
    Ok((rows, head))
}

/// The result of the last of some attempts, where it has failed.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// When the next one is made.
    pub(super) next_attempt_at: DateTime<Utc>,
    /// The reason why there is none.
    pub(super) disable: Option<DisabledReason>,
}

/// Moves a webhook on from `from`, and keeps what was tried. `false`: another instance has moved it, or it is gone, and
/// nothing is written.
pub(super) fn record(
    conn: &mut DbConn,
    id: &str,
    (from, to): (i64, i64),
    tried: &[Delivery],
    failure: Option<&Failure>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let moved = diesel::update(webhooks::table.find(id).filter(webhooks::position.eq(from)))
        .set(webhooks::position.eq(to))
        .execute(conn)?;
    if moved == 0 {
        return Ok(false);
    }
    let delivered = tried.iter().any(|attempt| attempt.error.is_none());
    if delivered {
        let good = (
            webhooks::failures.eq(0_i64),
            webhooks::failing_since.eq(None::<String>),
            webhooks::next_attempt_at.eq(None::<String>),
        );
        diesel::update(webhooks::table.find(id)).set(good).execute(conn)?;
    }
    if let Some(failure) = failure {
        let before = find(conn, id)?;
        let bad = (
            webhooks::failures.eq(before.failures + 1),
            webhooks::failing_since.eq(before.failing_since.unwrap_or_else(|| stamp(now))),
            webhooks::next_attempt_at.eq(stamp(failure.next_attempt_at)),
        );
        diesel::update(webhooks::table.find(id)).set(bad).execute(conn)?;
        if let Some(reason) = failure.disable {
            disable(conn, id, reason, &stamp(now))?;
        }
    }
    for attempt in tried {
        diesel::insert_into(attempts::table).values((attempt, attempts::webhook.eq(id))).execute(conn)?;
    }
    forget_old(conn, id)?;
    Ok(true)
}

/// Keeps the newest attempts only.
fn forget_old(conn: &mut DbConn, id: &str) -> Result<()> {
    let theirs = || attempts::table.filter(attempts::webhook.eq(id.to_owned()));
    let oldest: Option<String> = theirs()
        .order(attempts::id.desc())
        .offset(limits::WEBHOOK_DELIVERIES - 1)
        .limit(1)
        .select(attempts::id)
        .get_result(conn)
        .optional()?;
    if let Some(oldest) = oldest {
        diesel::delete(theirs().filter(attempts::id.lt(oldest))).execute(conn)?;
    }
    Ok(())
}
