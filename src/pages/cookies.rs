//! The cookies of pages. All of them are `HttpOnly` and `SameSite=Lax`: a shared link arrives signed in, a form of
//! another site does not. Behind HTTPS they are `Secure` and bound to this host by the prefix `__Host-` (RFC 6265bis
//! §4.1.3.2).

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web;

use crate::http::State;

/// The cookie of the session of a visitor who is signed in.
pub(super) const SESSION: &str = "session";
/// The cookie that the form token of a visitor who is not signed in is made of.
pub(super) const VISITOR: &str = "visitor";
/// The cookie of a sign-in at the identity provider, while the browser is there.
pub(super) const AWAY: &str = "away";
/// The language that was chosen last.
pub(super) const LANGUAGE: &str = "language";

/// Returns the value of a cookie, if there is exactly one of that name.
pub(super) fn read(request: &HttpRequest, name: &str) -> Option<String> {
    let name = full_name(name, is_secure(request));
    let cookies = request.cookies().ok()?;
    let mut found = cookies.iter().filter(|cookie| cookie.name() == name);
    let value = found.next()?.value().to_owned();
    (found.next().is_none() && !value.is_empty()).then_some(value)
}

/// Makes a cookie that lasts for `seconds` seconds.
pub(super) fn make(request: &HttpRequest, name: &str, value: &str, seconds: i64) -> Cookie<'static> {
    let secure = is_secure(request);
    Cookie::build(full_name(name, secure), value.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .max_age(Duration::seconds(seconds))
        .finish()
}

/// Returns the cookie that takes one away.
pub(super) fn remove(request: &HttpRequest, name: &str) -> Cookie<'static> {
    make(request, name, "", 0)
}

/// Tells whether browsers reach the service over HTTPS: its public address says so, or it tells them to use nothing
/// else.
fn is_secure(request: &HttpRequest) -> bool {
    request.app_data::<web::Data<State>>().is_some_and(|state| state.https)
}

fn full_name(name: &str, secure: bool) -> String {
    if secure { format!("__Host-{name}") } else { name.to_owned() }
}
