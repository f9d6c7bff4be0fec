//! The bodies of requests and answers at `/webhooks`.

use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::Type;

use crate::auth::Secret;
use crate::error::Result;
use crate::http::openapi::bodies::{body, flag, or_null, text, whole, whole_from};
use crate::idempotency::Reply;
use crate::limits;
use crate::webhooks::{PublicKey, Webhook};

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

body! {
    /// A webhook to make.
    WebhookCreate
    required {
        /// The address that changes are sent to: over https, to a host that the operator allows (`--webhook-allow`).
        address: text(1..=limits::WEBHOOK_ADDRESS),
    }
    optional {
        /// The changes that are sent: the feed with its filters `resource`, `key`, `actor`, `batch`, `action`, as below
        /// `/api/v1`; all of them by default.
        query: or_null(text(1..=limits::TEXT), Type::String),
        /// The revision after which it begins, 0 for all changes; by default it begins now.
        since: or_null(whole_from(0), Type::Integer),
    }
    example json!({ "address": "https://hooks.example.org/registry", "query": "/changes?resource=projects" })
}

body! {
    /// The changes to a webhook; a field that is left out stays.
    WebhookChange
    required {}
    optional {
        /// The address that changes are sent to.
        address: or_null(text(1..=limits::WEBHOOK_ADDRESS), Type::String),
        /// The changes that are sent, of those that are still to come.
        query: or_null(text(1..=limits::TEXT), Type::String),
        /// True if nothing is sent. One that sends again goes on where it had stopped.
        disabled: or_null(flag(), Type::Boolean),
    }
    example json!({ "disabled": false })
}

body! {
    /// The options of a rotation of the secret.
    WebhookRotate
    required {}
    optional {
        /// The number of hours that the secret before signs as well; 24 by default, 0 to end it at once.
        overlap_hours: or_null(whole(0..=limits::WEBHOOK_OVERLAP_HOURS), Type::Integer),
    }
    example json!({ "overlap_hours": 24 })
}
