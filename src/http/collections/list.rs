//! `GET /x`: a page in JSON, or everything as a file.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};

use crate::db::{DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::http::ask::{Ask, value};
use crate::http::middleware::guard::Viewer;
use crate::http::request::conditional::{Conditions, revision_tag};
use crate::http::request::format::{self, Format};
use crate::http::request::links::Links;
use crate::http::request::page::Page;
use crate::http::request::params::{ListRequest, Projection};
use crate::http::response::cached::{CachedResponse, respond};
use crate::http::response::spool::{self, Spool};
use crate::http::state::State;
use crate::registry::expand;
use crate::registry::list::{Counts, CursorKeys, for_each_batch, list as load_list};
use crate::registry::query::FilterSet;
use crate::registry::totals::Totals;
use crate::registry::{Resource, Stored, View};
use crate::snapshots::ReadContext;
use crate::transfer::{Calendar, TableFormat, columns, row, stem, table_fields};

/// Returns the formats that lists of a kind come in, the default first.
pub(in crate::http) fn formats<R: Resource>() -> Vec<Format> {
    let mut formats = Format::tables();
    if !R::CALENDAR.is_empty() {
        formats.push(Format::Calendar);
    }
    formats
}

/// `GET /x`
pub(in crate::http) async fn list<R: Resource>(
    reader: Viewer,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::<R>(request.query_string(), &reader, &request, &state).await
}

/// Answers a list that `query_string` asks for.
///
/// # Errors
/// The error in the question; errors of the database.
pub(in crate::http) async fn answer<R: Resource>(
    query_string: &str,
    reader: &Viewer,
    request: &HttpRequest,
    state: &State,
) -> Result<HttpResponse> {
    let list_request = ListRequest::parse::<R>(query_string, &state.cursor_signer)?;
    let conditions = Conditions::of(request)?;
    let path = Links::of(request).to(&format!("/api/v1/{}", R::COLLECTION));
    let format = format::choose(request, list_request.format.as_deref(), &formats::<R>())?;
    let format = format::in_dialect(format, list_request.dialect.as_deref())?;
    let moment = state.at(list_request.as_of.as_ref()).await?;
    if matches!(format, Format::Json | Format::Graphml | Format::Package | Format::Sqlite) {
        let totals = state.totals.clone();
        let page = moment
            .read(ReadClass::Inline, move |conn, context| {
                page::<R>(conn, context, list_request, &totals, &conditions, &path)
            })
            .await;
        return page.map(HttpResponse::from);
    }
    suits(format, &list_request.shape)?;
    let write = move |conn: &mut DbConn, context: ReadContext, out: &mut Spool| {
        let mut list_request = list_request;
        list_request.list_params.filter_set.today = context.day;
        let next = match format {
            Format::Json | Format::Graphml | Format::Package | Format::Sqlite => None,
            Format::Table(table) => write_table::<R>(conn, &list_request, table, out)?,
            Format::Calendar => write_calendar::<R>(conn, &list_request, out)?,
        };
        Ok(next.map(|keys| list_request.link(&path, &list_request.cursor(&keys))))
    };
    spool::answer(request, &moment, conditions, format, (reader.caller(), &stem(R::COLLECTION)), write).await
}

/// Refuses what a format has no place for.
///
/// # Errors
/// [`Error::BadRequest`] that names the parameter.
pub(in crate::http) fn suits(format: Format, shape: &Projection) -> Result<()> {
    let refuse = |parameter, what| {
        let detail = format!("{} has no place for {what}: ask for json or ndjson", format.name());
        Err(Error::bad_parameter(parameter, "not_in_format", detail))
    };
    let expands = match format {
        Format::Json => true,
        Format::Table(table) => table.info().expands,
        _ => false,
    };
    if !shape.expand.is_empty() && !expands {
        return refuse("expand", "expanded records");
    }
    if shape.fields.is_some() && format == Format::Calendar {
        return refuse("fields", "a choice of fields");
    }
    Ok(())
}

fn page<R: Resource>(
    conn: &mut DbConn,
    context: ReadContext,
    mut list_request: ListRequest,
    totals: &Totals,
    conditions: &Conditions,
    path: &str,
) -> Result<CachedResponse> {
    let revision = context.revision(conn)?;
    let tag = revision_tag(revision, context.day, Format::Json);
    respond(conditions, tag, |tag| {
        list_request.list_params.filter_set.today = context.day;
        let counts = Counts { totals, bitmaps: context.live_bitmaps(), records: context.records(), revision };
        shown::<R, _>(conn, &list_request, &counts, |page| {
            let link = page.next_cursor.as_deref().map(|cursor| list_request.link(path, cursor));
            CachedResponse::json(tag, link, page)
        })
    })
}

/// Reads the page of a request, and shows it with `show`.
fn shown<R: Resource, T>(
    conn: &mut DbConn,
    list_request: &ListRequest,
    counts: &Counts<'_>,
    show: impl FnOnce(&Page<View<'_, R>>) -> Result<T>,
) -> Result<T> {
    let listing = load_list::<R>(conn, &list_request.list_params, counts)?;
    let items = views(conn, &listing.items, &list_request.shape, &list_request.list_params.filter_set)?;
    let next_cursor = listing.next.as_deref().map(|keys| list_request.cursor(keys));
    show(&Page { items, total: listing.total, next_cursor })
}

/// Returns the question that [`list`] answers in JSON.
///
/// # Errors
/// As [`ListRequest::parse`].
pub(in crate::http) fn question<R: Resource>(query: &str, state: &State) -> Result<Ask> {
    let mut list_request = ListRequest::parse::<R>(query, &state.cursor_signer)?;
    let totals = state.totals.clone();
    Ok(Ask::new(move |conn, context| {
        list_request.list_params.filter_set.today = context.day;
        let revision = context.revision(conn)?;
        let counts = Counts { totals: &totals, bitmaps: context.live_bitmaps(), records: context.records(), revision };
        shown::<R, _>(conn, &list_request, &counts, |page| value(page))
    }))
}

/// Writes the records of the request, all of them unless a limit is given; tells the keys of the last one, where
/// there are more.
fn write_table<R: Resource>(
    conn: &mut DbConn,
    list_request: &ListRequest,
    format: TableFormat,
    out: &mut Spool,
) -> Result<Option<CursorKeys>> {
    let fields = table_fields::<R>(list_request.shape.fields.as_deref());
    let mut table = format.open(columns::<R>(&fields), out)?;
    let shape = Projection { fields: Some(fields), expand: list_request.shape.expand.clone() };
    let next = for_each_batch::<R>(conn, list_request.list_params.clone(), list_request.limit, &mut |conn, items| {
        for view in views(conn, items, &shape, &list_request.list_params.filter_set)? {
            table.row(&row(&view)?)?;
        }
        Ok(())
    })?;
    table.finish()?;
    Ok(next)
}

/// Writes the list as a calendar.
fn write_calendar<R: Resource>(
    conn: &mut DbConn,
    list_request: &ListRequest,
    out: &mut Spool,
) -> Result<Option<CursorKeys>> {
    let day = R::day(&list_request.list_params.filter_set);
    let mut calendar = Calendar::begin::<R>(out)?;
    let next = for_each_batch::<R>(conn, list_request.list_params.clone(), list_request.limit, &mut |_, items| {
        items.iter().try_for_each(|stored| calendar.record(stored, day))
    })?;
    calendar.finish()?;
    Ok(next)
}

/// Records as they are shown.
pub(in crate::http) fn views<'a, R: Resource>(
    conn: &mut DbConn,
    items: &'a [Stored<R>],
    shape: &'a Projection,
    list_request: &FilterSet,
) -> Result<Vec<View<'a, R>>> {
    let day = R::day(list_request);
    let mut expanded: Vec<Option<Map<String, Value>>> = if shape.expand.is_empty() {
        items.iter().map(|_| None).collect()
    } else {
        expand(conn, items, &shape.expand, list_request)?.into_iter().map(Some).collect()
    };
    let views = items.iter().zip(expanded.drain(..)).map(|(stored, expanded)| View {
        stored,
        day,
        fields: shape.fields.as_deref(),
        expanded,
    });
    Ok(views.collect())
}
