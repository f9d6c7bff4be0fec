//! The answer for a path without a handler. (A wrong method is the business of `http/routes.rs`.)

use actix_web::{HttpResponse, web};

use crate::error::{Error, Result};
use crate::http::state::State;

/// Answers a path that does not exist.
///
/// # Errors
/// Always.
pub(in crate::http) async fn not_found(state: Option<web::Data<State>>) -> Result<HttpResponse> {
    let hint = if state.is_some_and(|state| state.docs) { "; the API is described at /docs/" } else { "" };
    Err(Error::NotFound(format!("there is nothing at this path{hint}")))
}
