//! The caller's identity: one middleware that proves it for everything under `/api/v1`, and typed proofs of a role for
//! handlers.
//!
//! A handler says what it needs by its first parameter: [`Viewer`], [`Admin`], or [`Writer`] of a kind of
//! record. Their futures are ready at once, and actix asks for parameters in order, so 401 and 403 come before
//! the answer says anything about the body.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderValue, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};

use crate::auth::{Auth, Caller, Identity, Role};
use crate::error::{Error, Result};
use crate::http::request::authorization::{Credentials, MISSING, basic_challenge};
use crate::registry::{Author, Resource};

/// The only two requests that need no token: they are how one gets or gives one back. They read no `Authorization`
/// header.
const OPEN: [&str; 2] = ["/api/v1/auth/token", "/api/v1/auth/revoke"];

/// The challenge of a 403 (RFC 6750 §3.1).
const INSUFFICIENT: &str = r#"Bearer error="insufficient_scope""#;

/// Middleware for the scope `/api/v1`: proves the caller, for paths that do not exist as well, and leaves the
/// [`Caller`] in the request's extensions. A caller without a valid proof gets a 401; no request is anonymous. Needs
/// `web::Data<Auth>`.
///
/// # Errors
/// Errors of the inner service.
pub(in crate::http) async fn authenticate<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if req.method() == Method::POST && OPEN.contains(&req.path()) {
        return Ok(next.call(req).await?.map_into_left_body());
    }
    let (error, challenge) = match authenticate_request(&req).await {
        Ok(caller) => {
            req.extensions_mut().insert(caller);
            let mut response = next.call(req).await?;
            if response.status() == StatusCode::FORBIDDEN {
                log_denial(&response);
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(INSUFFICIENT));
            }
            return Ok(response.map_into_left_body());
        }
        Err(refused) => refused,
    };
    if let Error::Unauthenticated(why) = error {
        // The pattern, not the path: the client is unknown, and so is what it has put into the path.
        log::warn!(target: "auth", "{} {} is refused: {why}", req.method(), req.match_pattern().as_deref().unwrap_or("-"));
    }
    let basic = match &error {
        Error::Unauthenticated(_) => basic_challenge(req.method(), req.headers()),
        _ => None,
    };
    // Not `into_response`: that would drop the error, and with it the request id in the problem.
    let mut response = req.error_response(error);
    if let Some(challenge) = challenge {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let Some(challenge) = basic {
        // A line of its own: old clients read no further than the first challenge of a line.
        response.headers_mut().append(WWW_AUTHENTICATE, challenge);
    }
    Ok(response.map_into_right_body())
}

/// Returns the caller, or an error and the challenge that goes with it (RFC 6750 §3).
async fn authenticate_request(req: &ServiceRequest) -> Result<Caller, (Error, Option<&'static str>)> {
    // Without a token there is no error code (RFC 6750 §3.1).
    let credentials = Credentials::of(req.method(), req.headers())
        .map_err(|error| (error, Some(r#"Bearer realm="partnership-registry""#)))?;
    let Some(auth) = req.app_data::<web::Data<Auth>>() else {
        return Err((Error::internal("authentication", "there is no Auth in the application's data"), None));
    };
    credentials.authenticate(auth).await.map_err(|error| match error {
        Error::Unauthenticated(_) => {
            (error, Some(r#"Bearer error="invalid_token", error_description="the token is not valid or has expired""#))
        }
        // Known to the identity provider, and without a role here.
        Error::Forbidden { .. } => (error, Some(INSUFFICIENT)),
        other => (other, None),
    })
}

/// Returns the caller that [`authenticate`] has proved, if their role is high enough.
fn caller_with(req: &HttpRequest, needed: Role) -> Result<Caller> {
    let caller = req.extensions().get::<Caller>().cloned().ok_or(MISSING)?;
    if caller.role() >= needed {
        return Ok(caller);
    }
    Err(Error::Forbidden { needed: needed.as_str(), has: caller.role().as_str() })
}

/// Logs a caller who may not make a request, wherever that was found out.
fn log_denial<B>(response: &ServiceResponse<B>) {
    let req = response.request();
    let why = response.response().error().map(ToString::to_string).unwrap_or_default();
    if let Some(caller) = req.extensions().get::<Caller>() {
        let (name, role, method, path) = (caller.name(), caller.role(), req.method(), req.path());
        log::warn!(target: "auth", "{name} ({role}) may not {method} {path}: {why}");
    }
}

macro_rules! proof {
    ($(#[$meta:meta])* $name:ident, $role:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub(in crate::http) struct $name(Caller);

        impl $name {
            /// Returns the caller.
            pub(in crate::http) fn caller(&self) -> &Caller {
                &self.0
            }
        }

        impl FromRequest for $name {
            type Error = Error;
            type Future = Ready<Result<Self>>;

            fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready(caller_with(req, $role).map(Self))
            }
        }
    };
}

proof!(
    /// The caller may read.
    Viewer,
    Role::Viewer
);
proof!(
    /// The caller may write partner types and areas, and manage users.
    Admin,
    Role::Admin
);

/// A caller who may read and has signed in here in person: no program with a named token, no user of the provider.
#[derive(Clone, Debug)]
pub(in crate::http) struct SessionUser(Caller);

impl SessionUser {
    /// Returns the caller.
    pub(in crate::http) fn caller(&self) -> &Caller {
        &self.0
    }
}

impl FromRequest for SessionUser {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let in_person = |caller: Caller| caller.in_person().map(|_| Self(caller.clone()));
        ready(caller_with(req, Role::Viewer).and_then(in_person))
    }
}

impl Viewer {
    /// Returns the owner of a subscription, for a client that has sent its secret. Every role may read.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for any other caller: those are proved by [`authenticate`].
    pub(in crate::http) fn subscribed(caller: Caller) -> Result<Self> {
        match caller.identity() {
            Identity::Subscription { .. } => Ok(Self(caller)),
            _ => Err(MISSING),
        }
    }
}

/// The caller may write records of the kind `R`.
#[derive(Clone, Debug)]
pub(in crate::http) struct Writer<R> {
    caller: Caller,
    kind: PhantomData<R>,
}

impl<R> Writer<R> {
    /// Returns the author for the change log.
    pub(in crate::http) fn author(&self) -> Author {
        Author::user(self.caller.name())
    }

    /// Returns the caller.
    pub(in crate::http) fn caller(&self) -> &Caller {
        &self.caller
    }
}

impl<R: Resource> FromRequest for Writer<R> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller_with(req, R::WRITTEN_BY).map(|caller| Self { caller, kind: PhantomData }))
    }
}

/// The caller of a long answer: authenticated again before each part is sent.
pub(in crate::http) struct Reauthenticator {
    auth: web::Data<Auth>,
    credentials: Credentials,
}

impl Reauthenticator {
    /// Returns the caller of a request.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], where [`authenticate`] would have said so.
    pub(in crate::http) fn of(req: &HttpRequest) -> Result<Self> {
        let auth = req.app_data::<web::Data<Auth>>().ok_or(MISSING)?.clone();
        Ok(Self { auth, credentials: Credentials::of(req.method(), req.headers())? })
    }

    /// Tells whether the caller still has that role: the token has not expired, and its session and its user are as
    /// they must be.
    ///
    /// # Errors
    /// Errors of the database.
    pub(in crate::http) async fn holds(&self, needed: Role) -> Result<bool> {
        match self.credentials.authenticate(&self.auth).await {
            Ok(caller) => Ok(caller.role() >= needed),
            Err(Error::Unauthenticated(_) | Error::Forbidden { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }
}
