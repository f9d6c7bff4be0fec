//! HTTP: the generic handlers, their documentation, and what surrounds every answer.

mod accounts;
mod analytics;
mod ask;
mod collections;
mod database;
mod feed;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod mcp;
mod middleware;
mod openapi;
mod paths;
mod questions;
mod reconcile;
mod releases;
mod request;
mod response;
pub(crate) mod routes;
mod search;
mod server;
mod state;
mod subscriptions;
mod system;
mod webhooks;

use actix_web::{App, web};

use openapi::Document;
use routes::Routes;

pub(crate) use ask::{API, Ask};
pub(crate) use collections::resource::{created_from, deleted, replaced_with};
pub use middleware::cors::cors;
pub use middleware::envelope::envelope;
pub(crate) use middleware::envelope::log_internal;
pub use middleware::fast_path::FastPath;
pub use middleware::heads::Heads;
pub(crate) use paths::configure_readable;
pub use reconcile::KnownNames;
pub(crate) use request::client_address::client_address;
pub(crate) use request::conditional::Conditions;
pub use request::cursor::CursorSigner;
pub(crate) use request::links::Links;
pub use request::links::PublicUrl;
pub(crate) use request::query::{encode, join_list, split_list};
pub(crate) use request::request_id::RequestId;
pub use response::cache::{AnswerCache, CacheStats};
pub(crate) use routes::Permission;
pub use routes::RouteInfo;
pub use server::slow_clients::MinThroughput;
pub use server::traffic::{Answers, Traffic};
pub use server::{Acceptor, IdleTimeoutStream, InFlight, bind};
pub use state::{State, Timeouts};
pub use system::readiness::Readiness;

/// The optional parts of the routes.
#[derive(Clone, Copy, Debug)]
pub struct Offers {
    /// Swagger UI and the document.
    pub docs: bool,
    /// `/mcp`.
    pub mcp: bool,
}

/// The OpenAPI document.
static DOCUMENT: Document = Document::new(routes);

/// Returns the OpenAPI document.
pub fn document() -> &'static serde_json::Value {
    DOCUMENT.value()
}

/// Returns the OpenAPI document as it is checked in and served.
pub fn document_text() -> &'static str {
    DOCUMENT.text()
}

/// Sets up the routes.
pub fn configure(config: &mut web::ServiceConfig, offers: Offers) {
    config.app_data(web::ThinData(&DOCUMENT));
    set_up(config, offers, &mut Vec::new());
}

/// Returns every route: what [`configure`] sets up.
pub fn routes() -> Vec<RouteInfo> {
    let mut listed = Vec::new();
    drop(App::new().configure(|config| set_up(config, Offers { docs: true, mcp: true }, &mut listed)));
    listed
}

fn set_up(config: &mut web::ServiceConfig, offers: Offers, listed: &mut Vec<RouteInfo>) {
    let api = web::scope(API)
        .wrap(actix_web::middleware::from_fn(middleware::answer_cache::cached))
        .wrap(actix_web::middleware::from_fn(middleware::revision::revisions))
        .wrap(actix_web::middleware::from_fn(middleware::guard::authenticate))
        .configure(|config| Routes::scope(API, config, listed, paths::api))
        .default_service(web::to(system::fallback::not_found));
    config.service(api);
    reconcile::configure(config, listed);
    if offers.mcp {
        mcp::configure(config, listed);
    }
    Routes::scope("", config, listed, |paths| {
        paths::beside(paths);
        reconcile::configure_addresses(paths);
        if offers.docs {
            openapi::configure(paths);
        }
    });
    config.default_service(web::to(system::fallback::not_found));
}
