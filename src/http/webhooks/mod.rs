//! `/webhooks`: where changes are sent to as they come, by Standard Webhooks. All of it is for admins.

mod bodies;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::auth::Role;
use crate::error::{Defect, Error, Result};
use crate::http::middleware::guard::Admin;
use crate::http::middleware::idempotency::{once, without_secret};
use crate::http::openapi::kept::{JSON, Kept, Key, MERGE_PATCH, Words};
use crate::http::request::body_fields::{Fields, JsonBody};
use crate::http::request::change_filter;
use crate::http::request::links::Links;
use crate::http::request::paging::PageRequest;
use crate::http::request::params;
use crate::http::routes::{self, Routes};
use crate::http::state::State;
use crate::limits;
use crate::values::ParseError;
use crate::webhooks::{Delivery, NewWebhook, Webhook, WebhookPatch};

use bodies::{WebhookChange, WebhookCreate, WebhookCreated, WebhookRotate, WebhookView};

/// The number of hours that the secret before signs beside a new one, by default.
const OVERLAP_HOURS: u64 = 24;

/// Webhooks, as the document has them.
const WEBHOOKS: Kept = Kept::new("webhook", "webhooks", Role::Admin, Key::id("The webhook's id."));

/// The attempts to deliver to a webhook.
const DELIVERIES: Kept = Kept { one: "webhook_delivery", many: "webhook_deliveries", ..WEBHOOKS };

/// Registers the routes under `/api/v1`.
pub(in crate::http) fn configure(paths: &mut Routes<'_>) {
    let creation = || {
        let answered = "The webhook, with its secret, shown this once.";
        WEBHOOKS.create::<WebhookCreate, WebhookCreated>(CREATE, answered)
    };
    let changing = || WEBHOOKS.change::<WebhookChange, WebhookView>("patch_webhook", CHANGE, &[MERGE_PATCH, JSON]);
    let rotation = || {
        let (id, answered) = ("rotate_webhook", "The webhook, with its new secret, shown this once.");
        WEBHOOKS.under(WEBHOOKS.make::<WebhookRotate, WebhookCreated>(id, ROTATE, answered))
    };
    let deliveries = || WEBHOOKS.under(DELIVERIES.list::<Delivery>(LIST_DELIVERIES));
    let all =
        [routes::get(list).described(|| WEBHOOKS.list::<WebhookView>(LIST)), routes::post(create).described(creation)];
    let one = [
        routes::get(get).described(|| WEBHOOKS.get::<WebhookView>(GET)),
        routes::patch(change).described(changing),
        routes::delete(delete).described(|| WEBHOOKS.delete(DELETE, "It is gone.")),
    ];
    paths
        .resource("/webhooks", all)
        .resource("/webhooks/{id}", one)
        .resource("/webhooks/{id}/rotate", [routes::post(rotate).described(rotation)])
        .resource("/webhooks/{id}/deliveries", [routes::get(list_deliveries).described(deliveries)]);
}

const LIST: Words =
    Words("List webhooks", "The addresses to which changes are sent, the oldest first. Their secrets are never shown.");

/// `GET /webhooks`
async fn list(_: Admin, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    let page = PageRequest::of(&req, &state, "webhooks")?;
    let (found, total) = state.webhooks.page(page.after(), page.fetch()).await?;
    let found = found.into_iter().map(WebhookView::of).collect();
    Ok(page.answer(found, total, |view: &WebhookView| &view.webhook.id))
}

const CREATE: Words = Words(
    "Make a webhook",
    "Each change that the query finds is sent to the address as it comes, as a message by [Standard \
        Webhooks](https://www.standardwebhooks.com): `POST` of `{\"type\": \"projects.updated\", \"timestamp\", \
        \"data\"}`, where `data` is the change as the feed has it, with the headers `webhook-id`, `webhook-timestamp` \
        and `webhook-signature`. Messages come in the order of their revisions, and each comes at least once, with \
        the same id each time; the next one waits until an answer from 200 to 299. What fails is tried again, at \
        longer and longer intervals up to an hour; after five days, or a 410, the webhook is disabled. Only hosts \
        that the operator names (`--webhook-allow`) are sent to.",
);

/// `POST /webhooks`
async fn create(admin: Admin, state: web::Data<State>, req: HttpRequest, body: JsonBody) -> Result<HttpResponse> {
    let (bytes, mut fields) = Fields::sent::<WebhookCreate>(&req, body)?;
    let target = fields.text("address", |text| state.webhooks.target(text));
    let query = fields.text("query", question);
    let since = fields.number("since", 0..=i64::MAX.unsigned_abs()).and_then(|since| i64::try_from(since).ok());
    fields.finish(&[])?;
    let Some(target) = target else { return Err(Error::Validation(Vec::new())) };
    let query = query.unwrap_or_else(|| "/changes".to_owned());
    let new = NewWebhook { target, query, since, by: admin.caller().name().to_owned() };
    let links = Links::of(&req);
    let place = move |webhook: &Webhook| links.to(&format!("/api/v1/webhooks/{}", webhook.id));
    let kept = place.clone();
    once(&req, admin.caller(), &bytes, &state, async |once| {
        let done = state.webhooks.create(new, once, without_secret(move |((made, _), _)| kept(made))).await?;
        done.try_map(|made| {
            let place = place(&made.0.0);
            WebhookCreated::reply(made, place)
        })
    })
    .await
}

const GET: Words = Words(
    "Get a webhook",
    "Where it sends, the last revision that was delivered, and since when attempts have failed, if they have.",
);

/// `GET /webhooks/{id}`
async fn get(_: Admin, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let found = state.webhooks.find(params::id(&req, "webhook")?).await?;
    Ok(HttpResponse::Ok().json(WebhookView::of(found)))
}

const CHANGE: Words =
    Words("Change a webhook", "Changes its address, its query, or whether it is disabled. The secret stays as it is.");

/// `PATCH /webhooks/{id}`
async fn change(admin: Admin, state: web::Data<State>, req: HttpRequest, body: JsonBody) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let id = params::id(&req, "webhook")?;
    let mut fields = Fields::of::<WebhookChange>(body)?;
    let target = fields.text("address", |text| state.webhooks.target(text));
    let query = fields.text("query", question);
    let disabled = fields.flag("disabled");
    fields.finish(&READ_ONLY)?;
    let changed = state.webhooks.change(admin.caller(), id, WebhookPatch { target, query, disabled }).await?;
    Ok(HttpResponse::Ok().json(WebhookView::of(changed)))
}

/// The fields that a client may send back as they came.
const READ_ONLY: [&str; 11] = [
    "id",
    "position",
    "created_at",
    "created_by",
    "updated_at",
    "disabled_at",
    "disabled_reason",
    "failing_since",
    "failures",
    "next_attempt_at",
    "keys",
];

const DELETE: Words = Words(
    "Delete a webhook",
    "Nothing more is sent, and its secrets and what is known of its deliveries are gone. A request that is under \
        way ends by itself.",
);

/// `DELETE /webhooks/{id}`
async fn delete(admin: Admin, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    state.webhooks.remove(admin.caller(), params::id(&req, "webhook")?).await?;
    Ok(HttpResponse::NoContent().finish())
}

const ROTATE: Words = Words(
    "Rotate the secret of a webhook",
    "Makes a new secret and a new Ed25519 key. For some hours messages are signed with the ones before as well, so \
        that the receiver can change over without missing one.",
);

/// `POST /webhooks/{id}/rotate`
async fn rotate(admin: Admin, state: web::Data<State>, req: HttpRequest, body: JsonBody) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let id = params::id(&req, "webhook")?;
    let bytes = body.bytes();
    let mut fields = Fields::of::<WebhookRotate>(body)?;
    let overlap = fields.number("overlap_hours", 0..=limits::WEBHOOK_OVERLAP_HOURS).unwrap_or(OVERLAP_HOURS);
    fields.finish(&[])?;
    let place = Links::of(&req).to(&format!("/api/v1/webhooks/{id}"));
    let kept = place.clone();
    once(&req, admin.caller(), &bytes, &state, async |once| {
        let keep = without_secret(move |_: &_| kept);
        let done = state.webhooks.rotate(admin.caller(), id, overlap, once, keep).await?;
        done.try_map(|made| WebhookCreated::reply(made, place))
    })
    .await
}

const LIST_DELIVERIES: Words =
    Words("List deliveries of a webhook", "The latest attempts, the newest first, with what was answered.");

/// `GET /webhooks/{id}/deliveries`
async fn list_deliveries(_: Admin, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    let id = params::id(&req, "webhook")?;
    let page = PageRequest::of(&req, &state, &format!("webhooks/{id}/deliveries"))?;
    let (found, total) = state.webhooks.deliveries(id, page.after(), page.fetch()).await?;
    Ok(page.answer(found, total, |delivery: &Delivery| &delivery.id))
}

/// Returns a question to the feed, as it is kept.
fn question(text: &str) -> Result<String, ParseError> {
    if text.chars().count() > limits::TEXT {
        return Err(ParseError::new("too_long", format!("a query has at most {} characters", limits::TEXT)));
    }
    match change_filter::read_question(text) {
        Ok(_) => Ok(text.strip_prefix("/api/v1").unwrap_or(text).to_owned()),
        Err(Error::BadRequest { detail, defects }) => {
            let code = defects.first().map_or("bad_query", |defect: &Defect| defect.code);
            Err(ParseError::new(code, detail))
        }
        Err(other) => Err(ParseError::new("bad_query", other.to_string())),
    }
}
