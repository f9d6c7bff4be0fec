//! Every path of the API with its handlers and their documentation.

use actix_web::http::Method;

use super::analytics::{activity, findings, network, partnerships, summaries};
use super::collections::{imports, list, resource};
use super::feed::{changes, differences, stream};
use super::openapi::{self, collection as docs};
use super::response::problem;
use super::routes::{self, Routes, get};
use super::system::health;
use super::{accounts, database, releases, search, subscriptions, webhooks};
use crate::registry::{Resource, ResourceVisitor, visit_resources};

/// Registers the paths below `/api/v1`.
pub(super) fn api(paths: &mut Routes<'_>) {
    accounts::auth::configure(paths);
    subscriptions::configure(paths);
    find(paths);
    collections(paths);
    paths
        .resource("/changes", [get(changes::list).described(openapi::feed::list)])
        .resource("/changes/head", [get(changes::head).described(openapi::feed::head)])
        .resource("/changes/stream", [get(stream::stream).described(openapi::feed::stream)]);
    compare(paths);
    ask(paths);
    releases::configure(paths);
    webhooks::configure(paths);
    database::configure(paths);
}

/// Registers the paths beside it: problems and health.
pub(super) fn beside(paths: &mut Routes<'_>) {
    let open = |handler: routes::MethodHandler, describe| [handler.described(describe)];
    paths
        .resource("/problems", open(routes::open(Method::GET, problem::problems), openapi::system::list_problems))
        .resource("/problems/{kind}", open(routes::open(Method::GET, problem::problem), openapi::system::read_problem))
        .resource("/health/live", open(routes::open(Method::GET, health::live), openapi::system::check_live))
        .resource("/health/ready", open(routes::open(Method::GET, health::ready), openapi::system::check_ready));
    accounts::auth::configure_well_known(paths);
    subscriptions::configure_addresses(paths);
}

/// Sets up the reads of the whole registry, for clients that authenticate in another way: the same handlers, at other
/// paths.
pub(crate) fn configure_readable(paths: &mut Routes<'_>) {
    struct Lists<'a, 'b>(&'a mut Routes<'b>);
    impl ResourceVisitor for Lists<'_, '_> {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            self.0.resource(&format!("/{}", R::COLLECTION), [get(list::list::<R>)]);
        }
    }
    find(paths);
    compare(paths);
    ask(paths);
    visit_resources(&mut Lists(paths)).for_each(drop);
}

fn find(paths: &mut Routes<'_>) {
    paths.resource("/search", [get(search::search).described(openapi::search::search)]);
}

fn compare(paths: &mut Routes<'_>) {
    paths.resource("/changes/summary", [get(differences::summary).described(openapi::differences::summary)]);
}

/// Registers the questions about many records at once.
fn ask(paths: &mut Routes<'_>) {
    struct Summaries<'a, 'b>(&'a mut Routes<'b>);
    impl ResourceVisitor for Summaries<'_, '_> {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            if !R::dimensions().is_empty() {
                let summary = get(summaries::summaries::<R>).described(openapi::analytics::summary::<R>);
                self.0.resource(&format!("/summaries/{}", R::COLLECTION), [summary]);
            }
        }
    }
    visit_resources(&mut Summaries(paths)).for_each(drop);
    paths
        .resource("/partnerships", [get(partnerships::partnerships).described(openapi::analytics::partnerships)])
        .resource("/activity", [get(activity::activity).described(openapi::analytics::activity)])
        .resource("/network", [get(network::network).described(openapi::analytics::network)])
        .resource("/findings", [get(findings::findings).described(openapi::findings::findings)]);
}

fn collections(paths: &mut Routes<'_>) {
    struct Collections<'a, 'b>(&'a mut Routes<'b>);
    impl ResourceVisitor for Collections<'_, '_> {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            collection::<R>(self.0);
        }
    }
    visit_resources(&mut Collections(paths)).for_each(drop);
}

/// Registers the paths of a kind of record.
fn collection<R: Resource>(paths: &mut Routes<'_>) {
    let all = format!("/{}", R::COLLECTION);
    let one = format!("{all}/{{code}}");
    paths
        .resource(
            &all,
            [
                get(list::list::<R>).described(docs::list::<R>),
                routes::post(resource::create::<R>).described(docs::create::<R>),
            ],
        )
        .resource(
            &one,
            [
                get(resource::read::<R>).described(docs::read::<R>),
                routes::put(resource::replace::<R>).described(docs::replace::<R>),
                routes::patch(resource::patch::<R>).described(docs::patch::<R>),
                routes::delete(resource::delete::<R>).described(docs::delete::<R>),
            ],
        )
        .resource(&format!("{one}/history"), [get(resource::history::<R>).described(docs::history::<R>)])
        .resource(&format!("{one}/restore"), [routes::post(resource::restore::<R>).described(docs::restore::<R>)])
        .resource(
            &format!("/imports/{}", R::COLLECTION),
            [routes::post(imports::import::<R>).described(openapi::imports::import::<R>)],
        );
}
