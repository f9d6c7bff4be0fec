//! `GET /x`: a page in JSON, or everything as a file.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

use super::answer::Answer;
use super::ask::{Ask, value};
use super::conditional::{Conditions, revision_tag};
use super::format::{self, Format};
use super::guard::Reader;
use super::links::Links;
use super::params::{ListRequest, Shape};
use super::spool::{self, Spool};
use super::state::State;
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::registry::list::{Counts, Keys, each_batch, expand, list as load_list};
use crate::registry::query::Asked;
use crate::registry::totals::Totals;
use crate::registry::{Resource, Stored, View};
use crate::snapshots::Seen;
use crate::transfer::{Calendar, TableFormat, columns, row, stem, table_fields};

/// The formats that lists of a kind come in, the default first.
pub(super) fn formats<R: Resource>() -> Vec<Format> {
    let mut formats = Format::TABLES.to_vec();
    if !R::CALENDAR.is_empty() {
        formats.push(Format::Calendar);
    }
    formats
}

/// A page, as every list answers it.
#[derive(Serialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) total: i64,
    pub(super) next_cursor: Option<String>,
}

/// `GET /x`
pub(super) async fn list<R: Resource>(
    reader: Reader,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::<R>(request.query_string(), &reader, &request, &state).await
}

/// Answers a list that `query_string` asks for.
///
/// # Errors
/// What is wrong with it; what the database says.
pub(super) async fn answer<R: Resource>(
    query_string: &str,
    reader: &Reader,
    request: &HttpRequest,
    state: &State,
) -> Result<HttpResponse> {
    let asked = ListRequest::parse::<R>(query_string, &state.sealer)?;
    let conditions = Conditions::of(request)?;
    let path = Links::of(request).to(&format!("/api/v1/{}", R::COLLECTION));
    let format = format::choose(request, asked.format.as_deref(), &formats::<R>())?;
    let format = format::in_dialect(format, asked.dialect.as_deref())?;
    let moment = state.at(asked.as_of.as_ref()).await?;
    if matches!(format, Format::Json | Format::Graphml) {
        let totals = state.totals.clone();
        let page = moment.read(move |conn, seen| page::<R>(conn, seen, asked, &totals, &conditions, &path)).await;
        return page.map(HttpResponse::from);
    }
    suits(format, &asked.shape)?;
    let write = move |conn: &mut DbConn, seen: Seen, out: &mut Spool| {
        let mut asked = asked;
        asked.selection.asked.today = seen.day;
        let next = match format {
            Format::Json | Format::Graphml => None,
            Format::Table(table) => write_table::<R>(conn, &asked, table, out)?,
            Format::Calendar => write_calendar::<R>(conn, &asked, out)?,
        };
        Ok(next.map(|keys| asked.link(&path, &asked.cursor(&keys))))
    };
    spool::answer(request, &moment, conditions, format, (reader.caller(), &stem(R::COLLECTION)), write).await
}

/// Refuses what a format has no place for.
///
/// # Errors
/// [`Error::BadRequest`] that names the parameter.
pub(super) fn suits(format: Format, shape: &Shape) -> Result<()> {
    let refuse = |parameter, what| {
        let detail = format!("{} has no place for {what}: ask for json or ndjson", format.name());
        Err(Error::bad_parameter(parameter, "not_in_format", detail))
    };
    if !shape.expand.is_empty() && !matches!(format, Format::Json | Format::Table(TableFormat::Ndjson)) {
        return refuse("expand", "expanded records");
    }
    if shape.fields.is_some() && format == Format::Calendar {
        return refuse("fields", "a choice of fields");
    }
    Ok(())
}

fn page<R: Resource>(
    conn: &mut DbConn,
    seen: Seen,
    mut asked: ListRequest,
    totals: &Totals,
    conditions: &Conditions,
    path: &str,
) -> Result<Answer> {
    let revision = seen.revision(conn)?;
    let tag = revision_tag(revision, seen.day, Format::Json);
    if conditions.has(&tag) {
        return Ok(Answer::NotModified { tag });
    }
    asked.selection.asked.today = seen.day;
    shown::<R, _>(conn, &asked, &Counts { totals, revision }, |page| {
        let link = page.next_cursor.as_deref().map(|cursor| asked.link(path, cursor));
        Answer::json(tag, link, page)
    })
}

/// The page that is asked for, as `show` shows it.
fn shown<R: Resource, T>(
    conn: &mut DbConn,
    asked: &ListRequest,
    counts: &Counts<'_>,
    show: impl FnOnce(&Page<View<'_, R>>) -> Result<T>,
) -> Result<T> {
    let listing = load_list::<R>(conn, &asked.selection, counts)?;
    let items = views(conn, &listing.items, &asked.shape, &asked.selection.asked)?;
    let next_cursor = listing.next.as_deref().map(|keys| asked.cursor(keys));
    show(&Page { items, total: listing.total, next_cursor })
}

/// The question that [`list`] answers in JSON.
///
/// # Errors
/// As [`ListRequest::parse`].
pub(super) fn question<R: Resource>(query: &str, state: &State) -> Result<Ask> {
    let mut asked = ListRequest::parse::<R>(query, &state.sealer)?;
    let totals = state.totals.clone();
    Ok(Ask::new(move |conn, seen| {
        asked.selection.asked.today = seen.day;
        let counts = Counts { totals: &totals, revision: seen.revision(conn)? };
        shown::<R, _>(conn, &asked, &counts, |page| value(page))
    }))
}

/// Writes the records that are asked for, all of them unless a limit is given; tells the keys of the last one, where
/// there are more.
fn write_table<R: Resource>(
    conn: &mut DbConn,
    asked: &ListRequest,
    format: TableFormat,
    out: &mut Spool,
) -> Result<Option<Keys>> {
    let fields = table_fields::<R>(asked.shape.fields.as_deref());
    let mut table = format.open(columns::<R>(&fields), out)?;
    let shape = Shape { fields: Some(fields), expand: asked.shape.expand.clone() };
    let next = each_batch::<R>(conn, asked.selection.clone(), asked.limit, &mut |conn, items| {
        for view in views(conn, items, &shape, &asked.selection.asked)? {
            table.row(&row(&view)?)?;
        }
        Ok(())
    })?;
    table.finish()?;
    Ok(next)
}

/// The same as a calendar.
fn write_calendar<R: Resource>(conn: &mut DbConn, asked: &ListRequest, out: &mut Spool) -> Result<Option<Keys>> {
    let day = R::day(&asked.selection.asked);
    let mut calendar = Calendar::begin::<R>(out)?;
    let next = each_batch::<R>(conn, asked.selection.clone(), asked.limit, &mut |_, items| {
        items.iter().try_for_each(|stored| calendar.record(stored, day))
    })?;
    calendar.finish()?;
    Ok(next)
}

/// Records as they are shown.
pub(super) fn views<'a, R: Resource>(
    conn: &mut DbConn,
    items: &'a [Stored<R>],
    shape: &'a Shape,
    asked: &Asked,
) -> Result<Vec<View<'a, R>>> {
    let day = R::day(asked);
    let mut expanded: Vec<Option<Map<String, Value>>> = if shape.expand.is_empty() {
        items.iter().map(|_| None).collect()
    } else {
        expand(conn, items, &shape.expand, asked)?.into_iter().map(Some).collect()
    };
    let views = items.iter().zip(expanded.drain(..)).map(|(stored, expanded)| View {
        stored,
        day,
        fields: shape.fields.as_deref(),
        expanded,
    });
    Ok(views.collect())
}
