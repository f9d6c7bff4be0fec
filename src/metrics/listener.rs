//! The server of `/metrics`: an address, and a thread, of its own, so that scraping and serving do not disturb each
//! other.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS};
use actix_web::{App, HttpRequest, HttpResponse, HttpResponseBuilder, HttpServer, web};

use super::sample::Sample;
use super::text::Form;
use crate::config::MetricsBind;
use crate::error::{Error, Result};
use crate::http::{self, State};
use crate::limits;

/// The path of the metrics.
const PATH: &str = "/metrics";
/// The number of connections at most: a scraper needs one.
const CONNECTIONS: usize = 64;

/// Builds the server, listening already; `None` where it is turned off, or where only the default address is taken.
///
/// # Errors
/// When an address is taken that was asked for.
pub fn listen(bind: MetricsBind, state: State) -> Result<Option<(Server, SocketAddr)>> {
    let cannot_listen =
        |address, error| Error::internal(format!("cannot listen on {address} for metrics (--metrics-bind)"), error);
    let (address, listener) = match bind {
        MetricsBind::Off => return Ok(None),
        MetricsBind::At(address) => (address, http::bind(address).map_err(|error| cannot_listen(address, error))?),
        MetricsBind::IfFree(address) => match http::bind(address) {
            Ok(listener) => (address, listener),
            Err(error) => {
                log::warn!(
                    "no metrics are served: cannot listen on {address}: {error}; give each instance a --metrics-bind of \
                     its own, or off"
                );
                return Ok(None);
            }
        },
    };
    let failed = |error| cannot_listen(address, error);
    let bound = listener.local_addr().map_err(failed)?;
    let data = web::Data::new(state);
    let app = move || {
        App::new()
            .app_data(data.clone())
            .service(
                web::resource(PATH)
                    .route(web::get().to(metrics))
                    .route(web::head().to(metrics))
                    .default_service(web::to(other_method)),
            )
            .default_service(web::to(not_found))
    };
    let server = HttpServer::new(app)
        .workers(1)
        .max_connections(CONNECTIONS)
        .client_request_timeout(Duration::from_secs(limits::HEAD_SECONDS))
        .keep_alive(Duration::from_secs(limits::IDLE_SECONDS))
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)
        .map_err(failed)?;
    Ok(Some((server.run(), bound)))
}

/// `GET /metrics`
async fn metrics(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let form = Form::of(&request);
    let text = form.write(Sample::take(&state).await)?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, form.content_type())).insert_header((VARY, "Accept"));
    Ok(set_security_headers(&mut answer).body(text))
}

async fn other_method() -> HttpResponse {
    let mut answer = HttpResponse::MethodNotAllowed();
    set_security_headers(answer.insert_header((ALLOW, "GET, HEAD"))).finish()
}

async fn not_found() -> HttpResponse {
    set_security_headers(&mut HttpResponse::NotFound()).finish()
}

fn set_security_headers(answer: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    answer.insert_header((CACHE_CONTROL, "no-store")).insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
}
