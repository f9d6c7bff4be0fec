//! The two endpoints that speak OAuth: `POST /auth/token` (RFC 6749 §4.3, §6) and `POST /auth/revoke` (RFC 7009).
//!
//! They read no `Authorization` header: their clients have no registration and no secret, and Swagger UI sends an empty
//! `Basic` one. Their errors have OAuth's form (RFC 6749 §5.2), not the problem's.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, PRAGMA, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Auth, Password, Role, Tokens};
use crate::error::Error;
use crate::http::openapi::groups::Refused;
use crate::http::request::body_fields::unreadable;
use crate::http::request::client_address::client_address;
use crate::limits;

/// The form that asks for a token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form to OpenAPI; the form is read by hand, to see what is given twice")]
pub(in crate::http) struct TokenRequest {
    /// The way in which the caller proves who they are.
    grant_type: GrantType,
    /// The user name, for `password`.
    #[schema(nullable = false, example = "ada.lovelace")]
    username: Option<String>,
    /// The password, for `password`.
    #[schema(nullable = false, format = Password, example = "kestrel over a quiet lagoon")]
    password: Option<String>,
    /// The refresh token, for `refresh_token`.
    #[schema(nullable = false)]
    refresh_token: Option<String>,
}

/// The way in which the caller proves who they are.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the form to OpenAPI")]
pub(in crate::http) enum GrantType {
    /// With user name and password.
    Password,
    /// With a refresh token.
    RefreshToken,
}

/// The form that gives a token back.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form to OpenAPI")]
pub(in crate::http) struct RevokeRequest {
    /// The refresh token, or an access token of the session, or a named token.
    #[schema(example = "zqXmPD5n2m1r0f8Jc4lX0hB3qv7y9t2w5u8s1e4g6kA")]
    token: String,
    /// The kind of token; not needed.
    #[schema(nullable = false, example = "refresh_token")]
    token_type_hint: Option<String>,
}

/// A pair of tokens (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct TokenAnswer {
    /// The token for the `Authorization: Bearer` header.
    #[schema(
        example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6Ii4uLiJ9.eyJzdWIiOiJhZGEubG92ZWxhY2UifQ.c2lnbmF0dXJl"
    )]
    access_token: String,
    /// The way in which it is sent.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until it expires.
    #[schema(example = 900)]
    expires_in: u64,
    /// The token that gives the next pair. It works once.
    #[schema(example = "zqXmPD5n2m1r0f8Jc4lX0hB3qv7y9t2w5u8s1e4g6kA")]
    refresh_token: String,
    /// The caller's role.
    scope: Role,
}

/// An error in OAuth's form (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct OAuthError {
    /// The kind: `invalid_request`, `invalid_grant`, `unsupported_grant_type`; with 429 `slow_down`, with 503
    /// `temporarily_unavailable`, with 500 `server_error`.
    #[schema(example = "invalid_grant")]
    error: &'static str,
    /// The fault, for people.
    #[schema(example = "the user name or the password is wrong")]
    error_description: String,
}

/// A refusal, before it is an answer.
struct Refusal {
    status: StatusCode,
    error: &'static str,
    detail: String,
    retry_after: Option<u64>,
}

type CachedResponse = Result<HttpResponse, Refusal>;

/// Sign in, or stay signed in
///
/// With a user name and password, or a refresh token, get an access token for 15 minutes and a refresh token for the
/// next pair. A refresh token works once; when one comes a second time, its whole session ends. After five failures
/// for a user name, or twenty from an address, within 15 minutes, this answers `429`. While the storage is full, a
/// refresh token stays as it is: the answer has a new access token, and the same refresh token.
#[utoipa::path(
    post,
    path = "/api/v1/auth/token",
    operation_id = "create_token",
    tag = "auth",
    security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded",
        example = json!({"grant_type": "password", "username": "ada.lovelace", "password": "kestrel over a quiet lagoon"})),
    responses(
        (status = 200, description = "The tokens.", body = TokenAnswer,
            headers(("Cache-Control" = String, description = "no-store"))),
        (status = 400, description = "The form is wrong (`invalid_request`, `unsupported_grant_type`), or what it proves does \
            not hold (`invalid_grant`).", body = OAuthError),
        (status = 413, description = "The form is too large.", body = OAuthError),
        (status = 429, description = "There were too many failures.", body = OAuthError,
            headers(("Retry-After" = u64, description = "seconds until the next attempt can succeed"))),
        (status = 500, description = "A fault of the service.", body = OAuthError),
        (status = 503, description = "The service is overloaded.", body = OAuthError,
            headers(("Retry-After" = u64, description = "seconds to wait"))),
        Refused,
    )
)]
pub(in crate::http) async fn create_token(
    auth: web::Data<Auth>,
    req: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> HttpResponse {
    issue(&auth, &req, body).await.unwrap_or_else(Refusal::answer)
}

async fn issue(auth: &Auth, req: &HttpRequest, body: Result<web::Bytes, actix_web::Error>) -> CachedResponse {
    let form = Form::read(req, body)?;
    let tokens = match form.required("grant_type")? {
        "password" => {
            let (username, password) = (form.required("username")?, Password::new(form.required("password")?));
            auth.sign_in(username, password, client_address(req)).await
        }
        "refresh_token" => auth.refresh(form.required("refresh_token")?).await,
        _ => {
            let detail = "grant_type is password or refresh_token";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", detail));
        }
    };
    let Tokens { role, access_token, expires_in, refresh_token, .. } = tokens.map_err(failed)?;
    Ok(unstored(StatusCode::OK).json(TokenAnswer {
        access_token: access_token.reveal().to_owned(),
        token_type: "Bearer",
        expires_in,
        refresh_token: refresh_token.reveal().to_owned(),
        scope: role,
    }))
}

/// Sign out
///
/// Ends the session that a token belongs to, with all its tokens, or revokes a named token (RFC 7009). A token that is
/// not known is as good as ended: the answer is the same.
#[utoipa::path(
    post,
    path = "/api/v1/auth/revoke",
    operation_id = "revoke_session",
    tag = "auth",
    security(()),
    request_body(content = RevokeRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token does not work any more."),
        (status = 400, description = "The form is wrong (`invalid_request`).", body = OAuthError),
        (status = 413, description = "The form is too large.", body = OAuthError),
        (status = 500, description = "A fault of the service.", body = OAuthError),
        (status = 503, description = "The service is overloaded.", body = OAuthError,
            headers(("Retry-After" = u64, description = "seconds to wait"))),
        Refused,
    )
)]
pub(in crate::http) async fn revoke_session(
    auth: web::Data<Auth>,
    req: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> HttpResponse {
    end(&auth, &req, body).await.unwrap_or_else(Refusal::answer)
}

async fn end(auth: &Auth, req: &HttpRequest, body: Result<web::Bytes, actix_web::Error>) -> CachedResponse {
    let form = Form::read(req, body)?;
    auth.revoke(form.required("token")?).await.map_err(failed)?;
    Ok(unstored(StatusCode::OK).finish())
}

/// The parameters of a form. Unknown ones are ignored and empty ones absent, as RFC 6749 §3.2 says.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(req: &HttpRequest, body: Result<web::Bytes, actix_web::Error>) -> Result<Self, Refusal> {
        let bytes = body.map_err(|error| failed(unreadable(&error)))?;
        let given = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = given.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(invalid("a form is wanted: Content-Type: application/x-www-form-urlencoded"));
        }
        if bytes.len() > limits::FORM {
            return Err(failed(Error::TooLarge { limit: limits::FORM }));
        }
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(&bytes) {
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(invalid("a parameter is given twice"));
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(fields))
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        let found = self.0.iter().find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str()).ok_or_else(|| invalid(&format!("{name} is missing")))
    }
}

fn invalid(detail: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, detail: impl Into<String>) -> Self {
        Self { status, error, detail: detail.into(), retry_after: None }
    }

    fn later(status: StatusCode, error: &'static str, detail: String, seconds: u64) -> Self {
        Self { status, error, detail, retry_after: Some(seconds) }
    }

    fn answer(self) -> HttpResponse {
        let mut response = unstored(self.status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        response.json(OAuthError { error: self.error, error_description: self.detail })
    }
}

/// Returns an error of this program in OAuth's form.
fn failed(error: Error) -> Refusal {
    let detail = error.to_string();
    match error {
        Error::Unauthenticated(_) => Refusal::new(StatusCode::BAD_REQUEST, "invalid_grant", detail),
        Error::BadRequest { .. } => invalid(&detail),
        Error::TooLarge { .. } => Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", detail),
        Error::TooManyRequests { retry_after } => {
            Refusal::later(StatusCode::TOO_MANY_REQUESTS, "slow_down", detail, retry_after)
        }
        Error::Unavailable(_) | Error::StorageFull => {
            Refusal::later(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", detail, 1)
        }
        Error::Damaged(_) => {
            let detail = "the database is damaged; an operator must restore it".to_owned();
            Refusal::later(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", detail, 60)
        }
        other => {
            log::error!(target: "auth", "a token request failed: {other}");
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the service could not do this")
        }
    }
}

/// RFC 6749 §5.1 wants this header beside `Cache-Control: no-store`, which the envelope adds.
fn unstored(status: StatusCode) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((PRAGMA, "no-cache"));
    response
}
