//! Bodies that are larger than memory should hold: they arrive in an unnamed temporary file.

use std::io::Write as _;
use std::time::Duration;

use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{HttpRequest, web};
use futures_util::StreamExt as _;
use tempfile::SpooledTempFile;

use crate::error::{Error, Result};
use crate::temporary;

/// The size up to which a body needs no file, and of the pieces that are written at once.
const IN_MEMORY: usize = 256 * 1024;

/// Receives a body of at most `limit` bytes within `deadline`.
///
/// # Errors
/// [`Error::TooLarge`], as soon as that is known; [`Error::BadRequest`] for one that does not arrive whole or in time;
/// [`Error::StorageFull`] and [`Error::Unavailable`] where the temporary folder takes no more.
pub(in crate::http) async fn receive(
    request: &HttpRequest,
    body: web::Payload,
    limit: usize,
    deadline: Duration,
) -> Result<SpooledTempFile> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(Error::TooLarge { limit });
    }
    tokio::time::timeout(deadline, collect(body, limit)).await.unwrap_or_else(|_| {
        Err(Error::bad_request(format!("the body did not arrive within {} seconds", deadline.as_secs())))
    })
}

async fn collect(mut body: web::Payload, limit: usize) -> Result<SpooledTempFile> {
    let mut file = SpooledTempFile::new(IN_MEMORY);
    let mut waiting: Vec<u8> = Vec::new();
    let mut received = 0;
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| Error::bad_request("the body did not arrive whole"))?;
        received += piece.len();
        if received > limit {
            return Err(Error::TooLarge { limit });
        }
        waiting.extend_from_slice(&piece);
        if waiting.len() >= IN_MEMORY {
            file = append(file, std::mem::take(&mut waiting)).await?;
        }
    }
    append(file, waiting).await
}

/// Appends on a blocking thread: the file may be on a disk.
async fn append(mut file: SpooledTempFile, bytes: Vec<u8>) -> Result<SpooledTempFile> {
    let write = move || file.write_all(&bytes).map(|()| file);
    let written = tokio::task::spawn_blocking(write).await.map_err(|error| Error::internal("a task failed", error))?;
    written.map_err(|error| temporary::failed("a temporary file cannot be written", error))
}
