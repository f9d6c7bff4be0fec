//! `GET /activity`

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::{Manner, Question, Rows, Shown, answer};
use crate::analytics::activity::{Year, activity as ask};
use crate::db::DbConn;
use crate::error::Result;
use crate::http::guard::Reader;
use crate::http::links::Links;
use crate::http::params;
use crate::http::query::{Query, encode, join_list};
use crate::http::state::State;
use crate::registry::Resource as _;
use crate::registry::projects::Project;
use crate::registry::query::Asked;
use crate::transfer::Column;
use crate::values::Shape;

/// The columns of the table. The areas of a year are in one cell, each with a number: `climate:12;exploration:3`.
pub(in crate::http) fn columns() -> Vec<Column> {
    vec![
        Column::new("year", Shape::Text),
        Column::new("projects", Shape::Integer),
        Column::new("areas", Shape::Pairs { key: "area", role: "projects" }),
        Column::new("href", Shape::Text),
    ]
}

pub(super) async fn activity(reader: Reader, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let Question { manner, shown, ask } = question(request.query_string(), Links::of(&request))?;
    answer(&reader, &request, &state, manner, shown, ask).await
}

/// What is asked, from the parameters.
///
/// # Errors
/// [`crate::error::Error::BadRequest`] that names a parameter.
pub(super) fn question(query_string: &str, links: Links) -> Result<Question> {
    let mut query = Query::parse(query_string)?;
    // `active_on` is what the years are told by: with it there would be one year, and the list of a year could not say which.
    let mut filters = Project::filters();
    filters.retain(|filter| filter.name != "active_on");
    let mut names: Vec<&str> = filters.iter().map(|filter| filter.name).collect();
    let mut asked = params::filters(&mut query, filters)?;
    let (format, dialect) = (query.take("format"), query.take("dialect"));
    // No nation is told here, so that none is left out.
    let manner = Manner { as_of: params::as_of(&mut query)?, format, dialect, with_home: true };
    names.extend(["format", "dialect", "as_of"]);
    query.finish(&names)?;
    let shown = Shown {
        name: "activity".to_owned(),
        columns: columns(),
        json: |rows| json!({ "items": rows.rows, "total": rows.total, "next_cursor": null }),
    };
    let as_of = manner.as_of.as_ref().map(|as_of| as_of.as_str().to_owned());
    let ask = move |conn: &mut DbConn, day| {
        asked.today = day;
        let found = ask(conn, &asked)?;
        let rows = found.years.iter().map(|year| row(&asked, as_of.as_deref(), &links, year)).collect();
        Ok(Rows { rows, total: found.total, without: None })
    };
    Ok(Question { manner, shown, ask: Box::new(ask) })
}

/// A year, with the list of exactly its projects.
fn row(asked: &Asked, as_of: Option<&str>, links: &Links, year: &Year) -> Value {
    let filters: Vec<_> = asked.filters.iter().map(|(name, values)| (*name, join_list(values))).collect();
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
