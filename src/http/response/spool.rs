//! Answers that may be larger than memory should hold: read from the database at full speed into an unnamed temporary
//! file, then sent from there at the client's speed. So memory stays flat, the file is one snapshot, a transaction is
//! as short as the reading, and what goes wrong is a proper problem: nothing has been sent yet.

use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write};

use actix_web::body::SizedStream;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, LINK};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::{Stream, try_unfold};
use tempfile::{SpooledData, SpooledTempFile};
use tokio::sync::watch;

use crate::auth::Caller;
use crate::db::{DbConn, Ticket};
use crate::error::Result;
use crate::http::request::conditional::{Conditions, revision_tag};
use crate::http::request::format::Format;
use crate::http::server::InFlight;
use crate::snapshots::{ReadContext, ReadView};
use crate::temporary;

/// The size up to which an answer needs no file.
const IN_MEMORY: usize = 256 * 1024;
/// The number of bytes of a file that are sent at once.
const CHUNK: usize = 64 * 1024;

/// A buffer that an answer is written to before it is sent. Once its client has gone it takes nothing more.
#[derive(Debug)]
pub(in crate::http) struct Spool {
    file: BufWriter<SpooledTempFile>,
    gone: Gone,
    /// The error of the temporary file. The writers of tables return other errors for it.
    failed: Option<io::Error>,
}

/// A signal that is true if the client of a request has gone; `None` where it is not known.
type Gone = Option<watch::Receiver<bool>>;

impl Spool {
    pub(in crate::http) fn new(gone: Gone) -> Self {
        // Rows come in small pieces, and a file takes a system call for each.
        Self { file: BufWriter::new(SpooledTempFile::new(IN_MEMORY)), gone, failed: None }
    }

    /// Returns the result of a writer, or the reason why the temporary file failed it.
    fn or_file_error<T>(&mut self, written: Result<T>) -> Result<T> {
        match (written, self.failed.take()) {
            (Err(_), Some(error)) => Err(temporary::failed("a temporary file cannot be written", error)),
            (written, _) => written,
        }
    }

    /// Passes a result on, and keeps why it failed.
    fn keep<T>(&mut self, written: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &written
            && error.kind() != io::ErrorKind::Interrupted
        {
            let copy = error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
            self.failed.get_or_insert(copy);
        }
        written
    }

    /// Sends the body of the answer, from the beginning. `slot` is held until all of it has been sent.
    fn send(self, mut response: actix_web::HttpResponseBuilder, slot: Ticket) -> Result<HttpResponse> {
        let failed = |error| temporary::failed("a temporary file cannot be read", error);
        let written = self.file.into_inner();
        let mut file =
            written.map_err(|error| temporary::failed("a temporary file cannot be written", error.into_error()))?;
        let length = file.stream_position().map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(match file.into_inner() {
            SpooledData::InMemory(bytes) => response.body(bytes.into_inner()),
            SpooledData::OnDisk(file) => response.body(SizedStream::new(length, Box::pin(chunks(file, slot)))),
        })
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.gone.as_ref().is_some_and(|gone| *gone.borrow()) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let written = self.file.write(bytes);
        self.keep(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.file.flush();
        self.keep(flushed)
    }
}

/// Returns a file piece by piece, each read on a blocking thread when the client has taken the one before.
fn chunks(file: std::fs::File, slot: Ticket) -> impl Stream<Item = io::Result<Bytes>> {
    try_unfold((file, slot), |(mut file, slot)| async move {
        let read = move || {
            let mut chunk = vec![0; CHUNK];
            let length = file.read(&mut chunk)?;
            chunk.truncate(length);
            io::Result::Ok((chunk, file))
        };
        let (chunk, file) = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
        Ok((!chunk.is_empty()).then(|| (Bytes::from(chunk), (file, slot))))
    })
}

/// The storage of an answer before it is sent.
enum Spooled {
    /// The client has it already.
    NotModified,
    /// The file, and the next page, as the value of `Link`.
    Whole(Spool, Option<String>),
}

/// Answers a caller's `GET` in a format that comes as a file: `name.csv`. `write` writes it in one read
/// transaction and tells the value of `Link`, where there is a next page. A client that goes away leaves its place to
/// others at once.
///
/// # Errors
/// Errors of `write`; [`Error::Unavailable`] when too many are under way; that or [`Error::StorageFull`] where the
/// temporary folder takes no more.
pub(in crate::http) async fn answer(
    request: &HttpRequest,
    moment: &ReadView,
    conditions: Conditions,
    format: Format,
    (caller, name): (&Caller, &str),
    write: impl FnOnce(&mut DbConn, ReadContext, &mut Spool) -> Result<Option<String>> + Send + 'static,
) -> Result<HttpResponse> {
    let gone: Gone = request.conn_data::<InFlight>().map(InFlight::gone);
    // A read that waits for its turn ends when the client goes; one that runs then ends at its next row, or within its
    // query.
    let exported = moment.export(caller.name(), move |conn, context| {
        let tag = revision_tag(context.revision(conn)?, context.day, format);
        if conditions.has(&tag) {
            return Ok((tag, Spooled::NotModified));
        }
        let mut spool = Spool::new(gone);
        let written = write(conn, context, &mut spool);
        let link = spool.or_file_error(written)?;
        Ok((tag, Spooled::Whole(spool, link)))
    });
    let ((tag, spooled), slot) = exported.await?;
    let Spooled::Whole(spool, link) = spooled else {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).finish());
    };
    log::info!(target: "export", "{} exports {name} as {}", caller.name(), format.name());
    let file = format!("attachment; filename=\"{name}.{}\"", format.name());
    let mut response = HttpResponse::Ok();
    response
        .insert_header((ETAG, tag))
        .insert_header((CONTENT_TYPE, format.content_type()))
        .insert_header((CONTENT_DISPOSITION, file));
    if let Some(link) = link {
        response.insert_header((LINK, link));
    }
    spool.send(response, slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails where an export goes on without a client: it would keep its permit until the last row.
    #[test]
    fn nothing_is_written_for_a_client_that_has_gone() {
        let leaves = watch::Sender::new(false);
        let mut spool = Spool::new(Some(leaves.subscribe()));
        spool.write_all(b"a row").unwrap();
        leaves.send_replace(true);
        assert_eq!(spool.write_all(b"another").unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
        Spool::new(None).write_all(b"a row").unwrap();
    }
}
