//! `/subscriptions`: addresses with a secret of their own, of the caller; an admin sees and revokes all.

mod address;
mod sources;

use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::Type;

use crate::auth::{Auth, NewSubscription, Role, Subscription};
use crate::clock;
use crate::error::{Error, Result};
use crate::http::accounts::tokens::take_end;
use crate::http::middleware::guard::{SessionUser, Viewer};
use crate::http::middleware::idempotency::{once, without_secret};
use crate::http::openapi::bodies::{body, or_null, text, timestamp, whole};
use crate::http::openapi::kept::{Kept, Key, Words};
use crate::http::request::body_fields::{Fields, JsonBody};
use crate::http::request::links::Links;
use crate::http::request::paging::PageRequest;
use crate::http::request::params;
use crate::http::routes::{self, Routes};
use crate::http::state::State;
use crate::idempotency::Reply;
use crate::limits;
use sources::Subscribed;

/// The number of days that a subscription lives by default.
const DAYS: i64 = 365;

/// Subscriptions, as the document has them.
const SUBSCRIPTIONS: Kept = Kept::new("subscription", "subscriptions", Role::Viewer, Key::id("The subscription's id."));

/// Registers the routes under `/api/v1`.
pub(super) fn configure(paths: &mut Routes<'_>) {
    let creation = || {
        let answered = "The subscription, with its address, shown this once.";
        SUBSCRIPTIONS.create::<SubscriptionCreate, SubscriptionCreated>(CREATE, answered)
    };
    let deletion = || SUBSCRIPTIONS.delete(DELETE, "The address does not work any more.");
    let all = [
        routes::get(list).described(|| SUBSCRIPTIONS.list::<Subscription>(LIST)),
        routes::post(create).described(creation),
    ];
    let one = [
        routes::get(get).described(|| SUBSCRIPTIONS.get::<Subscription>(GET)),
        routes::delete(delete).described(deletion),
    ];
    paths.resource("/subscriptions", all).resource("/subscriptions/{id}", one);
}

/// Registers the route of the addresses, for the root of the application.
pub(super) fn configure_addresses(paths: &mut Routes<'_>) {
    paths.documented([
        routes::open(Method::GET, address::read_subscription).documented::<address::__path_read_subscription>()
    ]);
}

body! {
    /// A subscription to make. Its end is `expires_at` or `expires_in_days`, one of the two at most, at most five years
    /// away; in a year by default.
    SubscriptionCreate
    required {
        /// The one question: path and query of a list, a summary or the partnerships, as below `/api/v1`, with `format`
        /// one of `ics` (where the list has a calendar), `csv`, `ndjson`; or a service that matches names, such as
        /// `/reconcile/nations`.
        query: text(1..=limits::TEXT),
    }
    optional {
        /// When it ends.
        expires_at: or_null(timestamp(), Type::String),
        /// In how many days it ends.
        expires_in_days: or_null(whole(1..=limits::TOKEN_DAYS), Type::Integer),
    }
    example json!({ "query": "/agreements?format=ics&nation=IN", "expires_in_days": 365 })
}

/// A subscription that was just made: the only time that its address is shown.
#[derive(Serialize, ToSchema)]
pub(super) struct SubscriptionCreated {
    /// The subscription without its secret.
    #[serde(flatten)]
    subscription: Subscription,
    /// Its address. Keep it, and treat it as a password: it is not shown again. With the public address where the
    /// service knows that (`--public-url`), else a path.
    #[schema(
        example = "/subscriptions/019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11/q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA.ics"
    )]
    address: String,
}

const LIST: Words = Words(
    "List subscriptions",
    "The caller's own, the oldest first; an admin's are all. Revoked and expired ones are there too. Their \
        addresses are never shown.",
);

/// `GET /subscriptions`
async fn list(viewer: Viewer, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    let page = PageRequest::of(&req, &state, "subscriptions")?;
    let (found, total) = state.auth.subscriptions(viewer.caller(), page.after(), page.fetch()).await?;
    Ok(page.answer(found, total, |subscription| &subscription.id))
}

const CREATE: Words = Words(
    "Make a subscription",
    "An address with a secret of its own, for a program that can send nothing but an address: a calendar, a \
        spreadsheet's import. It reads the answer to one question, with what its owner may do at that moment, and is \
        dead when its owner is. It is shown once. Only a user who signed in makes one, no program with a named token.",
);

/// `POST /subscriptions`
async fn create(owner: SessionUser, state: web::Data<State>, req: HttpRequest, body: JsonBody) -> Result<HttpResponse> {
    let (bytes, mut fields) = Fields::sent::<SubscriptionCreate>(&req, body)?;
    let question = fields.text("query", |text| Subscribed::parse(text, &state.cursor_signer));
    let now = clock::now();
    let expires_at = take_end(&mut fields, now);
    fields.finish(&["id", "owner", "created_at", "revoked_at"])?;
    let Some(question) = question else { return Err(Error::Validation(Vec::new())) };
    let expires_at = expires_at.unwrap_or_else(|| now + chrono::TimeDelta::days(DAYS));
    let new = NewSubscription { query: question.text(), expires_at };
    let links = Links::of(&req);
    let to_keep = links.clone();
    let place = move |made: &Subscription| to_keep.to(&format!("/api/v1/subscriptions/{}", made.id));
    once(&req, owner.caller(), &bytes, &state, async |once| {
        let done = state.auth.add_subscription(owner.caller(), new, once, without_secret(place.clone())).await?;
        done.try_map(|(subscription, secret)| {
            let place = place(&subscription);
            let path = format!("/subscriptions/{}/{}{}", subscription.id, secret.reveal(), question.end());
            let made = SubscriptionCreated { subscription, address: links.whole(&path) };
            Ok(Reply::json(StatusCode::CREATED, &made)?.at(place))
        })
    })
    .await
}

const GET: Words = Words("Get a subscription", "Shows one of the caller's subscriptions; an admin may see all.");

/// `GET /subscriptions/{id}`
async fn get(viewer: Viewer, auth: web::Data<Auth>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let found = auth.subscription(viewer.caller(), params::id(&req, "subscription")?).await?;
    Ok(HttpResponse::Ok().json(found))
}

const DELETE: Words = Words(
    "Revoke a subscription",
    "Its address does not work from now on, and it stays in the list as revoked. Doing it twice changes nothing.",
);

/// `DELETE /subscriptions/{id}`
async fn delete(viewer: Viewer, auth: web::Data<Auth>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    auth.revoke_subscription(viewer.caller(), params::id(&req, "subscription")?).await?;
    Ok(HttpResponse::NoContent().finish())
}
