//! The routes about identity: who calls, their password, the public keys; and the documentation of all of them.

use actix_web::http::Method;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::auth::{Auth, Caller, Identity, Jwks, NewPassword, Password, Role};
use crate::error::{Error, Result};
use crate::http::accounts::oauth;
use crate::http::accounts::sessions;
use crate::http::accounts::tokens;
use crate::http::accounts::users;
use crate::http::middleware::guard::{SessionUser, Viewer};
use crate::http::middleware::idempotency::once;
use crate::http::openapi::bodies::{body, secret, text};
use crate::http::openapi::groups::{Always, Faults, ReadsJson, Refused, Throttled, Writes};
use crate::http::request::body_fields::{Fields, JsonBody};
use crate::http::request::client_address::client_address;
use crate::http::request::params;
use crate::http::routes::{self, Routes};
use crate::http::state::State;
use crate::idempotency::Reply;
use crate::limits;

/// Registers the routes under `/api/v1`, inside the scope that `authenticate` wraps.
pub(in crate::http) fn configure(paths: &mut Routes<'_>) {
    paths.documented([
        routes::open(Method::POST, oauth::create_token).documented::<oauth::__path_create_token>(),
        routes::open(Method::POST, oauth::revoke_session).documented::<oauth::__path_revoke_session>(),
        routes::get(get_me).documented::<__path_get_me>(),
        routes::post(change_password).documented::<__path_change_password>(),
    ]);
    users::configure(paths);
    sessions::configure(paths);
    tokens::configure(paths);
}

/// Registers the route beside the API, for the root of the application.
pub(in crate::http) fn configure_well_known(paths: &mut Routes<'_>) {
    paths.documented([routes::open(Method::GET, get_jwks).documented::<__path_get_jwks>()]);
}

/// The caller.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Me {
    /// The name they sign in with, which the change log calls them by; `oidc:` and a subject for a user whom the
    /// organisation's identity provider vouches for.
    #[schema(example = "ada.lovelace")]
    username: String,
    /// The name to show.
    #[schema(example = "Ada Lovelace")]
    display_name: String,
    /// The role that this token gives.
    role: Role,
    /// The id of the named token, where a program calls with one.
    #[schema(required, example = json!(null))]
    named_token: Option<String>,
    /// The identity provider that vouches for them, where they are no user of this registry.
    #[schema(required, example = json!(null))]
    identity_provider: Option<String>,
    /// When the user was added.
    #[schema(required, format = DateTime, example = "2026-11-24T09:30:00.000000Z")]
    created_at: Option<String>,
    /// When anything about the user last changed.
    #[schema(required, format = DateTime, example = "2026-11-24T09:30:00.000000Z")]
    updated_at: Option<String>,
}

impl Me {
    /// Reads the account of a caller.
    async fn of(caller: &Caller, auth: &Auth) -> Result<Self> {
        let (username, named_token) = match caller.identity() {
            Identity::Session { username, .. } | Identity::Subscription { username, .. } => (username, None),
            Identity::NamedToken { username, id } => (username, Some(id.clone())),
            Identity::Subject(subject) => {
                return Ok(Self {
                    username: subject.name().to_owned(),
                    display_name: subject.display_name().to_owned(),
                    role: caller.role(),
                    named_token: None,
                    identity_provider: Some(subject.issuer().to_owned()),
                    created_at: None,
                    updated_at: None,
                });
            }
        };
        let user = auth.user(username.clone()).await.map_err(|error| match error {
            // Deleted in this very moment.
            Error::NotFound(_) => Error::Unauthenticated("there is no such user any more"),
            other => other,
        })?;
        Ok(Self {
            username: user.username.as_str().to_owned(),
            display_name: user.display_name.as_str().to_owned(),
            role: caller.role(),
            named_token,
            identity_provider: None,
            created_at: Some(user.created_at),
            updated_at: Some(user.updated_at),
        })
    }
}

body! {
    /// A change of the caller's own password.
    PasswordChange
    required {
        /// The password until now.
        current_password: secret(password(), "kestrel over a quiet lagoon"),
        /// The password from now on, not a common one nor one of these examples, without the user name.
        new_password: secret(text(limits::PASSWORD), "seven lanterns under the pier"),
    }
    optional {}
    example json!({
        "current_password": "kestrel over a quiet lagoon", "new_password": "seven lanterns under the pier",
    })
}

/// Returns a password of any length: it was accepted once.
fn password() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// Show the caller
///
/// The caller: the user, or whom the organisation's identity provider vouches for, and the role that this token has
/// right now.
#[utoipa::path(
    get,
    path = "/api/v1/auth/me",
    operation_id = "get_me",
    tag = "auth",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    responses((status = 200, description = "The caller.", body = Me), Always)
)]
pub(in crate::http) async fn get_me(viewer: Viewer, auth: web::Data<Auth>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let me = Me::of(viewer.caller(), &auth).await?;
    Ok(HttpResponse::Ok().json(me))
}

/// Change my password
///
/// Replaces the caller's own password, and ends their other sessions; the one that asks goes on. Named tokens stay, and
/// cannot do this: only a user who signed in can. A wrong current password counts as a failed sign-in.
#[utoipa::path(
    post,
    path = "/api/v1/auth/password",
    operation_id = "change_password",
    tag = "auth",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    request_body(content = PasswordChange),
    responses(
        (status = 204, description = "The password is changed, and the other sessions are over."),
        Always,
        ReadsJson,
        Throttled,
        Writes,
    )
)]
pub(in crate::http) async fn change_password(
    user: SessionUser,
    state: web::Data<State>,
    req: HttpRequest,
    body: JsonBody,
) -> Result<HttpResponse> {
    let (bytes, mut fields) = Fields::sent::<PasswordChange>(&req, body)?;
    let caller = user.caller();
    let current = fields.text("current_password", |text| Ok(Password::new(text)));
    let new = fields.text("new_password", |text| NewPassword::parse(text, caller.username()));
    fields.finish(&[])?;
    let (Some(current), Some(new)) = (current, new) else { return Err(Error::Validation(Vec::new())) };
    once(&req, caller, &bytes, &state, async |once| {
        let changed = state.auth.change_password(caller, current, new, client_address(&req), once).await?;
        changed.try_map(|()| Ok(Reply::no_content()))
    })
    .await
}

/// The public keys
///
/// The keys that verify access tokens, as a JSON Web Key Set (RFC 7517): Ed25519, the one that signs first. Public,
/// for tools that check a token themselves; whether its session still holds only this service knows.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    operation_id = "get_jwks",
    tag = "auth",
    security(()),
    responses((status = 200, description = "The keys.", body = Jwks, content_type = "application/jwk-set+json"), Refused, Faults)
)]
pub(in crate::http) async fn get_jwks(auth: web::Data<Auth>) -> HttpResponse {
    let body = serde_json::to_string(&auth.jwks()).unwrap_or_default();
    HttpResponse::Ok()
        .content_type("application/jwk-set+json")
        .insert_header((CACHE_CONTROL, "public, max-age=60"))
        .body(body)
}
