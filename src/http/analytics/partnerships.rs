//! `GET /partnerships`: one row a nation, with its projects and agreements.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::question::{Question, ResponseOptions, Rows, TableSpec, answer, say_home};
use crate::analytics::partnerships::partnerships as ask;
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::http::middleware::guard::Viewer;
use crate::http::request::params;
use crate::http::request::query::Query;
use crate::http::state::State;
use crate::registry::query::FilterSet;
use crate::snapshots::ReadContext;
use crate::transfer::Column;
use crate::values::CellFormat;

pub(in crate::http) use crate::analytics::partnerships::filters;

/// Returns the columns of the table. The areas of a nation are in one cell, each with a number:
/// `climate:12;exploration:3`.
pub(in crate::http) fn columns() -> Vec<Column> {
    let area = |name, role| Column::at(name, "/areas", CellFormat::Pairs { key: "area", role });
    let mut columns: Vec<Column> = ["nation", "name_en", "name_fr", "partner_type", "cooperation_since"]
        .map(|name| Column::new(name, CellFormat::Text))
        .into();
    columns.extend(
        ["projects", "active_projects", "agreements_in_force"].map(|name| Column::new(name, CellFormat::Integer)),
    );
    columns.extend(["next_expiry", "decide_by"].map(|name| Column::new(name, CellFormat::Date)));
    columns.extend(
        ["on_track", "at_risk", "off_track"]
            .map(|name| Column::at(name, &format!("/ratings/{name}"), CellFormat::Integer)),
    );
    columns.push(area("areas", "projects"));
    columns.push(area("active_areas", "active_projects"));
    columns.push(area("agreement_areas", "agreements_in_force"));
    columns.push(Column::new("findings", CellFormat::Integer));
    columns
}

pub(in crate::http) async fn partnerships(
    reader: Viewer,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer_to(request.query_string(), &reader, &request, &state).await
}

/// Reads the request.
///
/// # Errors
/// [`Error::BadRequest`] that names the parameter and what would be right.
pub(in crate::http) fn parse(query_string: &str) -> Result<(FilterSet, ResponseOptions)> {
    let mut query = Query::parse(query_string)?;
    let filter_set = params::filters(&mut query, filters())?;
    let options = ResponseOptions::take_of_table(&mut query)?;
    let mut names: Vec<&str> = filters().map(|filter| filter.name).collect();
    names.extend(ResponseOptions::TABLE_NAMES);
    query.finish(&names)?;
    Ok((filter_set, options))
}

/// Answers what `query_string` asks for.
///
/// # Errors
/// The error in the question; errors of the database.
pub(in crate::http) async fn answer_to(
    query_string: &str,
    reader: &Viewer,
    request: &HttpRequest,
    state: &State,
) -> Result<HttpResponse> {
    let Question { options, spec, ask } = question(query_string)?;
    answer(reader, request, state, options, spec, ask).await
}

/// Returns the question that `query_string` asks.
///
/// # Errors
/// As [`parse`].
pub(super) fn question(query_string: &str) -> Result<Question> {
    let (mut filter_set, options) = parse(query_string)?;
    let with_home = options.with_home;
    let spec = TableSpec {
        name: "partnerships".to_owned(),
        columns: columns(),
        json: |rows| {
            let page = json!({ "items": rows.rows, "total": rows.total, "next_cursor": null });
            say_home(page, rows.without)
        },
    };
    let ask = move |conn: &mut DbConn, context: &ReadContext| {
        filter_set.today = context.day;
        let (found, without) = ask(conn, &filter_set, with_home, Some(context.bitmaps()))?;
        let rows: Vec<_> = found
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<_, _>>()
            .map_err(|error| Error::internal("a partnership cannot be written as JSON", error))?;
        Ok(Rows { total: i64::try_from(rows.len()).unwrap_or(i64::MAX), rows, without })
    };
    Ok(Question { options, spec, ask: Box::new(ask) })
}
