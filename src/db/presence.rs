//! The presence of a client: a read for a client that has gone away ends, wherever in its handler it is.

use std::future::Future;

use tokio::sync::watch;

use crate::error::{Error, Result};

tokio::task_local! {
    /// Becomes true when the client of this task has gone.
    static GONE: watch::Receiver<bool>;
}

/// Does `work` for a client; `gone` becomes true when it has gone away.
pub(crate) async fn for_client<T>(gone: Option<watch::Receiver<bool>>, work: impl Future<Output = T>) -> T {
    match gone {
        Some(gone) => GONE.scope(gone, work).await,
        None => work.await,
    }
}

/// Waits for something that is dropped when the client has gone first.
///
/// # Errors
/// Errors of `work`; [`Error::ClientGone`].
pub(crate) async fn unless_gone<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let Ok(mut gone) = GONE.try_with(Clone::clone) else { return work.await };
    tokio::select! {
        biased;
        done = work => done,
        Ok(_) = gone.wait_for(|gone| *gone) => Err(Error::ClientGone),
    }
}
