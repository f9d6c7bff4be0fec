//! What a path answers to a method that it does not have.

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{HttpRequest, HttpResponse, Resource, web};

use crate::error::Error;

/// A resource at `path`, whose methods are `allowed` (the value of `Allow`): any other one is a 405 that names them, and
/// `OPTIONS` is answered with the same list (RFC 9110 §9.3.7, §15.5.6).
pub fn resource_with(path: &str, allowed: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move |req: HttpRequest| async move { other_method(&req, allowed) }))
}

fn other_method(req: &HttpRequest, allowed: &'static str) -> Result<HttpResponse, Error> {
    if req.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((ALLOW, allowed)).finish());
    }
    Err(Error::MethodNotAllowed { method: req.method().to_string(), allowed: allowed.to_owned() })
}
