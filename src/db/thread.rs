//! Threads without which the service is not one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use crate::error::{Error, Result};

/// Starts a thread that the service cannot do without. Where it panics, the process stops, and whatever supervises that
/// starts it anew: nobody knows what such a thread has left half-done, and a service that reads and never writes
/// again, or whose streams say nothing any more, looks well from outside. What is in the database is whole, as after a
/// power cut.
///
/// # Errors
/// When there is no thread to be had.
pub fn spawn_critical(name: &'static str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let run = move || {
        if catch_unwind(AssertUnwindSafe(run)).is_err() {
            log::error!("the thread {name} panicked, see the log before this line; stopping");
            crate::logging::abort();
        }
    };
    let started = Builder::new().name(name.to_owned()).spawn(run);
    started.map_err(|error| Error::internal(format!("the thread {name} cannot be started"), error))
}
