//! The visitor: a page begins with the proof that its reader is signed in, as a handler of the API does.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::header::LOCATION;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, web};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

use super::language::Language;
use super::params::Params;
use super::{cookies, paths};
use crate::auth::{Auth, Caller, Role, id_of_cookie};
use crate::error::{Error, Result};
use crate::http::Permission;
use crate::registry::Author;
use crate::values::hex;

/// A visitor who is signed in.
#[derive(Clone)]
pub(super) struct Visit {
    caller: Caller,
    secret: String,
}

impl Permission for Visit {}

impl Visit {
    /// Returns the caller.
    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Returns the author for the change log.
    pub(super) fn author(&self) -> Author {
        Author::user(self.caller.name())
    }

    /// Tells whether the visitor may do what a role may.
    pub(super) fn may(&self, role: Role) -> bool {
        self.caller.role() >= role
    }

    /// Refuses a visitor whose role is too low.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub(super) fn require(&self, role: Role) -> Result<()> {
        if self.may(role) {
            return Ok(());
        }
        Err(Error::Forbidden { needed: role.as_str(), has: self.caller.role().as_str() })
    }

    /// Tells whether the cookie is that of a session.
    pub(super) fn is_session(&self, id: &str) -> bool {
        match self.caller.session() {
            Some((_, own)) => own == id,
            None => id_of_cookie(&self.secret) == id,
        }
    }

    /// Returns the token that forms of this session carry.
    pub(super) fn form_token(&self) -> String {
        form_token(&self.secret)
    }

    /// Returns the part of entity tags that belongs to the session.
    pub(super) fn mark(&self) -> String {
        hex(digest(&SHA256, format!("tag {} {}", self.secret, self.caller.role()).as_bytes()).as_ref())
    }

    /// Returns the visitor, if the cookie proves one.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; what the database says.
    pub(super) async fn of(request: &HttpRequest) -> Result<Self> {
        let none = Error::Unauthenticated("sign in first");
        let secret = cookies::read(request, cookies::SESSION).ok_or(none)?;
        let auth = request.app_data::<web::Data<Auth>>().cloned();
        let auth = auth.ok_or_else(|| Error::internal("pages", "there is no Auth in the application's data"))?;
        let caller = auth.authenticate_browser(&secret).await?;
        let visit = Self { caller: caller.clone(), secret };
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(visit.clone());
        Ok(visit)
    }
}

impl FromRequest for Visit {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match Self::of(&request).await {
                Ok(visit) => Ok(visit),
                Err(error @ Error::Unauthenticated(_)) => Err(to_sign_in(&request, error).into()),
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// Returns the way to sign in, and back to where the visitor wanted to go.
fn to_sign_in(request: &HttpRequest, error: Error) -> InternalError<Error> {
    let known = cookies::read(request, cookies::SESSION).is_some();
    let to = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let to = if request.method().is_safe() { to } else { request.path() };
    let links = Params::of(request).map(|params| params.links(request)).unwrap_or_default();
    let links = super::links::Links { as_of: None, ..links };
    let why = if known { "expired" } else { "" };
    let target = links.with(paths::SIGN_IN, &[("why", why), ("to", if to == "/" { "" } else { to })]);
    let mut response = HttpResponse::SeeOther();
    response.insert_header((LOCATION, target));
    if known {
        response.cookie(cookies::remove(request, cookies::SESSION));
    }
    InternalError::from_response(error, response.finish())
}

/// Returns the token that forms carry, made from a secret that only the visitor's cookie has.
pub(super) fn form_token(secret: &str) -> String {
    hex(digest(&SHA256, format!("form {secret}").as_bytes()).as_ref())
}

/// Tells whether a form carries the token of a secret.
pub(super) fn is_form_token(token: &str, secret: &str) -> bool {
    verify_slices_are_equal(token.as_bytes(), form_token(secret).as_bytes()).is_ok()
}

/// Returns the language of a request, with or without a session.
pub(super) fn language(request: &HttpRequest) -> Language {
    Language::of(request, Params::of(request).ok().and_then(|params| params.language))
}
