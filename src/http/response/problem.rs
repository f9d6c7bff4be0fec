//! Errors over HTTP: one table from [`Error`] to `application/problem+json` (RFC 9457), and the page that lists them.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{At, Defect, Error, Unmet};

/// The media type of every error.
pub(in crate::http) const PROBLEM_JSON: &str = "application/problem+json";

/// An error as the service answers it (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "/problems/validation", "title": "The record is not valid", "status": 422,
    "detail": "/areas/0: there is no ‘climat’ among the cooperation-areas",
    "instance": "0190b0a5-7c1e-7d2e-8a53-0a4c1c1f2b3d",
    "errors": [{"pointer": "/areas/0", "code": "unknown_reference", "detail": "there is no ‘climat’ among the cooperation-areas"}]
}))]
pub(in crate::http) struct Problem {
    /// The kind of problem; `GET /problems` explains each.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// The fault in this case, and its remedy.
    pub detail: String,
    /// The request's id, as in `X-Request-Id` and in the service's log.
    pub instance: String,
    /// Each defect, where there are places to name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<ProblemError>,
}

/// One defect of a request: its place is a `pointer` into the body, a query `parameter`, or a `line` of a file.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(in crate::http) struct ProblemError {
    /// A JSON Pointer (RFC 6901) into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pointer: Option<String>,
    /// The name of a query or form parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parameter: Option<String>,
    /// A line of an imported file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub line: Option<u64>,
    /// A column of an imported file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub field: Option<String>,
    /// The kind of defect, for programs.
    pub code: String,
    /// The fault and its remedy.
    pub detail: String,
}

impl From<&Defect> for ProblemError {
    fn from(defect: &Defect) -> Self {
        let mut error = Self { code: defect.code.to_owned(), detail: defect.detail.clone(), ..Self::default() };
        match &defect.at {
            At::Pointer(pointer) => error.pointer = Some(pointer.clone()),
            At::Parameter(name) => error.parameter = Some(name.clone()),
            At::Line { line, field, .. } => {
                error.line = Some(*line);
                error.field.clone_from(field);
            }
        }
        error
    }
}

/// A kind of problem.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Kind {
    /// The last segment of `type`.
    pub slug: &'static str,
    /// The status.
    pub status: u16,
    /// The kind in words.
    pub title: &'static str,
    /// When it happens and what to do.
    pub about: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $slug:literal, $status:literal, $title:literal, $about:literal;)*) => {
        $(pub(in crate::http) const $name: Kind = Kind { slug: $slug, status: $status, title: $title, about: $about };)*
        /// Every kind, in the order of their statuses.
        pub(in crate::http) const KINDS: &[Kind] = &[$($name),*];
    };
}

kinds! {
    BAD_REQUEST = "bad-request", 400, "The request cannot be read", "Its JSON, a parameter, a cursor or a header is \
        malformed. `errors` names the place and what would be right.";
    UNAUTHENTICATED = "unauthenticated", 401, "Sign in first", "There is no access token, or it is wrong, expired or \
        ended. Get one at POST /api/v1/auth/token and send it as `Authorization: Bearer …`.";
    FORBIDDEN = "forbidden", 403, "Your role is too low", "You are known, and your role may not do this.";
    NOT_FOUND = "not-found", 404, "There is no such thing", "No record has this code, or no page this path.";
    METHOD_NOT_ALLOWED = "method-not-allowed", 405, "This method is not possible here", "`Allow` lists those that are.";
    NOT_ACCEPTABLE = "not-acceptable", 406, "No such format", "None of the formats in `Accept` is offered here.";
    CONFLICT = "conflict", 409, "The code is taken", "A record with this code exists already: choose another, or change that one.";
    IN_USE = "in-use", 409, "Others refer to this record", "A record cannot be deleted while others refer to it; the detail names them.";
    STILL_RUNNING = "still-running", 409, "The first request has not ended", "A request with this `Idempotency-Key` \
        is being answered at this moment: ask again after `Retry-After` seconds.";
    ANSWER_NOT_KEPT = "answer-not-kept", 409, "It was done, and its answer was not kept", "A request with this \
        `Idempotency-Key` was done before, once. Its answer holds a secret, which is shown once, or is too long to \
        be kept; the detail says where that is which it made.";
    PRECONDITION_FAILED = "precondition-failed", 412, "The precondition does not hold", "`If-Match` or \
        `If-None-Match` does not hold. The title says why: the record has changed (another change came first: read \
        it again and decide anew), does not exist, exists already, or has not changed; or the entity tag is none of \
        the record's (lists, and records with `fields` or `expand`, have tags of their own).";
    TOO_LARGE = "too-large", 413, "The body is too large", "A body is at most 1 MiB (imports: 64 MiB; a workbook \
        unpacks to at most 256 MiB).";
    URI_TOO_LONG = "too-large", 414, "The URL is too long", "Path and query together are at most 8 KiB.";
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type", 415, "The body is in another format", "Send JSON as \
        `application/json` (a patch as `application/merge-patch+json`, too), without `Content-Encoding`.";
    VALIDATION = "validation", 422, "The record is not valid", "The request can be read, and what it says is wrong. \
        `errors` lists every defect at once.";
    KEY_REUSED = "idempotency-key-reused", 422, "The key belongs to another request", "This `Idempotency-Key` came \
        with another method, path, query, media type or body before. A new request needs a new key.";
    PRECONDITION_REQUIRED = "precondition-required", 428, "Say which version you change", "This service wants \
        `If-Match` with the record's ETag on every change.";
    TOO_MANY_REQUESTS = "too-many-requests", 429, "Too many attempts", "Wait for as many seconds as `Retry-After` says.";
    HEAD_TOO_LARGE = "too-large", 431, "The head is too large", "The names and values of all headers together are at most 32 KiB.";
    INTERNAL = "internal", 500, "The service failed", "A fault of the service; its log has the reason under the \
        request id. After a failed write, read before you try again.";
    UNAVAILABLE = "unavailable", 503, "The service is busy", "Try again after `Retry-After` seconds. A write may \
        have been made: read before you try again; natural keys make `PUT` safe to repeat.";
    STORAGE_FULL = "storage-full", 507, "The storage is full", "Nothing was written. An operator must make room.";
}

/// The name of a request whose client has gone away, for the log and the metrics. No client ever sees it.
const CLIENT_GONE: Kind = Kind { slug: "client-gone", status: 499, title: "The client has gone", about: "" };

impl Error {
    /// Returns the kind of problem that an error is.
    pub(in crate::http) fn kind(&self) -> Kind {
        match self {
            Self::BadRequest { .. } => BAD_REQUEST,
            Self::Unauthenticated(_) => UNAUTHENTICATED,
            Self::Forbidden { .. } => FORBIDDEN,
            Self::NotFound(_) => NOT_FOUND,
            Self::MethodNotAllowed { .. } => METHOD_NOT_ALLOWED,
            Self::NotAcceptable(_) => NOT_ACCEPTABLE,
            Self::UnsupportedMediaType(_) => UNSUPPORTED_MEDIA_TYPE,
            Self::Conflict(_) => CONFLICT,
            Self::InUse { .. } => IN_USE,
            Self::PreconditionFailed { unmet, .. } => Kind { title: unmet_title(*unmet), ..PRECONDITION_FAILED },
            Self::StillRunning => STILL_RUNNING,
            Self::KeyReused => KEY_REUSED,
            Self::AnswerNotKept { .. } => ANSWER_NOT_KEPT,
            Self::PreconditionRequired => PRECONDITION_REQUIRED,
            Self::TooLarge { .. } | Self::UnpackedTooLarge { .. } => TOO_LARGE,
            Self::UriTooLong { .. } => URI_TOO_LONG,
            Self::HeadTooLarge { .. } => HEAD_TOO_LARGE,
            Self::Validation(_) | Self::Import { .. } => VALIDATION,
            Self::TooManyRequests { .. } => TOO_MANY_REQUESTS,
            Self::Unavailable(_) | Self::Damaged(_) => UNAVAILABLE,
            Self::StorageFull => STORAGE_FULL,
            Self::ClientGone => CLIENT_GONE,
            Self::Internal { .. } => INTERNAL,
        }
    }
}

/// Returns the title of a 412, which says how the record is.
fn unmet_title(unmet: Unmet) -> &'static str {
    match unmet {
        Unmet::Changed => "The record has changed",
        Unmet::Missing => "The record does not exist",
        Unmet::Exists => "The record exists already",
        Unmet::Unchanged => "The record has not changed",
        Unmet::Foreign => "The entity tag is none of the record's",
    }
}

impl Problem {
    /// Describes an error to a client. An internal one tells nothing: the log has it.
    pub(in crate::http) fn new(error: &Error, request_id: &str) -> Self {
        let kind = error.kind();
        let detail = match error {
            Error::Internal { .. } => "the service failed; its log has the reason under this request id".to_owned(),
            Error::Damaged(_) => {
                "the database is damaged, and nothing is written until it has been restored".to_owned()
            }
            other => other.to_string(),
        };
        let errors = match error {
            Error::BadRequest { defects, .. } | Error::Validation(defects) | Error::Import { defects, .. } => {
                defects.iter().take(100).map(ProblemError::from).collect()
            }
            _ => Vec::new(),
        };
        Self {
            kind: format!("/problems/{}", kind.slug),
            title: kind.title.to_owned(),
            status: kind.status,
            detail,
            instance: request_id.to_owned(),
            errors,
        }
    }

    /// Returns the problem for an error that actix made itself: only its status is known.
    pub(in crate::http) fn of_status(status: StatusCode, request_id: &str) -> Self {
        let kind = KINDS.iter().copied().find(|kind| kind.status == status.as_u16()).unwrap_or(match status.as_u16() {
            408 => Kind { slug: "bad-request", status: 408, title: "The request came too slowly", about: "" },
            400..=499 => BAD_REQUEST,
            _ => INTERNAL,
        });
        Self {
            kind: format!("/problems/{}", kind.slug),
            title: kind.title.to_owned(),
            status: kind.status,
            detail: kind.about.to_owned(),
            instance: request_id.to_owned(),
            errors: Vec::new(),
        }
    }

    /// Makes the answer, with the headers of its kind.
    pub(in crate::http) fn response(&self, error: Option<&Error>) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header((CONTENT_TYPE, PROBLEM_JSON));
        match error {
            Some(Error::Unauthenticated(_)) => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer"));
            }
            Some(Error::MethodNotAllowed { allowed, .. }) => {
                response.insert_header((ALLOW, allowed.as_str()));
            }
            Some(Error::TooManyRequests { retry_after }) => {
                response.insert_header((RETRY_AFTER, retry_after.to_string()));
            }
            Some(Error::Unavailable(_) | Error::StorageFull | Error::StillRunning) => {
                response.insert_header((RETRY_AFTER, "1"));
            }
            // An operator has to come.
            Some(Error::Damaged(_)) => {
                response.insert_header((RETRY_AFTER, "60"));
            }
            _ => {}
        }
        response.body(serde_json::to_vec(self).unwrap_or_default())
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.kind().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Without the request id, which the envelope (`http::envelope`) puts in.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        Problem::new(self, "").response(Some(self))
    }
}

/// `GET /problems` and `GET /problems/{kind}`: the kinds in words.
pub(in crate::http) async fn problems() -> HttpResponse {
    let list: Vec<_> = KINDS
        .iter()
        .map(|kind| {
            serde_json::json!({
                "type": format!("/problems/{}", kind.slug), "status": kind.status, "title": kind.title, "detail": kind.about,
            })
        })
        .collect();
    HttpResponse::Ok().json(serde_json::json!({ "items": list, "total": list.len(), "next_cursor": null }))
}

/// Returns one kind in words.
pub(in crate::http) async fn problem(slug: actix_web::web::Path<String>) -> Result<HttpResponse, Error> {
    let kind = KINDS
        .iter()
        .find(|kind| kind.slug == slug.as_str())
        .ok_or_else(|| Error::NotFound("there is no such kind of problem; GET /problems lists them".to_owned()))?;
    Ok(HttpResponse::Ok().json(serde_json::json!({
        "type": format!("/problems/{}", kind.slug), "status": kind.status, "title": kind.title, "detail": kind.about,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    /// The texts are constants, so that they cannot be made from the limits.
    #[test]
    fn the_texts_name_the_limits() {
        let about = |slug: &str, status: u16| {
            KINDS.iter().find(|kind| kind.slug == slug && kind.status == status).map_or("", |kind| kind.about)
        };
        let (mebibyte, kibibyte) = (1024 * 1024, 1024);
        let [body, import, unpacked] = [limits::BODY, limits::IMPORT, limits::UNPACKED].map(|limit| limit / mebibyte);
        let body = format!("{body} MiB (imports: {import} MiB; a workbook unpacks to at most {unpacked} MiB)");
        assert!(about("too-large", 413).contains(&body));
        assert!(about("too-large", 414).contains(&format!("at most {} KiB", limits::URL / kibibyte)));
        assert!(about("too-large", 431).contains(&format!("at most {} KiB", limits::HEAD / kibibyte)));
    }
}
