//! JSON bodies: the media type first, then strict JSON.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::values::json;

/// Reads a JSON body; `also` names a second media type that is taken.
///
/// # Errors
/// [`Error::UnsupportedMediaType`], [`Error::BadRequest`].
pub(in crate::http) fn read(request: &HttpRequest, body: &[u8], also: Option<&str>) -> Result<Value> {
    let kind = media_type(request);
    let fits = kind.as_deref().is_some_and(|kind| kind == "application/json" || Some(kind) == also);
    if !fits {
        let wanted = also.map_or_else(|| "application/json".to_owned(), |also| format!("application/json or {also}"));
        return Err(Error::UnsupportedMediaType(format!("the body must be {wanted} in UTF-8")));
    }
    json::parse(body)
}

/// The media type of a body, without parameters, in lower case; `None` where it is said to be in another encoding than
/// UTF-8.
pub(in crate::http) fn media_type(request: &HttpRequest) -> Option<String> {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (kind, parameters) = given.split_once(';').unwrap_or((given, ""));
    let kind = kind.trim().to_ascii_lowercase();
    let utf8 = parameters.split(';').map(str::trim).filter(|parameter| !parameter.is_empty()).all(|parameter| {
        parameter.split_once('=').is_none_or(|(name, value)| {
            !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
    });
    utf8.then_some(kind)
}
