//! `/subscriptions`: addresses with a secret of their own, of the caller; an admin sees and revokes all.

mod address;
mod sources;

use actix_web::http::Method;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::docs::{Always, Conflicts, NeedsRecord, ReadsJson, Writes};
use super::fields::{Fields, JsonBody};
use super::guard::{InPerson, Viewer};
use super::links::Links;
use super::paging::PageRequest;
use super::params;
use super::routes::{self, Routes};
use super::state::State;
use super::tokens::take_end;
use crate::auth::{Auth, NewSubscription, Subscription};
use crate::clock;
use crate::error::{Error, Result};
use sources::Question;

/// How many days a subscription lives when nothing is said.
const DAYS: i64 = 365;

/// The documentation of these routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        list_subscriptions,
        create_subscription,
        get_subscription,
        delete_subscription,
        address::read_subscription,
    ),
    components(schemas(Subscription, SubscriptionCreate, SubscriptionCreated, SubscriptionPage)),
    tags((name = "subscriptions", description = "Addresses with a secret of their own, for calendars and spreadsheets."))
)]
pub(super) struct SubscriptionsApi;

/// The routes under `/api/v1`.
pub(super) fn configure(paths: &mut Routes<'_>) {
    paths
        .at("/subscriptions", [routes::get(list_subscriptions), routes::post(create_subscription)])
        .at("/subscriptions/{id}", [routes::get(get_subscription), routes::delete(delete_subscription)]);
}

/// The route of the addresses, for the root of the application.
pub(super) fn configure_addresses(paths: &mut Routes<'_>) {
    paths.at("/subscriptions/{id}/{file}", [routes::open(Method::GET, address::read_subscription)]);
}

/// A subscription to make. Its end is `expires_at` or `expires_in_days`, one of the two at most, at most five years
/// away; in a year when nothing is said.
#[derive(ToSchema)]
#[schema(example = json!({"query": "/agreements?format=ics&nation=IN", "expires_in_days": 365}))]
#[allow(dead_code, reason = "describes the body to OpenAPI; it is read field by field, for all defects at once")]
pub(super) struct SubscriptionCreate {
    /// The one question: path and query of a list, a summary or the partnerships, as below `/api/v1`, with `format` one
    /// of `ics` (where the list has a calendar), `csv`, `ndjson`.
    #[schema(min_length = 1, max_length = 4000, example = "/agreements?format=ics&nation=IN")]
    query: String,
    /// When it ends.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// In how many days it ends.
    #[schema(minimum = 1, maximum = 1826, example = 365)]
    expires_in_days: Option<u64>,
}

/// A subscription that was just made: the only time that its address is shown.
#[derive(Serialize, ToSchema)]
pub(super) struct SubscriptionCreated {
    /// What is known of it.
    #[serde(flatten)]
    subscription: Subscription,
    /// Where it answers. Keep it, and treat it as a password: it is not shown again. With the public address where the
    /// service knows that (`--public-url`), else a path.
    #[schema(
        example = "/subscriptions/019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11/q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA.ics"
    )]
    address: String,
}

/// A page of subscriptions.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the answer to OpenAPI")]
pub(super) struct SubscriptionPage {
    /// The subscriptions, the oldest first.
    items: Vec<Subscription>,
    /// How many there are in all.
    #[schema(example = 1)]
    total: u64,
    /// What `cursor` must be for the next page; `null` on the last.
    #[schema(required, example = json!(null))]
    next_cursor: Option<String>,
}

/// List subscriptions
///
/// The caller's own, the oldest first; an admin's are all. Revoked and expired ones are there too. Their addresses are
/// never shown.
#[utoipa::path(
    get,
    path = "/api/v1/subscriptions",
    operation_id = "list_subscriptions",
    tag = "subscriptions",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    params(
        ("limit" = Option<u64>, Query, description = "How many items, 50 if not said.", minimum = 1, maximum = 200, example = 50),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."),
    ),
    responses(
        (status = 200, description = "A page of subscriptions.", body = SubscriptionPage,
            headers(("Link" = String, description = "the next page, if there is one"))),
        Always,
    )
)]
pub(super) async fn list_subscriptions(
    viewer: Viewer,
    state: web::Data<State>,
    req: HttpRequest,
) -> Result<HttpResponse> {
    let page = PageRequest::of(&req, &state, "subscriptions")?;
    let (found, total) = state.auth.subscriptions(viewer.caller(), page.after(), page.fetch()).await?;
    Ok(page.answer(found, total, |subscription| &subscription.id))
}

/// Make a subscription
///
/// An address with a secret of its own, for a program that can send nothing but an address: a calendar, a spreadsheet's
/// import. It reads the answer to one question, with what its owner may do at that moment, and is dead when its owner
/// is. It is shown once. Only a user who signed in makes one, no program with a named token.
#[utoipa::path(
    post,
    path = "/api/v1/subscriptions",
    operation_id = "create_subscription",
    tag = "subscriptions",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    request_body(content = SubscriptionCreate),
    responses(
        (status = 201, description = "The subscription, with its address, shown this once.", body = SubscriptionCreated,
            headers(("Location" = String, description = "where it is listed and revoked"))),
        Always,
        Conflicts,
        ReadsJson,
        Writes,
    )
)]
pub(super) async fn create_subscription(
    owner: InPerson,
    state: web::Data<State>,
    req: HttpRequest,
    body: JsonBody,
) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let mut fields = Fields::of(body)?;
    let question = fields.text("query", |text| Question::parse(text, &state.sealer));
    let now = clock::now();
    let expires_at = take_end(&mut fields, now);
    fields.require("query", question.is_some());
    fields.finish(&["id", "owner", "created_at", "revoked_at"])?;
    let Some(question) = question else { return Err(Error::Validation(Vec::new())) };
    let expires_at = expires_at.unwrap_or_else(|| now + chrono::TimeDelta::days(DAYS));
    let new = NewSubscription { query: question.text(), expires_at };
    let (subscription, secret) = state.auth.add_subscription(owner.caller(), new).await?;
    let links = Links::of(&req);
    let path = format!("/subscriptions/{}/{}.{}", subscription.id, secret.reveal(), question.extension());
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, links.to(&format!("/api/v1/subscriptions/{}", subscription.id))))
        .json(SubscriptionCreated { subscription, address: links.whole(&path) }))
}

/// Get a subscription
///
/// What is known of one of the caller's subscriptions; an admin's are all.
#[utoipa::path(
    get,
    path = "/api/v1/subscriptions/{id}",
    operation_id = "get_subscription",
    tag = "subscriptions",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    params(("id" = String, Path, description = "The subscription's id.", example = "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11")),
    responses((status = 200, description = "The subscription.", body = Subscription), Always, NeedsRecord)
)]
pub(super) async fn get_subscription(viewer: Viewer, auth: web::Data<Auth>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let found = auth.subscription(viewer.caller(), id_of(&req)?).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Revoke a subscription
///
/// Its address opens nothing from now on, and it stays in the list as revoked. Doing it twice changes nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/subscriptions/{id}",
    operation_id = "delete_subscription",
    tag = "subscriptions",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    params(("id" = String, Path, description = "The subscription's id.", example = "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11")),
    responses((status = 204, description = "The address opens nothing any more."), Always, NeedsRecord, Writes)
)]
pub(super) async fn delete_subscription(
    viewer: Viewer,
    auth: web::Data<Auth>,
    req: HttpRequest,
) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    auth.revoke_subscription(viewer.caller(), id_of(&req)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The id in the path; what is no UUID is no subscription's.
fn id_of(req: &HttpRequest) -> Result<String> {
    let id = uuid::Uuid::try_parse(req.match_info().get("id").unwrap_or_default());
    id.map(|id| id.to_string())
        .map_err(|_| Error::NotFound("there is no such subscription: an id is a UUID".to_owned()))
}
