//! HTTP: the generic handlers, their documentation, and what surrounds every answer.

mod analytics;
mod ask;
mod auth;
mod authorization;
mod body;
mod body_fields;
mod cache;
mod cache_middleware;
mod cached_response;
mod change_filter;
mod client_address;
mod conditional;
pub mod cors;
mod cursor;
mod database;
mod differences;
mod entity_tag;
pub mod envelope;
mod exchange;
mod fallback;
mod fast_path;
mod feed;
mod format;
#[doc(hidden)]
pub mod fuzz;
pub mod guard;
mod heads;
mod health;
mod idempotency;
mod imports;
mod links;
mod list;
mod mcp;
mod meant;
mod oauth;
pub mod openapi;
mod page;
mod paging;
mod params;
pub mod problem;
mod proxies;
mod query;
mod questions;
mod readiness;
mod reconcile;
mod releases;
mod request_id;
mod resource;
mod response_headers;
mod responses;
mod revision;
pub(crate) mod routes;
mod search;
mod server;
mod sessions;
mod slow_clients;
mod spool;
mod state;
mod stream;
mod subscriptions;
mod tokens;
mod traffic;
mod upload;
mod users;
mod webhooks;

use actix_web::http::Method;
use actix_web::{App, web};

use crate::registry::{Resource, ResourceVisitor, for_each_resource};
use routes::Routes;

pub(crate) use ask::{API, Ask};
pub use cache::{AnswerCache, CacheStats};
pub(crate) use client_address::client_address;
pub(crate) use conditional::Conditions;
pub use cursor::CursorSigner;
pub(crate) use envelope::log_internal;
pub use fast_path::FastPath;
pub use heads::Heads;
pub(crate) use links::Links;
pub use links::PublicUrl;
pub use openapi::{document, document_text};
pub(crate) use query::{encode, join_list, split_list};
pub use readiness::Readiness;
pub use reconcile::KnownNames;
pub(crate) use request_id::RequestId;
pub(crate) use resource::{created_from, deleted, replaced_with};
pub(crate) use routes::Permission;
pub use routes::RouteInfo;
pub use server::{Acceptor, IdleTimeoutStream, InFlight, bind};
pub use slow_clients::MinThroughput;
pub use state::{State, Timeouts};
pub use traffic::{Answers, Traffic};

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
        .wrap(actix_web::middleware::from_fn(cache_middleware::cached))
        .wrap(actix_web::middleware::from_fn(revision::revisions))
        .wrap(actix_web::middleware::from_fn(guard::authenticate))
        .configure(|config| {
            Routes::scope(API, config, listed, |paths| {
                auth::configure(paths);
                subscriptions::configure(paths);
                search::configure(paths);
                collections(paths);
                feed::configure(paths);
                differences::configure(paths);
                analytics::configure(paths);
                releases::configure(paths);
                webhooks::configure(paths);
                database::configure(paths);
                stream::configure(paths);
            });
        })
        .default_service(web::to(fallback::not_found));
    config.service(api);
    reconcile::configure(config, listed);
    if offers.mcp {
        mcp::configure(config, listed);
    }
    Routes::scope("", config, listed, |paths| {
        paths
            .resource("/problems", [routes::open(Method::GET, problem::problems)])
            .resource("/problems/{kind}", [routes::open(Method::GET, problem::problem)])
            .resource("/health/live", [routes::open(Method::GET, health::live)])
            .resource("/health/ready", [routes::open(Method::GET, health::ready)]);
        auth::configure_well_known(paths);
        subscriptions::configure_addresses(paths);
        reconcile::configure_addresses(paths);
        if offers.docs {
            openapi::configure(paths);
        }
    });
    config.default_service(web::to(fallback::not_found));
}

/// Sets up what is read of the whole registry, for who proves otherwise who asks: the same handlers, at other paths.
pub(crate) fn configure_readable(paths: &mut Routes<'_>) {
    struct Lists<'a, 'b>(&'a mut Routes<'b>);
    impl ResourceVisitor for Lists<'_, '_> {
        fn visit<R: Resource>(&mut self) {
            self.0.resource(&format!("/{}", R::COLLECTION), [routes::get(list::list::<R>)]);
        }
    }
    search::configure(paths);
    differences::configure(paths);
    analytics::configure(paths);
    for_each_resource(&mut Lists(paths));
}

fn collections(paths: &mut Routes<'_>) {
    struct Collections<'a, 'b>(&'a mut Routes<'b>);
    impl ResourceVisitor for Collections<'_, '_> {
        fn visit<R: Resource>(&mut self) {
            resource::configure::<R>(self.0);
            imports::configure::<R>(self.0);
        }
    }
    for_each_resource(&mut Collections(paths));
}
