//! HTTP: the generic handlers, their documentation, and what surrounds every answer.

mod answer;
mod body;
mod conditional;
mod cursor;
pub mod envelope;
pub mod fallback;
pub mod guard;
mod health;
pub mod limits;
pub mod openapi;
mod params;
pub mod problem;
mod query;
mod resource;

use actix_web::web;

use crate::registry::{Resource, Visitor, each};
use fallback::{at, get};

pub use openapi::{document, document_text};

/// Every route.
pub fn configure(config: &mut web::ServiceConfig) {
    let api = web::scope("/api/v1")
        .wrap(actix_web::middleware::from_fn(guard::authenticate))
        .configure(collections)
        .default_service(web::to(fallback::nowhere));
    config
        .service(api)
        .service(at("/problems", "GET, HEAD, OPTIONS", vec![get().to(problem::problems)]))
        .service(at("/problems/{kind}", "GET, HEAD, OPTIONS", vec![get().to(problem::problem)]))
        .service(at("/health/live", "GET, HEAD, OPTIONS", vec![get().to(health::live)]))
        .service(at("/health/ready", "GET, HEAD, OPTIONS", vec![get().to(health::ready)]))
        .default_service(web::to(fallback::nowhere));
    openapi::configure(config);
}

fn collections(config: &mut web::ServiceConfig) {
    struct Routes<'a>(&'a mut web::ServiceConfig);
    impl Visitor for Routes<'_> {
        fn visit<R: Resource>(&mut self) {
            resource::configure::<R>(self.0);
        }
    }
    each(&mut Routes(config));
}
