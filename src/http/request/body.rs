//! JSON bodies: the media type first, then strict JSON.

use actix_web::{HttpMessage as _, HttpRequest};
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

/// Returns the media type of a body, without parameters, in lower case; `None` if it is not one, or names another
/// encoding than UTF-8.
pub(in crate::http) fn media_type(request: &HttpRequest) -> Option<String> {
    let kind = request.mime_type().ok()??;
    let utf8 = kind.get_param("charset").is_none_or(|charset| charset == "utf-8");
    utf8.then(|| kind.essence_str().to_owned())
}
