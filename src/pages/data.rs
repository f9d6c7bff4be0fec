//! The content of pages as files: the lists and questions of the API for the visitor, who is authenticated by a cookie.
//! Replace `/data` by `/api/v1` and it is a call for programs, which show a token; the API itself never reads a
//! cookie.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::web;

use super::paths::DATA;
use super::visit::Visit;
use crate::http::routes::Routes;
use crate::http::{self, RouteInfo};

pub(super) fn configure(config: &mut web::ServiceConfig, listed: &mut Vec<RouteInfo>) {
    let scope = web::scope(DATA).wrap(from_fn(signed_in)).configure(|config| {
        Routes::scope(DATA, config, listed, http::configure_readable);
    });
    config.service(scope);
}

/// Middleware that admits only visitors who are signed in.
async fn signed_in<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    match Visit::of(request.request()).await {
        Ok(_) => Ok(next.call(request).await?.map_into_left_body()),
        Err(error) => Ok(request.error_response(error).map_into_right_body()),
    }
}
