//! `GET /partnerships`

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::{Manner, Question, Rows, Shown, answer, say_home};
use crate::analytics::partnerships::partnerships as ask;
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::http::guard::Reader;
use crate::http::params;
use crate::http::query::Query;
use crate::http::state::State;
use crate::registry::query::Asked;
use crate::transfer::Column;
use crate::values::Shape;

pub(in crate::http) use crate::analytics::partnerships::filters;

/// The columns of the table. The areas of a nation stand in one cell, each with a number: `climate:12;exploration:3`.
pub(in crate::http) fn columns() -> Vec<Column> {
    let area = |name, role| Column::at(name, "/areas", Shape::Pairs { key: "area", role });
    let mut columns: Vec<Column> = ["nation", "name_en", "name_fr", "partner_type", "cooperation_since"]
        .map(|name| Column::new(name, Shape::Text))
        .into();
    columns
        .extend(["projects", "active_projects", "agreements_in_force"].map(|name| Column::new(name, Shape::Integer)));
    columns.extend(["next_expiry", "decide_by"].map(|name| Column::new(name, Shape::Date)));
    columns.extend(
        ["on_track", "at_risk", "off_track"].map(|name| Column::at(name, &format!("/ratings/{name}"), Shape::Integer)),
    );
    columns.push(area("areas", "projects"));
    columns.push(area("active_areas", "active_projects"));
    columns.push(area("agreement_areas", "agreements_in_force"));
    columns.push(Column::new("findings", Shape::Integer));
    columns
}

pub(super) async fn partnerships(
    reader: Reader,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer_to(request.query_string(), &reader, &request, &state).await
}

/// Reads what is asked.
///
/// # Errors
/// [`Error::BadRequest`] that names the parameter and what would be right.
pub(in crate::http) fn parse(query_string: &str) -> Result<(Asked, Manner)> {
    let mut query = Query::parse(query_string)?;
    let asked = params::filters(&mut query, filters())?;
    let manner = Manner::take_of_table(&mut query)?;
    let mut names: Vec<&str> = filters().iter().map(|filter| filter.name).collect();
    names.extend(Manner::TABLE_NAMES);
    query.finish(&names)?;
    Ok((asked, manner))
}

/// Answers what `query_string` asks for.
///
/// # Errors
/// What is wrong with it; what the database says.
pub(in crate::http) async fn answer_to(
    query_string: &str,
    reader: &Reader,
    request: &HttpRequest,
    state: &State,
) -> Result<HttpResponse> {
    let Question { manner, shown, ask } = question(query_string)?;
    answer(reader, request, state, manner, shown, ask).await
}

/// The question that `query_string` asks.
///
/// # Errors
/// As [`parse`].
pub(super) fn question(query_string: &str) -> Result<Question> {
    let (mut asked, manner) = parse(query_string)?;
    let with_home = manner.with_home;
    let shown = Shown {
        name: "partnerships".to_owned(),
        columns: columns(),
        json: |rows| {
            let page = json!({ "items": rows.rows, "total": rows.total, "next_cursor": null });
            say_home(page, rows.without)
        },
    };
    let ask = move |conn: &mut DbConn, day| {
        asked.today = day;
        let (found, without) = ask(conn, &asked, with_home)?;
        let rows: Vec<_> = found
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<_, _>>()
            .map_err(|error| Error::internal("a partnership cannot be written as JSON", error))?;
        Ok(Rows { total: i64::try_from(rows.len()).unwrap_or(i64::MAX), rows, without })
    };
    Ok(Question { manner, shown, ask: Box::new(ask) })
}
