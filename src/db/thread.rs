//! Threads whose panic must abort the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use crate::error::{Error, Result};

/// Starts a thread that the service cannot do without. When it panics, the process stops, and its supervisor starts it
/// again. The state that such a thread leaves behind is unknown, and a service that never writes again, or whose
/// streams send nothing any more, looks healthy from outside. The database stays whole, as after a power cut.
///
/// # Errors
/// When no thread can be started.
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
