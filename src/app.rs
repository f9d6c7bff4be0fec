//! The service put together: its state, its routes, and serving until a signal stops it.

use std::future::ready;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_http::{HttpService, Request, Response};
use actix_service::{Service as _, ServiceFactory, ServiceFactoryExt as _, apply_fn_factory, map_config};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, Extensions, Server, ServiceResponse, fn_service};
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, web};
use futures_util::future::{Either, TryFutureExt as _};

use crate::auth::Auth;
use crate::config::ServeConfig;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::{self, Acceptor, FastPath, IdleTimeoutStream, Offers};
use crate::{limits, metrics, pages};

pub use crate::http::{State, Timeouts};

/// Returns the OpenAPI document, as it is served.
pub fn openapi_json() -> &'static str {
    http::document_text()
}

/// The seconds that requests in progress have after a signal to stop.
const FINISH_SECONDS: u64 = 8;
/// The time after a signal to stop in which the process ends (rules.md 31).
const EXIT: Duration = Duration::from_millis(9_500);

/// Builds the server, listening already; it serves once the returned future is polled inside an actix system.
///
/// # Errors
/// When the address is taken.
pub fn server(config: &ServeConfig, state: State) -> Result<(Server, SocketAddr)> {
    let cannot_listen = |error| Error::internal(format!("cannot listen on {}", config.bind.bind), error);
    let listener = http::bind(config.bind.bind).map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let timeouts = state.timeouts;
    let acceptor = Acceptor::new(config, timeouts, state.traffic.clone());
    // Not actix-web's HttpServer: the deadlines of a connection need a socket of our own.
    let server = Server::build()
        .workers(config.workers)
        // A worker with this number of connections accepts no more, and the next ones wait without an answer. Our own
        // limit is reached first, and refuses them.
        .max_concurrent_connections(acceptor.open_per_worker(config.workers))
        .shutdown_timeout(FINISH_SECONDS)
        .disable_signals();
    let stopping = server.graceful_shutdown_signal();
    let auth = web::Data::new(state.auth.clone());
    let offers = Offers { docs: state.docs, mcp: state.mcp };
    let cors_origins = config.cors_origins.clone();
    let data = web::Data::new(state);
    let fast_path = FastPath::new(data.clone());
    let remembered = web::Data::new(pages::PageCache::default());
    let worker = move || {
        let app = App::new()
            .wrap(Condition::new(!cors_origins.is_empty(), http::cors(&cors_origins)))
            .wrap(from_fn(pages::as_pages))
            .wrap(from_fn(http::envelope))
            .app_data(data.clone())
            .app_data(remembered.clone())
            .app_data(auth.clone())
            .app_data(web::PayloadConfig::new(limits::BODY))
            .configure(|config| {
                pages::configure(config);
                http::configure(config, offers);
            });
        let stopping = stopping.clone();
        let protocol = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .client_request_timeout(timeouts.head)
            .keep_alive(timeouts.idle)
            .client_disconnect_timeout(Duration::from_secs(limits::LINGER_SECONDS))
            .local_addr(address)
            .on_connect_ext(|socket: &IdleTimeoutStream, data: &mut Extensions| drop(data.insert(socket.in_flight())))
            .finish(with_fast_path(map_config(app, |()| AppConfig::default()), fast_path.clone()));
        let acceptor = acceptor.clone();
        fn_service(move |stream| ready(acceptor.accept(stream))).and_then(protocol)
    };
    let server = server.listen("http", listener, worker).map_err(cannot_listen)?;
    Ok((server.run(), address))
}

/// Wraps a service, so that repeated reads are answered from a cache.
fn with_fast_path<S, B>(
    service: S,
    fast_path: FastPath,
) -> impl ServiceFactory<
    Request,
    Config = (),
    Response = Response<BoxBody>,
    Error = actix_web::Error,
    InitError = S::InitError,
>
where
    S: ServiceFactory<Request, Config = (), Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody + 'static,
{
    apply_fn_factory(service, move |request: Request, service: &S::Service| match fast_path.answer(&request) {
        Some(response) => Either::Left(ready(Ok(response))),
        None => Either::Right(service.call(request).map_ok(|response| response.map_into_boxed_body().into())),
    })
}

/// Builds the server of the metrics, listening already; `None` where it is turned off, or only the default address is
/// taken.
///
/// # Errors
/// When an address is taken that was asked for.
pub fn metrics_server(config: &ServeConfig, state: State) -> Result<Option<(Server, SocketAddr)>> {
    metrics::listen(config.metrics.bind(), state)
}

/// Serves until SIGTERM or SIGINT; then says so in its health, finishes what it is answering, and ends.
///
/// # Errors
/// When an address is taken, or the keys cannot be read or made.
pub fn serve(config: &ServeConfig, db: Db, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let auth = Auth::open(db.clone(), &config.data_dir.data_dir, config.auth())?;
    let state = State::new(config, db, auth)?;
    let snapshots = state.snapshots.clone();
    let (stopping, broadcaster, webhooks) = (state.stopping.clone(), state.broadcaster.clone(), state.webhooks.clone());
    let delivering = webhooks.clone();
    let served = actix_web::rt::System::new().block_on(async {
        let measured = state.clone();
        let (server, address) = server(config, state)?;
        let handle = server.handle();
        let metrics = metrics_server(config, measured)?.map(|(server, address)| {
            log::info!("metrics at http://{address}/metrics");
            let handle = server.handle();
            actix_web::rt::spawn(server);
            handle
        });
        // Before the log says that it listens: a signal right after that must not kill it.
        let signal = shutdown_signal();
        actix_web::rt::spawn(async move {
            signal.await;
            log::info!("received a signal to stop: finishing what is under way");
            exit_in_time();
            stopping.store(true, Ordering::Relaxed);
            broadcaster.end();
            webhooks.end();
            handle.stop(true).await;
        });
        ready(address);
        let ended = server.await.map_err(|error| Error::internal("the server failed", error));
        if let Some(metrics) = metrics {
            metrics.stop(false).await;
        }
        ended
    });
    delivering.stop();
    snapshots.clear();
    served
}

/// Ends the process after [`EXIT`] if it has not ended before: a large import may take longer. Nothing of it has been
/// committed or acknowledged, and the database takes it back as after a power cut.
fn exit_in_time() {
    std::thread::spawn(|| {
        std::thread::sleep(EXIT);
        log::warn!("a write or a read takes too long: it is given up; what is not committed is not kept");
        crate::logging::flush();
        std::process::exit(0);
    });
}

/// Listens for SIGTERM and SIGINT from now on; the future is done when one comes.
fn shutdown_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
            log::error!("signals cannot be listened to: the process ends without finishing");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
