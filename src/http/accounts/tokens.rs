//! `/tokens`: named, long-lived tokens for internal tools, of the caller; an admin sees and revokes those of all users.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::Type;

use crate::auth::{Auth, NamedToken, NewNamedToken, Role};
use crate::clock;
use crate::error::{Error, Result};
use crate::http::middleware::guard::{SessionUser, Viewer};
use crate::http::middleware::idempotency::{once, without_secret};
use crate::http::openapi::bodies::{body, named, or_null, timestamp, value, whole};
use crate::http::openapi::kept::{Kept, Key, Words};
use crate::http::request::body_fields::{Fields, JsonBody};
use crate::http::request::links::Links;
use crate::http::request::paging::PageRequest;
use crate::http::request::params;
use crate::http::routes::{self, Routes};
use crate::http::state::State;
use crate::idempotency::Reply;
use crate::limits;
use crate::values::{Name, ParseError};

/// Named tokens, as the document has them.
const TOKENS: Kept =
    Kept { tag: "tokens", ..Kept::new("named_token", "named_tokens", Role::Viewer, Key::id("The token's id.")) };

pub(in crate::http) fn configure(paths: &mut Routes<'_>) {
    let creation = || TOKENS.create::<NamedTokenCreate, NamedTokenCreated>(CREATE, "The token, shown this once.");
    let all =
        [routes::get(list).described(|| TOKENS.list::<NamedToken>(LIST)), routes::post(create).described(creation)];
    let one = [
        routes::get(get).described(|| TOKENS.get::<NamedToken>(GET)),
        routes::delete(delete).described(|| TOKENS.delete(DELETE, "The token does not work any more.")),
    ];
    paths.resource("/tokens", all).resource("/tokens/{id}", one);
}

body! {
    /// A named token to make: its end is `expires_at` or `expires_in_days`, one of the two, at most five years away.
    NamedTokenCreate
    required {
        /// Its purpose.
        name: value::<Name>(),
        /// Its role: no more than the caller's.
        role: named::<Role>(),
    }
    optional {
        /// When it ends.
        expires_at: or_null(timestamp(), Type::String),
        /// In how many days it ends.
        expires_in_days: or_null(whole(1..=limits::TOKEN_DAYS), Type::Integer),
    }
    example json!({ "name": "nightly export", "role": "viewer", "expires_in_days": 365 })
}

/// A named token that was just made: the only time that the token itself is shown.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct NamedTokenCreated {
    /// The token without its secret.
    #[serde(flatten)]
    named: NamedToken,
    /// The token, for `Authorization: Bearer`. Keep it: it is not shown again.
    #[schema(
        example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6Ii4uLiJ9.eyJzdWIiOiJhZGEubG92ZWxhY2UifQ.c2lnbmF0dXJl"
    )]
    token: String,
}

const LIST: Words = Words(
    "List named tokens",
    "The caller's own, the oldest first; for an admin, those of all users. Revoked and expired ones are there too. The \
        tokens themselves are never shown.",
);

/// `GET /tokens`
async fn list(viewer: Viewer, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    let page = PageRequest::of(&req, &state, "tokens")?;
    let (tokens, total) = state.auth.named_tokens(viewer.caller(), page.after(), page.fetch()).await?;
    Ok(page.answer(tokens, total, |token| &token.id))
}

const CREATE: Words = Words(
    "Make a named token",
    "A long-lived access token for an internal tool, which acts for the caller with a role no higher than theirs. \
        It is shown once. A named token cannot make others: only a user who signed in can.",
);

/// `POST /tokens`
async fn create(owner: SessionUser, state: web::Data<State>, req: HttpRequest, body: JsonBody) -> Result<HttpResponse> {
    let (bytes, mut fields) = Fields::sent::<NamedTokenCreate>(&req, body)?;
    let name: Option<Name> = fields.value("name");
    let role: Option<Role> = fields.value("role");
    let now = clock::now();
    let expires_at = take_end(&mut fields, now);
    if expires_at.is_none() && !fields.has_defect("expires_in_days") {
        fields.missing("expires_at");
    }
    fields.finish(&["id", "owner", "created_at", "revoked_at"])?;
    let (Some(name), Some(role), Some(expires_at)) = (name, role, expires_at) else {
        return Err(Error::Validation(Vec::new()));
    };
    let new = NewNamedToken { name, role, expires_at };
    let links = Links::of(&req);
    let place = move |named: &NamedToken| links.to(&format!("/api/v1/tokens/{}", named.id));
    once(&req, owner.caller(), &bytes, &state, async |once| {
        let done = state.auth.add_named_token(owner.caller(), new, once, without_secret(place.clone())).await?;
        done.try_map(|(named, secret)| {
            let place = place(&named);
            let made = NamedTokenCreated { named, token: secret.reveal().to_owned() };
            Ok(Reply::json(StatusCode::CREATED, &made)?.at(place))
        })
    })
    .await
}

const GET: Words =
    Words("Get a named token", "Shows one of the caller's named tokens; an admin may see those of all users.");

/// `GET /tokens/{id}`
async fn get(viewer: Viewer, auth: web::Data<Auth>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let token = auth.named_token(viewer.caller(), params::id(&req, "token")?).await?;
    Ok(HttpResponse::Ok().json(token))
}

const DELETE: Words = Words(
    "Revoke a named token",
    "It stops working at once, and stays in the list as revoked. Doing it twice changes nothing.",
);

/// `DELETE /tokens/{id}`
async fn delete(viewer: Viewer, auth: web::Data<Auth>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    auth.revoke_named_token(viewer.caller(), params::id(&req, "token")?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes the end of what is made now: `expires_at`, or `expires_in_days`; `None` where neither is there, or it is
/// wrong.
pub(in crate::http) fn take_end(fields: &mut Fields, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let expires_at = fields.text("expires_at", |text| moment(text, now));
    let days = fields.number("expires_in_days", 1..=limits::TOKEN_DAYS).and_then(|days| i64::try_from(days).ok());
    if expires_at.is_some() && days.is_some() {
        fields.wrong("expires_in_days", "duplicate", "the end is given twice: expires_at or expires_in_days");
    }
    expires_at.or_else(|| days.map(|days| now + TimeDelta::days(days)))
}

/// Returns a moment at which a token may end.
fn moment(text: &str, now: DateTime<Utc>) -> std::result::Result<DateTime<Utc>, ParseError> {
    let at = DateTime::parse_from_rfc3339(text)
        .map_err(|_| ParseError::new("bad_timestamp", "a timestamp such as 2027-01-31T00:00:00Z is wanted"))?
        .to_utc()
        .trunc_subsecs(6);
    let days = i64::try_from(limits::TOKEN_DAYS).unwrap_or_default();
    if at <= now || at > now + TimeDelta::days(days) {
        let detail = format!("the end must be in the future, at most {} days away", limits::TOKEN_DAYS);
        return Err(ParseError::new("out_of_range", detail));
    }
    Ok(at)
}
