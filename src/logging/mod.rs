//! The log: one line an event on standard error, and the request that is being answered at the end of each line.

mod line;
mod request;
mod writer;

use std::future::Future;

use env_logger::{Builder, Env, Target};
use log::LevelFilter;

pub use request::Request;
pub(crate) use request::place;
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

tokio::task_local! {
    static REQUEST: Request;
}

/// Runs `work`; whatever is logged meanwhile names the request.
pub(crate) async fn during<T>(request: Request, work: impl Future<Output = T>) -> T {
    REQUEST.scope(request, work).await
}

/// Starts the log, at `level` unless `RUST_LOG` says otherwise. Lines of a `service` are written by a thread of their
/// own; a command writes each before it goes on.
pub fn start(level: &str, format: LogFormat, service: bool) {
    let mut builder = Builder::from_env(Env::default().default_filter_or(level));
    // It says where it sends, and the address of a webhook holds a secret. `ureq_proto` is covered as well.
    builder.filter_module("ureq", LevelFilter::Warn);
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
