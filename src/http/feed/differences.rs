//! `GET /changes/summary`: what is different between two moments.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::analytics::difference::{
    ChangeScope, Difference, Instant, Moved, Tally, differences, moments, moved_by_calendar,
};
use crate::changes;
use crate::clock;
use crate::db::{DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::http::ask::Ask;
use crate::http::middleware::guard::Viewer;
use crate::http::request::conditional::{Conditions, revision_tag};
use crate::http::request::format::{self, Format};
use crate::http::request::query::Query;
use crate::http::response::cached::{CachedResponse, respond};
use crate::http::response::spool::{self, Spool};
use crate::http::state::State;
use crate::registry::Collection;
use crate::registry::fields::shape_of;
use crate::snapshots::AsOf;
use crate::transfer::{Column, TableFormat, cells};
use crate::values::{CellFormat, Code, FromText, NationCode};

/// The names of the parameters.
const PARAMETERS: [&str; 6] = ["from", "to", "resource", "nation", "area", "format"];

/// Returns the columns of the table: a row a field.
pub(in crate::http) fn columns() -> Vec<Column> {
    let text = |name| Column::new(name, CellFormat::Text);
    let mut columns: Vec<Column> = ["resource", "code", "title", "action", "field", "before", "after"].map(text).into();
    columns.push(Column::new("actors", CellFormat::List));
    columns.push(Column::new("last_revision", CellFormat::Integer));
    columns
}

/// A request, parsed.
struct SummaryRequest {
    from: AsOf,
    to: Option<AsOf>,
    scope: ChangeScope,
    format: Option<String>,
}

impl SummaryRequest {
    fn parse(query_string: &str) -> Result<Self> {
        let mut query = Query::parse(query_string)?;
        let from = take::<AsOf>(&mut query, "from")?;
        let to = take(&mut query, "to")?;
        let resource = take::<Collection>(&mut query, "resource")?.map(|name| name.to_string());
        let nation = take::<NationCode>(&mut query, "nation")?.map(|code| code.to_string());
        let area = take::<Code>(&mut query, "area")?.map(|code| code.to_string());
        let format = query.take("format");
        query.finish(&PARAMETERS)?;
        let wanted =
            || Error::bad_parameter("from", "required", "the earlier moment is wanted: a date, a time or a revision");
        Ok(Self { from: from.ok_or_else(wanted)?, to, scope: ChangeScope { resource, nation, area }, format })
    }

    fn json(&self, conn: &mut DbConn, moments: (Instant, Instant)) -> Result<Value> {
        let mut items = Vec::new();
        let mut tally = Tally::default();
        let counts = differences(conn, moments, &self.scope, &mut |difference| {
            tally.add(&difference);
            items.push(difference);
            Ok(())
        })?;
        let moved = moved_by_calendar(conn, moments, &self.scope)?;
        let (from, to) = (shown(conn, moments.0)?, shown(conn, moments.1)?);
        Ok(json!({
            "from": from, "to": to, "counts": counts, "by_nation": tally.of("nations", "nation"),
            "by_area": tally.of("cooperation-areas", "area"), "items": items, "by_calendar": moved,
        }))
    }

    fn table(&self, conn: &mut DbConn, format: TableFormat, out: &mut Spool) -> Result<()> {
        let moments = moments(conn, &self.from, self.to.as_ref())?;
        let mut table = format.open(columns(), out)?;
        let raw = format == TableFormat::Ndjson;
        differences(conn, moments, &self.scope, &mut |difference| {
            rows(&difference, raw).iter().try_for_each(|row| table.row(row))
        })?;
        for moved in moved_by_calendar(conn, moments, &self.scope)? {
            table.row(&calendar_row(&moved))?;
        }
        table.finish()
    }
}

/// Makes a row for each field of a record that is different. A value has the same cell as in a file of its collection.
fn rows(difference: &Difference, raw: bool) -> Vec<Value> {
    let row = |change: &Value| {
        let field = change.get("field").and_then(Value::as_str).unwrap_or_default();
        let shape = shape_of(&difference.resource, field);
        let value = |name| {
            let value = change.get(name).unwrap_or(&Value::Null);
            if raw || value.is_null() { value.clone() } else { Value::from(cells::text(shape, value)) }
        };
        json!({
            "resource": difference.resource, "code": difference.code, "title": difference.title,
            "action": difference.action, "field": field, "before": value("before"), "after": value("after"),
            "actors": difference.actors, "last_revision": difference.last_revision,
        })
    };
    difference.changed.iter().map(row).collect()
}

/// Returns the row of an agreement whose status the calendar moved.
fn calendar_row(moved: &Moved) -> Value {
    json!({
        "resource": "agreements", "code": moved.code, "title": moved.title, "action": "by_calendar", "field": "status",
        "before": moved.before, "after": moved.after, "actors": [], "last_revision": null,
    })
}

/// Returns a moment: its last revision, when that was made, and the day that it is about.
fn shown(conn: &mut DbConn, instant: Instant) -> Result<Value> {
    let at = changes::time_of(conn, instant.revision)?;
    Ok(json!({ "revision": instant.revision, "at": at, "day": instant.day.to_string() }))
}

fn take<T: FromText>(query: &mut Query, name: &str) -> Result<Option<T>> {
    let parse = |text: String| T::parse(&text).map_err(|reason| Error::bad_parameter(name, reason.code, reason.detail));
    query.take(name).map(parse).transpose()
}

/// Returns the question that [`summary`] answers in JSON.
///
/// # Errors
/// [`Error::BadRequest`] that names a parameter.
pub(in crate::http) fn question(query_string: &str) -> Result<Ask> {
    let asked = SummaryRequest::parse(query_string)?;
    Ok(Ask::of_log(move |conn, _| {
        let moments = moments(conn, &asked.from, asked.to.as_ref())?;
        asked.json(conn, moments)
    }))
}

pub(in crate::http) async fn summary(
    reader: Viewer,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let asked = SummaryRequest::parse(request.query_string())?;
    let conditions = Conditions::of(&request)?;
    let format = format::choose(&request, asked.format.as_deref(), &Format::tables())?;
    let Format::Table(table) = format else {
        let read = move |conn: &mut DbConn| {
            let moments = moments(conn, &asked.from, asked.to.as_ref())?;
            let tag = revision_tag(changes::revision(conn)?, clock::today(), Format::Json);
            respond(&conditions, tag, |tag| CachedResponse::json(tag, None, &asked.json(conn, moments)?))
        };
        return state.db.read(ReadClass::Pooled, read).await.map(HttpResponse::from);
    };
    let moment = state.at(None).await?;
    let write = move |conn: &mut DbConn, _, out: &mut Spool| asked.table(conn, table, out).map(|()| None);
    spool::answer(&request, &moment, conditions, format, (reader.caller(), "changes-summary"), write).await
}
