//! Pages for people: what the registry knows, to be seen.
//!
//! A page is a view of the API: it takes the API's own parameters, asks the API's own questions within one transaction
//! ([`reading`]), and links to this view as JSON, CSV and XLSX. It is a view struct, a function that fills it, and a template in
//! `templates/`; what it says is in `texts/`. The API does not know that pages exist.

mod about;
mod assets;
mod cells;
mod cookies;
mod data;
mod edit;
mod errors;
mod frame;
mod kinds;
mod language;
mod links;
mod list;
mod panorama;
mod params;
mod pictures;
mod post;
mod reading;
mod record;
mod remembered;
mod review;
mod search;
mod sign_in;
mod texts;
mod visit;

use actix_web::http::Method;
use actix_web::{App, web};

use crate::http::Listed;
use crate::http::routes::{self, Routes};
use crate::registry::{Resource, Visitor, each};

pub use errors::as_pages;
pub use remembered::Remembered;
pub use texts::{keys, says};

/// Sets up every page.
pub fn configure(config: &mut web::ServiceConfig) {
    set_up(config, &mut Vec::new());
}

/// The routes of pages: what [`configure`] sets up.
pub fn listed() -> Vec<Listed> {
    let mut listed = Vec::new();
    drop(App::new().configure(|config| set_up(config, &mut listed)));
    listed
}

fn set_up(config: &mut web::ServiceConfig, listed: &mut Vec<Listed>) {
    data::configure(config, listed);
    let paths = &mut Routes::below("", config, listed);
    paths
        .at("/", [routes::get(panorama::page)])
        .at(review::PATH, [routes::get(review::page), routes::post(review::save)])
        .at(review::MINUTES, [routes::get(review::minutes)])
        .at(panorama::PICTURES, [routes::get(panorama::picture)])
        .at("/search", [routes::get(search::page)])
        .at("/about", [routes::open(Method::GET, about::page)])
        .at(sign_in::PATH, [routes::open(Method::GET, sign_in::page), routes::open(Method::POST, sign_in::sign_in)])
        .at(sign_in::LINK, [routes::open(Method::GET, sign_in::by_link)])
        .at(sign_in::OUT, [routes::open(Method::POST, sign_in::sign_out)])
        .at("/assets/{file}", [routes::open(Method::GET, assets::asset)]);
    each(&mut Kinds(paths));
}

struct Kinds<'a, 'b>(&'a mut Routes<'b>);

impl Visitor for Kinds<'_, '_> {
    fn visit<R: Resource>(&mut self) {
        let path = links::collection(R::COLLECTION);
        self.0
            .at(&path, [routes::get(list::page::<R>)])
            .at(&format!("{path}/new"), [routes::get(edit::new::<R>), routes::post(edit::create::<R>)])
            .at(&format!("{path}/{{code}}"), [routes::get(record::page::<R>)])
            .at(&format!("{path}/{{code}}/edit"), [routes::get(edit::page::<R>), routes::post(edit::save::<R>)])
            .at(
                &format!("{path}/{{code}}/delete"),
                [routes::get(edit::delete_page::<R>), routes::post(edit::delete::<R>)],
            );
    }
}
