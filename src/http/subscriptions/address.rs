//! `/subscriptions/{id}/{secret}.ics`: the calendar of a subscription. The secret is in the path, so that the path is
//! in no log, no problem and no link.

use actix_web::http::header::LINK;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};

use super::sources::{Question, is_service};
use crate::error::{Error, Result};
use crate::http::middleware::guard::Viewer;
use crate::http::openapi::groups::{Faults, Refused, Throttled};
use crate::http::request::client_address::client_address;
use crate::http::request::params;
use crate::http::state::State;

fn unknown() -> Error {
    Error::NotFound("there is no such subscription, or it has ended".to_owned())
}

/// Read a subscription
///
/// The answer to the one question of the subscription, as its owner may see it at this moment; for programs that can
/// send nothing but an address: calendars, spreadsheets, a link in a mail. Conditional requests work. An address that
/// opens nothing is a 404: one that never was, one that was revoked or has expired, one whose owner is disabled or
/// deleted. Twenty wrong secrets from one place within 15 minutes, and it answers `429`.
#[utoipa::path(
    get,
    path = "/subscriptions/{id}/{file}",
    operation_id = "read_subscription",
    tag = "subscriptions",
    security(()),
    params(
        ("id" = String, Path, description = "The subscription's id.", example = "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11"),
        ("file" = String, Path, description = "The secret, and the format after a dot.",
            example = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA.ics"),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag that you have: the answer is 304 while it holds.",
            example = "\"v42\""),
    ),
    responses(
        (status = 200, description = "The result of the question.",
            headers(("ETag" = String, description = "The entity tag, for `If-None-Match`.")),
            content(
                (String = "text/calendar"),
                (String = "text/csv", example = json!("code,title\r\ncooperation,Cooperation\r\n")),
                (String = "application/x-ndjson"),
            )),
        (status = 304, description = "You have it already."),
        (status = 400, description = "There is a query string, or a malformed header.", body = crate::http::response::problem::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "There is no valid subscription at this address.", body = crate::http::response::problem::Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "The service is busy.", body = crate::http::response::problem::Problem,
            content_type = "application/problem+json"),
        Refused,
        Faults,
        Throttled,
    )
)]
pub(in crate::http) async fn read_subscription(
    path: web::Path<(String, String)>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    params::none(request.query_string())?;
    let (id, file) = path.into_inner();
    let (secret, extension) = file.rsplit_once('.').unwrap_or((&file, ""));
    // An id that is not a UUID belongs to no subscription, but counts as an attempt.
    let id = uuid::Uuid::try_parse(&id).unwrap_or_default().to_string();
    let (caller, question) = state.auth.open_subscription(&id, secret, client_address(&request)).await?;
    request.extensions_mut().insert(caller.clone());
    if is_service(&question) {
        return Err(unknown());
    }
    let question = Question::open(&question).map_err(|reason| Error::bad_request(reason.detail))?;
    if question.extension() != extension {
        return Err(unknown());
    }
    let mut answer = question.answer(&Viewer::subscribed(caller)?, &request, &state).await?;
    // Only a client that may ask for a next page gets a link to it.
    answer.headers_mut().remove(LINK);
    Ok(answer)
}
