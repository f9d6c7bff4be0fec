//! HTTP: the generic handlers, their documentation, and what surrounds every answer.

mod analytics;
mod answer;
mod ask;
mod auth;
mod authorization;
mod body;
mod cache;
mod conditional;
mod connection;
pub mod cors;
mod cursor;
mod differences;
mod docs;
mod entity_tag;
pub mod envelope;
mod fallback;
mod feed;
mod fields;
mod format;
#[doc(hidden)]
pub mod fuzz;
pub mod guard;
mod health;
mod imports;
mod links;
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
pub(crate) mod routes;
mod search;
mod spool;
mod state;
mod stream;
mod subscriptions;
mod tokens;
mod traffic;
mod upload;
mod users;

use actix_web::http::Method;
use actix_web::{App, web};

use crate::registry::{Resource, Visitor, each};
use routes::Routes;

pub(crate) use ask::{API, Ask};
pub use cache::{AnswerCache, CacheStats};
pub(crate) use conditional::Conditions;
pub use connection::{Doing, Door, Socket, listen};
pub use cursor::Sealer;
pub(crate) use envelope::{RequestId, log_internal};
pub use health::Readiness;
pub(crate) use links::Links;
pub use links::PublicUrl;
pub use openapi::{document, document_text};
pub use patience::Patience;
pub(crate) use proxies::client_address;
pub(crate) use query::{encode, join_list, split_list};
pub(crate) use resource::{created_from, deleted, replaced_with};
pub use routes::Listed;
pub(crate) use routes::Proof;
pub use state::{State, Timeouts};
pub use traffic::{Answers, Traffic};

/// Sets up every route, with or without those of Swagger UI and the document.
pub fn configure(config: &mut web::ServiceConfig, docs: bool) {
    set_up(config, docs, &mut Vec::new());
}

/// Every route: what [`configure`] sets up.
pub fn routes() -> Vec<Listed> {
    let mut listed = Vec::new();
    drop(App::new().configure(|config| set_up(config, true, &mut listed)));
    listed
}

fn set_up(config: &mut web::ServiceConfig, docs: bool, listed: &mut Vec<Listed>) {
    let api = web::scope(API)
        .wrap(actix_web::middleware::from_fn(cache::cached))
        .wrap(actix_web::middleware::from_fn(guard::authenticate))
        .configure(|config| {
            let paths = &mut Routes::below(API, config, listed);
            auth::configure(paths);
            subscriptions::configure(paths);
            search::configure(paths);
            collections(paths);
            feed::configure(paths);
            differences::configure(paths);
            analytics::configure(paths);
            stream::configure(paths);
        })
        .default_service(web::to(fallback::nowhere));
    config.service(api);
    let paths = &mut Routes::below("", config, listed);
    paths
        .at("/problems", [routes::open(Method::GET, problem::problems)])
        .at("/problems/{kind}", [routes::open(Method::GET, problem::problem)])
        .at("/health/live", [routes::open(Method::GET, health::live)])
        .at("/health/ready", [routes::open(Method::GET, health::ready)]);
    auth::configure_well_known(paths);
    subscriptions::configure_addresses(paths);
    if docs {
        openapi::configure(paths);
    }
    config.default_service(web::to(fallback::nowhere));
}

/// Sets up what is read of the whole registry, for who proves otherwise who asks: the same handlers, at other paths.
pub(crate) fn configure_readable(paths: &mut Routes<'_>) {
    struct Lists<'a, 'b>(&'a mut Routes<'b>);
    impl Visitor for Lists<'_, '_> {
        fn visit<R: Resource>(&mut self) {
            self.0.at(&format!("/{}", R::COLLECTION), [routes::get(list::list::<R>)]);
        }
    }
    search::configure(paths);
    analytics::configure(paths);
    each(&mut Lists(paths));
}

fn collections(paths: &mut Routes<'_>) {
    struct Collections<'a, 'b>(&'a mut Routes<'b>);
    impl Visitor for Collections<'_, '_> {
        fn visit<R: Resource>(&mut self) {
            resource::configure::<R>(self.0);
            imports::configure::<R>(self.0);
        }
    }
    each(&mut Collections(paths));
}
