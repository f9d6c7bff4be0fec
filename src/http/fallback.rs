//! What has no handler: a wrong method (405 with `Allow`, and `OPTIONS`), a path that is nowhere (404).

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{HttpRequest, HttpResponse, Resource, Route, guard, web};

use super::state::State;
use crate::error::{Error, Result};

/// A route for `GET`, and `HEAD` with it (actix leaves the body out).
pub fn get() -> Route {
    web::route().guard(guard::fn_guard(|context| matches!(context.head().method, Method::GET | Method::HEAD)))
}

/// A path with its routes. Any other method is a 405 that names them, `OPTIONS` an empty answer that does.
pub fn at(path: &str, allowed: &'static str, routes: Vec<Route>) -> Resource {
    let resource = routes.into_iter().fold(web::resource(path), Resource::route);
    resource.default_service(web::to(move |request: HttpRequest| async move { other_method(&request, allowed) }))
}

fn other_method(request: &HttpRequest, allowed: &'static str) -> Result<HttpResponse> {
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((ALLOW, allowed)).finish());
    }
    Err(Error::MethodNotAllowed { method: request.method().to_string(), allowed: allowed.to_owned() })
}

/// The answer to a path that is nowhere.
///
/// # Errors
/// Always.
pub async fn nowhere(state: Option<web::Data<State>>) -> Result<HttpResponse> {
    let hint = if state.is_some_and(|state| state.docs) { "; the API is described at /docs/" } else { "" };
    Err(Error::NotFound(format!("there is nothing at this path{hint}")))
}
