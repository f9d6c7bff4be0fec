//! `GET /activity`: the number of active projects in each year.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::question::{Question, ResponseOptions, Rows, TableSpec, answer};
use crate::analytics::activity::{Year, activity as ask};
use crate::db::DbConn;
use crate::error::Result;
use crate::http::middleware::guard::Viewer;
use crate::http::request::links::Links;
use crate::http::request::params;
use crate::http::request::query::{Query, encode, join_list};
use crate::http::state::State;
use crate::registry::Resource as _;
use crate::registry::projects::Project;
use crate::registry::query::FilterSet;
use crate::snapshots::ReadContext;
use crate::transfer::Column;
use crate::values::CellFormat;

/// Returns the columns of the table. The areas of a year are in one cell, each with a number:
/// `climate:12;exploration:3`.
pub(in crate::http) fn columns() -> Vec<Column> {
    vec![
        Column::new("year", CellFormat::Text),
        Column::new("projects", CellFormat::Integer),
        Column::new("areas", CellFormat::Pairs { key: "area", role: "projects" }),
        Column::new("href", CellFormat::Text),
    ]
}

pub(in crate::http) async fn activity(
    reader: Viewer,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let Question { options, spec, ask } = question(request.query_string(), Links::of(&request))?;
    answer(&reader, &request, &state, options, spec, ask).await
}

/// Reads the question from the parameters.
///
/// # Errors
/// [`crate::error::Error::BadRequest`] that names a parameter.
pub(super) fn question(query_string: &str, links: Links) -> Result<Question> {
    let mut query = Query::parse(query_string)?;
    // The years are values of `active_on`: with that filter there would be one year, and the link of a year to its list
    // could not use it.
    let filters = || Project::filters().iter().filter(|filter| filter.name != "active_on");
    let mut names: Vec<&str> = filters().map(|filter| filter.name).collect();
    let mut filter_set = params::filters(&mut query, filters())?;
    let (format, dialect) = (query.take("format"), query.take("dialect"));
    // The answer has no nations, so that none of them is left out.
    let options = ResponseOptions { as_of: params::as_of(&mut query)?, format, dialect, with_home: true };
    names.extend(["format", "dialect", "as_of"]);
    query.finish(&names)?;
    let spec = TableSpec {
        name: "activity".to_owned(),
        columns: columns(),
        json: |rows| json!({ "items": rows.rows, "total": rows.total, "next_cursor": null }),
    };
    let as_of = options.as_of.as_ref().map(|as_of| as_of.as_str().to_owned());
    let ask = move |conn: &mut DbConn, context: &ReadContext| {
        filter_set.today = context.day;
        let found = ask(conn, &filter_set)?;
        let rows = found.years.iter().map(|year| row(&filter_set, as_of.as_deref(), &links, year)).collect();
        Ok(Rows { rows, total: found.total, without: None })
    };
    Ok(Question { options, spec, ask: Box::new(ask) })
}

/// Returns a year, with the list of exactly its projects.
fn row(filter_set: &FilterSet, as_of: Option<&str>, links: &Links, year: &Year) -> Value {
    let filters: Vec<_> = filter_set.filters.iter().map(|(name, values)| (*name, join_list(values.texts()))).collect();
    let given = filters.iter().map(|(name, text)| (*name, text.as_str()));
    let moment = as_of.map(|text| ("as_of", text));
    let query = encode(given.chain([("active_on", year.year.as_str())]).chain(moment));
    json!({
        "year": year.year,
        "projects": year.projects,
        "areas": year.areas,
        "href": links.to(&format!("/api/v1/projects?{query}")),
    })
}
