//! The log: one line an event on standard error, and the request that is being answered at the end of each line.

mod line;
mod writer;

use std::future::Future;
use std::net::IpAddr;

use env_logger::{Builder, Env, Target};

pub use writer::{abort, dropped, flush};

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Text for people.
    #[default]
    Text,
    /// A JSON object a line, for collectors.
    Json,
}

/// The request that is being answered.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// The client's address, as far as that can be believed.
    pub address: Option<IpAddr>,
}

tokio::task_local! {
    static REQUEST: Request;
}

/// Runs `work`; whatever is logged meanwhile names the request.
pub(crate) async fn during<T>(request: Request, work: impl Future<Output = T>) -> T {
    REQUEST.scope(request, work).await
}

/// Starts the log, at `level` unless `RUST_LOG` says otherwise. Lines of a `service` are written by a thread of their own;
/// a command writes each before it goes on.
pub fn start(level: &str, format: LogFormat, service: bool) {
    let mut builder = Builder::from_env(Env::default().default_filter_or(level));
    builder.format(move |out, record| {
        let request = REQUEST.try_with(Clone::clone).ok();
        match format {
            LogFormat::Text => line::text(out, record, request.as_ref()),
            LogFormat::Json => line::json(out, record, request.as_ref()),
        }
    });
    if service && let Some(queue) = writer::Queue::start(std::io::stderr()) {
        queue.register();
        builder.target(Target::Pipe(Box::new(queue)));
    }
    builder.init();
}

/// An address as it is written in the log.
pub(crate) fn place(address: Option<IpAddr>) -> String {
    address.map_or_else(|| "unknown".to_owned(), |address| address.to_canonical().to_string())
}
