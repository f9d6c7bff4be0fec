//! Pages for people: what the registry knows, to be seen.
//!
//! A page is a view of the API: it takes the API's own parameters, asks the API's own questions within one transaction
//! (`reading`), and links to this view as JSON, CSV and XLSX. It is a view struct, a function that fills it, and a
//! template in `templates/`; what it says is in `texts/`. The API does not know that pages exist.

mod about;
mod assets;
mod bar;
mod cells;
mod changes;
mod cookies;
mod data;
mod edit;
mod errors;
mod findings;
mod frame;
mod kinds;
mod language;
mod links;
mod list;
mod network;
mod page;
mod page_cache;
mod panorama;
mod params;
mod paths;
mod pictures;
mod post;
mod provider;
mod reading;
mod record;
mod review;
mod search;
mod sessions;
mod sign_in;
mod texts;
mod visit;

use actix_web::http::Method;
use actix_web::{App, web};

use crate::http::RouteInfo;
use crate::http::routes::{self, Routes};
use crate::registry::{Resource, ResourceVisitor, visit_resources};

pub use errors::as_pages;
pub use page_cache::PageCache;
pub use texts::{keys, says};

/// Sets up every page.
pub fn configure(config: &mut web::ServiceConfig) {
    set_up(config, &mut Vec::new());
}

/// Returns the routes of pages: what [`configure`] sets up.
pub fn listed() -> Vec<RouteInfo> {
    let mut listed = Vec::new();
    drop(App::new().configure(|config| set_up(config, &mut listed)));
    listed
}

fn set_up(config: &mut web::ServiceConfig, listed: &mut Vec<RouteInfo>) {
    data::configure(config, listed);
    Routes::scope("", config, listed, |paths| {
        paths
            .resource("/", [routes::get(panorama::page)])
            .resource(review::PATH, [routes::get(review::page), routes::post(review::save)])
            .resource(review::MINUTES, [routes::get(review::minutes)])
            .resource(panorama::PICTURES, [routes::get(panorama::picture)])
            .resource("/pictures/{collection}/{code}/{name}.svg", [routes::get(record::picture)])
            .resource(findings::PATH, [routes::get(findings::page), routes::post(findings::dismiss)])
            .resource(changes::PATH, [routes::get(changes::page)])
            .resource(network::PATH, [routes::get(network::page)])
            .resource(network::FILE, [routes::get(network::file)])
            .resource("/search", [routes::get(search::page)])
            .resource(paths::SESSIONS, [routes::get(sessions::page), routes::post(sessions::end)])
            .resource("/about", [routes::open(Method::GET, about::page)])
            .resource(
                paths::SIGN_IN,
                [routes::open(Method::GET, sign_in::page), routes::open(Method::POST, sign_in::sign_in)],
            )
            .resource(sign_in::LINK, [routes::open(Method::GET, sign_in::by_link)])
            .resource(paths::PROVIDER, [routes::open(Method::GET, provider::begin)])
            .resource(provider::CALLBACK, [routes::open(Method::GET, provider::end)])
            .resource(paths::SIGN_OUT, [routes::open(Method::POST, sign_in::sign_out)])
            .resource("/assets/{file}", [routes::open(Method::GET, assets::asset)]);
        visit_resources(&mut Kinds(paths)).for_each(drop);
    });
}

struct Kinds<'a, 'b>(&'a mut Routes<'b>);

impl ResourceVisitor for Kinds<'_, '_> {
    type Output = ();

    fn visit<R: Resource>(&mut self) {
        let path = links::collection(R::COLLECTION);
        self.0
            .resource(&path, [routes::get(list::page::<R>)])
            .resource(&format!("{path}/new"), [routes::get(edit::new::<R>), routes::post(edit::create::<R>)])
            .resource(&format!("{path}/{{code}}"), [routes::get(record::page::<R>)])
            .resource(&format!("{path}/{{code}}/edit"), [routes::get(edit::page::<R>), routes::post(edit::save::<R>)])
            .resource(
                &format!("{path}/{{code}}/delete"),
                [routes::get(edit::delete_page::<R>), routes::post(edit::delete::<R>)],
            );
    }
}
