//! Forms that visitors send: read strictly, and only from pages of this service, which have the visitor's form token.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use actix_web::{FromRequest, HttpRequest, ResponseError, web};

use super::cookies;
use super::visit::is_form_token;
use crate::http::State;
use crate::limits;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The field of the form token.
pub(super) const TOKEN: &str = "form_token";

/// The reason why a form is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It comes from another site, or does not say from where.
    Foreign,
    /// Its token is none of this session's.
    Stale,
    /// It is no form, or too large.
    Unreadable,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Foreign => "the form was not sent from a page of this service",
            Self::Stale => "the form belongs to a session that is over",
            Self::Unreadable => "this is no form that can be read",
        })
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Foreign | Self::Stale => StatusCode::FORBIDDEN,
            Self::Unreadable => StatusCode::BAD_REQUEST,
        }
    }
}

/// The fields of a form that came from a page of this service, with the token of the visitor.
#[derive(Clone, Debug, Default)]
pub(super) struct Post {
    fields: Vec<(String, String)>,
}

impl Post {
    /// Returns the first value of a field.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns every field, in the order in which they were sent, but for the token.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter(|(name, _)| name != TOKEN).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn read(request: &HttpRequest, body: &[u8]) -> Result<Self, Refused> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refused::Unreadable);
        }
        let fields = url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned()));
        let post = Self { fields: fields.collect() };
        // A visitor who is signed in has the token of the session, any other the one of the page with the form.
        let secret = cookies::read(request, cookies::SESSION).or_else(|| cookies::read(request, cookies::VISITOR));
        match (secret, post.get(TOKEN)) {
            (Some(secret), Some(token)) if is_form_token(token, &secret) => Ok(post),
            _ => Err(Refused::Stale),
        }
    }
}

impl FromRequest for Post {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            if !is_from_here(&request) {
                log::warn!(target: "auth", "a form for {} came from another site", request.path());
                return Err(Refused::Foreign.into());
            }
            let bytes = bytes.await?;
            if bytes.len() > limits::BODY {
                return Err(Refused::Unreadable.into());
            }
            Ok(Self::read(&request, &bytes)?)
        })
    }
}

/// Tells whether a request was sent by a page of this service: browsers say so in `Sec-Fetch-Site`, older ones in
/// `Origin`. One that says neither is none of a browser's forms.
fn is_from_here(request: &HttpRequest) -> bool {
    let text = |name: &HeaderName| {
        let mut all = request.headers().get_all(name);
        let first = all.next()?.to_str().ok()?;
        all.next().is_none().then_some(first)
    };
    match (text(&FETCH_SITE), text(&ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => is_own(request, origin, text(&HOST)),
        (None, None) => false,
    }
}

fn is_own(request: &HttpRequest, origin: &str, host: Option<&str>) -> bool {
    let state = request.app_data::<web::Data<State>>();
    let public = state.and_then(|state| state.public_url.as_ref()).map(|url| url.origin().to_owned());
    let origin_of = |text: &str| url::Url::parse(text).map(|url| url.origin());
    let Ok(origin) = origin_of(origin) else { return false };
    if !origin.is_tuple() {
        return false;
    }
    let public = public.and_then(|text| origin_of(&text).ok());
    let direct = host.and_then(|host| origin_of(&format!("http://{host}")).ok());
    public.as_ref() == Some(&origin) || direct.as_ref() == Some(&origin)
}
