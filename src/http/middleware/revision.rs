//! `Registry-Revision` and `Registry-Min-Revision`: which state of the registry an answer shows, and which a client
//! wants to see at least, whichever instance it asks and whichever server that reads.

use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, web};

use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::middleware::heads::{MIN_REVISION, set};
use crate::http::state::State;

/// Reads `Registry-Min-Revision`, and sets `Registry-Revision`. Goes inside [`super::guard::authenticate`]: clients
/// that are not signed in must not see how the registry grows.
///
/// # Errors
/// Errors of the inner service.
pub(in crate::http) async fn revisions<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let proved = request.extensions().get::<Caller>().is_some();
    let Some(state) = request.app_data::<web::Data<State>>().filter(|_| proved).cloned() else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let begun = match least(request.headers()) {
        Ok(least) => state.heads.begin(&state.db, reads, least).await,
        Err(error) => Err(error),
    };
    let reading = match begun {
        Ok(reading) => Arc::new(reading),
        Err(error) => {
            let mut response = request.error_response(error);
            if response.status() == StatusCode::BAD_REQUEST {
                set(response.headers_mut(), state.heads.to_read(&state.db).await);
            }
            return Ok(response.map_into_right_body());
        }
    };
    let mut response = reading.clone().scope(next.call(request)).await?;
    // A database that does not answer is not asked for its revision, too.
    if !response.status().is_server_error() {
        let revision = state.heads.shown(&state.db, reads, &reading, response.headers()).await;
        set(response.headers_mut(), revision);
    }
    Ok(response.map_into_left_body())
}

/// Returns the revision that a client wants to see at least.
fn least(headers: &HeaderMap) -> Result<Option<i64>> {
    let mut values = headers.get_all(&MIN_REVISION);
    let (first, second) = (values.next(), values.next());
    let Some(value) = first else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| second.is_none() && text.bytes().all(|byte| byte.is_ascii_digit()));
    let revision = text.and_then(|text| text.parse().ok());
    revision.map(Some).ok_or_else(|| {
        Error::bad_request(
            "Registry-Min-Revision is one whole number from 0: the Registry-Revision of an earlier answer",
        )
    })
}
