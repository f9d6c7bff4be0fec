//! A stand-in for the lead's module of the same name: enough to compile and test the authentication.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};

use crate::error::Error;

/// An error as RFC 9457 describes it.
#[derive(utoipa::ToSchema)]
pub struct Problem {
    /// The status.
    pub status: u16,
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest { .. } => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Conflict(_) | Self::InUse { .. } => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Validation(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((CONTENT_TYPE, "application/problem+json"));
        match self {
            Self::Unauthenticated(_) => drop(answer.insert_header((WWW_AUTHENTICATE, "Bearer"))),
            Self::TooManyRequests { retry_after } => drop(answer.insert_header((RETRY_AFTER, retry_after.to_string()))),
            Self::MethodNotAllowed { allowed, .. } => drop(answer.insert_header((ALLOW, allowed.clone()))),
            _ => {}
        }
        let status = self.status_code().as_u16();
        let errors: Vec<_> = match self {
            Self::Validation(defects) => defects
                .iter()
                .map(|defect| serde_json::json!({"code": defect.code, "at": format!("{:?}", defect.at)}))
                .collect(),
            _ => Vec::new(),
        };
        answer.body(serde_json::json!({"status": status, "detail": self.to_string(), "errors": errors}).to_string())
    }
}
