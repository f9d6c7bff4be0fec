//! Scripts of other web origins (CORS, as the Fetch standard has it): none may use the service, but those of the
//! origins that are named. Tokens travel in a header that a script sets itself, so no credentials of the browser are
//! let through.

use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH, LINK,
    LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};

/// The time that a browser may remember its permission, in seconds.
const REMEMBERED: usize = 3600;

/// Returns the middleware for these origins.
pub fn cors(origins: &[String]) -> Cors {
    let request_id = HeaderName::from_static("x-request-id");
    let (revision, min_revision) =
        (crate::http::middleware::heads::REVISION, crate::http::middleware::heads::MIN_REVISION);
    let event_id = HeaderName::from_static("last-event-id");
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let cors = origins.iter().fold(Cors::default(), |cors, origin| cors.allowed_origin(origin));
    cors.allowed_methods(methods)
        .allowed_headers([
            ACCEPT,
            AUTHORIZATION,
            CONTENT_TYPE,
            IF_MATCH,
            IF_NONE_MATCH,
            event_id,
            min_revision,
            request_id.clone(),
        ])
        .expose_headers([
            CONTENT_DISPOSITION,
            ETAG,
            LINK,
            LOCATION,
            RETRY_AFTER,
            WWW_AUTHENTICATE,
            revision,
            request_id,
        ])
        // Browsers keep the answer from scripts of other origins; it is no business of the service to fail for them.
        .block_on_origin_mismatch(false)
        .max_age(REMEMBERED)
}
