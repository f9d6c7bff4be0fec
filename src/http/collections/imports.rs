//! `POST /imports/{collection}`: a file of records, all or nothing. This module receives the file;
//! [`crate::transfer`] reads its content, as for the command line.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::error::{Error, Result};
use crate::http::middleware::guard::Writer;
use crate::http::middleware::idempotency::{Key, digest_of, once_with, whole};
use crate::http::request::body;
use crate::http::request::query::Query;
use crate::http::request::upload;
use crate::http::state::State;
use crate::idempotency::{Done, Reply};
use crate::limits;
use crate::registry::{self, Resource, Tx};
use crate::transfer::{Format, Mode, Options, Prepared, Report, Source};
use crate::values::{FromText as _, quote};

/// `POST /imports/x`
pub(in crate::http) async fn import<R: Resource>(
    writer: Writer<R>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let who = writer.caller().name();
    run(&writer, &request, payload, &state).await.inspect_err(|error| {
        let why = match error {
            // The content of a file must not be in the log.
            Error::Import { defects, more: false } => format!("{} defects", defects.len()),
            Error::Import { defects, more: true } => format!("more than {} defects", defects.len()),
            other => other.to_string(),
        };
        log::warn!(target: "import", "{who} cannot import {}: {why}", R::COLLECTION);
    })
}

async fn run<R: Resource>(
    writer: &Writer<R>,
    request: &HttpRequest,
    payload: web::Payload,
    state: &State,
) -> Result<HttpResponse> {
    let options = options(request.query_string(), state.require_if_match)?;
    let format = format(request)?;
    let key = Key::of(request)?;
    let ticket = state.db.import_ticket()?;
    let deadline = Duration::from_secs(limits::IMPORT_SECONDS);
    let mut file = upload::receive(request, payload, limits::IMPORT, deadline).await?;
    // The file is in memory from here to the end of the transaction.
    let permit = ticket.acquire().await?;
    let read = move || {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.read_to_end(&mut bytes))
            .map_err(|error| Error::internal("a temporary file cannot be read", error))?;
        let key = key.map(|key| (key, digest_of(&bytes)));
        Ok((bytes, key, permit))
    };
    let (bytes, key, permit) = state.db.blocking(read).await?;
    once_with(request, writer.caller(), key, state, async |once| {
        let prepare = move || {
            let mut prepared = Prepared::new(options);
            prepared.add::<R>(None, Source::open(format, bytes)?);
            Ok((prepared, permit))
        };
        let (prepared, permit) = state.db.blocking(prepare).await?;
        let write = move |tx: &mut Tx<'_>| {
            let _permit = permit;
            let reports = prepared.apply(tx, &mut |_, _| {})?;
            Ok(reports.into_iter().next().map(|(_, report)| report).unwrap_or_default())
        };
        let done = registry::write_batch_once(&state.db, writer.author(), once, write, whole(answer)).await?;
        if let Done::Now(report) = &done {
            log::info!(target: "import", "{} imports {}: {report}", writer.caller().name(), R::COLLECTION);
        }
        done.try_map(|report| answer(&report))
    })
    .await
}

fn answer(report: &Report) -> Result<Reply> {
    Reply::json(StatusCode::OK, report)
}

/// The parameters of an import.
pub(in crate::http) const PARAMETERS: [&str; 2] = ["mode", "dry_run"];

fn options(query_string: &str, require_version: bool) -> Result<Options> {
    let mut query = Query::parse(query_string)?;
    let mut options = Options { require_version, ..Options::default() };
    let [mode, dry_run] = PARAMETERS;
    if let Some(text) = query.take(mode) {
        options.mode = Mode::parse(&text).map_err(|reason| Error::bad_parameter(mode, reason.code, reason.detail))?;
    }
    if let Some(text) = query.take(dry_run) {
        let wrong =
            || Error::bad_parameter(dry_run, "unknown_value", format!("{} is none of true, false", quote(&text)));
        options.dry_run = text.parse().map_err(|_| wrong())?;
    }
    query.finish(&PARAMETERS)?;
    Ok(options)
}

fn format(request: &HttpRequest) -> Result<Format> {
    body::media_type(request).as_deref().and_then(Format::of_media_type).ok_or_else(|| {
        let wanted = Format::ALL.map(Format::media_type).join(", ");
        Error::UnsupportedMediaType(format!("an import is one of {wanted}; texts are UTF-8"))
    })
}
