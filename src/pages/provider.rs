//! Signing in at the organisation's identity provider: there with a challenge, and back with a code. A cookie that
//! the browser keeps in between proves that both belong together.

use actix_web::http::header::{CACHE_CONTROL, HOST, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};

use super::cookies;
use super::params::Params;
use super::paths::SIGN_IN;
use super::sign_in::{same_site, see_other, signed_in};
use crate::auth::Auth;
use crate::auth::oidc::Answer;
use crate::error::{Error, Result};
use crate::http::{State, client_address, encode};
use crate::limits;

/// The path to which the provider sends the browser back: the provider must know this address.
pub(super) const CALLBACK: &str = "/sign-in/callback";
/// The time that the browser may be away, in seconds.
const AWAY: i64 = 600;

/// Returns the address of the callback, as the provider knows it.
fn callback(request: &HttpRequest, state: &State) -> Result<String> {
    let prefix = crate::http::Links::of(request).prefix().to_owned();
    let origin = match &state.public_url {
        Some(url) => url.origin().to_owned(),
        None => {
            let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
            let host = host.ok_or_else(|| Error::bad_request("the request does not say which host it is for"))?;
            format!("{}://{host}", if state.https { "https" } else { "http" })
        }
    };
    Ok(format!("{origin}{prefix}{CALLBACK}"))
}

/// `GET /sign-in/provider`
pub(super) async fn begin(
    request: HttpRequest,
    auth: web::Data<Auth>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let params = Params::of(&request)?;
    let to = same_site(params.get("to").unwrap_or("/"));
    let to = if to.len() > limits::RETURN_PATH { "/".to_owned() } else { to };
    let (secret, address) = auth.begin_at_provider(&callback(&request, &state)?).await?;
    let kept = encode([("secret", secret.reveal()), ("to", to.as_str())]);
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, address))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .cookie(cookies::make(&request, cookies::AWAY, &kept, AWAY))
        .finish())
}

/// Returns the values that the browser kept: the secret, and where it wanted to go.
fn kept(request: &HttpRequest) -> (String, String) {
    let kept = cookies::read(request, cookies::AWAY).unwrap_or_default();
    let value = |name: &str| {
        let found = url::form_urlencoded::parse(kept.as_bytes()).find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    (value("secret"), value("to"))
}

/// `GET /sign-in/callback`
pub(super) async fn end(request: HttpRequest, auth: web::Data<Auth>, state: web::Data<State>) -> Result<HttpResponse> {
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    // A parameter that is given twice counts as none.
    let one = |name: &str| {
        let mut found = query.iter().filter(|(known, _)| known == name);
        let (_, value) = found.next()?;
        found.next().is_none().then(|| value.clone())
    };
    let (secret, to) = kept(&request);
    let answer = Answer {
        kept: secret,
        state: one("state").unwrap_or_default(),
        code: one("code").unwrap_or_default(),
        issuer: query.iter().any(|(name, _)| name == "iss").then(|| one("iss").unwrap_or_default()),
    };
    let links = Params::default().links(&request);
    let refused = |why: &str| see_other(&links.with(SIGN_IN, &[("why", why), ("to", &same_site(&to))]));
    let redirect = callback(&request, &state)?;
    let mut response = if answer.code.is_empty() {
        refused("provider")
    } else {
        match auth.sign_in_from_provider(answer, &redirect, client_address(&request)).await {
            Ok(secret) => signed_in(&request, &secret, &links.at(&same_site(&to))),
            Err(Error::Unauthenticated(_)) => refused("provider"),
            Err(Error::Forbidden { .. }) => refused("role"),
            Err(error) => return Err(error),
        }
    };
    // It serves once.
    let gone = cookies::remove(&request, cookies::AWAY);
    response.add_cookie(&gone).map_err(|error| Error::internal("a cookie", error.to_string()))?;
    Ok(response)
}
