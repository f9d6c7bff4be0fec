//! HTTP: the generic handlers, their documentation, and what surrounds every answer.

mod accounts;
mod analytics;
mod ask;
mod collections;
mod database;
mod feed;
#[doc(hidden)]
pub mod fuzz;
mod mcp;
mod middleware;
pub mod openapi;
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

use actix_web::http::Method;
use actix_web::{App, web};

use crate::registry::{Resource, ResourceVisitor, for_each_resource};
use routes::Routes;

pub(crate) use ask::{API, Ask};
pub(crate) use collections::resource::{created_from, deleted, replaced_with};
pub use middleware::cors::cors;
pub use middleware::envelope::envelope;
pub(crate) use middleware::envelope::log_internal;
pub use middleware::fast_path::FastPath;
pub use middleware::heads::Heads;
pub use openapi::{document, document_text};
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

/// Sets up the routes.
pub fn configure(config: &mut web::ServiceConfig, offers: Offers) {
    set_up(config, offers, &mut Vec::new());
}

/// Every route: what [`configure`] sets up.
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
        .configure(|config| {
            Routes::scope(API, config, listed, |paths| {
                accounts::auth::configure(paths);
                subscriptions::configure(paths);
                search::configure(paths);
                collection_routes(paths);
                feed::changes::configure(paths);
                feed::differences::configure(paths);
                analytics::configure(paths);
                releases::configure(paths);
                webhooks::configure(paths);
                database::configure(paths);
                feed::stream::configure(paths);
            });
        })
        .default_service(web::to(system::fallback::not_found));
    config.service(api);
    reconcile::configure(config, listed);
    if offers.mcp {
        mcp::configure(config, listed);
    }
    Routes::scope("", config, listed, |paths| {
        paths
            .resource("/problems", [routes::open(Method::GET, response::problem::problems)])
            .resource("/problems/{kind}", [routes::open(Method::GET, response::problem::problem)])
            .resource("/health/live", [routes::open(Method::GET, system::health::live)])
            .resource("/health/ready", [routes::open(Method::GET, system::health::ready)]);
        accounts::auth::configure_well_known(paths);
        subscriptions::configure_addresses(paths);
        reconcile::configure_addresses(paths);
        if offers.docs {
            openapi::configure(paths);
        }
    });
    config.default_service(web::to(system::fallback::not_found));
}

/// Sets up what is read of the whole registry, for who proves otherwise who asks: the same handlers, at other paths.
pub(crate) fn configure_readable(paths: &mut Routes<'_>) {
    struct Lists<'a, 'b>(&'a mut Routes<'b>);
    impl ResourceVisitor for Lists<'_, '_> {
        fn visit<R: Resource>(&mut self) {
            self.0.resource(&format!("/{}", R::COLLECTION), [routes::get(collections::list::list::<R>)]);
        }
    }
    search::configure(paths);
    feed::differences::configure(paths);
    analytics::configure(paths);
    for_each_resource(&mut Lists(paths));
}

fn collection_routes(paths: &mut Routes<'_>) {
    struct Collections<'a, 'b>(&'a mut Routes<'b>);
    impl ResourceVisitor for Collections<'_, '_> {
        fn visit<R: Resource>(&mut self) {
            collections::resource::configure::<R>(self.0);
            collections::imports::configure::<R>(self.0);
        }
    }
    for_each_resource(&mut Collections(paths));
}
