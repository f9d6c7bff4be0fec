//! HTTP: the generic handlers, their documentation, and what surrounds every answer.

mod analytics;
mod answer;
mod auth;
mod body;
mod conditional;
mod connection;
pub mod cors;
mod cursor;
mod docs;
pub mod envelope;
pub mod fallback;
mod feed;
mod fields;
mod format;
#[doc(hidden)]
pub mod fuzz;
pub mod guard;
mod health;
mod imports;
pub mod limits;
mod list;
mod oauth;
pub mod openapi;
mod paging;
mod params;
mod patience;
pub mod problem;
mod proxies;
mod query;
mod resource;
mod search;
mod spool;
mod state;
mod stream;
mod tokens;
mod upload;
mod users;

use actix_web::web;

use crate::registry::{Resource, Visitor, each};
use fallback::{at, get};

pub use connection::{Doing, Door, Socket, listen};
pub use health::Readiness;
pub use openapi::{document, document_text};
pub use patience::Patience;
pub use state::{State, Timeouts};

/// Every route, with or without those of Swagger UI and the document.
pub fn configure(config: &mut web::ServiceConfig, docs: bool) {
    let api = web::scope("/api/v1")
        .wrap(actix_web::middleware::from_fn(guard::authenticate))
        .configure(auth::configure)
        .configure(search::configure)
        .configure(collections)
        .configure(feed::configure)
        .configure(analytics::configure)
        .configure(stream::configure)
        .default_service(web::to(fallback::nowhere));
    config
        .service(api)
        .service(at("/problems", "GET, HEAD, OPTIONS", vec![get().to(problem::problems)]))
        .service(at("/problems/{kind}", "GET, HEAD, OPTIONS", vec![get().to(problem::problem)]))
        .service(at("/health/live", "GET, HEAD, OPTIONS", vec![get().to(health::live)]))
        .service(at("/health/ready", "GET, HEAD, OPTIONS", vec![get().to(health::ready)]))
        .default_service(web::to(fallback::nowhere));
    auth::configure_well_known(config);
    if docs {
        openapi::configure(config);
    }
}

fn collections(config: &mut web::ServiceConfig) {
    struct Routes<'a>(&'a mut web::ServiceConfig);
    impl Visitor for Routes<'_> {
        fn visit<R: Resource>(&mut self) {
            resource::configure::<R>(self.0);
            imports::configure::<R>(self.0);
        }
    }
    each(&mut Routes(config));
}
