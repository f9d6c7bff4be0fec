//! The bodies of requests and answers at `/webhooks`.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Secret;
use crate::error::Result;
use crate::idempotency::Reply;
use crate::webhooks::{Delivery, PublicKey, Webhook};

/// A webhook with the keys that it signs with.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookView {
    /// The webhook without its secrets.
    #[serde(flatten)]
    pub(super) webhook: Webhook,
    /// True if nothing is sent.
    #[schema(example = false)]
    disabled: bool,
    /// The keys that it signs with, the oldest first.
    keys: Vec<PublicKey>,
}

impl WebhookView {
    pub(super) fn of((webhook, keys): (Webhook, Vec<PublicKey>)) -> Self {
        Self { disabled: webhook.disabled_at.is_some(), webhook, keys }
    }
}

/// A webhook whose secret was just made: the only time that it is shown.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookCreated {
    /// The webhook without its secrets.
    #[serde(flatten)]
    webhook: WebhookView,
    /// The secret that verifies the signatures `v1`. Keep it: it is not shown again.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
}

impl WebhookCreated {
    pub(super) fn reply((webhook, secret): ((Webhook, Vec<PublicKey>), Secret), place: String) -> Result<Reply> {
        let made = Self { webhook: WebhookView::of(webhook), secret: secret.reveal().to_owned() };
        Ok(Reply::json(StatusCode::CREATED, &made)?.at(place))
    }
}

/// A webhook to make.
#[derive(ToSchema)]
#[schema(example = json!({"address": "https://hooks.example.org/registry", "query": "/changes?resource=projects"}))]
#[expect(dead_code, reason = "describes the body to OpenAPI; it is read field by field, for all defects at once")]
pub(super) struct WebhookCreate {
    /// Where changes are sent to: over https, to a host that the operator allows (`--webhook-allow`).
    #[schema(min_length = 1, max_length = 2000, example = "https://hooks.example.org/registry")]
    address: String,
    /// Which changes: the feed with its filters `resource`, `key`, `actor`, `batch`, `action`, as below `/api/v1`; all
    /// of them when nothing is said.
    #[schema(min_length = 1, max_length = 4000, example = "/changes?resource=projects")]
    query: Option<String>,
    /// The revision after which it begins, 0 for all there is; what comes from now on when nothing is said.
    #[schema(minimum = 0, example = 42)]
    since: Option<i64>,
}

/// The changes to a webhook; a field that is left out stays.
#[derive(ToSchema)]
#[schema(example = json!({"disabled": false}))]
#[expect(dead_code, reason = "describes the body to OpenAPI; it is read field by field, for all defects at once")]
pub(super) struct WebhookChange {
    /// Where changes are sent to.
    #[schema(min_length = 1, max_length = 2000, example = "https://hooks.example.org/registry")]
    address: Option<String>,
    /// Which changes, of those that are still to come.
    #[schema(min_length = 1, max_length = 4000, example = "/changes?resource=projects")]
    query: Option<String>,
    /// True if nothing is sent. One that sends again goes on where it had stopped.
    #[schema(example = false)]
    disabled: Option<bool>,
}

/// How a secret is rotated.
#[derive(ToSchema)]
#[schema(example = json!({"overlap_hours": 24}))]
#[expect(dead_code, reason = "describes the body to OpenAPI; it is read field by field, for all defects at once")]
pub(super) struct WebhookRotate {
    /// For how many hours the secret before signs as well; 24 when nothing is said, 0 to end it at once.
    #[schema(minimum = 0, maximum = 720, example = 24)]
    overlap_hours: Option<u64>,
}

/// A page of webhooks.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answer to OpenAPI")]
pub(super) struct WebhookPage {
    /// The webhooks, the oldest first.
    items: Vec<WebhookView>,
    /// How many there are in all.
    #[schema(example = 1)]
    total: u64,
    /// The value of `cursor` for the next page; `null` on the last.
    #[schema(required, example = json!(null))]
    next_cursor: Option<String>,
}

/// A page of attempts.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answer to OpenAPI")]
pub(super) struct DeliveryPage {
    /// The attempts, the newest first.
    items: Vec<Delivery>,
    /// How many are kept: the latest 1,000.
    #[schema(example = 1)]
    total: u64,
    /// The value of `cursor` for the next page; `null` on the last.
    #[schema(required, example = json!(null))]
    next_cursor: Option<String>,
}
